/* SPDX-License-Identifier: MIT */
/* How long to wait after something failed, so that many waiters do not come back at once. Pure. */
#ifndef LK_MAILER_BACKOFF_H
#define LK_MAILER_BACKOFF_H

#include <stdint.h>

/* In any unit of time. */
struct backoff {
	int64_t first, most;
};
/*
 * first after the first failure, twice as long after each further one, most at most; and a quarter
 * more or less by random (any number).
 *
 *   failures  from 1
 */
int64_t
backoff_make(const struct backoff *backoff, uint32_t failures, uint32_t random);
/* The longest that can come out. */
int64_t
backoff_longest(const struct backoff *backoff);

#endif
