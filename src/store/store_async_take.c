/* SPDX-License-Identifier: MIT */
/* What comes on a loop's connection, each answer to whoever waited longest. */
#include <stdlib.h>
#include <string.h>

#include "store/store_async_inside.h"

/* False: the connection was lost over it. */
static bool
take_hello(struct store_async *async, const redisReply *reply)
{
	enum store_health health;

	if (!store_link_hello(&async->link, reply, &health)) {
		store_async_lose(async, STORE_END_CUT);
		return false;
	}
	if (health == STORE_HEALTH_OK)
		return true;
	store_shared_mark(async->shared, health);
	store_async_lose(async, STORE_END_REFUSED);
	return false;
}

/* Is the server we are talking to the one it was asked of? */
static bool
is_of_epoch(struct store_async *async, const struct store_waiting *one)
{
	if (strcmp(async->link.server.run_id, one->epoch.run_id) == 0)
		return true;
	store_shared_other_epoch(async->shared, &one->epoch, one->call->why);
	return false;
}

static enum lk_err
read_answer(struct store_async *async, struct store_waiting *one, const redisReply *reply,
	    struct store_answer *out)
{
	struct store_reading reading = {async->shared, &one->epoch, &one->ask, one->call};

	if (!is_of_epoch(async, one))
		return LK_E_STORE_DOWN;
	return store_fetch_read(&reading, reply, out);
}

/* For the next who asks: only what is whole and alive. */
static void
remember(struct store_async *async, const struct store_waiting *one, const redisReply *reply,
	 const struct store_answer *answer)
{
	struct store_track_values values = {{NULL, 0}, {NULL, 0}};

	if (answer != NULL && answer->has_token)
		store_fetch_values(&one->ask, reply, &values.token, &values.grant);
	if (answer == NULL || !answer->has_grant)
		values.grant = lk_str_n(NULL, 0);
	store_track_keep(async->track, &one->ask, one->ticket, &values);
}

static void
take_answer(struct store_async *async, struct store_waiting *one, const redisReply *reply)
{
	struct store_answer *answer = NULL;
	enum lk_err err = LK_OK;

	if (one->done != NULL) {
		answer = lk_arena_alloc(one->call->arena, sizeof *answer);
		err = answer == NULL ? LK_E_MEMORY : read_answer(async, one, reply, answer);
	}
	remember(async, one, reply, err == LK_OK ? answer : NULL);
	store_async_tell(async, one, err, answer);
	store_async_forget(async, one);
}

static void
take_set(struct store_async *async, struct store_waiting *one, const redisReply *reply)
{
	struct store_reading reading = {async->shared, NULL, NULL, one->call};

	if (one->done != NULL)
		one->set_err = store_put_read_set(&reading, reply);
	store_queue_put(&async->set, one);
}

static enum lk_err
put_err(struct store_async *async, const struct store_waiting *one, const redisReply *reply)
{
	struct store_reading reading = {async->shared, &one->epoch, NULL, one->call};

	if (!is_of_epoch(async, one))
		return LK_E_STORE_DOWN;
	return one->set_err == LK_OK ? store_put_read_epoch(&reading, reply) : one->set_err;
}

/* Of all puts before it. */
static void
take_epoch(struct store_async *async, const redisReply *reply)
{
	struct store_queue puts;

	async->is_epoch_next = false;
	store_queue_init(&puts);
	store_queue_move(&async->set, &puts);
	for (struct store_waiting *one = store_queue_take(&puts); one != NULL;
	     one = store_queue_take(&puts)) {
		store_async_tell(async, one, one->done == NULL ? LK_OK : put_err(async, one, reply),
				 NULL);
		store_async_forget(async, one);
	}
}

/* What the one who waited longest asked for. False: nobody waits. */
static bool
take_next(struct store_async *async, const redisReply *reply)
{
	struct store_waiting *one = store_queue_take(&async->queue);

	if (one == NULL)
		return false;
	async->is_epoch_next = one->is_before_epoch;
	if (one->put.key != NULL)
		take_set(async, one, reply);
	else
		take_answer(async, one, reply);
	return true;
}

/* False: the connection was lost over it. */
static bool
take_reply(struct store_async *async, const redisReply *reply)
{
	if (!store_link_is_greeted(&async->link))
		return take_hello(async, reply);
	if (async->is_epoch_next) {
		take_epoch(async, reply);
	} else if (!take_next(async, reply)) {
		lk_why_clear(&async->link.why);
		lk_why_add(&async->link.why, "store: it answered what nobody asked");
		store_async_lose(async, STORE_END_CUT);
		return false;
	}
	return async->link.redis != NULL;
}

/* False: there is no more to take now. */
static bool
take_one(struct store_async *async)
{
	redisReply *reply = NULL;
	bool goes_on;

	if (!store_link_take(&async->link, &reply)) {
		store_async_lose(async, STORE_END_CUT);
		return false;
	}
	if (reply == NULL)
		return false;
	goes_on = take_reply(async, reply);
	freeReplyObject(reply);
	return goes_on;
}

void
store_async_take(struct store_async *async)
{
	if (!store_link_read(&async->link)) {
		store_async_lose(async, STORE_END_CUT);
		return;
	}
	while (take_one(async))
		continue;
}
