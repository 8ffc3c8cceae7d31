/* SPDX-License-Identifier: MIT */
#include "flow/goodbye.h"

#include <inttypes.h>

#include "crypto/token.h"
#include "flow/payload.h"
#include "flow/session.h"
#include "flow/signing.h"
#include "policy/application.h"
#include "spool/spool.h"
#include "store/store_goodbye.h"

#define AT_ONCE		 50u
#define HOLD_S		 30
#define TYP		 "logout+jwt"
#define CLAIMS_MAX_BYTES 4096u
/* As long as it may be on its way, and as clocks may differ. */
#define LIFE_S (SPOOL_CALL_LIFE_S + 120)

/*
 * No nonce, so that it can never pass for an id token.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0 s2.4.
 */
void
goodbye_claims_write(struct lk_buf *out, const struct goodbye_claims *claims)
{
	payload_begin(out);
	payload_text(out, "iss", claims->issuer);
	payload_text(out, "aud", claims->client_id);
	payload_number(out, "iat", claims->now_s);
	payload_number(out, "exp", claims->now_s + LIFE_S);
	payload_text(out, "jti", claims->jti);
	payload_text(out, "sub", claims->sub);
	payload_text(out, "sid", claims->sid);
	lk_buf_add_c(out,
		     ",\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}");
	payload_end(out);
}

static enum lk_err
token_make(const struct flow *flow, const struct policy_application *application,
	   const struct store_goodbye *goodbye, struct lk_str *out)
{
	const struct goodbye_claims claims = {
	    .issuer = lk_str_c(flow->fast->conf->base_url),
	    .client_id = goodbye->client_id,
	    .sid = session_told(flow->fast->ring, goodbye->client_id, goodbye->sid,
				flow->call->arena),
	    .sub = goodbye->sub,
	    .jti = crypto_token_make("", flow->call->arena),
	    .now_s = lk_clock_wall_s(flow->fast->clock),
	};
	struct signing_what what = {(enum crypto_alg)application->id_token_alg, TYP, {NULL, 0}};
	enum lk_err err = LK_E_MEMORY;
	LK_AUTO_BUF text;

	lk_buf_init(&text, CLAIMS_MAX_BYTES);
	goodbye_claims_write(&text, &claims);
	what.payload = lk_buf_str(&text);
	if (lk_buf_is_ok(&text) && claims.jti.ptr != NULL && claims.sid.ptr != NULL)
		err = signing_sign(flow->fast, &what, flow->call->arena, out);
	return err;
}

/* Letters of a token need no coding in a form. */
static enum lk_err
tell(const struct flow *flow, const struct policy_application *application,
     const struct store_goodbye *goodbye)
{
	const struct fast *fast = flow->fast;
	struct lk_str token, body;
	enum lk_err err = token_make(flow, application, goodbye, &token);

	if (err != LK_OK)
		return err;
	body = lk_arena_printf(flow->call->arena, "logout_token=%.*s", LK_STR_ARGS(token));
	if (body.ptr == NULL)
		return LK_E_MEMORY;
	err = spool_put_call(fast->conf->spool_dir, lk_str_c(application->backchannel_logout_uri),
			     body, lk_clock_wall_s(fast->clock));
	if (err == LK_OK)
		metric_count_calls_spooled_total(fast->metrics, METRIC_NONE, METRIC_NONE);
	return err;
}

/* False: again later. */
static bool
is_settled(const struct flow *flow, const struct store_goodbye *goodbye)
{
	const struct policy_application *application =
	    policy_application_find(flow->fast->policy, goodbye->client_id);
	enum lk_err err;

	if (application == NULL || application->backchannel_logout_uri[0] == '\0')
		return true;
	err = tell(flow, application, goodbye);
	if (err != LK_OK)
		lk_log(flow->fast->log, LK_LOG_WARNING, "goodbye", LK_STR(""),
		       "%s cannot be told that a session ended: %s", application->client_id,
		       lk_err_row(err)->name);
	return err == LK_OK || err == LK_E_FORMAT;
}

enum lk_err
goodbyes_tell(struct flow *flow)
{
	struct store_goodbye *goodbyes;
	size_t count = 0;
	enum lk_err err =
	    store_goodbyes_take(flow->store, AT_ONCE, HOLD_S, &goodbyes, &count);

	for (size_t i = 0; i < count && err == LK_OK; i++) {
		if (is_settled(flow, &goodbyes[i]))
			err = store_goodbye_end(flow->store, &goodbyes[i]);
	}
	return err;
}
