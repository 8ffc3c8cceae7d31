/* SPDX-License-Identifier: MIT */
/* Tokens as strangers send them: what is read as ours was made by us. */
/* Folders: base crypto flow/token_text.c */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "flow/token_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	struct crypto_ring *ring = NULL;
	struct lk_str text = lk_str_n((const char *)bytes, len);
	char code[TOKEN_USER_CODE_LETTERS], again[TOKEN_USER_CODE_LETTERS];
	struct token_selector selector;
	struct token_refresh refresh;
	struct crypto_digest key;
	struct token_forward forward;

	if (arena == NULL || crypto_init() != LK_OK ||
	    crypto_ring_read(LK_STR("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n"), NULL,
			     &ring) != LK_OK)
		abort();
	(void)token_access_read(text, arena, &selector);
	(void)token_code_grant(ring, text, &selector);
	if (token_forward_read(text, &forward) &&
	    !lk_str_is_equal(text, token_forward_make(forward.token, &forward.session, arena)))
		abort();
	if (token_refresh_read(ring, text, &refresh) &&
	    !lk_str_is_equal(text, token_refresh_make(ring, &refresh, arena)))
		abort();
	if (token_user_code_read(text, code) &&
	    (!token_user_code_read(token_user_code_show(code, arena), again) ||
	     memcmp(code, again, sizeof code) != 0))
		abort();
	if (token_key_read(text, &key) && !lk_str_is_equal(text, token_key_write(&key, arena)))
		abort();
	crypto_ring_free(ring);
	lk_arena_free(arena);
	return 0;
}
