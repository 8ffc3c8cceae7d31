/* SPDX-License-Identifier: MIT */
/*
 * What one request may spend. Handed to the parts that wait (directory, store) before its first
 * verb; they give their library what is left of the deadline and write their reasons into why.
 */
#ifndef LK_BASE_CALL_H
#define LK_BASE_CALL_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

struct lk_call {
	const struct lk_clock *clock;
	struct lk_arena *arena; /* results live here */
	struct lk_why *why;
	int64_t deadline_mono_ms;
};

/* Milliseconds left, 0 when past. */
static inline int
lk_call_left_ms(const struct lk_call *call)
{
	int64_t left = call->deadline_mono_ms - lk_clock_mono_ms(call->clock);

	if (left <= 0)
		return 0;
	return left > 60000 ? 60000 : (int)left;
}

#endif
