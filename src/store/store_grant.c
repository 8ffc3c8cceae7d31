/* SPDX-License-Identifier: MIT */
#include "store/store_grant.h"

#include <string.h>

#include "store/store_fetch.h"

#define KEY_DIGEST_BYTES 16u
#define LISTED_MAX	 500

/* --- one record by its key */

/* Its value, or nothing; borrowed from the trip. */
static enum lk_err
fetch_one(struct store *store, struct store_trip *trip, const struct store_key *key,
	  struct lk_str *out)
{
	struct store_reading reading = {store->shared, &store->epoch, NULL, store->call};
	struct store_key epoch;
	enum lk_err err;

	store_key_plain(&epoch, STORE_KEY_EPOCH);
	store_wire_command(&trip->request, 3);
	store_wire_word(&trip->request, "MGET");
	store_wire_key(&trip->request, &epoch);
	store_wire_key(&trip->request, key);
	trip->replies.count = 1;
	err = store_trip_run(store, trip);
	if (err == LK_OK)
		err = store_epoch_read(&reading, trip->replies.reply[0]);
	if (err == LK_OK)
		*out = store_reply_str(store_reply_at(trip->replies.reply[0], 1));
	return err;
}

static enum lk_err
fetch_record(struct store *store, struct store_trip *trip, enum store_key_kind kind,
	     const struct crypto_digest *digest, struct lk_str *out)
{
	struct store_key key;
	enum lk_err err;

	trip->is_read = true;
	err = store_trip_begin(store, trip);
	if (err != LK_OK)
		return err;
	store_key_digest(&key, kind, digest);
	return fetch_one(store, trip, &key, out);
}

/* What cannot be read counts as absent. */
static enum lk_err
absent(enum lk_err err, bool is_alive)
{
	if (err == LK_E_FORMAT || (err == LK_OK && !is_alive))
		return LK_E_NOT_FOUND;
	return err;
}

enum lk_err
store_grant_get(struct store *store, const struct crypto_digest *key, struct store_grant *out)
{
	int64_t now = lk_clock_wall_s(store->call->clock);
	struct store_grant grant = {.revision = 0};
	struct lk_str packed;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = fetch_record(store, &trip, STORE_KEY_GRANT, key, &packed);
	if (err == LK_OK)
		err = store_grant_unpack(packed, store->call->arena, &grant);
	err = absent(err, store_grant_is_alive(&grant, now));
	if (err == LK_OK)
		*out = grant;
	return err;
}

enum lk_err
store_code_get(struct store *store, const struct crypto_digest *key, struct store_code *out)
{
	int64_t now = lk_clock_wall_s(store->call->clock);
	struct store_code code = {.ends_at_s = 0};
	struct lk_str packed;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = fetch_record(store, &trip, STORE_KEY_CODE, key, &packed);
	if (err == LK_OK)
		err = store_code_unpack(packed, store->call->arena, &code);
	err = absent(err, code.ends_at_s > now && code.grant.epoch == store->epoch.number);
	if (err == LK_OK)
		*out = code;
	return err;
}

/* Of this epoch and not at its end. */
static enum lk_err
read_device(struct store *store, struct lk_str packed, struct store_device *out)
{
	int64_t now = lk_clock_wall_s(store->call->clock);
	struct store_device device = {.revision = 0};
	enum lk_err err = store_device_unpack(packed, store->call->arena, &device);

	err = absent(err, device.ends_at_s > now && device.epoch == store->epoch.number);
	if (err == LK_OK)
		*out = device;
	return err;
}

enum lk_err
store_device_get(struct store *store, const struct crypto_digest *key, struct store_device *out)
{
	struct lk_str packed;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = fetch_record(store, &trip, STORE_KEY_DEVICE, key, &packed);
	return err == LK_OK ? read_device(store, packed, out) : err;
}

/* --- by way of another key */

static enum lk_err
find_device(struct store *store, struct store_trip *trip, const struct crypto_digest *user_code)
{
	struct store_key key, prefix;
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	trip->is_read = true;
	err = store_trip_begin(store, trip);
	store_script_init(&call, STORE_SCRIPT_DEVICE, &store->epoch);
	if (err != LK_OK)
		return err;
	store_key_digest(&key, STORE_KEY_USER_CODE, user_code);
	store_key_plain(&prefix, STORE_KEY_DEVICE);
	store_script_key(&call, store_key_str(&key));
	store_script_str(&call, store_key_str(&prefix));
	return store_script_run(store, trip, &call);
}

enum lk_err
store_device_by_user_code(struct store *store, const struct crypto_digest *user_code,
			  struct crypto_digest *out_key, struct store_device *out)
{
	struct crypto_digest key = {{0}};
	struct store_device device;
	struct lk_str digest;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = find_device(store, &trip, user_code);
	if (err != LK_OK)
		return err;
	digest = store_reply_str(store_reply_at(trip.replies.reply[0], 1));
	if (digest.len != KEY_DIGEST_BYTES)
		return LK_E_NOT_FOUND;
	memcpy(key.bytes, digest.ptr, digest.len);
	err =
	    read_device(store, store_reply_str(store_reply_at(trip.replies.reply[0], 2)), &device);
	/* Its code may have ended and been given to another. */
	if (err == LK_OK && !crypto_digest_is_equal(&device.user_code, user_code))
		err = LK_E_NOT_FOUND;
	if (err != LK_OK)
		return err;
	*out_key = key;
	*out = device;
	return LK_OK;
}

/* --- all of a person or a session */

static enum lk_err
read_rows(const struct store *store, const redisReply *reply, struct store_grant_row *rows,
	  size_t *out_count)
{
	size_t count = 0;

	for (size_t at = 1; at + 1 < reply->elements; at += 2) {
		struct store_grant_row *row = &rows[count];
		struct store_grant head;
		enum lk_err err = store_grant_head_unpack(store_reply_str(reply->element[at + 1]),
							  store->call->arena, &head);

		if (err == LK_E_MEMORY)
			return err;
		if (err != LK_OK ||
		    !store_key_digest_read(STORE_KEY_GRANT, store_reply_str(reply->element[at]),
					   &row->key))
			continue;
		row->client_id = head.client_id;
		row->person_id = head.person_id;
		row->sid = head.sid;
		row->sub = head.sub;
		row->is_offline = head.is_offline;
		count++;
	}
	*out_count = count;
	return LK_OK;
}

static enum lk_err
find_grants(struct store *store, struct store_trip *trip, const struct store_grants_of *whose)
{
	bool is_of_person = whose->person_id.len > 0;
	enum store_key_kind kind =
	    is_of_person ? STORE_KEY_PERSON_GRANTS : STORE_KEY_SESSION_GRANTS;
	struct store_key list;
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	trip->is_read = true;
	err = store_trip_begin(store, trip);
	store_script_init(&call, STORE_SCRIPT_GRANTS, &store->epoch);
	if (err != LK_OK)
		return err;
	if (!store_key_person(&list, kind, is_of_person ? whose->person_id : whose->sid))
		return LK_E_FORMAT;
	store_script_key(&call, store_key_str(&list));
	store_script_number(&call, LISTED_MAX);
	return store_script_run(store, trip, &call);
}

enum lk_err
store_grants_find(struct store *store, const struct store_grants_of *whose, size_t max,
		  struct store_grant_row **out, size_t *out_count)
{
	struct store_grant_row *rows;
	const redisReply *reply;
	size_t count = 0;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = find_grants(store, &trip, whose);
	if (err != LK_OK)
		return err;
	reply = trip.replies.reply[0];
	rows = lk_arena_alloc(store->call->arena, (reply->elements / 2 + 1) * sizeof *rows);
	if (rows == NULL)
		return LK_E_MEMORY;
	err = read_rows(store, reply, rows, &count);
	if (err != LK_OK)
		return err;
	*out = rows;
	*out_count = count < max ? count : max;
	return LK_OK;
}
