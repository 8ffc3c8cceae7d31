/* SPDX-License-Identifier: MIT */
/* One spelling: what reads is what would have been written. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len), raw, again;
	struct lk_arena *arena = lk_arena_new(1024, 1u << 20);

	if (arena == NULL)
		return 0;
	if (crypto_base64url_read(text, arena, &raw) == LK_OK &&
	    !lk_str_is_equal(crypto_base64url_make(raw, arena), text))
		abort();
	again = crypto_base64url_make(text, arena);
	if (again.ptr != NULL &&
	    (crypto_base64url_read(again, arena, &raw) != LK_OK || !lk_str_is_equal(raw, text)))
		abort();
	(void)crypto_token_check("lk_", text);
	lk_arena_free(arena);
	return 0;
}
