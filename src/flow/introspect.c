/* SPDX-License-Identifier: MIT */
/*
 * What a token is worth, told to applications that are shown it. Only to those it concerns: of any
 * other token, and of what is none, the answer is the same two words. In the loop, in one fetch.
 *
 * Source: RFC 7662.
 */
#include "exchange/reply.h"
#include "flow/alive.h"
#include "flow/claims.h"
#include "flow/client_auth.h"
#include "flow/handlers.h"
#include "flow/payload.h"
#include "flow/scope.h"
#include "flow/told.h"

/* Whoever keeps an answer learns that the token has ended so much later. */
#define KEEP_S 5
#define KEEP   "private, max-age=5"

static enum lk_err
person_add(struct lk_buf *out, const struct alive *alive)
{
	const struct store_grant *grant = alive->grant;

	payload_text(out, "username", grant->username);
	told_proofs(out, grant, true);
	if (!scope_has_c(alive->scope, "groups"))
		return LK_OK;
	return claims_write(out, grant->claims, LK_STR("groups department"));
}

static enum lk_err
alive_add(const struct fast *fast, const struct alive *alive, struct lk_buf *out)
{
	struct lk_str issuer = lk_str_c(fast->conf->base_url);
	struct lk_str client_id = lk_str_c(alive->application->client_id);

	lk_buf_add_c(out, "{\"active\":true");
	payload_text(out, "scope", alive->scope);
	payload_text(out, "client_id", client_id);
	payload_text(out, "token_type", LK_STR("Bearer"));
	payload_text(out, "sub", alive->grant == NULL ? client_id : alive->grant->sub);
	payload_words(out, "aud", alive->audience.len > 0 ? alive->audience : issuer);
	payload_text(out, "iss", issuer);
	payload_number(out, "exp", alive->token->ends_at_s);
	payload_number(out, "iat", alive->token->made_at_s);
	if (alive->grant != NULL && person_add(out, alive) != LK_OK)
		return LK_E_BROKEN;
	payload_end(out);
	return LK_OK;
}

enum lk_err
introspect_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		  struct res *res)
{
	struct client client;
	struct alive alive;
	enum lk_err err = client_authenticate(fast, req, &client);

	if (err != LK_OK)
		return err;
	/* Who proves nothing could ask about tokens they found. */
	if (client.application->auth_method == POLICY_AUTH_NONE)
		return LK_E_OAUTH_CLIENT;
	if (req->param[PARAM_token].len == 0 && !req->is_param_bad)
		return LK_E_OAUTH_REQUEST;
	reply_json(res, 200);
	if (!alive_find(fast, stored, &alive) ||
	    !policy_application_may_introspect(
		client.application, lk_str_c(alive.application->client_id), alive.audience)) {
		lk_buf_add_c(&res->body, "{\"active\":false}");
		return LK_OK;
	}
	if (alive.token->ends_at_s - lk_clock_wall_s(fast->clock) > KEEP_S)
		res->cache_control = KEEP;
	return alive_add(fast, &alive, &res->body);
}
