/* SPDX-License-Identifier: MIT */
#include "flow/guard.h"

static enum lk_err
form_check(const struct fast *fast, const struct route *route, const struct req *req)
{
	enum job job = (enum job)route->job;
	struct lk_str want, cookie = req->cookie[job == JOB_NONE ? COOKIE_SESSION : COOKIE_BROWSER];

	if (!req->is_same_origin)
		return LK_E_FORM_STALE;
	if (req->is_form_bad)
		return LK_E_REQUEST_BAD;
	want = steps_form_key(fast->ring, cookie, job, req->arena);
	if (cookie.len == 0 || want.ptr == NULL ||
	    !crypto_is_equal(want, req->field[FIELD_form_key]))
		return LK_E_FORM_STALE;
	return LK_OK;
}

/* A token that could not be read, not one that stands twice. */
static bool
is_token_unreadable(const struct req *req)
{
	return req->param_bad == PARAM_token && req->param[PARAM_token].ptr == NULL;
}

static enum lk_err
params_check(const struct req *req)
{
	return req->is_param_bad && !is_token_unreadable(req) ? LK_E_OAUTH_REQUEST : LK_OK;
}

enum lk_err
guard_check(const struct fast *fast, const struct route *route, const struct req *req,
	    const struct store_answer *stored)
{
	if (route->guard == GUARD_OPEN || route->guard == GUARD_AUTHORIZE ||
	    route->guard == GUARD_FORWARD)
		return LK_OK;
	if (flow_route_is_program(route))
		return params_check(req);
	/* Signed in for less than this: not here (session_reach_check). */
	if (route->guard == GUARD_SESSION && !stored->has_session &&
	    (stored->session.proofs & STORE_PROOF_LIMITED) != 0)
		return LK_E_SESSION_NONE;
	if (route->guard == GUARD_SESSION && !stored->has_session)
		return req->cookie[COOKIE_SESSION].len > 0 ? LK_E_SESSION_ENDED : LK_E_SESSION_NONE;
	return req->method == METHOD_POST ? form_check(fast, route, req) : LK_OK;
}
