/* SPDX-License-Identifier: MIT */
/* Nothing but what was sealed opens. The first byte is the length of the context that follows it.
 */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define RING                                                                                       \
	"1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n"                                          \
	"2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI\n"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	struct lk_str rest = lk_str_n((const char *)bytes, len), context;
	struct crypto_ring *ring = NULL;
	struct lk_secret *plain = NULL;

	if (arena == NULL || crypto_init() != LK_OK)
		abort();
	if (len < 1 || bytes[0] > len - 1 || crypto_ring_read(LK_STR(RING), NULL, &ring) != LK_OK) {
		lk_arena_free(arena);
		return 0;
	}
	context = lk_str_n((const char *)bytes + 1, bytes[0]);
	rest = lk_str_from(rest, 1 + context.len);
	(void)crypto_seal_is_current(ring, rest);
	(void)crypto_seal_key_id(rest);
	/* The corpus holds one true seal: "seed" for "person". A forgery would be news. */
	if (crypto_open(ring, context, rest, arena, &plain) == LK_OK &&
	    (lk_secret_len(plain) != 4 || !lk_str_is(context, "person")))
		abort();
	crypto_ring_free(ring);
	lk_arena_free(arena);
	return 0;
}
