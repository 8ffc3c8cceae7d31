/* SPDX-License-Identifier: MIT */
/*
 * Signed tokens in compact form: HEADER.PAYLOAD.SIGNATURE. Whoever verifies says beforehand which
 * key counts with which algorithm and what the token is for; the token's own header only picks
 * among these. Knows nothing of what a payload says (jose_claims.h).
 */
#ifndef LK_CRYPTO_JOSE_JWS_H
#define LK_CRYPTO_JOSE_JWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/jose_key.h"

/* Of a whole token; its header is no longer than CRYPTO_JWS_HEAD_MAX_BYTES of it. */
#define CRYPTO_JWS_MAX_BYTES	  16384u
#define CRYPTO_JWS_HEAD_MAX_BYTES 2048u
#define CRYPTO_JWS_ALLOW_MAX	  16u

/*
 * Sign payload with one of our keys, by its algorithm, with its kid in the header.
 *
 *   typ      what the token is for: "at+jwt", "logout+jwt", "token-introspection+jwt", "JWT";
 *            letters, digits, '+' and '-' only
 *   payload  borrowed; JSON, never empty
 *   out      in arena
 *
 * Time:    by alg: RS256 and PS256 with 2048 bits: lane only; ES256, EdDSA: under 0.1 ms.
 * Returns: LK_OK
 *          LK_E_FORMAT  key is a public one, payload is empty, or the token would be longer than
 *                       CRYPTO_JWS_MAX_BYTES
 *          LK_E_MEMORY · LK_E_BROKEN the library says no
 * Source:  RFC 7515 s3.1, s5.1, s7.1; RFC 8725 s3.11.
 */
enum lk_err crypto_jws_sign(const struct crypto_jwk *key, const char *typ, struct lk_str payload,
    struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

/* This key counts, with this algorithm and no other. */
struct crypto_jws_allow {
	enum crypto_alg alg;
	const struct crypto_jwk *key; /* borrowed; fits alg, or counts for nothing */
};

struct crypto_jws_rule {
	const struct crypto_jws_allow *allow; /* borrowed */
	size_t allow_count;		      /* at most CRYPTO_JWS_ALLOW_MAX are looked at */
	/* The header's typ, in any case, with or without "application/" before it. */
	const char *typ;
	bool typ_may_lack; /* for what others sign without one: client assertions */
};

struct crypto_jws {
	struct lk_str payload;	      /* in arena */
	const struct crypto_jwk *key; /* borrowed: whose signature it is */
	enum crypto_alg alg;
};

/*
 * Is token signed as rule wants it? Nothing of the payload is read before the signature is known
 * to be good. kid is compared with the kids of allow and with nothing else; without a kid there
 * must be one key only that it could mean.
 *
 *   token  borrowed; no blanks, no padding, one spelling only
 *   why    the reason, for a log; never bytes of the token; may be NULL
 *
 * Time:    by alg: RS256, PS256 30 µs, EdDSA 60 µs, ES256 80 µs; refusals less.
 * Returns: LK_OK
 *          LK_E_NOT_FOUND  no allowed key is meant: the signer may have a new one
 *          LK_E_FORMAT     not a token, too long, of another typ; alg is none, HS256 or anything
 *                          else that is no row of enum crypto_alg; jwk, jku, x5u, x5c, crit or b64
 *                          in its header; the signature is wrong
 *          LK_E_MEMORY
 * Source:  RFC 7515 s5.2; RFC 7797; RFC 8725 s2, s3.
 */
enum lk_err crypto_jws_verify(const struct crypto_jws_rule *rule, struct lk_str token,
    struct lk_arena *arena, struct lk_why *why, struct crypto_jws *out) LK_MUST_CHECK;

#endif
