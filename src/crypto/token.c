/* SPDX-License-Identifier: MIT */
#include "crypto/token.h"

#include <string.h>
#include <sodium.h>

#include "crypto/base64url.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

void
crypto_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint32_t
crypto_random_below(uint32_t below)
{
	return randombytes_uniform(below);
}

struct lk_str
crypto_token_make(const char *prefix, struct lk_arena *arena)
{
	unsigned char bytes[CRYPTO_TOKEN_BYTES];
	size_t prefix_len = strlen(prefix);
	char *text = lk_arena_alloc(arena, prefix_len + CRYPTO_TOKEN_LEN + 1);

	if (text == NULL)
		return lk_str_n(NULL, 0);
	memcpy(text, prefix, prefix_len);
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(text + prefix_len, CRYPTO_TOKEN_LEN + 1, bytes, sizeof bytes, VARIANT);
	sodium_memzero(bytes, sizeof bytes);
	return lk_str_n(text, prefix_len + CRYPTO_TOKEN_LEN);
}

bool
crypto_token_check(const char *prefix, struct lk_str text)
{
	unsigned char bytes[CRYPTO_TOKEN_BYTES];
	struct lk_str tail;
	size_t len;

	if (!lk_str_starts(text, prefix))
		return false;
	tail = lk_str_from(text, strlen(prefix));
	if (tail.len != CRYPTO_TOKEN_LEN)
		return false;
	len = crypto_base64url_into(tail, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
	return len == sizeof bytes;
}
