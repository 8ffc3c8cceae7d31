/* SPDX-License-Identifier: MIT */
/*
 * The machine's clock, which can be held: what is so now is so for as long as a busy machine takes
 * to look. held_ms 0: it goes on.
 */
#ifndef LK_TESTS_HELD_CLOCK_H
#define LK_TESTS_HELD_CLOCK_H

#include "base/clock.h"

static inline int64_t
now_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

static int64_t held_ms;

static inline int64_t
held_wall_s(const struct lk_clock *clock)
{
	(void)clock;
	return lk_clock_wall_s(lk_clock_system());
}

static inline int64_t
held_mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return held_ms != 0 ? held_ms : now_ms();
}

static const struct lk_clock held_clock = {held_wall_s, held_mono_ms};

#endif
