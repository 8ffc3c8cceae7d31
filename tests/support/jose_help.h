/* SPDX-License-Identifier: MIT */
/* Keys of RFCs, and tokens nobody should make. Include after cmocka.h. */
#ifndef LK_TESTS_JOSE_HELP_H
#define LK_TESTS_JOSE_HELP_H

#include <string.h>

#include "crypto/jose_inside.h"
#include "support/crypto_help.h"

/* RFC 7515 A.2, A.3; RFC 8037 A.2, A.1. */
#define RSA_N                                                                                      \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt" \
	"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX" \
	"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5" \
	"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define EC_X	"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y	"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define ED_X	"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_D	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define RSA_JWK "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define EC_JWK	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define ED_JWK	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"

static inline struct crypto_jwk *
help_jwk(const char *text)
{
	struct crypto_jwk *key = NULL;
	struct lk_why why = {.len = 0};

	if (crypto_jwk_read(lk_str_c(text), &why, &key) != LK_OK)
		fail_msg("%s", why.text);
	return key;
}

static inline struct crypto_jwk *
help_jwk_make(enum crypto_alg alg)
{
	struct crypto_jwk *key = NULL;
	unsigned bits = alg == CRYPTO_RS256 || alg == CRYPTO_PS256 ? CRYPTO_RSA_MIN_BITS : 0;

	assert_int_equal(crypto_jwk_make(alg, bits, &key), LK_OK);
	return key;
}

/* The private key of RFC 8037 A.1: sealed as ours are, and opened. */
static inline struct crypto_jwk *
help_rfc8037_key(struct lk_arena *arena)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct crypto_jwk *public = help_jwk(ED_JWK), *key = NULL;
	struct lk_str kid = crypto_jwk_kid(public), blob = {NULL, 0}, context;
	char plain[1 + 32] = {CRYPTO_EDDSA};

	assert_int_equal(crypto_base64url_into(LK_STR(ED_D), plain + 1, 32), 32);
	context = lk_arena_printf(arena, "signing key %.*s", LK_STR_ARGS(kid));
	assert_int_equal(crypto_seal(ring, context, lk_str_n(plain, sizeof plain), arena, &blob),
			 LK_OK);
	assert_int_equal(crypto_jwk_open(ring, kid, blob, arena, &key), LK_OK);
	crypto_jwk_free(public);
	crypto_ring_free(ring);
	return key;
}

/* HEAD.PAYLOAD.SIGNATURE of any bytes. */
static inline struct lk_str
help_token(struct lk_arena *arena, struct lk_str head, struct lk_str payload, struct lk_str proof)
{
	return lk_arena_printf(arena, "%s.%s.%s", crypto_base64url_make(head, arena).ptr,
			       crypto_base64url_make(payload, arena).ptr,
			       proof.len == 0 ? "" : crypto_base64url_make(proof, arena).ptr);
}

/* A token with any header, well signed. */
static inline struct lk_str
help_forge(struct lk_arena *arena, const struct crypto_jwk *key, enum crypto_alg alg,
	   const char *head)
{
	struct lk_str payload = LK_STR("{\"sub\":\"x\"}"), text;
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];

	text = lk_arena_printf(arena, "%s.%s", crypto_base64url_make(lk_str_c(head), arena).ptr,
			       crypto_base64url_make(payload, arena).ptr);
	assert_int_equal(jose_sign_bytes(key, alg, text, proof), LK_OK);
	return help_token(arena, lk_str_c(head), payload,
			  lk_str_n((const char *)proof, jose_signature_bytes(key)));
}

#endif
