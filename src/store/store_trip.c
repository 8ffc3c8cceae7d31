/* SPDX-License-Identifier: MIT */
/* One question to the server: the gate before it, one more connection when the old one had died. */
#include <stdlib.h>
#include <string.h>

#include "store/store_inside.h"

struct store *
store_new(struct store_shared *shared)
{
	struct store *store = calloc(1, sizeof *store);

	if (store != NULL)
		store->shared = shared;
	return store;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	store_conn_close(store);
	free(store);
}

void
store_begin(struct store *store, const struct lk_call *call)
{
	store->call = call;
}

void
store_trip_init(struct store_trip *trip, enum metric_store_op op)
{
	*trip = (struct store_trip){.op = op};
	lk_buf_init(&trip->request, STORE_SEND_MAX_BYTES);
}

void
store_trip_done(struct store_trip *trip)
{
	lk_buf_done(&trip->request);
	store_replies_done(&trip->replies);
}

enum lk_err
store_trip_begin(struct store *store, struct store_trip *trip)
{
	store->epoch = (struct store_epoch){0};
	if (trip->is_of_no_epoch)
		return LK_OK;
	return store_shared_need(store->shared, store->call->why, &store->epoch);
}

/* A connection to a server that may be asked this, or DOWN. */
static enum lk_err
ready(struct store *store, const struct store_trip *trip)
{
	enum store_health health;
	enum lk_err err = store_conn_open(store);

	if (err != LK_OK) {
		/* Out of our own time is no news about the server. */
		if (lk_call_left_ms(store->call) > 0 || store->has_timed_out)
			store_shared_mark(store->shared, STORE_HEALTH_DOWN);
		return err;
	}
	if (trip->is_of_no_epoch)
		return LK_OK;
	health = store_server_health(&store->server, store->call->why);
	if (health == STORE_HEALTH_OK && strcmp(store->server.run_id, store->epoch.run_id) != 0) {
		lk_why_add(store->call->why, "store: another server or another life of it");
		health = STORE_HEALTH_NEW_EPOCH;
	}
	if (health == STORE_HEALTH_OK)
		return LK_OK;
	store_conn_close(store); /* asked again by the next who comes */
	store_shared_mark(store->shared, health);
	return LK_E_STORE_DOWN;
}

static enum lk_err
run(struct store *store, struct store_trip *trip)
{
	size_t count = trip->replies.count;
	bool was_sent = false;
	enum lk_err err = LK_E_STORE_DOWN;

	store_conn_time_set(store);
	store->has_time_again = false;
	for (int attempt = 0; attempt < 2; attempt++) {
		err = ready(store, trip);
		if (err != LK_OK)
			return err;
		trip->replies.count = count;
		err = store_conn_exchange(store, lk_buf_str(&trip->request), &trip->replies,
					  &was_sent);
		if (err == LK_OK)
			return LK_OK;
		store_replies_done(&trip->replies);
		if (store->has_timed_out)
			store_shared_mark(store->shared, STORE_HEALTH_DOWN);
		if (store->has_timed_out || store->is_fresh || (was_sent && !trip->is_read))
			return err;
	}
	return err;
}

enum lk_err
store_trip_run(struct store *store, struct store_trip *trip)
{
	const struct lk_clock *clock = store->call->clock;
	struct metrics *metrics = store->shared->settings.metrics;
	int64_t began = lk_clock_mono_ms(clock);
	enum lk_err err;

	if (!lk_buf_is_ok(&trip->request)) {
		lk_why_add(store->call->why, "store: more than one request may carry");
		return LK_E_STORE_DOWN;
	}
	err = run(store, trip);
	metric_time_store_request_duration_seconds(metrics, trip->op, METRIC_NONE,
						   (lk_clock_mono_ms(clock) - began) * 1000);
	if (err != LK_OK)
		metric_count_store_failures_total(metrics, trip->op, METRIC_NONE);
	return err;
}

/* --- scripts */

void
store_script_key(struct store_script_call *call, struct lk_str key)
{
	store_wire_str(&call->keys, key);
	call->key_count++;
}

void
store_script_str(struct store_script_call *call, struct lk_str argument)
{
	store_wire_str(&call->arguments, argument);
	call->argument_count++;
}

void
store_script_number(struct store_script_call *call, int64_t argument)
{
	store_wire_number(&call->arguments, argument);
	call->argument_count++;
}

void
store_script_init(struct store_script_call *call, enum store_script script,
		  const struct store_epoch *epoch)
{
	uint8_t value[STORE_EPOCH_BYTES];
	struct store_key key;

	*call = (struct store_script_call){.script = script};
	lk_buf_init(&call->keys, STORE_SEND_MAX_BYTES);
	lk_buf_init(&call->arguments, STORE_SEND_MAX_BYTES);
	store_key_plain(&key, STORE_KEY_EPOCH);
	store_script_key(call, store_key_str(&key));
	if (epoch != NULL)
		store_epoch_pack(value, epoch);
	store_script_str(call, lk_str_n((const char *)value, epoch == NULL ? 0 : sizeof value));
}

void
store_script_done(struct store_script_call *call)
{
	lk_buf_done(&call->keys);
	lk_buf_done(&call->arguments);
}

void
store_script_write(struct lk_buf *out, const struct store_script_call *call, const char *sha)
{
	store_wire_command(out, 3 + call->key_count + call->argument_count);
	store_wire_word(out, sha != NULL ? "EVALSHA" : "EVAL");
	if (sha != NULL)
		store_wire_word(out, sha);
	else
		store_script_text_write(out, call->script);
	store_wire_number(out, (int64_t)call->key_count);
	lk_buf_add_str(out, lk_buf_str(&call->keys));
	lk_buf_add_str(out, lk_buf_str(&call->arguments));
}

static enum lk_err
send_script(struct store *store, struct store_trip *trip, const struct store_script_call *call,
	    bool is_by_name)
{
	const char *sha = store->script_sha[call->script];
	int replicas = call->is_security ? store->shared->settings.wait_replica_count : 0;
	int left;

	store_replies_done(&trip->replies);
	lk_buf_clear(&trip->request);
	store_script_write(&trip->request, call, is_by_name && sha[0] != '\0' ? sha : NULL);
	trip->replies.count = 1;
	if (replicas > 0) {
		left = lk_call_left_ms(store->call);
		if (left > store->shared->settings.timeout_ms)
			left = store->shared->settings.timeout_ms;
		store_wire_command(&trip->request, 3);
		store_wire_word(&trip->request, "WAIT");
		store_wire_number(&trip->request, replicas);
		/* Its own answer must still come in time. */
		store_wire_number(&trip->request, left > 4 ? left - left / 4 : 1);
		trip->replies.count = 2;
	}
	return store_trip_run(store, trip);
}

/* Have the replicas what they must have? What the script answered counts only then. */
static enum lk_err
check_replicas(struct store *store, const struct store_trip *trip)
{
	int64_t have;

	if (trip->replies.count < 2)
		return LK_OK;
	if (!store_reply_int(trip->replies.reply[1], &have)) {
		store_shared_refused(store->shared, trip->replies.reply[1], store->call->why);
		return LK_E_STORE_DOWN;
	}
	if (have >= store->shared->settings.wait_replica_count)
		return LK_OK;
	lk_why_add(store->call->why, "store: %d replicas have the write, %d must", (int)have,
		   store->shared->settings.wait_replica_count);
	return LK_E_STORE_DOWN;
}

enum lk_err
store_script_run(struct store *store, struct store_trip *trip, const struct store_script_call *call)
{
	int64_t answer;
	enum lk_err err = send_script(store, trip, call, true);

	if (err == LK_OK && store_reply_is_error(trip->replies.reply[0], "NOSCRIPT"))
		err = send_script(store, trip, call, false);
	if (err != LK_OK)
		return err;
	if (!store_reply_int(store_reply_at(trip->replies.reply[0], 0), &answer)) {
		store_shared_refused(store->shared, trip->replies.reply[0], store->call->why);
		return LK_E_STORE_DOWN;
	}
	if (answer == STORE_SCRIPT_OTHER_EPOCH) {
		store_shared_other_epoch(store->shared, &store->epoch, store->call->why);
		return LK_E_STORE_DOWN;
	}
	return check_replicas(store, trip);
}
