/* SPDX-License-Identifier: MIT */
/* A set keeps to its bounds, and no two of its keys have one kid. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct crypto_jwks set = {.count = 0};
	struct lk_why why = {.len = 0};
	size_t i, j;

	if (crypto_init() != LK_OK)
		abort();
	if (crypto_jwks_read(lk_str_n((const char *)bytes, len), &why, &set) != LK_OK &&
	    set.count > 0)
		abort();
	if (set.count + set.skipped_count > CRYPTO_JWKS_KEYS_MAX)
		abort();
	for (i = 0; i < set.count; i++) {
		for (j = 0; j < i; j++) {
			if (lk_str_is_equal(crypto_jwk_kid(set.keys[i]),
					    crypto_jwk_kid(set.keys[j])))
				abort();
		}
	}
	crypto_jwks_done(&set);
	return 0;
}
