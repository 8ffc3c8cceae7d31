/* SPDX-License-Identifier: MIT */
#include "flow/logout_ask.h"

#include "base/json.h"
#include "crypto/jose_claims.h"
#include "exchange/address.h"
#include "flow/session.h"
#include "flow/signing.h"

#define ADDRESS_MAX_BYTES 4096u
#define HINT_TYP	  "JWT"
#define SKEW_S		  300

/* The member of that name, copied; nothing: no such text. */
static struct lk_str
text_of(struct lk_str payload, struct lk_arena *arena, const char *name)
{
	struct lk_str value = {NULL, 0}, out = {NULL, 0};
	struct lk_json *json;

	if (lk_json_read(payload, CRYPTO_CLAIMS_MAX_BYTES, &json) != LK_OK)
		return out;
	if (lk_json_to_str(lk_json_find(json, name), &value))
		out = lk_arena_dup(arena, value);
	lk_json_free(json);
	return out;
}

/* Ours, whoever shows it: signature, issuer, and one application it was made for. */
static bool
hint_read(const struct fast *fast, const struct req *req, struct logout_ask *ask)
{
	struct crypto_claims_rule rule = {
	    .iss = lk_str_c(fast->conf->base_url),
	    .is_aud_single = true,
	    .need = CRYPTO_NEED_SUB,
	    .now_s = lk_clock_wall_s(fast->clock),
	    .skew_s = SKEW_S,
	    .may_be_past = true,
	};
	struct crypto_claims claims;
	struct lk_str payload;

	if (signing_verify(fast, HINT_TYP, req->param[PARAM_id_token_hint], req->arena, &payload) !=
		LK_OK ||
	    crypto_claims_read(payload, req->arena, NULL, &claims) != LK_OK ||
	    claims.aud_count != 1)
		return false;
	rule.aud = claims.aud;
	rule.aud_count = 1;
	if (crypto_claims_check(&claims, &rule, NULL) != LK_OK)
		return false;
	ask->application = policy_application_find(fast->policy, claims.aud[0]);
	ask->sid = text_of(payload, req->arena, "sid");
	return ask->application != NULL;
}

static void
hint_judge(const struct fast *fast, const struct req *req, struct logout_ask *ask)
{
	struct lk_str client_id = req->param[PARAM_client_id];

	if (req->param[PARAM_id_token_hint].len == 0 && !req->is_param_bad) {
		ask->hint = LOGOUT_HINT_NONE;
		ask->application = policy_application_find(fast->policy, client_id);
		return;
	}
	ask->hint = LOGOUT_HINT_BAD;
	if (req->is_param_bad)
		ask->wrong = "a parameter stands twice or cannot be read";
	else if (!hint_read(fast, req, ask))
		ask->wrong = "id_token_hint is none of ours";
	else if (client_id.len > 0 && !lk_str_is(client_id, ask->application->client_id))
		ask->wrong = "client_id is not whom id_token_hint was made for";
	else
		ask->hint = LOGOUT_HINT_GOOD;
}

void
logout_ask_read(const struct fast *fast, const struct req *req, struct logout_ask *out)
{
	struct lk_str uri = req->param[PARAM_post_logout_redirect_uri];

	*out = (struct logout_ask){.state = req->param[PARAM_state]};
	hint_judge(fast, req, out);
	if (out->hint == LOGOUT_HINT_BAD) {
		out->application = NULL;
		return;
	}
	if (uri.len == 0)
		return;
	if (out->application == NULL)
		out->wrong = "post_logout_redirect_uri without id_token_hint or client_id";
	else if (!policy_application_signed_out_check(out->application, uri))
		out->wrong = "post_logout_redirect_uri is not one of signed_out_uris";
	else
		out->uri = uri;
}

bool
logout_ask_is_of(const struct fast *fast, const struct req *req, const struct logout_ask *ask,
		 const struct store_answer *stored)
{
	return ask->hint == LOGOUT_HINT_GOOD && stored->has_session && ask->sid.len > 0 &&
	       lk_str_is_equal(ask->sid,
			       session_told(fast->ring, lk_str_c(ask->application->client_id),
					    stored->session.sid, req->arena));
}

struct lk_str
logout_ask_to(const struct logout_ask *ask, struct lk_arena *arena)
{
	struct lk_str to = {NULL, 0};
	LK_AUTO_BUF address;

	lk_buf_init(&address, ADDRESS_MAX_BYTES);
	if (ask->uri.len == 0)
		return to;
	lk_buf_add_str(&address, ask->uri);
	address_param_add(&address, "state", ask->state);
	if (lk_buf_is_ok(&address))
		to = lk_arena_dup(arena, lk_buf_str(&address));
	return to;
}
