/* SPDX-License-Identifier: MIT */
#include "flow/live.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* One configuration and how many hold it; in force as long as it stands first. */
struct held {
	struct fast *fast;
	unsigned holder_count;
	struct held *next;
};

struct live {
	pthread_mutex_t lock;
	struct held *first; /* the one in force, then older ones still in use */
	uint64_t count;	    /* put since */
	live_release *release;
	void *context;
};

static struct held *
held_new(struct fast *fast)
{
	struct held *held = calloc(1, sizeof *held);

	if (held != NULL)
		held->fast = fast;
	return held;
}

struct live *
live_new(struct fast *first, live_release *release, void *context)
{
	struct live *live = calloc(1, sizeof *live);

	if (live == NULL)
		return NULL;
	live->first = held_new(first);
	if (live->first == NULL) {
		free(live);
		return NULL;
	}
	pthread_mutex_init(&live->lock, NULL);
	live->release = release;
	first->number = 1;
	live->context = context;
	return live;
}

void
live_free(struct live *live)
{
	if (live == NULL)
		return;
	assert(live->first->next == NULL && live->first->holder_count == 0);
	live->release(live->first->fast, live->context);
	free(live->first);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

const struct fast *
live_hold(struct live *live)
{
	const struct fast *fast;

	pthread_mutex_lock(&live->lock);
	live->first->holder_count++;
	fast = live->first->fast;
	pthread_mutex_unlock(&live->lock);
	return fast;
}

/* Taken out of the list when nobody will ask for it any more. */
static struct held *
take_unused(struct live *live, struct held **at)
{
	struct held *held = *at;

	if (held == live->first || held->holder_count > 0)
		return NULL;
	*at = held->next;
	return held;
}

static void
let_go(struct live *live, struct held *held)
{
	if (held == NULL)
		return;
	live->release(held->fast, live->context);
	free(held);
}

void
live_drop(struct live *live, const struct fast *fast)
{
	struct held **at, *unused;

	pthread_mutex_lock(&live->lock);
	for (at = &live->first; (*at)->fast != fast; at = &(*at)->next)
		assert((*at)->next != NULL);
	assert((*at)->holder_count > 0);
	(*at)->holder_count--;
	unused = take_unused(live, at);
	pthread_mutex_unlock(&live->lock);
	let_go(live, unused);
}

uint64_t
live_count(struct live *live)
{
	uint64_t count;

	pthread_mutex_lock(&live->lock);
	count = live->count;
	pthread_mutex_unlock(&live->lock);
	return count;
}

enum lk_err
live_put(struct live *live, struct fast *next)
{
	struct held *held = held_new(next), *unused;

	if (held == NULL)
		return LK_E_MEMORY;
	pthread_mutex_lock(&live->lock);
	held->next = live->first;
	live->first = held;
	next->number = ++live->count + 1;
	unused = take_unused(live, &held->next);
	pthread_mutex_unlock(&live->lock);
	let_go(live, unused);
	return LK_OK;
}
