/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t
system_wall_s(const struct lk_clock *clock)
{
	struct timespec now;

	(void)clock;
	/* Whole seconds need no more, and it costs a quarter. */
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec;
}

static int64_t
system_mono_ms(const struct lk_clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct lk_clock *
lk_clock_system(void)
{
	static const struct lk_clock system_clock = {system_wall_s, system_mono_ms};

	return &system_clock;
}

int64_t
lk_clock_wall_s(const struct lk_clock *clock)
{
	return clock->wall_s(clock);
}

int64_t
lk_clock_mono_ms(const struct lk_clock *clock)
{
	return clock->mono_ms(clock);
}
