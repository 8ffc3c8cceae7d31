/* SPDX-License-Identifier: MIT */
/* The end of a session, at whichever door it was asked for, and where the person goes then. */
#ifndef LK_FLOW_SIGNOUT_H
#define LK_FLOW_SIGNOUT_H

#include "flow/flow.h"
#include "policy/application.h"

/* Whoever fills it has looked that to is registered by application. */
struct signout_way {
	const struct policy_application *application; /* NULL: none asked */
	struct lk_str to;			      /* whole address; nothing: our own page */
};
/*
 * End the session that was fetched, with its grants and the journey that led in; the applications
 * that want to hear of it by the browser stand in frames of the page that comes, the others are
 * told by themselves (goodbye.h). Then on to way.
 *
 * Returns: LK_OK · LK_E_STORE_DOWN · LK_E_AUDIT_DOWN · LK_E_MEMORY
 */
enum lk_err
signout_do(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   const struct signout_way *way, struct res *res) LK_MUST_CHECK;
/* The same for somebody who is not signed in: straight on. */
enum lk_err
signout_pass(const struct req *req, const struct signout_way *way, struct res *res) LK_MUST_CHECK;

#endif
