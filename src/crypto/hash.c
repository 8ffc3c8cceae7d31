/* SPDX-License-Identifier: MIT */
#include "crypto/hash.h"

#include <sodium.h>

void
crypto_sha256(struct lk_str text, uint8_t out[CRYPTO_SHA256_BYTES])
{
	(void)crypto_hash_sha256(out, (const unsigned char *)text.ptr, text.len);
}

void
crypto_sha512(struct lk_str text, uint8_t out[CRYPTO_SHA512_BYTES])
{
	(void)crypto_hash_sha512(out, (const unsigned char *)text.ptr, text.len);
}
