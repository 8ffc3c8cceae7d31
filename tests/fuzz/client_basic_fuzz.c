/* SPDX-License-Identifier: MIT */
/* Authorization: Basic as strangers send it: two texts or nothing, and never a byte 0. */
/* Folders: base crypto exchange/form.c flow/client_basic.c */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "flow/client_basic.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	struct lk_str id = {NULL, 0}, secret = {NULL, 0};

	if (arena == NULL)
		abort();
	if (client_basic_read(lk_str_n((const char *)bytes, len), arena, &id, &secret) &&
	    (id.ptr == NULL || secret.ptr == NULL || lk_str_find(id, '\0') != id.len ||
	     lk_str_find(secret, '\0') != secret.len))
		abort();
	lk_arena_free(arena);
	return 0;
}
