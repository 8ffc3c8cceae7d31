/* SPDX-License-Identifier: MIT */
#include "store/store_epoch.h"

#include <assert.h>
#include <string.h>
#include <sys/eventfd.h>

#include "store/store_inside.h"

/* What a look asks, in this order. */
enum look {
	LOOK_SERVER = 0,
	LOOK_MEMORY,
	LOOK_DISK,
	LOOK_ROLE,
	LOOK_EPOCH,
	LOOK_SYNC,
	LOOK_REPLICAS,
	LOOK_COUNT
};

static void
write_look(struct store_trip *trip)
{
	static const char *const words[][3] = {
	    {"INFO", "server", NULL},	   {"INFO", "memory", NULL},
	    {"INFO", "persistence", NULL}, {"ROLE", NULL, NULL},
	    {"GET", NULL, NULL},	   {"CONFIG", "GET", "appendfsync"},
	    {"INFO", "replication", NULL}};
	struct store_key key;

	store_key_plain(&key, STORE_KEY_EPOCH);
	for (int look = 0; look < LOOK_COUNT; look++) {
		size_t count = 0;

		while (count < 3 && words[look][count] != NULL)
			count++;
		store_wire_command(&trip->request, count + (look == LOOK_EPOCH));
		for (size_t i = 0; i < count; i++)
			store_wire_word(&trip->request, words[look][i]);
		if (look == LOOK_EPOCH)
			store_wire_key(&trip->request, &key);
	}
	trip->replies.count = LOOK_COUNT;
}

/* What a kill of the server would lose, for operators. */
static void
tell_persistence(redisReply *const *reply, struct lk_why *why)
{
	bool has_log = lk_str_is(store_info_find(reply[LOOK_DISK], "aof_enabled"), "1");
	struct lk_str sync = store_reply_str(store_reply_at(reply[LOOK_SYNC], 1));

	if (!has_log)
		lk_why_add(why, "store: persistence: no append-only file; a restart of Redis "
				"forgets all since its last snapshot");
	else if (lk_str_is(sync, "always"))
		lk_why_add(why, "store: persistence: appendonly, always; nothing is lost");
	else if (lk_str_is(sync, "everysec"))
		lk_why_add(why, "store: persistence: appendonly, everysec; a power cut loses "
				"up to 2 seconds");
	else
		lk_why_add(why, "store: persistence: appendonly, synced when the system likes");
}

static bool
read_server(redisReply *const *reply, struct store_server *out)
{
	return store_run_id_read(reply[LOOK_SERVER], out->run_id) &&
	       store_policy_read(reply[LOOK_MEMORY], &out->is_evicting) &&
	       store_role_read(reply[LOOK_ROLE], &out->is_master);
}

/* Is the epoch key whole, of this life of the server, and the one taken over? */
static bool
is_taken(struct store *store, const redisReply *reply)
{
	struct store_epoch there, taken = store_shared_epoch(store->shared);

	return store_epoch_unpack(store_reply_str(reply), &there) == LK_OK && taken.number != 0 &&
	       there.number == taken.number && strcmp(there.run_id, taken.run_id) == 0 &&
	       strcmp(there.run_id, store->server.run_id) == 0;
}

static enum store_health
judge(struct store *store, redisReply *const *reply)
{
	struct lk_why *why = store->call->why;
	struct store_server server = {0};
	enum store_health health;

	if (!read_server(reply, &server)) {
		store_shared_refused(store->shared, reply[LOOK_SERVER], why);
		return STORE_HEALTH_DOWN;
	}
	store->server = server;
	health = store_server_health(&server, why);
	if (health == STORE_HEALTH_OK && !is_taken(store, reply[LOOK_EPOCH])) {
		lk_why_add(why, "store: restarted, flushed or failed over, or new to us");
		health = STORE_HEALTH_NEW_EPOCH;
	}
	tell_persistence(reply, why);
	store_shared_replicas_see(store->shared, store_replicas_count(reply[LOOK_REPLICAS]));
	return health;
}

enum store_health
store_look(struct store *store)
{
	enum store_health health = STORE_HEALTH_DOWN;
	STORE_AUTO_TRIP trip;
	eventfd_t seen;

	(void)eventfd_read(store->shared->trouble_fd, &seen);
	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	trip.is_read = true;
	trip.is_of_no_epoch = true;
	write_look(&trip);
	if (store_trip_begin(store, &trip) == LK_OK && store_trip_run(store, &trip) == LK_OK)
		health = judge(store, trip.replies.reply);
	store_shared_mark(store->shared, health);
	return health;
}

/* --- making and taking */

/* The key as it stands: LK_OK, LK_E_NOT_FOUND (none, or none of ours), LK_E_STORE_DOWN. */
static enum lk_err
read_key(struct store *store, struct store_trip *trip, struct store_epoch *out)
{
	struct store_key key;
	enum lk_err err;

	trip->is_read = true;
	trip->is_of_no_epoch = true;
	store_key_plain(&key, STORE_KEY_EPOCH);
	store_wire_command(&trip->request, 2);
	store_wire_word(&trip->request, "GET");
	store_wire_key(&trip->request, &key);
	trip->replies.count = 1;
	err = store_trip_begin(store, trip);
	if (err == LK_OK)
		err = store_trip_run(store, trip);
	if (err != LK_OK)
		return err;
	if (store_server_health(&store->server, store->call->why) != STORE_HEALTH_OK)
		return LK_E_STORE_DOWN;
	if (store_reply_is(trip->replies.reply[0], REDIS_REPLY_NIL))
		return LK_E_NOT_FOUND;
	if (!store_reply_is(trip->replies.reply[0], REDIS_REPLY_STRING)) {
		store_shared_refused(store->shared, trip->replies.reply[0], store->call->why);
		return LK_E_STORE_DOWN;
	}
	err = store_epoch_unpack(store_reply_str(trip->replies.reply[0]), out);
	return err == LK_OK ? LK_OK : LK_E_NOT_FOUND;
}

/* Puts next where seen stood; *out is what stands there now, ours or another node's. */
static enum lk_err
swap_key(struct store *store, struct lk_str seen, const struct store_epoch *next,
	 struct store_epoch *out)
{
	uint8_t value[STORE_EPOCH_BYTES];
	enum lk_err err;
	STORE_AUTO_TRIP trip;
	STORE_AUTO_SCRIPT call;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	trip.is_of_no_epoch = true;
	store_epoch_pack(value, next);
	store_script_init(&call, STORE_SCRIPT_EPOCH, NULL);
	store_script_str(&call, seen);
	store_script_str(&call, lk_str_n((const char *)value, sizeof value));
	call.is_security = true;
	err = store_script_run(store, &trip, &call);
	if (err != LK_OK)
		return err;
	if (store_epoch_unpack(store_reply_str(store_reply_at(trip.replies.reply[0], 1)), out) !=
	    LK_OK)
		return LK_E_STORE_DOWN;
	return LK_OK;
}

/*
 * A number no journey and no other node can hold by chance: above the last one known here or there,
 * and the time besides, for what neither knows any more.
 */
static struct store_epoch
make_next(struct store *store, uint64_t last, int64_t began_at_s)
{
	struct store_epoch next = {.began_at_s = began_at_s};
	uint64_t ours = store_shared_epoch(store->shared).number;
	int64_t now = lk_clock_wall_s(store->call->clock);

	memcpy(next.run_id, store->server.run_id, sizeof next.run_id);
	next.number = (last > ours ? last : ours) + 1;
	if (now > 0 && next.number < (uint64_t)now)
		next.number = (uint64_t)now;
	return next;
}

enum lk_err
store_epoch_make(struct store *store, uint64_t *out_epoch, int64_t *out_began_at_s)
{
	struct store_epoch there = {0};
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = read_key(store, &trip, &there);
	if (err != LK_OK && err != LK_E_NOT_FOUND)
		return err;
	if (err == LK_E_NOT_FOUND || strcmp(there.run_id, store->server.run_id) != 0) {
		struct store_epoch next =
		    make_next(store, there.number, lk_clock_wall_s(store->call->clock));

		err = swap_key(store, store_reply_str(trip.replies.reply[0]), &next, &there);
		if (err != LK_OK)
			return err;
	}
	*out_epoch = there.number;
	*out_began_at_s = there.began_at_s;
	return LK_OK;
}

enum lk_err
store_epoch_take(struct store *store, uint64_t epoch)
{
	struct store_epoch there;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = read_key(store, &trip, &there);
	if (err != LK_OK && err != LK_E_NOT_FOUND)
		return err;
	if (err == LK_E_NOT_FOUND || there.number != epoch ||
	    strcmp(there.run_id, store->server.run_id) != 0) {
		lk_why_add(store->call->why, "store: the epoch changed again");
		return LK_E_STORE_DOWN;
	}
	store_shared_take(store->shared, &there);
	return LK_OK;
}

enum lk_err
store_epoch_init(struct store *store)
{
	struct store_epoch there = {0}, next;
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_fetch);
	err = read_key(store, &trip, &there);
	if (err == LK_OK ||
	    (err == LK_E_NOT_FOUND && store_reply_str(trip.replies.reply[0]).len > 0))
		return LK_E_USED;
	if (err != LK_E_NOT_FOUND)
		return err;
	next = make_next(store, 0, 0);
	err = swap_key(store, LK_STR(""), &next, &there);
	if (err != LK_OK)
		return err;
	return there.number == next.number && there.began_at_s == 0 ? LK_OK : LK_E_USED;
}

/* --- what ended before it */

static enum lk_err
replay(struct store *store, const struct store_change *changes, size_t count)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	trip.is_of_no_epoch = true;
	err = store_trip_begin(store, &trip);
	if (err != LK_OK)
		return err;
	return store_commit_trip(store, &trip, changes, count, NULL);
}

enum lk_err
store_epoch_replay(struct store *store, struct lk_str person_id, int64_t before_s)
{
	struct store_change change = {
	    .kind = STORE_SESSIONS_END_ALL, .person_id = person_id, .before_s = before_s};

	return replay(store, &change, 1);
}

enum lk_err
store_epoch_replay_grants(struct store *store, struct lk_str person_id, int64_t before_s)
{
	struct store_change change = {
	    .kind = STORE_GRANTS_END_ALL, .person_id = person_id, .before_s = before_s};

	return replay(store, &change, 1);
}

enum lk_err
store_epoch_replay_token(struct store *store, const struct crypto_digest *key)
{
	struct store_change change = {.kind = STORE_TOKEN_END, .key = key};

	return replay(store, &change, 1);
}

enum lk_err
store_epoch_replay_renewed(struct store *store, const struct store_renewed *each, size_t count)
{
	struct store_change changes[STORE_RENEWED_MAX];

	assert(count <= STORE_RENEWED_MAX);
	if (count == 0)
		return LK_OK;
	for (size_t i = 0; i < count; i++)
		changes[i] = (struct store_change){.kind = STORE_GRANT_END_OLD,
						   .key = &each[i].key,
						   .revision = each[i].revision};
	return replay(store, changes, count);
}
