/* SPDX-License-Identifier: MIT */
/*
 * What a token is worth, told to applications that are shown it. Only to those it concerns: of any
 * other token, and of what is none, the answer is the same two words. In the loop, in one fetch;
 * who shows a signed assertion, which must be spent, is answered by a thread that may wait.
 *
 * Source: RFC 7662; RFC 9701 (as a signed answer).
 */
#include "exchange/reply.h"
#include "flow/alive.h"
#include "flow/claims.h"
#include "flow/client_auth.h"
#include "flow/handlers.h"
#include "flow/payload.h"
#include "flow/scope.h"
#include "flow/signing.h"
#include "flow/told.h"

/* Whoever keeps an answer learns that the token has ended so much later. */
#define KEEP_S 5
#define KEEP   "private, max-age=5"

#define SIGNED_TYP     "token-introspection+jwt"
#define SIGNED_TYPE    "application/" SIGNED_TYP
#define BODY_MAX_BYTES 8192u

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

/* --- as a signed answer ----------------------------------------------------------------------- */

static bool
wants_signed(const struct req *req)
{
	struct lk_str rest = req->header[HEADER_accept], piece;

	while (lk_str_split(&rest, ',', &piece)) {
		piece = lk_str_trim(lk_str_n(piece.ptr, lk_str_find(piece, ';')));
		if (lk_str_is_equal_nocase(piece, LK_STR(SIGNED_TYPE)))
			return true;
	}
	return false;
}

/* What the application's own tokens are signed with, where a loop can: RSA takes too long here. */
static enum crypto_alg
alg_of(const struct policy_application *asker)
{
	return asker->id_token_alg == CRYPTO_EDDSA ? CRYPTO_EDDSA : CRYPTO_ES256;
}

static enum lk_err
sign(const struct fast *fast, const struct req *req, const struct policy_application *asker,
     struct lk_buf *body)
{
	struct signing_what what = {.alg = alg_of(asker), .typ = SIGNED_TYP};
	struct lk_str text;
	enum lk_err err;
	LK_AUTO_BUF payload;

	lk_buf_init(&payload, BODY_MAX_BYTES);
	payload_begin(&payload);
	payload_text(&payload, "iss", lk_str_c(fast->conf->base_url));
	payload_text(&payload, "aud", lk_str_c(asker->client_id));
	payload_number(&payload, "iat", lk_clock_wall_s(fast->clock));
	lk_buf_add_c(&payload, ",\"token_introspection\":");
	lk_buf_add_str(&payload, lk_buf_str(body));
	payload_end(&payload);
	if (!lk_buf_is_ok(&payload))
		return LK_E_MEMORY;
	what.payload = lk_buf_str(&payload);
	err = signing_sign(fast, &what, req->arena, &text);
	if (err != LK_OK)
		return err;
	lk_buf_clear(body);
	lk_buf_add_str(body, text);
	return LK_OK;
}

/* --- the answer ------------------------------------------------------------------------------- */

static enum lk_err
answer(const struct fast *fast, const struct req *req, const struct policy_application *asker,
       struct res *res)
{
	reply_json(res, 200);
	if (!wants_signed(req))
		return LK_OK;
	res->content_type = SIGNED_TYPE;
	return sign(fast, req, asker, &res->body);
}

static enum lk_err
tell(const struct fast *fast, const struct req *req, const struct store_answer *stored,
     const struct policy_application *asker, struct res *res)
{
	struct alive alive;
	enum lk_err err;

	/* Who proves nothing could ask about tokens they found. */
	if (asker->auth_method == POLICY_AUTH_NONE)
		return LK_E_OAUTH_CLIENT;
	if (req->param[PARAM_token].len == 0 && !req->is_param_bad)
		return LK_E_OAUTH_REQUEST;
	if (!alive_find(fast, stored, &alive) ||
	    !policy_application_may_introspect(asker, lk_str_c(alive.application->client_id),
					       alive.audience)) {
		lk_buf_add_c(&res->body, "{\"active\":false}");
		return answer(fast, req, asker, res);
	}
	if (alive.token->ends_at_s - lk_clock_wall_s(fast->clock) > KEEP_S)
		res->cache_control = KEEP;
	res->is_repeatable = true;
	err = alive_add(fast, &alive, &res->body);
	return err == LK_OK ? answer(fast, req, asker, res) : err;
}

enum lk_err
introspect_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		  struct res *res)
{
	struct client client;
	enum lk_err err = client_authenticate(fast, req, &client);

	if (err != LK_OK)
		return err;
	/* Nothing can be spent here: introspect_run does. */
	if (client.has_assertion)
		return LK_E_BROKEN;
	return tell(fast, req, stored, client.application, res);
}

enum lk_err
introspect_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	       struct res *res)
{
	struct client client;
	enum lk_err err = client_authenticate(flow->fast, req, &client);

	if (err == LK_OK)
		err = client_spend(flow, req, &client);
	return err == LK_OK ? tell(flow->fast, req, stored, client.application, res) : err;
}
