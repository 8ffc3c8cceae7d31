/* SPDX-License-Identifier: MIT */
#include "mailer/backoff.h"

#define PARTS 1024

int64_t
backoff_make(const struct backoff *backoff, uint32_t failures, uint32_t random)
{
	int64_t wait = backoff->first;
	uint32_t i;

	for (i = 1; i < failures && wait < backoff->most; i++)
		wait *= 2;
	if (wait > backoff->most)
		wait = backoff->most;
	return wait - wait / 4 + wait / 2 * (int64_t)(random % PARTS) / PARTS;
}

int64_t
backoff_longest(const struct backoff *backoff)
{
	return backoff->most + backoff->most / 4;
}
