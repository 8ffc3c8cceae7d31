/* SPDX-License-Identifier: MIT */
#include "flow/signing_order.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum stage { FREE = 0, WAITS, TAKEN, FORSAKEN, DONE };

struct signing_orders {
	pthread_mutex_t lock;
	pthread_cond_t has_moved;
	enum stage stage;
	struct signing_order order;
	int fd;
};

struct signing_orders *
signing_orders_new(void)
{
	struct signing_orders *orders = calloc(1, sizeof *orders);
	pthread_condattr_t attributes;

	if (orders == NULL)
		return NULL;
	orders->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (orders->fd < 0) {
		free(orders);
		return NULL;
	}
	pthread_mutex_init(&orders->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&orders->has_moved, &attributes);
	pthread_condattr_destroy(&attributes);
	return orders;
}

void
signing_orders_free(struct signing_orders *orders)
{
	if (orders == NULL)
		return;
	pthread_cond_destroy(&orders->has_moved);
	pthread_mutex_destroy(&orders->lock);
	close(orders->fd);
	free(orders);
}

int
signing_orders_fd(const struct signing_orders *orders)
{
	return orders->fd;
}

static void
wake(const struct signing_orders *orders)
{
	uint64_t one = 1;

	/* Full means that it will wake anyway. */
	if (write(orders->fd, &one, sizeof one) < 0)
		return;
}

/* The deadline is over: what nobody took is taken back. */
static enum lk_err
give_up(struct signing_orders *orders)
{
	if (orders->stage == WAITS) {
		orders->stage = FREE;
		return LK_E_BUSY;
	}
	orders->stage = FORSAKEN;
	return LK_E_DIRECTORY_UNSURE;
}

static enum lk_err
wait_done(struct signing_orders *orders, const struct lk_call *call, struct signing_order *out)
{
	const struct timespec until = {call->deadline_mono_ms / 1000,
				       call->deadline_mono_ms % 1000 * 1000000};

	while (orders->stage != DONE) {
		if (pthread_cond_timedwait(&orders->has_moved, &orders->lock, &until) == ETIMEDOUT)
			break;
	}
	if (orders->stage != DONE)
		return give_up(orders);
	*out = orders->order;
	orders->stage = FREE;
	return LK_OK;
}

enum lk_err
signing_order_run(struct signing_orders *orders, const struct lk_call *call,
		  struct signing_order *order)
{
	enum lk_err err = LK_E_BUSY;

	pthread_mutex_lock(&orders->lock);
	if (orders->stage == FREE) {
		orders->order = *order;
		orders->stage = WAITS;
		wake(orders);
		err = wait_done(orders, call, order);
	}
	pthread_mutex_unlock(&orders->lock);
	return err;
}

bool
signing_order_take(struct signing_orders *orders, struct signing_order *out)
{
	uint64_t count;
	bool is_taken;

	if (read(orders->fd, &count, sizeof count) < 0)
		count = 0;
	pthread_mutex_lock(&orders->lock);
	is_taken = orders->stage == WAITS;
	if (is_taken) {
		*out = orders->order;
		orders->stage = TAKEN;
	}
	pthread_mutex_unlock(&orders->lock);
	return is_taken;
}

void
signing_order_give(struct signing_orders *orders, const struct signing_order *done)
{
	pthread_mutex_lock(&orders->lock);
	if (orders->stage == FORSAKEN) {
		orders->stage = FREE;
	} else {
		orders->order = *done;
		orders->stage = DONE;
	}
	pthread_cond_broadcast(&orders->has_moved);
	pthread_mutex_unlock(&orders->lock);
}
