/* SPDX-License-Identifier: MIT */
/*
 * What an application may know of the person who signed in, told to who shows the access token for
 * it. In the loop: it comes with the grant, and the directory is not asked.
 *
 * Source: OpenID Connect Core s5.3; RFC 6750 s2, s3.
 */
#include "exchange/reply.h"
#include "flow/alive.h"
#include "flow/bearer.h"
#include "flow/claims.h"
#include "flow/handlers.h"
#include "flow/payload.h"
#include "flow/scope.h"

/* A token made for resources of others is not one for us (RFC 8707 s2). */
static bool
is_for_us(const struct fast *fast, struct lk_str audience)
{
	return audience.len == 0 || scope_has_c(audience, fast->conf->base_url);
}

static enum lk_err
tell(const struct fast *fast, const struct alive *alive, struct res *res)
{
	struct claims_wanted wanted = {alive->scope, alive->grant->user_claims};
	enum lk_err err;

	payload_begin(&res->body);
	payload_text(&res->body, "sub", alive->grant->sub);
	err = claims_tell(fast->policy, alive->grant->claims, &wanted, &res->body);
	payload_end(&res->body);
	reply_json(res, 200);
	res->is_repeatable = true;
	return err == LK_E_FORMAT ? LK_E_BROKEN : err;
}

enum lk_err
userinfo_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		struct res *res)
{
	bool has_header = req->header[HEADER_authorization].len > 0;
	struct alive alive;

	/* Shown in two ways, it may be two tokens. */
	if (has_header && req->param[PARAM_access_token].len > 0)
		return LK_E_OAUTH_REQUEST;
	if (!has_header && req->param[PARAM_access_token].len == 0) {
		reply_token_needed(res);
		return LK_OK;
	}
	if (req->param[PARAM_token].len > 0 || !alive_find(fast, stored, &alive) ||
	    !is_for_us(fast, alive.audience))
		return LK_E_OAUTH_TOKEN;
	if (alive.grant == NULL || !scope_has_c(alive.scope, "openid"))
		return LK_E_OAUTH_INSUFFICIENT;
	return tell(fast, &alive, res);
}

enum lk_err
userinfo_post_answer(const struct fast *fast, const struct req *req,
		     const struct store_answer *stored, struct res *res)
{
	return userinfo_answer(fast, req, stored, res);
}
