/* SPDX-License-Identifier: MIT */
/*
 * Somebody's entry was changed in the directory by others: what was given to them on facts that are
 * no longer so ends, at every node. Many nodes may look at the same change: it ends once.
 *
 *   may not be signed in any more (closed, left, deleted,   every session, grant and trusted device
 *   not started, told to choose a new password)
 *   may not use an application any more, or is not called   the grants of that application, and the
 *   what it was told (staff ID, any claim it was told)      application hears of it
 *
 * A lock by wrong passwords ends nothing: strangers bring it about.
 */
#ifndef LK_FLOW_CHANGED_H
#define LK_FLOW_CHANGED_H

#include "flow/asker.h"

/* out of one look. */
struct changed {
	bool has_ended;	   /* something did */
	int64_t ends_at_s; /* when they leave, as the entry says now; 0: not known to */
};
/*
 * Look at one person.
 *
 *   asker  door and reference go into the audit; nobody's browser
 *
 * Time:    1 store trip for somebody nobody holds anything of; else 2 more, 2 directory round
 *          trips, and one of each for each grant.
 * Returns: LK_OK · LK_E_STORE_DOWN · LK_E_DIRECTORY_DOWN · LK_E_AUDIT_DOWN · LK_E_MEMORY:
 *          look again
 */
enum lk_err
changed_look(const struct asker *asker, struct lk_str person_id,
	     struct changed *out) LK_MUST_CHECK;

#endif
