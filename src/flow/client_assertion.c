/* SPDX-License-Identifier: MIT */
/* An application that proves itself with a token signed by a key of its own (private_key_jwt). */
#include "flow/client_auth.h"
#include "flow/fetched.h"

#define SKEW_S	       30
#define LIFE_MAX_S     3600
#define AUDIENCES_MAX  3u
#define DIGEST_LETTERS 16u

struct lk_str
client_assertion_issuer(const struct req *req)
{
	struct lk_str rest = req->param[PARAM_client_assertion], head, piece, payload;
	struct crypto_claims claims;

	if (rest.len > CRYPTO_JWS_MAX_BYTES || !lk_str_split(&rest, '.', &head) ||
	    !lk_str_split(&rest, '.', &piece) ||
	    crypto_base64url_read(piece, req->arena, &payload) != LK_OK ||
	    crypto_claims_read(payload, req->arena, NULL, &claims) != LK_OK)
		return lk_str_n(NULL, 0);
	return claims.iss;
}

static const struct policy_application *
application_find(const struct fast *fast, const struct req *req, struct lk_str issuer)
{
	struct lk_str said = req->param[PARAM_client_id];
	const struct policy_application *application;

	if (said.len > 0 && !lk_str_is_equal(said, issuer))
		return NULL;
	application = policy_application_find(fast->policy, issuer);
	if (application == NULL || application->auth_method != POLICY_AUTH_KEY)
		return NULL;
	return application;
}

static size_t
allow_fill(const struct crypto_jwks *keys, struct crypto_jws_allow allow[CRYPTO_JWS_ALLOW_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < keys->count; i++) {
		for (int alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
			if (count < CRYPTO_JWS_ALLOW_MAX &&
			    crypto_jwk_fits(keys->keys[i], (enum crypto_alg)alg))
				allow[count++] =
				    (struct crypto_jws_allow){(enum crypto_alg)alg, keys->keys[i]};
		}
	}
	return count;
}

/* Us, and unless only that counts for it, the address it was sent to. */
static size_t
audiences_fill(const struct fast *fast, const struct req *req, bool is_issuer_only,
	       struct lk_str out[AUDIENCES_MAX])
{
	const char *base_url = fast->conf->base_url;

	out[0] = lk_str_c(base_url);
	if (is_issuer_only)
		return 1;
	out[1] = lk_arena_printf(req->arena, "%s/token", base_url);
	out[2] = lk_arena_printf(req->arena, "%s%.*s", base_url, LK_STR_ARGS(req->path));
	return out[1].ptr == NULL || out[2].ptr == NULL ? 1 : 3;
}

static enum lk_err
claims_check(const struct fast *fast, const struct req *req,
	     const struct policy_application *application, const struct crypto_claims *claims)
{
	struct lk_str audiences[AUDIENCES_MAX];
	bool is_issuer_only = application->assertion_audience == POLICY_AUDIENCE_ISSUER;
	struct crypto_claims_rule rule = {
	    .iss = lk_str_c(application->client_id),
	    .aud = audiences,
	    .aud_count = audiences_fill(fast, req, is_issuer_only, audiences),
	    .is_aud_single = is_issuer_only,
	    .need = CRYPTO_NEED_SUB | CRYPTO_NEED_JTI,
	    .now_s = lk_clock_wall_s(fast->clock),
	    .skew_s = SKEW_S,
	    .life_max_s = LIFE_MAX_S,
	};

	if (!lk_str_is(claims->sub, application->client_id))
		return LK_E_FORMAT;
	return crypto_claims_check(claims, &rule, NULL);
}

/* claims_check refuses, at any time, what is further ahead of that time than this allows. */
static int64_t
from_s(const struct crypto_claims *claims)
{
	int64_t from_s = claims->exp_at_s - LIFE_MAX_S;

	if (claims->nbf_at_s > from_s)
		from_s = claims->nbf_at_s;
	if (claims->iat_at_s > from_s)
		from_s = claims->iat_at_s;
	return from_s - SKEW_S;
}

/* What it is spent under: nobody else's jti is the same. */
static enum lk_err
spend_fill(const struct fast *fast, const struct req *req, const struct crypto_claims *claims,
	   struct client *out)
{
	struct lk_str pieces[] = {claims->iss, claims->jti};
	struct crypto_digest digest;

	crypto_digest_make(fast->ring, CRYPTO_TOKEN, pieces, 2, &digest);
	memcpy(&out->assertion, digest.bytes, sizeof out->assertion);
	out->assertion_id = crypto_base64url_make(
	    lk_str_n((const char *)digest.bytes + sizeof out->assertion, DIGEST_LETTERS),
	    req->arena);
	out->assertion_life_s =
	    (int32_t)(claims->exp_at_s - lk_clock_wall_s(fast->clock)) + 2 * SKEW_S;
	out->assertion_from_s = from_s(claims);
	out->has_assertion = true;
	return out->assertion_id.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

struct asserting {
	const struct policy_application *application;
	const struct crypto_jwks *keys;
};

static enum lk_err
assertion_read(const struct fast *fast, const struct req *req, const struct asserting *on,
	       struct client *out)
{
	struct crypto_jws_allow allow[CRYPTO_JWS_ALLOW_MAX];
	struct crypto_jws_rule rule = {
	    .allow = allow,
	    .allow_count = allow_fill(on->keys, allow),
	    .typ = "JWT",
	    .typ_may_lack = true,
	};
	struct crypto_claims claims;
	struct crypto_jws jws;
	enum lk_err err =
	    crypto_jws_verify(&rule, req->param[PARAM_client_assertion], req->arena, NULL, &jws);

	if (err == LK_OK)
		err = crypto_claims_read(jws.payload, req->arena, NULL, &claims);
	if (err == LK_OK)
		err = claims_check(fast, req, on->application, &claims);
	return err == LK_OK ? spend_fill(fast, req, &claims, out) : err;
}

/* Keys of its file, or of its address as they were read last: a new one there is soon known. */
static enum lk_err
keys_try(const struct fast *fast, const struct req *req,
	 const struct policy_application *application, struct client *out)
{
	struct asserting on = {application, application->keys};
	const struct fetched_keys *fetched = NULL;
	enum lk_err err = LK_E_NOT_FOUND;

	if (on.keys == NULL)
		fetched = fetched_hold(fast->fetched, application->client_id);
	if (fetched != NULL)
		on.keys = fetched_jwks(fetched);
	if (on.keys != NULL)
		err = assertion_read(fast, req, &on, out);
	fetched_drop(fast->fetched, fetched);
	out->is_key_unknown = err == LK_E_NOT_FOUND && application->keys == NULL;
	if (out->is_key_unknown)
		fetched_want(fast->fetched, application->client_id);
	return err;
}

enum lk_err
client_assertion_check(const struct fast *fast, const struct req *req, struct lk_str issuer,
		       struct client *out)
{
	const struct policy_application *application = application_find(fast, req, issuer);
	enum lk_err err = LK_E_OAUTH_CLIENT;

	if (application != NULL)
		err = keys_try(fast, req, application, out);
	if (err == LK_OK)
		out->application = application;
	return err == LK_OK || err == LK_E_MEMORY ? err : LK_E_OAUTH_CLIENT;
}
