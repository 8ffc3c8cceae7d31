/* SPDX-License-Identifier: MIT */
/*
 * People and their ways to prove who they are, as the directory keeps them. Knows LDAP and ppolicy;
 * knows nothing of pages, sessions or limits of ours. One struct dir belongs to one thread.
 *
 * Every verb: needs dir_begin first; ends by the call's deadline; results live in the call's arena;
 * reasons go to the call's why. No operation waits longer than operation_timeout_ms. A handle that
 * died is made anew; a read is tried once more on it, a write never. Round trips under "Time" are
 * those on a connection that stands; a new one costs one more (with StartTLS three), and once a
 * minute the policies are read (1, the first time 2). Referrals are never followed.
 * Source: RFC 4511, RFC 3062, RFC 4528, draft-behera-ldap-password-policy-10.
 */
#ifndef LK_DIRECTORY_DIR_H
#define LK_DIRECTORY_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/call.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"
#include "directory/dir_attributes.h"
#include "directory/dir_changes.h"
#include "directory/dir_check.h"
#include "directory/dir_escape.h"
#include "directory/dir_factors.h"
#include "directory/dir_keys.h"
#include "directory/dir_person.h"
#include "directory/dir_servers.h"

struct dir;

/* Talks to nobody yet. NULL without memory. servers: borrowed. */
struct dir *
dir_new(struct dir_servers *servers) LK_MUST_CHECK;
/* NULL is fine. */
void
dir_free(struct dir *dir);
/* From here to the next begin, verbs spend from call (borrowed). */
void
dir_begin(struct dir *dir, const struct lk_call *call);

/*
 * The one person whose username or mail is name, whatever spelling the directory takes for equal.
 * Time:    2 round trips (person; groups), also when nobody is found; 1 without groups_base.
 * Returns: LK_OK · LK_E_PERSON_NOT_FOUND (none, or more than one: why says) · LK_E_DIRECTORY_DOWN ·
 *          LK_E_MEMORY
 */
enum lk_err
dir_person_find(struct dir *dir, struct lk_str name, struct dir_person *out) LK_MUST_CHECK;
/* The same by id. */
enum lk_err
dir_person_get(struct dir *dir, struct lk_str id, struct dir_person *out) LK_MUST_CHECK;
/*
 * People whose username, mail or name begins with text, at most max (≤ 50), without their groups;
 * *out is an array in the arena. Less than two bytes find nobody.
 * Time:    1 round trip. Returns: LK_OK · LK_E_DIRECTORY_DOWN · LK_E_MEMORY
 */
enum lk_err
dir_people_find(struct dir *dir, struct lk_str text, size_t max, struct dir_person **out,
		size_t *out_count) LK_MUST_CHECK;

/*
 * Try a password by binding as the person. person NULL: bind as the decoy, so that the same work is
 * done; never right. An empty password is DIR_PASSWORD_WRONG and never sent.
 * Time:    1 round trip.
 * Returns: LK_OK (answer filled) · LK_E_DIRECTORY_DOWN (nothing is known of the password)
 */
enum lk_err
dir_password_check(struct dir *dir, const struct dir_person *person,
		   const struct lk_secret *password, struct dir_password_answer *out) LK_MUST_CHECK;

/*
 * Is this the password of somebody the directory has locked (DIR_PASSWORD_LOCKED)? It refuses their
 * binds, right or wrong; this asks, as the service account, for a modify that deletes this password
 * and adds a random one under the critical assertion (!(objectClass=*)), which is false for every
 * entry: ppolicy looks at the old password first, then the assertion stops the change, whatever the
 * policy. The lock, the password and every counter stay as they are.
 *
 * Before it a random password is asked for in the same way; unless the directory calls that one
 * wrong, it cannot tell, and the answer is false. So it is with pwdMinAge not over, on a server
 * that takes no changes, with a pwdMinLength above 47, and for people without a policy. Only
 * whoever knows the password may be told of the lock. Time:    2 round trips. Returns: LK_OK (out
 * filled) · LK_E_DIRECTORY_DOWN · LK_E_MEMORY
 */
enum lk_err
dir_password_check_locked(struct dir *dir, const struct dir_person *person,
			  const struct lk_secret *password, bool *out_is_right) LK_MUST_CHECK;

/*
 * Change a person's password as themselves: RFC 3062 with the old one. Works with expired-in-grace
 * and must-change.
 * Time:    2 round trips.
 * Returns: LK_OK
 *          LK_E_PASSWORD_*      the rule the directory named; _DIRECTORY when it named none; _EMPTY
 *                               for an empty new one, never sent; _TOO_SOON also for two changes
 *                               within one second; _EXPIRED: right, but no grace is left
 *          LK_E_SIGNIN_WRONG    now_pw is not right
 *          LK_E_PASSWORD_NOT_ALLOWED · LK_E_ACCOUNT_LOCKED
 *          LK_E_PERSON_NOT_FOUND the entry is gone
 *          LK_E_DIRECTORY_READ_ONLY nothing changed
 *          LK_E_DIRECTORY_DOWN   nothing was sent
 *          LK_E_DIRECTORY_UNSURE no answer: read back with dir_password_check
 */
enum lk_err
dir_password_change(struct dir *dir, const struct dir_person *person,
		    const struct lk_secret *now_pw, const struct lk_secret *new_pw) LK_MUST_CHECK;
/*
 * Give a new password as the service account: RFC 3062 without the old one; the directory's own
 * rules still apply and a lock by wrong passwords ends. Refuses DIR_BLOCKED, DIR_LEFT and
 * DIR_NOT_STARTED by itself after reading the entry anew: a plain reset would re-open them.
 * Time:    2 round trips.
 * Returns: as dir_password_change · LK_E_ACCOUNT_BLOCKED · LK_E_ACCOUNT_LEFT ·
 *          LK_E_ACCOUNT_NOT_STARTED · LK_E_BROKEN no right to (why says)
 */
enum lk_err
dir_password_reset(struct dir *dir, const struct dir_person *person,
		   const struct lk_secret *new_pw) LK_MUST_CHECK;
/*
 * End a lock that came from wrong passwords: takes pwdAccountLockedTime away. LK_OK also when there
 * was none. Refuses DIR_BLOCKED, DIR_LEFT, DIR_NOT_STARTED as above, DIR_BLOCKED even when it comes
 * between reading and writing. slapd lets nobody take pwdFailureTime away (it goes with the next
 * right password): whoever has used up all tries has one left until pwdFailureCountInterval is
 * over. Time:    2 round trips. Returns: LK_OK · LK_E_ACCOUNT_* · LK_E_PERSON_NOT_FOUND ·
 * LK_E_BROKEN no right to (why says) · LK_E_DIRECTORY_READ_ONLY · LK_E_DIRECTORY_DOWN ·
 * LK_E_DIRECTORY_UNSURE
 */
enum lk_err
dir_lock_clear(struct dir *dir, const struct dir_person *person) LK_MUST_CHECK;

#endif
