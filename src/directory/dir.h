/* SPDX-License-Identifier: MIT */
/*
 * People and their ways to prove who they are, as the directory keeps them. Knows LDAP and ppolicy; knows nothing of
 * pages, sessions or limits of ours. One struct dir belongs to one thread.
 *
 * Every verb: needs dir_begin first; ends by the call's deadline; results live in the call's arena; reasons go to
 * the call's why. A handle that died is made anew; a read is tried once more on it, a write never.
 * Source: RFC 4511, RFC 3062, draft-behera-ldap-password-policy-10.
 */
#ifndef LK_DIRECTORY_DIR_H
#define LK_DIRECTORY_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/call.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

struct dir;
struct dir_servers; /* every URI with its health; shared by all threads */

/* Where and how. Strings are borrowed and must outlive the servers. */
struct dir_settings {
	const char *const *uris; /* ldap://, ldaps://, ldapi://; NULL-terminated, in order of preference */
	bool wants_starttls;
	const char *ca_file; /* NULL: the system's */
	const char *bind_dn; /* the service account */
	const struct lk_secret *bind_password;
	const char *people_base;
	const char *groups_base;
	const char *factors_base;  /* Latchkey's own subtree */
	const char *decoy_dn;      /* an entry nobody is, for binds of people who do not exist */
	const char *name_attribute; /* "uid" */
	const char *mail_attribute; /* "mail" */
	int operation_timeout_ms;  /* of one directory operation */
};

enum dir_state { /* what the entry itself says; DIR_OPEN does not mean the password is right */
	DIR_OPEN = 1,
	DIR_LOCKED,      /* by wrong passwords at any door; locked_until_s says until when (0: until someone unlocks) */
	DIR_BLOCKED,     /* by administrators: pwdAccountLockedTime 000001010000Z */
	DIR_NOT_STARTED, /* starts_at_s */
	DIR_LEFT,        /* ends_at_s */
};

/* One person. id is the entryUUID in lower case, 36 characters: the only name anything of ours is kept under. */
struct dir_person {
	struct lk_str id;
	struct lk_str dn;
	struct lk_str username; /* as the directory spells it */
	struct lk_str display_name;
	struct lk_str given_name, family_name;
	struct lk_str mail, phone;
	struct lk_str department;
	struct lk_str manager_dn;
	struct lk_str language; /* "en", "cy" or nothing */
	const struct lk_str *groups; /* names (cn), group_count of them */
	size_t group_count;
	enum dir_state state;
	int64_t locked_at_s, locked_until_s; /* 0: none */
	int64_t starts_at_s, ends_at_s;      /* 0: none */
	int64_t password_changed_at_s;       /* 0: never */
	int64_t password_expires_at_s;       /* 0: never */
	int64_t password_may_change_at_s;    /* pwdMinAge over; 0: at any time */
	int64_t last_wrong_at_s;             /* newest pwdFailureTime */
	int wrong_count;                     /* values of pwdFailureTime */
	bool must_change;                    /* pwdReset */
};

/* What a bind with a password said. */
enum dir_verdict {
	DIR_PASSWORD_RIGHT = 1,
	DIR_PASSWORD_WRONG,       /* or the entry is not one that can bind */
	DIR_PASSWORD_LOCKED,      /* locked: right or wrong is not known */
	DIR_PASSWORD_EXPIRED,     /* right, but too old and no grace left */
	DIR_PASSWORD_MUST_CHANGE, /* right, and must be changed before anything else */
};

struct dir_password_answer {
	enum dir_verdict verdict;
	int grace_left;           /* -1: not said */
	int64_t expires_in_s;     /* -1: not said */
};

/* Everything a person can prove themselves with, from their entry below factors_base. */
struct dir_factors {
	bool has_entry;
	struct lk_str totp_sealed;    /* empty: no authenticator; opened by crypto/seal with the person's id */
	struct lk_str totp_name;      /* what people call it */
	int64_t totp_added_at_s;
	const struct lk_str *recovery; /* hashes of unused recovery codes (crypto/recovery) */
	size_t recovery_count;
};

/*
 * Takes settings (borrowed). Talks to nobody yet. NULL without memory or with a URI that cannot be read (why says).
 * Call once, in main, before any thread: it also settles libldap's own first call.
 */
struct dir_servers *dir_servers_new(const struct dir_settings *settings, struct lk_why *why) LK_MUST_CHECK;
void dir_servers_free(struct dir_servers *servers);

struct dir *dir_new(struct dir_servers *servers) LK_MUST_CHECK;
void dir_free(struct dir *dir);
/* From here to the next begin, verbs spend from call (borrowed). */
void dir_begin(struct dir *dir, const struct lk_call *call);

/*
 * The one person whose username or mail is name, whatever spelling the directory takes for equal.
 * Returns: LK_OK · LK_E_PERSON_NOT_FOUND (none, or more than one: why says) · LK_E_DIRECTORY_DOWN
 */
enum lk_err dir_person_find(struct dir *dir, struct lk_str name, struct dir_person *out) LK_MUST_CHECK;
/* The same by id. */
enum lk_err dir_person_get(struct dir *dir, struct lk_str id, struct dir_person *out) LK_MUST_CHECK;
/*
 * People whose username, mail or name begins with text, at most max (≤ 50); *out is an array in the arena.
 */
enum lk_err dir_people_find(struct dir *dir, struct lk_str text, size_t max, struct dir_person **out,
    size_t *out_count) LK_MUST_CHECK;

/*
 * Try a password by binding as the person. person NULL: bind as the decoy, so that the same work is done.
 * An empty password is DIR_PASSWORD_WRONG and never sent.
 * Returns: LK_OK (answer filled) · LK_E_DIRECTORY_DOWN (nothing is known of the password)
 */
enum lk_err dir_password_check(struct dir *dir, const struct dir_person *person,
    const struct lk_secret *password, struct dir_password_answer *out) LK_MUST_CHECK;

/*
 * Is this the password of somebody the directory has locked (DIR_PASSWORD_LOCKED)? It refuses their binds, right or wrong; this asks
 * by an RFC 3062 change as the service account that names the old password and can never succeed, so that nothing changes: the lock,
 * the password and every counter stay as they are. Only whoever knows the password may be told of the lock.
 * Returns: LK_OK (out filled) · LK_E_DIRECTORY_DOWN
 */
enum lk_err dir_password_check_locked(struct dir *dir, const struct dir_person *person,
    const struct lk_secret *password, bool *out_is_right) LK_MUST_CHECK;

/*
 * Change a person's password as themselves: RFC 3062 with the old one. Works with expired-in-grace and must-change.
 * Returns: LK_OK · LK_E_PASSWORD_* (the rule the directory named; LK_E_PASSWORD_DIRECTORY when it named none)
 *          LK_E_SIGNIN_WRONG (now_pw is not right) · LK_E_PASSWORD_NOT_ALLOWED · LK_E_ACCOUNT_LOCKED
 *          LK_E_DIRECTORY_READ_ONLY (nothing changed; no referral is followed)
 *          LK_E_DIRECTORY_DOWN (nothing was sent) · LK_E_DIRECTORY_UNSURE (no answer: read back with dir_password_check)
 */
enum lk_err dir_password_change(struct dir *dir, const struct dir_person *person,
    const struct lk_secret *now_pw, const struct lk_secret *new_pw) LK_MUST_CHECK;
/*
 * Give a new password as the service account: RFC 3062 without the old one; the directory's own rules still apply
 * and a lock by wrong passwords ends. Returns as dir_password_change. Refuses DIR_BLOCKED, DIR_LEFT and
 * DIR_NOT_STARTED by itself (LK_E_ACCOUNT_BLOCKED …) after reading the entry anew: a plain reset would re-open them.
 */
enum lk_err dir_password_reset(struct dir *dir, const struct dir_person *person,
    const struct lk_secret *new_pw) LK_MUST_CHECK;
/*
 * End a lock that came from wrong passwords: takes pwdAccountLockedTime and pwdFailureTime away. LK_OK also when there
 * was none. Refuses DIR_BLOCKED, DIR_LEFT, DIR_NOT_STARTED as above.
 */
enum lk_err dir_lock_clear(struct dir *dir, const struct dir_person *person) LK_MUST_CHECK;

/* LK_OK with has_entry false when the person has none. person NULL: reads the decoy's, for equal work. */
enum lk_err dir_factors_get(struct dir *dir, const struct dir_person *person, struct dir_factors *out) LK_MUST_CHECK;
/* Put or replace the authenticator (makes the entry when missing). */
enum lk_err dir_totp_put(struct dir *dir, const struct dir_person *person, struct lk_str sealed,
    struct lk_str name) LK_MUST_CHECK;
enum lk_err dir_totp_remove(struct dir *dir, const struct dir_person *person) LK_MUST_CHECK;
/* Replace the whole set of recovery code hashes; count 0 removes all. */
enum lk_err dir_recovery_put(struct dir *dir, const struct dir_person *person,
    const struct lk_str *hashes, size_t count) LK_MUST_CHECK;
/*
 * Take one recovery hash away: the directory lets exactly one of many succeed.
 * Returns: LK_OK · LK_E_USED (it was not there any more) · LK_E_DIRECTORY_DOWN / _UNSURE / _READ_ONLY
 */
enum lk_err dir_recovery_take(struct dir *dir, const struct dir_person *person, struct lk_str hash) LK_MUST_CHECK;

/* Something the operator should know about the directory's setting; dir_check fills up to max of them. */
struct dir_finding {
	bool is_fatal;       /* the daemon must not run with it */
	struct lk_str words; /* one sentence with its fix */
};
/*
 * Look for the traps of the directory: service account with manage on userPassword, clear-text hashing, ppolicy_use_lockout off,
 * pwdMaxFailure not above own_limit, missing factors_base or decoy, no right to unlock. own_limit: the most wrong passwords a person's
 * entry can receive from us in one lock-out window.
 */
enum lk_err dir_check(struct dir *dir, int own_limit, struct dir_finding *out, size_t max, size_t *out_count) LK_MUST_CHECK;
/* One cheap search on the best server. Feeds the health of the servers. */
enum lk_err dir_ping(struct dir *dir) LK_MUST_CHECK;

/* For status pages: "ldap://127.0.0.1:3389" and whether it answers, in settings' order; index past the end gives NULL. */
const char *dir_servers_uri(const struct dir_servers *servers, size_t index, bool *out_is_up);

/* Pure. RFC 4515 s3 and RFC 4514 s2.4. Fuzzed. */
void dir_escape_filter(struct lk_buf *out, struct lk_str value);
void dir_escape_dn(struct lk_buf *out, struct lk_str value);

#endif
