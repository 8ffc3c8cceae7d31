/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: attributes of an entry in an answer, copied into the call's arena. */
#ifndef LK_DIRECTORY_DIR_ENTRY_H
#define LK_DIRECTORY_DIR_ENTRY_H

#include "directory/dir_ask.h"

struct dir_entry {
	LDAP *ld;
	LDAPMessage *message; /* NULL: there is none */
	struct lk_arena *arena;
	bool is_short; /* memory was out somewhere: what was read may be too little */
};

/* The first of the answer, and the one behind entry. */
struct dir_entry
dir_entry_first(struct dir *dir, const struct dir_answer *answer);
struct dir_entry
dir_entry_next(const struct dir_entry *entry);
size_t
dir_entry_count(const struct dir_answer *answer);

struct lk_str
dir_entry_dn(struct dir_entry *entry);
/* The first value, or nothing. */
struct lk_str
dir_entry_text(struct dir_entry *entry, const char *attribute);
/* All values; NULL and 0 when there are none. */
const struct lk_str *
dir_entry_texts(struct dir_entry *entry, const char *attribute, size_t *out_count);
/* A whole number ≥ 0; missing or anything else: 0. */
int64_t
dir_entry_number(struct dir_entry *entry, const char *attribute);
/* An instant; missing or anything else: 0. */
int64_t
dir_entry_time(struct dir_entry *entry, const char *attribute);
bool
dir_entry_is_true(struct dir_entry *entry, const char *attribute);

#endif
