/* SPDX-License-Identifier: MIT */
/*
 * Quick keyed fingerprints for tables in this process's memory: nobody who does not have the key
 * can make two things fall together, or tell anything from one. The key is drawn anew by each who
 * uses them, and goes with them; for what is stored or sent there is crypto/digest.h.
 *
 * Time:   a few hundredths of a microsecond, and half a nanosecond a byte.
 * Source: SipHash-2-4 with 128 bits, as libsodium has it.
 */
#ifndef LK_CRYPTO_FINGERPRINT_H
#define LK_CRYPTO_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct crypto_fingerprint_key {
	uint8_t bytes[16];
};
struct crypto_fingerprint {
	uint64_t half[2];
};

void
crypto_fingerprint_key_make(struct crypto_fingerprint_key *out);
void
crypto_fingerprint_make(const struct crypto_fingerprint_key *key, struct lk_str bytes,
			struct crypto_fingerprint *out);
/*
 * Of these in this order: no two lists read the same. False: together they are longer than
 * CRYPTO_FINGERPRINT_LIST_MAX_BYTES, with four for each.
 */
#define CRYPTO_FINGERPRINT_LIST_MAX_BYTES 2048u
bool
crypto_fingerprint_list(const struct crypto_fingerprint_key *key, const struct lk_str *pieces,
			size_t count, struct crypto_fingerprint *out) LK_MUST_CHECK;
/* Takes the same time wherever they differ. */
bool
crypto_fingerprint_is_equal(const struct crypto_fingerprint *a, const struct crypto_fingerprint *b);

#endif
