/* SPDX-License-Identifier: MIT */
/*
 * One blocking connection. Waiting is ours (poll), so that a server which says one byte a second is
 * held to the deadline like one that says nothing; hiredis connects and reads replies.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "store/store_inside.h"
#include "store/store_still.h"

static struct timeval
timeval_of_ms(int ms)
{
	return (struct timeval){ms / 1000, (ms % 1000) * 1000};
}

/* What is left of this trip's time: connecting, greeting and asking share it. */
static int
left_ms(const struct store *store)
{
	int64_t left = store->until_mono_ms - lk_clock_mono_ms(store->call->clock);

	return left <= 0 ? 0 : (int)left;
}

void
store_conn_time_set(struct store *store)
{
	int left = lk_call_left_ms(store->call), timeout = store->shared->settings.timeout_ms;

	store->is_full = left >= timeout;
	store->until_mono_ms =
	    lk_clock_mono_ms(store->call->clock) + (store->is_full ? timeout : left);
}

static bool
time_again(struct store *store)
{
	if (store->has_time_again ||
	    !store_has_stood_still(store->until_mono_ms, lk_clock_mono_ms(store->call->clock)))
		return false;
	store->has_time_again = true;
	store_conn_time_set(store);
	return left_ms(store) > 0;
}

/* False when the time is over. A poll that waited its time is enough, whatever the clock says. */
static bool
wait_for(struct store *store, short events)
{
	for (;;) {
		struct pollfd fd = {store->redis->fd, events, 0};
		int left = left_ms(store), got = left == 0 ? 0 : poll(&fd, 1, left);

		if (got > 0)
			return true;
		if (got == 0 && !time_again(store))
			return false;
		if (got < 0 && errno != EINTR)
			return false;
	}
}

enum end { END_FINE = 1, END_BROKEN, END_LATE };

static enum end
send_all(struct store *store, struct lk_str rest, bool *out_was_sent)
{
	while (rest.len > 0) {
		ssize_t n = send(store->redis->fd, rest.ptr, rest.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			*out_was_sent = true;
			rest = lk_str_from(rest, (size_t)n);
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return END_BROKEN;
		if (!wait_for(store, POLLOUT))
			return END_LATE;
	}
	return END_FINE;
}

static enum end
read_one(struct store *store, redisReply **out)
{
	redisContext *redis = store->redis;
	void *reply = NULL;

	for (;;) {
		if (redisGetReplyFromReader(redis, &reply) != REDIS_OK)
			return END_BROKEN;
		if (reply != NULL)
			break;
		if (!wait_for(store, POLLIN))
			return END_LATE;
		if (redisBufferRead(redis) != REDIS_OK || store_bounds_are_passed(redis))
			return END_BROKEN;
	}
	*out = reply;
	return END_FINE;
}

void
store_replies_done(struct store_replies *replies)
{
	for (size_t i = 0; i < replies->count; i++)
		if (replies->reply[i] != NULL)
			freeReplyObject(replies->reply[i]);
	*replies = (struct store_replies){0};
}

void
store_conn_close(struct store *store)
{
	if (store->redis != NULL)
		redisFree(store->redis);
	store->redis = NULL;
}

enum lk_err
store_conn_exchange(struct store *store, struct lk_str request, struct store_replies *replies,
		    bool *out_was_sent)
{
	enum end end;

	*out_was_sent = false;
	store->has_timed_out = false;
	end = send_all(store, request, out_was_sent);
	for (size_t i = 0; end == END_FINE && i < replies->count; i++)
		end = read_one(store, &replies->reply[i]);
	if (end == END_FINE)
		return LK_OK;
	if (end == END_LATE)
		lk_why_add(store->call->why, "store: no answer in time");
	else
		lk_why_add(store->call->why, "store: connection lost: %.60s",
			   store->redis->err != 0 ? store->redis->errstr : "while sending");
	store->has_timed_out = end == END_LATE && store->is_full;
	store_conn_close(store);
	return LK_E_STORE_DOWN;
}

/* A server never speaks first: what there is to read now is its end, or junk. */
static bool
is_alive(const struct store *store)
{
	const redisReader *reader = store->redis->reader;
	struct pollfd fd = {store->redis->fd, POLLIN, 0};

	return reader->pos == reader->len && poll(&fd, 1, 0) == 0;
}

static redisContext *
connect_to(const struct store_place *place, int timeout_ms)
{
	struct timeval timeout = timeval_of_ms(timeout_ms);

	if (place->host[0] == '\0')
		return redisConnectUnixWithTimeout(place->path, timeout);
	return redisConnectWithTimeout(place->host, place->port, timeout);
}

static size_t
write_loads(struct lk_buf *out)
{
	for (int i = 0; i < STORE_SCRIPT_COUNT; i++) {
		store_wire_command(out, 3);
		store_wire_word(out, "SCRIPT");
		store_wire_word(out, "LOAD");
		store_script_text_write(out, (enum store_script)i);
	}
	return STORE_SCRIPT_COUNT;
}

/* A script whose name is not known is sent whole. */
static void
read_loads(struct store *store, redisReply *const *reply)
{
	for (size_t i = 0; i < STORE_SCRIPT_COUNT; i++) {
		struct lk_str sha = store_reply_str(reply[i]);
		size_t len = sha.len == 40 ? 40 : 0;

		for (size_t at = 0; at < len; at++)
			store->script_sha[i][at] = sha.ptr[at];
		store->script_sha[i][len] = '\0';
	}
}

/* Says who we are, asks who it is, hands it the scripts: one trip. */
static enum lk_err
greet(struct store *store)
{
	const struct store_shared *shared = store->shared;
	struct store_replies replies = {0};
	struct store_server server = {0};
	size_t hello;
	bool was_sent, is_fine = true;
	LK_AUTO_BUF request;

	lk_buf_init(&request, STORE_SEND_MAX_BYTES);
	hello = store_hello_write(&request, &shared->place, shared->settings.password);
	replies.count = hello + write_loads(&request);
	if (!lk_buf_is_ok(&request) ||
	    store_conn_exchange(store, lk_buf_str(&request), &replies, &was_sent) != LK_OK) {
		store_replies_done(&replies);
		return LK_E_STORE_DOWN;
	}
	for (size_t i = 0; is_fine && i < hello; i++)
		is_fine = store_hello_read(&server, (struct store_hello_at){i, hello},
					   replies.reply[i], store->call->why);
	if (is_fine)
		read_loads(store, replies.reply + hello);
	store_replies_done(&replies);
	if (!is_fine) {
		store_conn_close(store);
		return LK_E_STORE_DOWN;
	}
	store->server = server;
	return LK_OK;
}

static enum lk_err
connect_now(struct store *store)
{
	int budget = left_ms(store);

	store->has_timed_out = false;
	if (budget == 0) {
		lk_why_add(store->call->why, "store: no time left");
		return LK_E_STORE_DOWN;
	}
	store->redis = connect_to(&store->shared->place, budget);
	if (store->redis == NULL || store->redis->err != 0) {
		lk_why_add(store->call->why, "store: no connection: %.60s",
			   store->redis == NULL ? "no memory" : store->redis->errstr);
		store_conn_close(store);
		return LK_E_STORE_DOWN;
	}
	/* Ours are shorter; this is for whatever hiredis might do by itself. */
	if (redisSetTimeout(store->redis, timeval_of_ms(budget)) != REDIS_OK) {
		store_conn_close(store);
		return LK_E_STORE_DOWN;
	}
	store_bounds_set(&store->bounds, store->redis);
	return greet(store);
}

enum lk_err
store_conn_open(struct store *store)
{
	if (store->redis != NULL && is_alive(store)) {
		store->is_fresh = false;
		return LK_OK;
	}
	store_conn_close(store);
	store->is_fresh = true;
	return connect_now(store);
}
