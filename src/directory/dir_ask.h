/* SPDX-License-Identifier: MIT */
/*
 * Inside src/directory only: one operation and its answer. Every verb is made of these; deadlines,
 * retries, health and metrics are in here and nowhere else.
 */
#ifndef LK_DIRECTORY_DIR_ASK_H
#define LK_DIRECTORY_DIR_ASK_H

#include "directory/dir_inside.h"
#include "directory/dir_ppolicy.h"

enum dir_ask_kind {
	DIR_ASK_BIND = 1,
	DIR_ASK_SEARCH,
	/* From here on changes, never sent twice. */
	DIR_ASK_MODIFY,
	DIR_ASK_ADD,
	DIR_ASK_DELETE,
	DIR_ASK_PASSWORD, /* RFC 3062 */
	/* A modify from password to new_text that a false assertion stops:
	   dir_password_check_locked */
	DIR_ASK_TRY_PASSWORD,
};

/* What to ask. Members a kind does not need stay zero. */
struct dir_ask {
	enum dir_ask_kind kind;
	enum dir_who who;
	const char *dn; /* of the entry, or where a search begins */
	int scope;
	const char *filter;
	const char *const *attributes;
	int size_limit;
	LDAPMod **mods;
	const char *assertion; /* a filter the entry must fit (RFC 4528), or NULL */
	const struct lk_secret *password;
	const struct lk_secret *new_password;
	const char *new_text;
};

/* False for every entry: with it nothing changes, whatever the rights and policies. */
#define DIR_ASSERT_NEVER "(!(objectClass=*))"

/* What came back. Entries are read with dir_entry.h while no other operation has begun. */
struct dir_answer {
	LDAP *ld; /* borrowed from the connection */
	LDAPMessage *messages;
	int code;
	char text[160]; /* the directory's own words */
	struct dir_ppolicy ppolicy;
};
void
dir_answer_done(struct dir_answer *answer);
#define DIR_AUTO_ANSWER __attribute__((cleanup(dir_answer_done))) struct dir_answer

/*
 * Returns: LK_OK answer filled, whatever its code
 *          LK_E_DIRECTORY_DOWN   a read: no answer; a change: nothing was sent
 *          LK_E_DIRECTORY_UNSURE a change that was sent, and no answer
 *          LK_E_MEMORY · LK_E_BROKEN it could not be written down at all
 */
enum lk_err
dir_ask(struct dir *dir, const struct dir_ask *ask, struct dir_answer *out) LK_MUST_CHECK;
/*
 * What the code of a change means; LK_E_BROKEN, with why, for what a directory set as in
 * contrib/directory never says.
 */
enum lk_err
dir_answer_err(struct dir *dir, const struct dir_answer *answer) LK_MUST_CHECK;
/* The same for a search: LK_OK, LK_E_DIRECTORY_DOWN, and LK_E_BROKEN as above. */
enum lk_err
dir_answer_search_err(struct dir *dir, const struct dir_answer *answer) LK_MUST_CHECK;
/* Puts the directory's own words into why. */
void
dir_answer_why(struct dir *dir, const struct dir_answer *answer);
/* Is it a server that takes no changes, or sends us elsewhere for them? */
bool
dir_answer_is_read_only(const struct dir_answer *answer);

#endif
