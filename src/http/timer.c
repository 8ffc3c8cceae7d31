/* SPDX-License-Identifier: MIT */
#include "http/timer.h"

#include <assert.h>
#include <stdlib.h>

#define LONGEST_MS 60000

void
timers_done(struct timers *timers)
{
	assert(timers->count == 0);
	free(timers->heap);
	*timers = (struct timers){0};
}

bool
timers_reserve(struct timers *timers)
{
	size_t room = timers->room == 0 ? 64 : timers->room * 2;
	struct timer **heap;

	if (timers->wanted == timers->room) {
		heap = realloc(timers->heap, (room + 1) * sizeof(struct timer *));
		if (heap == NULL)
			return false;
		timers->heap = heap;
		timers->room = room;
	}
	timers->wanted++;
	return true;
}

void
timers_release(struct timers *timers)
{
	assert(timers->wanted > timers->count);
	timers->wanted--;
}

static void
put(struct timers *timers, struct timer *timer, size_t place)
{
	timers->heap[place] = timer;
	timer->place = place;
}

static void
rise(struct timers *timers, struct timer *timer, size_t place)
{
	while (place > 1 && timers->heap[place / 2]->look_mono_ms > timer->look_mono_ms) {
		put(timers, timers->heap[place / 2], place);
		place /= 2;
	}
	put(timers, timer, place);
}

static void
sink(struct timers *timers, struct timer *timer, size_t place)
{
	size_t below;

	while ((below = place * 2) <= timers->count) {
		if (below < timers->count &&
		    timers->heap[below + 1]->look_mono_ms < timers->heap[below]->look_mono_ms)
			below++;
		if (timers->heap[below]->look_mono_ms >= timer->look_mono_ms)
			break;
		put(timers, timers->heap[below], place);
		place = below;
	}
	put(timers, timer, place);
}

void
timer_clear(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = timers->heap[timers->count--];
	if (last == timer)
		return;
	sink(timers, last, place);
	rise(timers, last, last->place);
}

void
timer_set(struct timers *timers, struct timer *timer, int64_t at_mono_ms)
{
	timer->at_mono_ms = at_mono_ms;
	/* It stays where it is, and is put right when it is looked at. */
	if (timer->place != 0 && at_mono_ms >= timer->look_mono_ms)
		return;
	timer_clear(timers, timer);
	timer->look_mono_ms = at_mono_ms;
	assert(timers->count < timers->wanted);
	rise(timers, timer, ++timers->count);
}

void
timers_run(struct timers *timers, int64_t now_mono_ms)
{
	while (timers->count > 0 && timers->heap[1]->look_mono_ms <= now_mono_ms) {
		struct timer *timer = timers->heap[1];

		if (timer->at_mono_ms > timer->look_mono_ms) {
			timer->look_mono_ms = timer->at_mono_ms;
			sink(timers, timer, 1);
			continue;
		}
		timer_clear(timers, timer);
		timer->fire(timer);
	}
}

/* Firing moves others about: each time from the end again. */
void
timers_hurry(struct timers *timers, void (*fire)(struct timer *timer))
{
	size_t place = timers->count;

	while (place > 0) {
		struct timer *timer = timers->heap[place--];

		if (timer->fire != fire)
			continue;
		timer_clear(timers, timer);
		timer->fire(timer);
		place = timers->count;
	}
}

int
timers_next_ms(const struct timers *timers, int64_t now_mono_ms)
{
	int64_t left_ms = LONGEST_MS;

	if (timers->count > 0)
		left_ms = timers->heap[1]->look_mono_ms - now_mono_ms;
	if (left_ms < 0)
		return 0;
	return left_ms > LONGEST_MS ? LONGEST_MS : (int)left_ms;
}
