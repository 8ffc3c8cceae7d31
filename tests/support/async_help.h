/* SPDX-License-Identifier: MIT */
/*
 * The store's face for loops, on a real server, with a loop turned by hand. Include after cmocka.h,
 * once in a program.
 */
#ifndef LK_TESTS_ASYNC_HELP_H
#define LK_TESTS_ASYNC_HELP_H

#include <sys/epoll.h>

#include "store/store_async.h"
#include "support/store_help.h"

#define TIMEOUT_MS 300

static struct help_redis redis;
static struct store_shared *shared;
static struct help_store h; /* main's: looks, takes over, writes */
static struct store_async *async;
static int epoll_fd;

static void
watch(void *context, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	(void)context;
	if (events == 0)
		assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL), 0);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
		assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
}

static void
turn(void)
{
	struct epoll_event event;
	int wait_ms = store_async_tick(async);

	assert_in_range(wait_ms, 1, 1000);
	/* Not all of it: the test wants to see what a tick told. */
	if (epoll_wait(epoll_fd, &event, 1, wait_ms > 20 ? 20 : wait_ms) > 0)
		store_async_ready(async, event.data.fd, event.events);
}

/* What came back, and how often. */
struct heard {
	int count;
	enum lk_err err;
	struct store_answer answer;
	struct heard *next;
};

static void
ask_for(struct heard *heard, uint8_t name);

static void
done(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct heard *heard = context;

	heard->count++;
	heard->err = err;
	assert_true((answer != NULL) == (err == LK_OK));
	if (answer != NULL)
		heard->answer = *answer;
	if (heard->next != NULL)
		ask_for(heard->next, 1);
}

static enum lk_err
ask_in(struct heard *heard, uint8_t name)
{
	struct crypto_digest key = help_digest(name);
	struct store_ask ask = {.session = &key};

	return store_async_fetch(async, &h.call, &ask, done, heard);
}

static void
ask_for(struct heard *heard, uint8_t name)
{
	assert_int_equal(ask_in(heard, name), LK_OK);
	assert_int_equal(heard->count, 0); /* never from inside */
}

static void
wait_for_answer(const struct heard *heard)
{
	int64_t until = lk_clock_mono_ms(lk_clock_system()) + 3000;

	while (heard->count == 0) {
		assert_true(lk_clock_mono_ms(lk_clock_system()) < until);
		turn();
	}
	assert_int_equal(heard->count, 1);
}

static struct heard
ask_and_wait(uint8_t name)
{
	struct heard heard = {0};

	help_begin(&h, 2000);
	ask_for(&heard, name);
	wait_for_answer(&heard);
	return heard;
}

static void
put_session(uint8_t name)
{
	struct crypto_digest key = help_digest(name);
	struct store_session session = help_session(&h);
	struct store_change change = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	help_begin(&h, 2000);
	assert_int_equal(store_commit(h.store, &change, 1, NULL), LK_OK);
}

static int
begin(void **state)
{
	static const struct store_async_loop loop = {watch, NULL};

	(void)state;
	help_redis_start(&redis, NULL);
	shared = help_shared(&redis, TIMEOUT_MS, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	put_session(1);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	async = store_async_new(shared, &loop);
	help_begin(&h, 2000);
	return async == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	store_async_free(async);
	close(epoll_fd);
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&redis);
	return 0;
}

#endif
