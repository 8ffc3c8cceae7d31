/* SPDX-License-Identifier: MIT */
/* What a loop must do at a certain time: a heap of its timers. Takes memory only when asked to
 * make room, so that setting one cannot fail. */
#ifndef LK_HTTP_TIMER_H
#define LK_HTTP_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* In its owner's struct; all zero: not set. */
struct timer {
	int64_t at_mono_ms;
	void (*fire)(struct timer *timer); /* set by its owner, once */
	size_t place;			   /* in the heap, from 1; 0: not set; private */
	int64_t look_mono_ms;		   /* what the heap goes by, no later; private */
};
struct timers {
	struct timer **heap; /* from index 1 */
	size_t count, room, wanted;
};

/* All zero is a good start. Nothing may be set any more. */
void
timers_done(struct timers *timers);
/* Room for one more timer of somebody's; false without memory. Give it back when they go. */
bool
timers_reserve(struct timers *timers) LK_MUST_CHECK;
void
timers_release(struct timers *timers);
/* Set, or set anew; later than before costs next to nothing. */
void
timer_set(struct timers *timers, struct timer *timer, int64_t at_mono_ms);
/* Fine when it is not set. */
void
timer_clear(struct timers *timers, struct timer *timer);
/* Fires what is due, each cleared before it fires. */
void
timers_run(struct timers *timers, int64_t now_mono_ms);
/* Fires every timer with that function, due or not. */
void
timers_hurry(struct timers *timers, void (*fire)(struct timer *timer));
/* Ms until one may be due, at most a minute. */
int
timers_next_ms(const struct timers *timers, int64_t now_mono_ms);

#endif
