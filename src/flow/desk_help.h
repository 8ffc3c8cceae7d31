/* SPDX-License-Identifier: MIT */
/*
 * What the service desk may do for somebody, by its own rules: with a reason, audited, counted,
 * told to the person. Blocked accounts and those of people who left or have not started are not
 * the desk's to open.
 */
#ifndef LK_FLOW_DESK_HELP_H
#define LK_FLOW_DESK_HELP_H

#include "flow/desk_find.h"

#define DESK_REASON_MAX_BYTES 200u

struct desk_help {
	struct lk_str reason;
	bool is_dry; /* say what stands in the way, change nothing */
};
struct desk_done {
	bool is_done;	      /* false: there was nothing to do, or it was a dry run */
	bool is_partly;	      /* unlock: the directory's lock is gone, ours may not be */
	uint32_t ended_count; /* signout: sessions ended */
};

/*
 * May it be done at all? Every act asks this first.
 *
 * Returns: LK_OK · LK_E_FORMAT no reason, a longer one, or not one line · LK_E_AUDIT_DOWN
 */
enum lk_err
desk_help_check(const struct desk *desk, const struct desk_help *help) LK_MUST_CHECK;
/*
 * End every lock by wrong tries, the directory's and ours. The person is mailed.
 *
 * Returns: LK_OK
 *          LK_E_ACCOUNT_BLOCKED, _LEFT, _NOT_STARTED  not the desk's to undo; audited
 *          LK_E_DIRECTORY_DOWN, _UNSURE, _READ_ONLY · LK_E_STORE_DOWN nothing was changed
 *          LK_E_AUDIT_DOWN
 */
enum lk_err
desk_unlock(const struct desk *desk, const struct desk_view *view, const struct desk_help *help,
	    struct desk_done *out) LK_MUST_CHECK;
/*
 * End every session of the person, and forget their trusted devices.
 *
 * Returns: LK_OK · LK_E_STORE_DOWN · LK_E_AUDIT_DOWN
 */
enum lk_err
desk_signout(const struct desk *desk, const struct desk_view *view, const struct desk_help *help,
	     struct desk_done *out) LK_MUST_CHECK;

#endif
