/* SPDX-License-Identifier: MIT */
/* A loop as small as can be for the asynchronous store, on a held clock. Include after cmocka.h. */
#ifndef LK_TESTS_LOOP_HELP_H
#define LK_TESTS_LOOP_HELP_H

#include <sys/epoll.h>

#include "store/store_async.h"
#include "support/held_clock.h"

static struct store_async *async;
static int epoll_fd;

static inline void
watch(void *context, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	(void)context;
	if (events == 0)
		assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL), 0);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
		assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
}

static inline void
turn(void)
{
	struct epoll_event events[4];
	int wait_ms, count;

	held_ms = 0;
	wait_ms = store_async_tick(async);
	assert_in_range(wait_ms, 1, 1000);
	count = epoll_wait(epoll_fd, events, 4, wait_ms > 10 ? 10 : wait_ms);
	for (int i = 0; i < count; i++)
		store_async_ready(async, events[i].data.fd, events[i].events);
}

#endif
