/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "store/store_inside.h"

#define LISTED_MAX 256

static int
newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct store_session_row *)a)->session.auth_at_s;
	int64_t y = ((const struct store_session_row *)b)->session.auth_at_s;

	return (x < y) - (x > y);
}

/* False for anything but the key of a session. */
static bool
read_name(const redisReply *reply, struct store_session_row *out)
{
	if (!store_key_digest_read(STORE_KEY_SESSION, store_reply_str(reply), &out->key))
		return false;
	for (size_t i = 0; i < 4; i++)
		snprintf(out->name + 2 * i, 3, "%02x", (unsigned)out->key.bytes[i]);
	return true;
}

static enum lk_err
read_rows(const struct store *store, const redisReply *reply, struct store_session_row *rows,
	  size_t *out_count)
{
	int64_t now = lk_clock_wall_s(store->call->clock);
	size_t count = 0;

	for (size_t at = 1; at + 1 < reply->elements; at += 2) {
		struct store_session_row *row = &rows[count];
		enum lk_err err = store_session_unpack(store_reply_str(reply->element[at + 1]),
						       store->call->arena, &row->session);

		if (err == LK_E_MEMORY)
			return err;
		if (err == LK_OK && store_session_is_alive(&row->session, now) &&
		    read_name(reply->element[at], row))
			count++;
	}
	*out_count = count;
	return LK_OK;
}

static enum lk_err
find(struct store *store, struct store_trip *trip, const struct store_key *list)
{
	STORE_AUTO_SCRIPT call;

	store_script_init(&call, STORE_SCRIPT_SESSIONS, &store->epoch);
	store_script_key(&call, store_key_str(list));
	store_script_number(&call, LISTED_MAX);
	return store_script_run(store, trip, &call);
}

enum lk_err
store_sessions_find(struct store *store, struct lk_str person_id, size_t max,
		    struct store_session_row **out, size_t *out_count)
{
	struct store_session_row *rows;
	const redisReply *reply;
	struct store_key list;
	size_t count = 0;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	trip.is_read = true;
	err = store_trip_begin(store, &trip);
	if (err == LK_OK && !store_key_person(&list, STORE_KEY_PERSON_SESSIONS, person_id))
		err = LK_E_FORMAT;
	if (err == LK_OK)
		err = find(store, &trip, &list);
	if (err != LK_OK)
		return err;
	reply = trip.replies.reply[0];
	if (reply->elements % 2 != 1) {
		store_shared_refused(store->shared, reply, store->call->why);
		return LK_E_STORE_DOWN;
	}
	rows = lk_arena_alloc(store->call->arena, (reply->elements / 2 + 1) * sizeof *rows);
	if (rows == NULL)
		return LK_E_MEMORY;
	err = read_rows(store, reply, rows, &count);
	if (err != LK_OK)
		return err;
	qsort(rows, count, sizeof *rows, newest_first);
	*out = rows;
	*out_count = count < max ? count : max;
	return LK_OK;
}
