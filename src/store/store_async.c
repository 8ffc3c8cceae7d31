/* SPDX-License-Identifier: MIT */
/*
 * One connection, and those who wait for its answers in their order. The queue is ours, so that a
 * server that answers what nobody asked, or nothing, ends the connection and not the process.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "store/store_async_inside.h"
#include "store/store_still.h"

#define WAITING_MAX 8192u
#define TICK_MS	    1000
#define IDLE_MAX    256u /* kept for those who come next */

static int64_t
now_ms(const struct store_async *async)
{
	return store_link_now_ms(&async->link);
}

/* --- those who wait */

static struct store_waiting *
idle_take(struct store_async *async)
{
	struct store_waiting *one = store_queue_take(&async->idle);

	if (one == NULL)
		return calloc(1, sizeof *one);
	*one = (struct store_waiting){.next = NULL};
	return one;
}

void
store_async_forget(struct store_async *async, struct store_waiting *one)
{
	if (async->idle.count < IDLE_MAX)
		store_queue_put(&async->idle, one);
	else
		free(one);
}

void
store_async_tell(struct store_async *async, struct store_waiting *one, enum lk_err err,
		 const struct store_answer *answer)
{
	struct metrics *metrics = async->shared->settings.metrics;
	enum metric_store_op op = one->call == NULL || one->put.key != NULL ? METRIC_STORE_OP_write
									    : METRIC_STORE_OP_fetch;
	store_async_done *done = one->done;

	if (one->is_late)
		return;
	metric_time_store_request_duration_seconds(metrics, op, METRIC_NONE,
						   (now_ms(async) - one->began_mono_ms) * 1000);
	if (err == LK_E_STORE_DOWN)
		metric_count_store_failures_total(metrics, op, METRIC_NONE);
	one->done = NULL;
	if (done != NULL)
		done(one->context, err, err == LK_OK ? answer : NULL);
}

static void
tell_down(struct store_async *async, struct store_queue *lost)
{
	for (struct store_waiting *one = store_queue_take(lost); one != NULL;
	     one = store_queue_take(lost)) {
		if (one->done != NULL)
			lk_why_add(one->call->why, "%s", async->link.why.text);
		store_async_tell(async, one, LK_E_STORE_DOWN, NULL);
		store_async_forget(async, one);
	}
}

/* --- the connection */

static bool
connect_now(struct store_async *async)
{
	if (store_link_open(&async->link))
		return true;
	store_shared_mark(async->shared, STORE_HEALTH_DOWN);
	return false;
}

/* All who wait, oldest first. */
static void
wait_no_more(struct store_async *async, struct store_queue *out)
{
	store_queue_init(out);
	store_queue_move(&async->set, out);
	store_queue_move(&async->queue, out);
	async->has_open_puts = async->is_epoch_next = false;
}

/* Who may be asked for again, once, and who has lost. */
static void
sort_out(struct store_async *async, bool may_again, struct store_queue *again,
	 struct store_queue *lost)
{
	struct store_queue all;

	store_queue_init(again);
	store_queue_init(lost);
	wait_no_more(async, &all);
	for (struct store_waiting *one = store_queue_take(&all); one != NULL;
	     one = store_queue_take(&all)) {
		if (may_again && one->done != NULL && !one->was_sent_again)
			store_queue_put(again, one);
		else
			store_queue_put(lost, one);
	}
}

static void
write_question(struct store_async *async, struct store_waiting *one)
{
	one->is_before_epoch = false;
	if (one->put.key == NULL) {
		store_fetch_write(&async->link.out, &one->ask);
		return;
	}
	store_put_write(&async->link.out, &one->put);
	async->has_open_puts = true;
}

void
store_async_lose(struct store_async *async, enum store_end end)
{
	bool was_well = store_link_is_greeted(&async->link);
	struct store_queue again, lost;

	store_link_close(&async->link);
	store_track_doubt(async->track);
	sort_out(async, was_well && end == STORE_END_CUT, &again, &lost);
	if (was_well && end == STORE_END_CUT)
		async->link.retry_at_mono_ms = now_ms(async) + STORE_BACKOFF_FIRST_MS;
	else
		store_link_back_off(&async->link);
	if (end == STORE_END_LATE || (end == STORE_END_CUT && !was_well))
		store_shared_mark(async->shared, STORE_HEALTH_DOWN);
	if (again.count > 0 && !connect_now(async)) {
		struct store_waiting *one;

		while ((one = store_queue_take(&again)) != NULL)
			store_queue_put(&lost, one);
	}
	for (struct store_waiting *one = store_queue_take(&again); one != NULL;
	     one = store_queue_take(&again)) {
		one->was_sent_again = true;
		write_question(async, one);
		store_queue_put(&async->queue, one);
	}
	store_link_watch(&async->link);
	tell_down(async, &lost);
}

/* --- what comes */

/* Once behind all puts of a turn, before any of them leaves. */
static void
ask_epoch(struct store_async *async)
{
	if (!async->has_open_puts)
		return;
	store_put_write_epoch(&async->link.out);
	store_queue_last(&async->queue)->is_before_epoch = true;
	async->has_open_puts = false;
}

static bool
send_all(struct store_async *async)
{
	ask_epoch(async);
	return store_link_send(&async->link);
}

void
store_async_ready(struct store_async *async, int fd, uint32_t events)
{
	if (store_track_has(async->track, fd)) {
		store_track_ready(async->track, events);
		return;
	}
	if (async->link.redis == NULL || async->link.redis->fd != fd)
		return;
	if ((events & EPOLLOUT) != 0 && !send_all(async)) {
		store_async_lose(async, STORE_END_CUT);
		return;
	}
	if ((events & ~(uint32_t)EPOLLOUT) != 0)
		store_async_take(async);
	store_link_watch(&async->link);
}

/* --- what is asked */

/* The timeout, and never past the call's deadline. */
static void
time_give(const struct store_async *async, struct store_waiting *one, int64_t now)
{
	one->until_mono_ms = now + async->shared->settings.timeout_ms;
	one->is_full = one->call == NULL || one->call->deadline_mono_ms >= one->until_mono_ms;
	if (!one->is_full)
		one->until_mono_ms = one->call->deadline_mono_ms;
}

/*
 * One that may wait: there is a connection, and room. NULL with the reason otherwise. call: NULL of
 * what nobody waits for.
 */
static struct store_waiting *
waiting_new(struct store_async *async, const struct lk_call *call, enum lk_err *out_err)
{
	struct lk_why *why = call == NULL ? NULL : call->why;
	struct store_epoch epoch;
	struct store_waiting *one;

	*out_err = store_shared_need(async->shared, why, &epoch);
	if (*out_err != LK_OK)
		return NULL;
	*out_err = LK_E_STORE_DOWN;
	if (async->queue.count + async->set.count >= WAITING_MAX ||
	    async->link.out.len > STORE_LINK_OUT_MAX_BYTES / 2) {
		lk_why_add(why, "store: too many wait");
		return NULL;
	}
	/* Whoever is let in by the gate need not wait for the time of the next attempt. */
	if (async->link.redis == NULL && !connect_now(async)) {
		lk_why_add(why, "%s", async->link.why.text);
		return NULL;
	}
	*out_err = LK_E_MEMORY;
	one = idle_take(async);
	if (one == NULL)
		return NULL;
	one->call = call;
	one->epoch = epoch;
	one->began_mono_ms = now_ms(async);
	time_give(async, one, one->began_mono_ms);
	*out_err = LK_OK;
	return one;
}

static void
wait_in_line(struct store_async *async, struct store_waiting *one)
{
	store_queue_put(&async->queue, one);
	if (one->until_mono_ms < async->next_mono_ms)
		async->next_mono_ms = one->until_mono_ms;
	store_link_watch(&async->link);
}

static const struct crypto_digest *
keep(struct crypto_digest *room, const struct crypto_digest *digest)
{
	if (digest == NULL)
		return NULL;
	*room = *digest;
	return room;
}

/* The same, of a call that waits for it until its deadline. */
static struct store_waiting *
waiting_of(struct store_async *async, const struct lk_call *call, enum lk_err *out_err)
{
	if (lk_call_left_ms(call) == 0) {
		lk_why_add(call->why, "store: no time left");
		*out_err = LK_E_STORE_DOWN;
		return NULL;
	}
	return waiting_new(async, call, out_err);
}

enum lk_err
store_async_fetch(struct store_async *async, const struct lk_call *call,
		  const struct store_ask *ask, store_async_done *done, void *context)
{
	enum lk_err err;
	struct store_waiting *one = waiting_of(async, call, &err);

	if (one == NULL)
		return err;
	one->done = done;
	one->context = context;
	one->ask =
	    (struct store_ask){keep(&one->session, ask->session), keep(&one->journey, ask->journey),
			       keep(&one->address, ask->address), keep(&one->token, ask->token),
			       keep(&one->grant, ask->grant), ask->known};
	one->ticket = store_track_expect(async->track, &one->ask);
	write_question(async, one);
	wait_in_line(async, one);
	return LK_OK;
}

enum lk_err
store_async_put(struct store_async *async, const struct lk_call *call,
		const struct store_change *change, store_async_done *done, void *context)
{
	struct store_put put;
	struct store_waiting *one;
	enum lk_err err = store_put_make(call, change, &put);

	if (err != LK_OK)
		return err;
	one = waiting_of(async, call, &err);
	if (one == NULL)
		return err;
	one->done = done;
	one->context = context;
	one->put = put;
	one->put.key = keep(&one->token, put.key);
	write_question(async, one);
	wait_in_line(async, one);
	return LK_OK;
}

bool
store_async_find(struct store_async *async, const struct lk_call *call,
		 const struct crypto_digest *token, struct store_answer *out)
{
	return store_track_find(async->track, call, token, out);
}

uint64_t
store_async_state(struct store_async *async)
{
	return store_track_state(async->track);
}

static void
touch(struct store_async *async, const struct crypto_digest *key,
      const struct store_session *session)
{
	struct store_waiting *one;
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	one = waiting_new(async, NULL, &err);
	store_script_init(&call, STORE_SCRIPT_TOUCH, one == NULL ? NULL : &one->epoch);
	if (one == NULL)
		return;
	if (!store_touch_write(&call, key, session, lk_clock_wall_s(async->shared->clock))) {
		store_async_forget(async, one);
		return;
	}
	store_script_write(&async->link.out, &call, NULL);
	wait_in_line(async, one);
}

void
store_async_touch(struct store_async *async, const struct crypto_digest *key,
		  const struct store_session *session)
{
	if (store_touch_is_due(session, lk_clock_wall_s(async->shared->clock)))
		touch(async, key, session);
}

/* Nobody waits for its answer: that it was written is heard elsewhere. */
static void
beat(struct store_async *async)
{
	struct store_waiting *one;
	enum lk_err err;

	if (!store_track_wants_beat(async->track))
		return;
	one = waiting_new(async, NULL, &err);
	if (one == NULL)
		return;
	store_track_beat_write(async->track, &async->link.out);
	wait_in_line(async, one);
}

/* --- time */

static bool
is_over(const struct store_async *async, struct store_waiting *one, int64_t now)
{
	if (!one->has_time_again && store_has_stood_still(one->until_mono_ms, now)) {
		one->has_time_again = true;
		time_give(async, one, now);
	}
	return one->until_mono_ms <= now;
}

static bool
is_greeting_over(struct store_link *link, int64_t now)
{
	if (link->redis == NULL || store_link_is_greeted(link) || now < link->hello_until_mono_ms)
		return false;
	if (link->has_time_again || !store_has_stood_still(link->hello_until_mono_ms, now))
		return true;
	link->has_time_again = true;
	link->hello_until_mono_ms = now + link->shared->settings.timeout_ms;
	return false;
}

/* Tells those of queue whose time is over; their answers are still to come. True when the server
 * hangs. */
static bool
tell_late(struct store_async *async, const struct store_queue *queue, int64_t now)
{
	bool is_hung = false;

	for (struct store_waiting *one = queue->first; one != NULL; one = one->next) {
		if (one->is_late)
			continue;
		if (!is_over(async, one, now)) {
			if (one->until_mono_ms < async->next_mono_ms)
				async->next_mono_ms = one->until_mono_ms;
			continue;
		}
		is_hung = is_hung || one->is_full;
		if (one->done != NULL)
			lk_why_add(one->call->why, "store: no answer in time");
		store_async_tell(async, one, LK_E_STORE_DOWN, NULL);
		one->is_late = true;
	}
	return is_hung;
}

static bool
tell_all_late(struct store_async *async, int64_t now)
{
	bool is_hung;

	async->next_mono_ms = INT64_MAX;
	is_hung = tell_late(async, &async->set, now);
	return tell_late(async, &async->queue, now) || is_hung;
}

static int
soonest_ms(const struct store_async *async)
{
	int64_t at = async->next_mono_ms, now = now_ms(async);

	if (async->link.redis == NULL && async->link.retry_at_mono_ms < at)
		at = async->link.retry_at_mono_ms;
	if (async->link.redis != NULL && !store_link_is_greeted(&async->link) &&
	    async->link.hello_until_mono_ms < at)
		at = async->link.hello_until_mono_ms;
	if (at - now > TICK_MS)
		return TICK_MS;
	return at <= now ? 1 : (int)(at - now);
}

int
store_async_tick(struct store_async *async)
{
	int64_t now = now_ms(async);
	bool is_hung = now >= async->next_mono_ms && tell_all_late(async, now);
	int track_ms, own_ms;

	if (is_greeting_over(&async->link, now) || is_hung) {
		lk_why_clear(&async->link.why);
		lk_why_add(&async->link.why, "store: no answer in time");
		store_async_lose(async, STORE_END_LATE);
	}
	if (async->link.redis == NULL && now >= async->link.retry_at_mono_ms)
		(void)connect_now(async);
	track_ms = store_track_tick(async->track);
	beat(async);
	own_ms = soonest_ms(async);
	return track_ms < own_ms ? track_ms : own_ms;
}

/* --- beginning and end */

struct store_async *
store_async_new(struct store_shared *shared, const struct store_async_loop *loop)
{
	struct store_async *async = calloc(1, sizeof *async);

	if (async == NULL)
		return NULL;
	async->track = store_track_new(shared, loop);
	if (async->track == NULL) {
		free(async);
		return NULL;
	}
	async->shared = shared;
	store_link_init(&async->link, shared, loop);
	async->next_mono_ms = INT64_MAX;
	store_queue_init(&async->queue);
	store_queue_init(&async->set);
	store_queue_init(&async->idle);
	return async;
}

void
store_async_free(struct store_async *async)
{
	struct store_queue lost;

	if (async == NULL)
		return;
	store_link_close(&async->link);
	wait_no_more(async, &lost);
	tell_down(async, &lost);
	for (struct store_waiting *one = store_queue_take(&async->idle); one != NULL;
	     one = store_queue_take(&async->idle))
		free(one);
	store_link_done(&async->link);
	store_track_free(async->track);
	free(async);
}
