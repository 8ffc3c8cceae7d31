/* SPDX-License-Identifier: MIT */
/*
 * Somebody's entry was changed in the directory by others: what was given to them on facts that are
 * no longer so ends, at every node. Many nodes may look at the same change: it ends once.
 *
 *   may not be signed in any more (closed, left, deleted,   every session, grant and trusted device
 *   not started, told to choose a new password)
 *   may not use an application any more, is not called      the grants of that application, and the
 *   what it was told (staff ID, any claim it was told), or  application hears of it
 *   moved to another department or group since
 *   a web server lets them in by it (forward.h), and      the same: nobody else renews it, so that
 *   policy asks for more by now than they showed          they would never be asked
 *
 * A lock by wrong passwords ends nothing: strangers bring it about. A move ends it once: the
 * session goes on as that of somebody in the new place, and with it what is given from then on.
 */
#ifndef LK_FLOW_CHANGED_H
#define LK_FLOW_CHANGED_H

#include "flow/asker.h"

/* Whom to look at. */
struct changed_who {
	struct lk_str person_id;
	/*
	 * They were changed just now: what applications got while they were in another department
	 * or other groups ends too, though it tells neither. Without it, only what tells something
	 * that is not so; for looks at people nobody changed.
	 */
	bool was_changed;
};
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
 *          trips, and one of each for each grant; a third to see where they moved, and one of
 *          each for each session that was from before.
 * Returns: LK_OK · LK_E_STORE_DOWN · LK_E_DIRECTORY_DOWN · LK_E_AUDIT_DOWN · LK_E_MEMORY:
 *          look again
 */
enum lk_err
changed_look(const struct asker *asker, const struct changed_who *who,
	     struct changed *out) LK_MUST_CHECK;

#endif
