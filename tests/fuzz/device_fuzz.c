/* SPDX-License-Identifier: MIT */
/* A device's cookie: whatever comes, what we make of it is ours, fits, and knows who was added. */
/* Folders: base crypto flow/device.c */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "flow/device.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define NOW_S ((int64_t)20000 * 86400)

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	struct crypto_ring *ring = NULL;
	struct lk_str cookie = lk_str_n((const char *)bytes, len), made;
	struct device_who who = {NULL, LK_STR("asha"), NOW_S};
	struct device_who other = {NULL, LK_STR("nobody"), NOW_S};
	struct crypto_digest before, after;

	if (arena == NULL || crypto_init() != LK_OK ||
	    crypto_ring_read(LK_STR("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n"), NULL,
			     &ring) != LK_OK)
		abort();
	who.ring = other.ring = ring;
	if (device_is_known(&other, cookie, 180))
		abort(); /* nobody was ever given a tag */
	made = device_add(&who, cookie, arena);
	if (made.len > DEVICE_MAX_BYTES || !device_is_known(&who, made, 180))
		abort();
	if (device_key(ring, cookie, &before) &&
	    (!device_key(ring, made, &after) || !crypto_digest_is_equal(&before, &after)))
		abort();
	crypto_ring_free(ring);
	lk_arena_free(arena);
	return 0;
}
