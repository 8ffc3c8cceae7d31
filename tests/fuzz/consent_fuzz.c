/* SPDX-License-Identifier: MIT */
/* What a directory says somebody allowed: whatever reads is written to what reads the same. */
/* Folders: base flow/consent_text.c */
/* Libraries: libsodium */
#include <stdlib.h>

#include "flow/consent_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 16);
	struct lk_str text = {(const char *)bytes, len}, again;
	struct consent consent, found;

	if (arena == NULL)
		abort();
	if (consent_read(text, &consent)) {
		again = consent_write(&consent, arena);
		if (again.ptr == NULL || !consent_read(again, &found) ||
		    !lk_str_is_equal(found.client_id, consent.client_id) ||
		    !lk_str_is_equal(found.scope, consent.scope) || found.at_s != consent.at_s)
			abort();
	}
	lk_arena_free(arena);
	return 0;
}
