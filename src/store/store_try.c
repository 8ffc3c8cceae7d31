/* SPDX-License-Identifier: MIT */
#include "store/store_try.h"

#include "store/store_inside.h"
#include "store/store_pack.h"

#define ADDRESS_LIFE_S 60

/* What both scripts get: tries, lock, and the arguments of the try. */
static bool
write_try(const struct store *store, struct store_script_call *call,
	  const struct store_try *attempt)
{
	struct store_key tries, lock;

	if (!store_key_scope(&tries, STORE_KEY_TRY, (uint8_t)attempt->scope, attempt->person_id) ||
	    !store_key_scope(&lock, STORE_KEY_LOCK, (uint8_t)attempt->scope, attempt->person_id)) {
		lk_why_add(store->call->why, "store: no person, or an id too long");
		return false;
	}
	store_script_key(call, store_key_str(&tries));
	store_script_key(call, store_key_str(&lock));
	store_script_str(call, lk_str_n((const char *)attempt->answer.bytes, 16));
	store_script_number(call, lk_clock_wall_s(store->call->clock));
	store_script_number(call, attempt->limit_count);
	store_script_number(call, attempt->window_s);
	store_script_number(call, attempt->lock_s);
	call->is_security = true;
	return true;
}

static enum lk_err
read_state(struct store *store, const redisReply *reply, struct store_try_state *out)
{
	int64_t value[6];

	for (size_t i = 1; i < 6; i++) {
		if (!store_reply_int(store_reply_at(reply, i), &value[i])) {
			store_shared_refused(store->shared, reply, store->call->why);
			return LK_E_STORE_DOWN;
		}
	}
	*out = (struct store_try_state){.is_locked = value[1] != 0,
					.is_known_wrong = value[2] != 0,
					.locked_at_s = value[3],
					.locked_until_s = value[4],
					.wrong_count = (uint32_t)value[5]};
	return LK_OK;
}

enum lk_err
store_try_begin(struct store *store, const struct store_try *attempt, struct store_try_state *out)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;
	STORE_AUTO_SCRIPT call;

	store_trip_init(&trip, METRIC_STORE_OP_try);
	err = store_trip_begin(store, &trip);
	store_script_init(&call, STORE_SCRIPT_TRY_BEGIN, &store->epoch);
	if (err == LK_OK && !write_try(store, &call, attempt))
		err = LK_E_STORE_DOWN;
	if (err == LK_OK)
		err = store_script_run(store, &trip, &call);
	if (err != LK_OK)
		return err;
	return read_state(store, trip.replies.reply[0], out);
}

enum lk_err
store_try_end(struct store *store, const struct store_try *attempt, enum store_try_outcome outcome,
	      struct store_try_state *out)
{
	struct store_key address;
	enum lk_err err;
	STORE_AUTO_TRIP trip;
	STORE_AUTO_SCRIPT call;

	store_trip_init(&trip, METRIC_STORE_OP_try);
	err = store_trip_begin(store, &trip);
	store_script_init(&call, STORE_SCRIPT_TRY_END, &store->epoch);
	if (err == LK_OK && !write_try(store, &call, attempt))
		err = LK_E_STORE_DOWN;
	if (err != LK_OK)
		return err;
	store_key_digest(&address, STORE_KEY_ADDRESS, &attempt->address);
	store_script_key(&call, store_key_str(&address));
	store_script_number(&call, outcome);
	store_script_number(&call, ADDRESS_LIFE_S);
	err = store_script_run(store, &trip, &call);
	if (err != LK_OK)
		return err;
	return read_state(store, trip.replies.reply[0], out);
}

/* --- for user show */

static bool
write_scopes(struct lk_buf *out, struct lk_str person_id)
{
	struct store_key key;

	for (uint8_t scope = 1; scope < STORE_SCOPE_COUNT; scope++) {
		if (!store_key_scope(&key, STORE_KEY_TRY, scope, person_id))
			return false;
		store_wire_command(out, 2);
		store_wire_word(out, "HVALS");
		store_wire_key(out, &key);
		if (!store_key_scope(&key, STORE_KEY_LOCK, scope, person_id))
			return false;
		store_wire_command(out, 2);
		store_wire_word(out, "GET");
		store_wire_key(out, &key);
	}
	return true;
}

static bool
read_scope(const redisReply *tries, const redisReply *lock, struct store_try_state *out)
{
	struct store_unpack from = {.rest = store_reply_str(lock)};

	if (!store_reply_is(tries, REDIS_REPLY_ARRAY))
		return false;
	for (size_t i = 0; i < tries->elements; i++)
		out->wrong_count += lk_str_is(store_reply_str(tries->element[i]), "w");
	if (store_reply_is(lock, REDIS_REPLY_NIL))
		return true;
	out->is_locked = true;
	out->locked_at_s = (int64_t)store_unpack_number(&from, 8);
	out->locked_until_s = (int64_t)store_unpack_number(&from, 8);
	return store_unpack_is_whole(&from);
}

enum lk_err
store_try_get(struct store *store, struct lk_str person_id, struct store_try_state *out)
{
	struct store_try_state state[STORE_SCOPE_COUNT] = {{0}};
	redisReply **reply;
	struct store_key epoch;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_try);
	trip.is_read = true;
	err = store_trip_begin(store, &trip);
	if (err != LK_OK)
		return err;
	store_key_plain(&epoch, STORE_KEY_EPOCH);
	store_wire_command(&trip.request, 2);
	store_wire_word(&trip.request, "GET");
	store_wire_key(&trip.request, &epoch);
	if (!write_scopes(&trip.request, person_id))
		return LK_E_STORE_DOWN;
	trip.replies.count = 1 + 2 * (STORE_SCOPE_COUNT - 1);
	err = store_trip_run(store, &trip);
	if (err != LK_OK)
		return err;
	reply = trip.replies.reply;
	if (!store_shared_check(store->shared, &store->epoch, store_reply_str(reply[0]),
				store->call->why))
		return LK_E_STORE_DOWN;
	for (size_t scope = 1; scope < STORE_SCOPE_COUNT; scope++)
		if (!read_scope(reply[2 * scope - 1], reply[2 * scope], &state[scope]))
			return LK_E_STORE_DOWN;
	for (size_t scope = 0; scope < STORE_SCOPE_COUNT; scope++)
		out[scope] = state[scope];
	return LK_OK;
}
