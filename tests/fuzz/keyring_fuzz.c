/* SPDX-License-Identifier: MIT */
/* A key file: read or refused with a reason that shows nothing of it; what was read seals and
 * opens. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
use(const struct crypto_ring *ring)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_secret *plain = NULL;
	struct lk_str blob;

	must(crypto_ring_newest_id(ring) != 0);
	must(crypto_seal(ring, LK_STR("who"), LK_STR("what"), arena, &blob) == LK_OK);
	must(crypto_open(ring, LK_STR("who"), blob, arena, &plain) == LK_OK);
	must(lk_secret_len(plain) == 4);
	lk_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct crypto_ring *ring = NULL;
	struct lk_why why = {.len = 0};

	must(crypto_init() == LK_OK);
	if (crypto_ring_read(lk_str_n((const char *)bytes, len), &why, &ring) == LK_OK)
		use(ring);
	else
		must(ring == NULL && why.len > 0 && strlen(why.text) == why.len);
	crypto_ring_free(ring);
	return 0;
}
