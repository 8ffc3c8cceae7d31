/* SPDX-License-Identifier: MIT */
/* What an enrolment keeps: text that reads, seals and opens again to the same. */
/* Folders: base crypto flow/enrol_kept.c */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "flow/enrol_kept.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool
is_same(const struct enrol_kept *a, const struct enrol_kept *b)
{
	if (a->code_count != b->code_count || (a->seed == NULL) != (b->seed == NULL))
		return false;
	if (a->seed != NULL && !lk_secret_is_equal(a->seed, b->seed))
		return false;
	for (size_t i = 0; i < a->code_count; i++)
		if (!lk_str_is_equal(a->codes[i], b->codes[i]) ||
		    !lk_str_is_equal(a->hashes[i], b->hashes[i]))
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	struct crypto_ring *ring = NULL;
	struct enrol_kept kept, again;
	struct lk_str sealed;

	if (arena == NULL || crypto_init() != LK_OK ||
	    crypto_ring_read(LK_STR("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n"), NULL,
			     &ring) != LK_OK)
		abort();
	if (enrol_kept_read(lk_str_n((const char *)bytes, len), arena, &kept) == LK_OK &&
	    enrol_kept_seal(ring, LK_STR("asha"), &kept, arena, &sealed) == LK_OK) {
		if (enrol_kept_open(ring, LK_STR("asha"), sealed, arena, &again) != LK_OK ||
		    !is_same(&kept, &again))
			abort();
		if (enrol_kept_open(ring, LK_STR("bo"), sealed, arena, &again) == LK_OK)
			abort();
	}
	crypto_ring_free(ring);
	lk_arena_free(arena);
	return 0;
}
