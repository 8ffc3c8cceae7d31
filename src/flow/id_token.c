/* SPDX-License-Identifier: MIT */
#include "flow/id_token.h"

#include "crypto/hash.h"
#include "flow/claims.h"
#include "flow/payload.h"
#include "flow/scope.h"
#include "flow/session.h"
#include "flow/signing.h"
#include "flow/told.h"

#define PAYLOAD_MAX_BYTES 8192u

/* Left half of the hash that goes with the algorithm. */
static void
at_hash_add(struct lk_buf *out, enum crypto_alg alg, struct lk_str access_token)
{
	uint8_t hash[CRYPTO_SHA512_BYTES];
	char text[CRYPTO_SHA512_BYTES * 4 / 3 + 2];
	size_t half = CRYPTO_SHA256_BYTES / 2, len;

	if (access_token.len == 0)
		return;
	if (alg == CRYPTO_EDDSA) {
		crypto_sha512(access_token, hash);
		half = CRYPTO_SHA512_BYTES / 2;
	} else
		crypto_sha256(access_token, hash);
	len = crypto_base64url_write(hash, half, text);
	payload_text(out, "at_hash", lk_str_n(text, len));
}

static enum lk_err
sign(const struct fast *fast, struct signing_what *what, struct lk_buf *payload,
     struct lk_arena *arena, struct lk_str *out)
{
	if (!lk_buf_is_ok(payload))
		return LK_E_MEMORY;
	what->payload = lk_buf_str(payload);
	return signing_sign(fast, what, arena, out);
}

enum lk_err
id_token_make(const struct fast *fast, const struct id_token *token, struct lk_arena *arena,
	      struct lk_str *out)
{
	const struct store_grant *grant = token->grant;
	enum crypto_alg alg = (enum crypto_alg)token->application->id_token_alg;
	struct signing_what what = {.alg = alg, .typ = "JWT"};
	struct lk_str sid = session_told(fast->ring, grant->client_id, grant->sid, arena);
	LK_AUTO_BUF payload;
	enum lk_err err = sid.ptr == NULL ? LK_E_MEMORY : LK_OK;

	lk_buf_init(&payload, PAYLOAD_MAX_BYTES);
	payload_begin(&payload);
	payload_text(&payload, "iss", lk_str_c(fast->conf->base_url));
	payload_text(&payload, "sub", grant->sub);
	payload_text(&payload, "aud", grant->client_id);
	payload_number(&payload, "exp", token->now_s + token->application->access_token_life_s);
	payload_number(&payload, "iat", token->now_s);
	payload_text(&payload, "nonce", token->nonce);
	told_proofs(&payload, grant, scope_has_c(grant->id_claims, "auth_time"));
	payload_text(&payload, "sid", sid);
	at_hash_add(&payload, alg, token->access_token);
	if (err == LK_OK && grant->id_claims.len > 0)
		err = claims_write(&payload, grant->claims, grant->id_claims);
	payload_end(&payload);
	return err == LK_OK ? sign(fast, &what, &payload, arena, out) : err;
}

/* --- access tokens that say themselves what they are worth ------------------------------------ */

static enum lk_err
person_add(const struct fast *fast, const struct access_token *token, struct lk_arena *arena,
	   struct lk_buf *out)
{
	const struct store_grant *grant = token->grant;
	struct lk_str names;
	enum lk_err err;

	told_proofs(out, grant, true);
	if (!scope_has_c(token->scope, "groups"))
		return LK_OK;
	err = claims_names(fast->policy, arena, LK_STR("groups"), lk_str_n(NULL, 0), &names);
	return err == LK_OK ? claims_write(out, grant->claims, names) : err;
}

enum lk_err
access_token_make(const struct fast *fast, const struct access_token *token, struct lk_arena *arena,
		  struct lk_str *out)
{
	struct lk_str base_url = lk_str_c(fast->conf->base_url);
	struct lk_str client_id = lk_str_c(token->application->client_id);
	struct signing_what what = {.alg = (enum crypto_alg)token->application->id_token_alg,
				    .typ = "at+jwt"};
	LK_AUTO_BUF payload;
	enum lk_err err = LK_OK;

	lk_buf_init(&payload, PAYLOAD_MAX_BYTES);
	payload_begin(&payload);
	payload_text(&payload, "iss", base_url);
	payload_text(&payload, "sub", token->grant == NULL ? client_id : token->grant->sub);
	payload_words(&payload, "aud", token->audience.len == 0 ? base_url : token->audience);
	payload_text(&payload, "client_id", client_id);
	payload_number(&payload, "exp", token->ends_at_s);
	payload_number(&payload, "iat", token->now_s);
	payload_text(&payload, "jti", token->jti);
	payload_text(&payload, "scope", token->scope);
	if (token->grant != NULL)
		err = person_add(fast, token, arena, &payload);
	payload_end(&payload);
	return err == LK_OK ? sign(fast, &what, &payload, arena, out) : err;
}
