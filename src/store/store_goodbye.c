/* SPDX-License-Identifier: MIT */
#include "store/store_goodbye.h"

#include "store/store_inside.h"

#define VISITS_MAX 300

/* "SID CLIENT SUB"; false for anything else. */
static bool
read_visit(struct lk_str kept, struct store_goodbye *out)
{
	struct lk_str rest = kept;

	if (!lk_str_split(&rest, ' ', &out->sid) || !lk_str_split(&rest, ' ', &out->client_id))
		return false;
	out->sub = rest;
	out->kept = kept;
	return out->sid.len > 0 && out->client_id.len > 0 && rest.len > 0;
}

/* The members of an answer, copied, as they stand. */
static enum lk_err
read_members(const struct store *store, const redisReply *reply, struct lk_str **out,
	     size_t *out_count)
{
	struct lk_arena *arena = store->call->arena;
	struct lk_str *members = lk_arena_alloc(arena, (reply->elements + 1) * sizeof *members);
	size_t count = 0;

	if (members == NULL)
		return LK_E_MEMORY;
	for (size_t at = 1; at < reply->elements; at++) {
		members[count] = lk_arena_dup(arena, store_reply_str(reply->element[at]));
		if (members[count].ptr == NULL)
			return LK_E_MEMORY;
		count++;
	}
	*out = members;
	*out_count = count;
	return LK_OK;
}

static enum lk_err
read_visits(const struct store *store, const redisReply *reply, struct store_goodbye **out,
	    size_t *out_count)
{
	struct store_goodbye *visits;
	struct lk_str *members;
	size_t count = 0, i;
	enum lk_err err = read_members(store, reply, &members, &count);

	if (err != LK_OK)
		return err;
	visits = lk_arena_alloc(store->call->arena, (count + 1) * sizeof *visits);
	if (visits == NULL)
		return LK_E_MEMORY;
	*out_count = 0;
	for (i = 0; i < count; i++) {
		if (read_visit(members[i], &visits[*out_count]))
			++*out_count;
	}
	*out = visits;
	return LK_OK;
}

/* --- those to be told ------------------------------------------------------------------------ */

static enum lk_err
take(struct store *store, struct store_trip *trip, size_t max, int hold_s)
{
	int64_t now_s = lk_clock_wall_s(store->call->clock);
	struct store_key list;
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	err = store_trip_begin(store, trip);
	store_script_init(&call, STORE_SCRIPT_GOODBYES, &store->epoch);
	if (err != LK_OK)
		return err;
	store_key_plain(&list, STORE_KEY_GOODBYES);
	store_script_key(&call, store_key_str(&list));
	store_script_number(&call, now_s);
	store_script_number(&call, now_s + hold_s);
	store_script_number(&call, (int64_t)max);
	return store_script_run(store, trip, &call);
}

enum lk_err
store_goodbyes_take(struct store *store, size_t max, int hold_s, struct store_goodbye **out,
		    size_t *out_count)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_take);
	err = take(store, &trip, max, hold_s);
	return err == LK_OK ? read_visits(store, trip.replies.reply[0], out, out_count) : err;
}

static enum lk_err
end(struct store *store, struct store_trip *trip, struct lk_str kept)
{
	struct store_key list;
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	err = store_trip_begin(store, trip);
	store_script_init(&call, STORE_SCRIPT_GOODBYE_END, &store->epoch);
	if (err != LK_OK)
		return err;
	store_key_plain(&list, STORE_KEY_GOODBYES);
	store_script_key(&call, store_key_str(&list));
	store_script_str(&call, kept);
	return store_script_run(store, trip, &call);
}

enum lk_err
store_goodbye_end(struct store *store, const struct store_goodbye *goodbye)
{
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	return end(store, &trip, goodbye->kept);
}

/* --- who and where --------------------------------------------------------------------------- */

static enum lk_err
range(struct store *store, struct store_trip *trip, const struct store_key *list,
      const int64_t places[2])
{
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	trip->is_read = true;
	err = store_trip_begin(store, trip);
	store_script_init(&call, STORE_SCRIPT_RANGE, &store->epoch);
	if (err != LK_OK)
		return err;
	store_script_key(&call, store_key_str(list));
	store_script_number(&call, places[0]);
	store_script_number(&call, places[1]);
	return store_script_run(store, trip, &call);
}

enum lk_err
store_visits_find(struct store *store, struct lk_str person_id, struct lk_str sid,
		  struct store_goodbye **out, size_t *out_count)
{
	static const int64_t all[] = {0, VISITS_MAX - 1};
	struct store_goodbye *visits = NULL;
	size_t count = 0, kept = 0;
	struct store_key list;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	if (!store_key_person(&list, STORE_KEY_VISITS, person_id))
		return LK_E_FORMAT;
	err = range(store, &trip, &list, all);
	if (err == LK_OK)
		err = read_visits(store, trip.replies.reply[0], &visits, &count);
	if (err != LK_OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (lk_str_is_equal(visits[i].sid, sid))
			visits[kept++] = visits[i];
	}
	*out = visits;
	*out_count = kept;
	return LK_OK;
}

enum lk_err
store_holders_find(struct store *store, size_t from, size_t max, struct lk_str **out,
		   size_t *out_count)
{
	const int64_t places[] = {(int64_t)from, (int64_t)(from + max) - 1};
	struct store_key list;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	store_key_plain(&list, STORE_KEY_HOLDERS);
	err = range(store, &trip, &list, places);
	if (err != LK_OK)
		return err;
	return read_members(store, trip.replies.reply[0], out, out_count);
}
