/* SPDX-License-Identifier: MIT */
#include "store/store_fetch.h"

#define TOUCH_EVERY_S 60

static void
write_key(struct lk_buf *out, enum store_key_kind kind, const struct crypto_digest *digest)
{
	struct store_key key;

	if (digest == NULL)
		return;
	store_key_digest(&key, kind, digest);
	store_wire_key(out, &key);
}

/* One MGET: the epoch, and what is asked in the order of struct store_ask. */
void
store_fetch_write(struct lk_buf *out, const struct store_ask *ask)
{
	struct store_key epoch;

	store_wire_command(out, 2u + (ask->session != NULL) + (ask->journey != NULL) +
				    (ask->address != NULL) + (ask->token != NULL) +
				    (ask->grant != NULL));
	store_wire_word(out, "MGET");
	store_key_plain(&epoch, STORE_KEY_EPOCH);
	store_wire_key(out, &epoch);
	write_key(out, STORE_KEY_SESSION, ask->session);
	write_key(out, STORE_KEY_JOURNEY, ask->journey);
	write_key(out, STORE_KEY_ADDRESS, ask->address);
	write_key(out, STORE_KEY_TOKEN, ask->token);
	write_key(out, STORE_KEY_GRANT, ask->grant);
}

/* The epoch's value of an MGET that began with its key. */
enum lk_err
store_epoch_read(const struct store_reading *reading, const redisReply *reply)
{
	if (!store_reply_is(reply, REDIS_REPLY_ARRAY)) {
		store_shared_refused(reading->shared, reply, reading->call->why);
		return LK_E_STORE_DOWN;
	}
	if (!store_shared_check(reading->shared, reading->epoch,
				store_reply_str(store_reply_at(reply, 0)), reading->call->why))
		return LK_E_STORE_DOWN;
	return LK_OK;
}

/* Only out of memory is an error: what cannot be read counts as absent. */
static enum lk_err
read_session(const struct store_reading *reading, const redisReply *reply, struct store_answer *out)
{
	int64_t now = lk_clock_wall_s(reading->call->clock);
	struct store_session *session = &out->session;
	enum lk_err err;

	if (!store_reply_is(reply, REDIS_REPLY_STRING))
		return LK_OK;
	err = store_session_unpack(store_reply_str(reply), reading->call->arena, session);
	if (err != LK_OK)
		return err == LK_E_MEMORY ? err : LK_OK;
	out->has_session = store_session_is_alive(session, now);
	if (!out->has_session)
		*session = (struct store_session){0};
	return LK_OK;
}

static enum lk_err
read_journey(const struct store_reading *reading, const redisReply *reply, struct store_answer *out)
{
	enum lk_err err;

	if (!store_reply_is(reply, REDIS_REPLY_STRING))
		return LK_OK;
	err = store_journey_unpack(store_reply_str(reply), reading->call->arena, &out->journey);
	if (err != LK_OK)
		return err == LK_E_MEMORY ? err : LK_OK;
	out->has_journey = out->journey.epoch == reading->epoch->number;
	if (!out->has_journey)
		out->journey = (struct store_journey){0};
	return LK_OK;
}

/* A count that is no number is no answer: never a guess. */
static enum lk_err
read_address(const struct store_reading *reading, const redisReply *reply, struct store_answer *out)
{
	uint64_t count = 0;

	if (store_reply_is(reply, REDIS_REPLY_NIL))
		return LK_OK;
	if (!lk_str_to_u64(store_reply_str(reply), &count)) {
		lk_why_add(reading->call->why, "store: a count that is no number");
		return LK_E_STORE_DOWN;
	}
	out->address_wrong_count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
	return LK_OK;
}

static enum lk_err
read_token(const struct lk_call *call, struct lk_str packed, struct store_answer *out)
{
	enum lk_err err = store_token_unpack(packed, call->arena, &out->token);

	if (err != LK_OK)
		return err == LK_E_MEMORY ? err : LK_OK;
	out->has_token = store_token_is_alive(&out->token, lk_clock_wall_s(call->clock));
	return LK_OK;
}

static enum lk_err
read_grant(const struct lk_call *call, struct lk_str packed, struct store_answer *out)
{
	enum lk_err err = store_grant_unpack(packed, call->arena, &out->grant);

	if (err != LK_OK)
		return err == LK_E_MEMORY ? err : LK_OK;
	out->has_grant = store_grant_is_alive(&out->grant, lk_clock_wall_s(call->clock));
	return LK_OK;
}

enum lk_err
store_token_read(const struct lk_call *call, struct lk_str token, struct lk_str grant,
		 struct store_answer *out)
{
	enum lk_err err = read_token(call, token, out);

	if (err == LK_OK && !(out->has_token && !out->token.has_grant))
		err = read_grant(call, grant, out);
	if (err != LK_OK)
		return err;
	if (out->has_token && out->token.has_grant && !out->has_grant)
		out->has_token = false;
	if (!out->has_token)
		out->token = (struct store_token){.has_grant = false};
	if (!out->has_grant)
		out->grant = (struct store_grant){.revision = 0};
	return LK_OK;
}

/* Nothing where nothing was asked: that reads as no record. */
static struct lk_str
value_at(const redisReply *reply, const struct crypto_digest *asked, size_t *at)
{
	if (asked == NULL)
		return lk_str_n(NULL, 0);
	return store_reply_str(store_reply_at(reply, (*at)++));
}

void
store_fetch_values(const struct store_ask *ask, const redisReply *reply, struct lk_str *out_token,
		   struct lk_str *out_grant)
{
	size_t at = 1u + (ask->session != NULL) + (ask->journey != NULL) + (ask->address != NULL);

	*out_token = value_at(reply, ask->token, &at);
	*out_grant = value_at(reply, ask->grant, &at);
}

static bool
is_as_known(const struct store_known *known, const struct store_answer *answer)
{
	return known != NULL && known->epoch == answer->epoch &&
	       lk_str_is_equal(known->token, answer->raw_token) &&
	       lk_str_is_equal(known->grant, answer->raw_grant);
}

enum lk_err
store_fetch_read(const struct store_reading *reading, const redisReply *reply,
		 struct store_answer *out)
{
	struct store_answer answer = {.epoch = reading->epoch->number,
				      .epoch_began_at_s = reading->epoch->began_at_s};
	const struct store_ask *ask = reading->ask;
	size_t at = 1;
	enum lk_err err = store_epoch_read(reading, reply);

	if (err == LK_OK && ask->session != NULL)
		err = read_session(reading, store_reply_at(reply, at++), &answer);
	if (err == LK_OK && ask->journey != NULL)
		err = read_journey(reading, store_reply_at(reply, at++), &answer);
	if (err == LK_OK && ask->address != NULL)
		err = read_address(reading, store_reply_at(reply, at), &answer);
	store_fetch_values(ask, reply, &answer.raw_token, &answer.raw_grant);
	answer.is_as_known = err == LK_OK && is_as_known(ask->known, &answer);
	if (err == LK_OK && !answer.is_as_known)
		err = store_token_read(reading->call, answer.raw_token, answer.raw_grant, &answer);
	if (err == LK_OK)
		*out = answer;
	return err;
}

enum lk_err
store_fetch(struct store *store, const struct store_ask *ask, struct store_answer *out)
{
	struct store_reading reading = {store->shared, &store->epoch, ask, store->call};
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	trip.is_read = true;
	err = store_trip_begin(store, &trip);
	if (err != LK_OK)
		return err;
	store_fetch_write(&trip.request, ask);
	trip.replies.count = 1;
	err = store_trip_run(store, &trip);
	if (err != LK_OK)
		return err;
	return store_fetch_read(&reading, trip.replies.reply[0], out);
}

enum lk_err
store_trust_check(struct store *store, const struct crypto_digest *device, struct lk_str person_id,
		  bool *out_is_trusted)
{
	struct store_reading reading = {store->shared, &store->epoch, NULL, store->call};
	struct store_key epoch, trust;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	trip.is_read = true;
	err = store_trip_begin(store, &trip);
	if (err != LK_OK)
		return err;
	store_key_plain(&epoch, STORE_KEY_EPOCH);
	if (!store_key_trust(&trust, device, person_id)) {
		*out_is_trusted = false;
		return LK_OK;
	}
	store_wire_command(&trip.request, 3);
	store_wire_word(&trip.request, "MGET");
	store_wire_key(&trip.request, &epoch);
	store_wire_key(&trip.request, &trust);
	trip.replies.count = 1;
	err = store_trip_run(store, &trip);
	if (err == LK_OK)
		err = store_epoch_read(&reading, trip.replies.reply[0]);
	if (err != LK_OK)
		return err;
	*out_is_trusted =
	    store_reply_is(store_reply_at(trip.replies.reply[0], 1), REDIS_REPLY_STRING);
	return LK_OK;
}

/* --- touch */

int32_t
store_session_life_s(const struct store_session *session, int64_t now_s)
{
	int64_t left = session->ends_at_s - now_s;

	if (left > session->idle_s)
		left = session->idle_s;
	return left < 1 ? 1 : (int32_t)left;
}

/* Only over the record it was read from: nothing another request wrote is undone. */
static bool
replace_write(struct store_script_call *call, const struct crypto_digest *key,
	      const struct store_session *was, const struct store_session *becomes)
{
	struct store_key name;
	LK_AUTO_BUF old;
	LK_AUTO_BUF new;

	lk_buf_init(&old, STORE_RECORD_MAX_BYTES);
	lk_buf_init(&new, STORE_RECORD_MAX_BYTES);
	store_session_pack(&old, was);
	store_session_pack(&new, becomes);
	if (!lk_buf_is_ok(&old) || !lk_buf_is_ok(&new))
		return false;
	store_key_digest(&name, STORE_KEY_SESSION, key);
	store_script_key(call, store_key_str(&name));
	store_script_str(call, lk_buf_str(&old));
	store_script_str(call, lk_buf_str(&new));
	store_script_number(call, store_session_life_s(becomes, becomes->seen_at_s));
	return true;
}

bool
store_touch_is_due(const struct store_session *session, int64_t now_s)
{
	return now_s - session->seen_at_s >= TOUCH_EVERY_S;
}

bool
store_touch_write(struct store_script_call *call, const struct crypto_digest *key,
		  const struct store_session *session, int64_t now_s)
{
	struct store_session touched = *session;

	touched.seen_at_s = now_s;
	return store_touch_is_due(session, now_s) && replace_write(call, key, session, &touched);
}

enum lk_err
store_session_touch(struct store *store, const struct crypto_digest *key,
		    const struct store_session *session)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;
	STORE_AUTO_SCRIPT call;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	err = store_trip_begin(store, &trip);
	store_script_init(&call, STORE_SCRIPT_TOUCH, &store->epoch);
	if (err != LK_OK)
		return err;
	if (!store_touch_write(&call, key, session, lk_clock_wall_s(store->call->clock)))
		return LK_OK;
	return store_script_run(store, &trip, &call);
}

enum lk_err
store_session_notice_end(struct store *store, const struct crypto_digest *key,
			 const struct store_session *session)
{
	struct store_session quiet = *session;

	quiet.notice = (struct lk_str){NULL, 0};
	quiet.seen_at_s = lk_clock_wall_s(store->call->clock);
	return store_session_replace(store, key, session, &quiet);
}

enum lk_err
store_session_replace(struct store *store, const struct crypto_digest *key,
		      const struct store_session *was, const struct store_session *becomes)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;
	STORE_AUTO_SCRIPT call;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	err = store_trip_begin(store, &trip);
	store_script_init(&call, STORE_SCRIPT_TOUCH, &store->epoch);
	if (err != LK_OK)
		return err;
	if (!replace_write(&call, key, was, becomes))
		return LK_E_FORMAT;
	return store_script_run(store, &trip, &call);
}
