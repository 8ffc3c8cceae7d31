/* SPDX-License-Identifier: MIT */
/* The only way to ask the time. Tests hand in a clock they turn by hand. */
#ifndef LK_BASE_CLOCK_H
#define LK_BASE_CLOCK_H

#include <stdint.h>

struct lk_clock {
	int64_t (*wall_s)(const struct lk_clock *clock);  /* seconds since 1970, UTC */
	int64_t (*mono_ms)(const struct lk_clock *clock); /* never goes back */
};

/* The machine's. Never NULL. */
const struct lk_clock *lk_clock_system(void);

int64_t lk_clock_wall_s(const struct lk_clock *clock);
int64_t lk_clock_mono_ms(const struct lk_clock *clock);

#endif
