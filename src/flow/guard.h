/* SPDX-License-Identifier: MIT */
/*
 * Before any handler: is this request sent by a page of ours, for this browser, at this step, by
 * somebody signed in where that is needed? Pure but for the clock.
 */
#ifndef LK_FLOW_GUARD_H
#define LK_FLOW_GUARD_H

#include "flow/steps.h"

/*
 * Returns: LK_OK
 *          LK_E_SESSION_NONE, LK_E_SESSION_ENDED  not signed in (never was; not any more)
 *          LK_E_FORM_STALE   a POST from elsewhere, of another browser or session
 *          LK_E_REQUEST_BAD  fields that cannot be read
 *          LK_E_OAUTH_REQUEST  a program's parameters that cannot be read, but for a token that is
 *                            none: what asks about tokens says so itself
 * With AUTHORIZE and FORWARD it is always LK_OK: who asks is told in their own way.
 */
enum lk_err
guard_check(const struct fast *fast, const struct route *route, const struct req *req,
	    const struct store_answer *stored) LK_MUST_CHECK;
#endif
