/* SPDX-License-Identifier: MIT */
/*
 * Is the directory set so that Latchkey's promises can hold? For start-up and `latchkeyctl config
 * check`; rules of dir.h hold.
 */
#ifndef LK_DIRECTORY_DIR_CHECK_H
#define LK_DIRECTORY_DIR_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct dir;

/* Something the operator should know; dir_check fills up to max of them. */
struct dir_finding {
	bool is_fatal;	     /* the daemon must not run with it */
	struct lk_str words; /* one sentence with its fix */
};
/*
 * Look for the traps. Fatal: people_base or factors_base missing, decoy missing, no password policy
 * overlay, service account with manage on userPassword, pwdMaxFailure of the default policy not
 * above own_limit. Told: passwords kept readable, ppolicy_use_lockout off, no right to set
 * passwords, to unlock or to see wrong passwords, pwdMaxFailure of another policy, a server that
 * takes no changes.
 *
 * Changes nothing about people. The policy is tried on an entry made for it below factors_base and
 * taken away again; people's entries are only asked for changes that cannot happen (a false
 * assertion, or the removal of a value that is not there).
 *
 *   own_limit  the most wrong passwords a person's entry can receive from us in one lock-out window
 *
 * Time:    about 15 round trips.
 * Returns: LK_OK (*out_count may be 0: all is well) · LK_E_DIRECTORY_DOWN nothing answers, or the
 *          service account's password is wrong (why says) · LK_E_MEMORY
 */
enum lk_err
dir_check(struct dir *dir, int own_limit, struct dir_finding *out, size_t max,
	  size_t *out_count) LK_MUST_CHECK;
/*
 * One cheap search on the best server; before it, servers that are down and due are tried, so that
 * who calls this every second brings them back without a request waiting for it.
 */
enum lk_err
dir_ping(struct dir *dir) LK_MUST_CHECK;

#endif
