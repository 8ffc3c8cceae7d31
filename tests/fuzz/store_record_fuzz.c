/* SPDX-License-Identifier: MIT */
/*
 * A session or journey that reads well is written again byte for byte; a URL is read or refused.
 * The first byte chooses.
 */
/* Folders: base crypto metric store */
/* Libraries: libsodium liboath jansson hiredis */
#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "store/store_place.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
session(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_session record;

	if (store_session_unpack(packed, arena, &record) == LK_OK)
		store_session_pack(again, &record);
}

static void
journey(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_journey record;

	if (store_journey_unpack(packed, arena, &record) == LK_OK)
		store_journey_pack(again, &record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str rest = lk_str_n((const char *)bytes + 1, len - 1);
	struct lk_arena *arena;
	struct store_place place;
	struct lk_buf again;

	if (len == 0)
		return 0;
	arena = lk_arena_new(4096, 1u << 20);
	if (arena == NULL)
		abort();
	lk_buf_init(&again, STORE_RECORD_MAX_BYTES);
	if (bytes[0] == 's')
		session(rest, arena, &again);
	else if (bytes[0] == 'j')
		journey(rest, arena, &again);
	else if (store_place_read(rest, &place) && place.host[0] == '\0' && place.path[0] != '/')
		abort();
	if (again.len > 0 && !lk_str_is_equal(lk_buf_str(&again), rest))
		abort();
	lk_buf_done(&again);
	lk_arena_free(arena);
	return 0;
}
