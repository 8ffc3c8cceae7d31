/* SPDX-License-Identifier: MIT */
#include "crypto/fingerprint.h"

#include <sodium.h>

_Static_assert(sizeof(struct crypto_fingerprint) == crypto_shorthash_siphashx24_BYTES, "SipHash");
_Static_assert(sizeof(struct crypto_fingerprint_key) == crypto_shorthash_siphashx24_KEYBYTES,
	       "SipHash");

void
crypto_fingerprint_key_make(struct crypto_fingerprint_key *out)
{
	randombytes_buf(out->bytes, sizeof out->bytes);
}

void
crypto_fingerprint_make(const struct crypto_fingerprint_key *key, struct lk_str bytes,
			struct crypto_fingerprint *out)
{
	(void)crypto_shorthash_siphashx24((unsigned char *)out->half,
					  (const unsigned char *)bytes.ptr, bytes.len, key->bytes);
}

bool
crypto_fingerprint_is_equal(const struct crypto_fingerprint *a, const struct crypto_fingerprint *b)
{
	return ((a->half[0] ^ b->half[0]) | (a->half[1] ^ b->half[1])) == 0;
}
