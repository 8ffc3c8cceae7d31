/* SPDX-License-Identifier: MIT */
/* What a key ring looks like inside: for this folder only. */
#ifndef LK_CRYPTO_RING_H
#define LK_CRYPTO_RING_H

#include "crypto/digest.h"
#include "crypto/keyring.h"

struct ring_key {
	uint32_t id;
	uint8_t seal[CRYPTO_KEY_BYTES];
	uint8_t digest[CRYPTO_PURPOSE_COUNT][CRYPTO_KEY_BYTES];
};

struct crypto_ring {
	bool is_locked;
	size_t count;           /* never 0 */
	struct ring_key keys[]; /* oldest first */
};

/* NULL when the ring does not hold it. */
const struct ring_key *crypto_ring_key_find(const struct crypto_ring *ring, uint32_t id);
const struct ring_key *crypto_ring_newest(const struct crypto_ring *ring);

#endif
