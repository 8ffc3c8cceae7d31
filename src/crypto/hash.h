/* SPDX-License-Identifier: MIT */
/*
 * Plain hashes, without a key: for what other people's programs compute too (PKCE, at_hash). Never
 * for what we keep (digest.h).
 */
#ifndef LK_CRYPTO_HASH_H
#define LK_CRYPTO_HASH_H

#include <stdint.h>

#include "base/str.h"

#define CRYPTO_SHA256_BYTES 32u
#define CRYPTO_SHA512_BYTES 64u

/* Source: FIPS 180-4. */
void crypto_sha256(struct lk_str text, uint8_t out[CRYPTO_SHA256_BYTES]);
void crypto_sha512(struct lk_str text, uint8_t out[CRYPTO_SHA512_BYTES]);

#endif
