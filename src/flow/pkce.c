/* SPDX-License-Identifier: MIT */
#include "flow/pkce.h"

#include "crypto/crypto.h"
#include "crypto/hash.h"

#define VERIFIER_MIN_LEN 43u
#define VERIFIER_MAX_LEN 128u
#define UNRESERVED	 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

bool
pkce_asked_check(struct lk_str challenge, struct lk_str method)
{
	if (challenge.len == 0 && method.len == 0)
		return true;
	return lk_str_is(method, "S256") && crypto_token_check("", challenge);
}

static bool
is_verifier(struct lk_str text)
{
	if (text.len < VERIFIER_MIN_LEN || text.len > VERIFIER_MAX_LEN)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0' || strchr(UNRESERVED, text.ptr[i]) == NULL)
			return false;
	}
	return true;
}

bool
pkce_is_proven(struct lk_str challenge, struct lk_str verifier)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	char text[CRYPTO_SHA256_BYTES * 4 / 3 + 2];

	if (challenge.len == 0 || verifier.len == 0)
		return challenge.len == 0 && verifier.len == 0;
	if (!is_verifier(verifier))
		return false;
	crypto_sha256(verifier, hash);
	return crypto_is_equal(challenge,
			       lk_str_n(text, crypto_base64url_write(hash, sizeof hash, text)));
}
