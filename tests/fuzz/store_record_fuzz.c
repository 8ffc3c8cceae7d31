/* SPDX-License-Identifier: MIT */
/*
 * A record that reads well is written again byte for byte; a URL is read or refused. The first byte
 * chooses.
 */
/* Folders: base crypto metric store */
/* Libraries: libsodium liboath jansson hiredis */
#include <stdlib.h>
#include <string.h>

#include "store/record_grant.h"
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

static void
grant(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_grant record, head;
	enum lk_err head_err = store_grant_head_unpack(packed, arena, &head);

	if (store_grant_unpack(packed, arena, &record) != LK_OK)
		return;
	if (head_err != LK_OK || !lk_str_is_equal(head.sub, record.sub))
		abort();
	store_grant_pack(again, &record);
}

static void
token(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_token record;

	if (store_token_unpack(packed, arena, &record) == LK_OK)
		store_token_pack(again, &record);
}

static void
code(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_code record;

	if (store_code_unpack(packed, arena, &record) == LK_OK)
		store_code_pack(again, &record);
}

static void
device(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again)
{
	struct store_device record;

	if (store_device_unpack(packed, arena, &record) == LK_OK)
		store_device_pack(again, &record);
}

static void
place(struct lk_str url)
{
	struct store_place place;

	if (store_place_read(url, &place) && place.host[0] == '\0' && place.path[0] != '/')
		abort();
}

static const struct {
	char chosen_by;
	void (*again)(struct lk_str packed, struct lk_arena *arena, struct lk_buf *again);
} records[] = {{'s', session}, {'j', journey}, {'g', grant},
	       {'t', token},   {'c', code},    {'d', device}};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str rest = lk_str_n((const char *)bytes + 1, len - 1);
	struct lk_arena *arena;
	struct lk_buf again;

	if (len == 0)
		return 0;
	arena = lk_arena_new(4096, 1u << 20);
	if (arena == NULL)
		abort();
	lk_buf_init(&again, STORE_RECORD_MAX_BYTES);
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		if (records[i].chosen_by == (char)bytes[0])
			records[i].again(rest, arena, &again);
	if (bytes[0] == 'u')
		place(rest);
	if (again.len > 0 && !lk_str_is_equal(lk_buf_str(&again), rest))
		abort();
	lk_buf_done(&again);
	lk_arena_free(arena);
	return 0;
}
