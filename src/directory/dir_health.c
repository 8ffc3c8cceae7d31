/* SPDX-License-Identifier: MIT */
#include "directory/dir_health.h"
#include "directory/dir_inside.h"

#define WAIT_LEAST_MS 100
#define WAIT_MOST_MS  1000

bool
dir_health_is_up(const struct dir_servers *servers, size_t index)
{
	return atomic_load(&servers->each[index].is_up);
}

bool
dir_health_has_other(const struct dir_servers *servers, size_t index)
{
	size_t i;

	for (i = 0; i < servers->count; i++) {
		if (i != index && dir_health_is_up(servers, i))
			return true;
	}
	return false;
}

bool
dir_health_may_try(struct dir_servers *servers, size_t index)
{
	struct dir_server *server = &servers->each[index];
	int64_t now = lk_clock_mono_ms(servers->settings.clock);
	int64_t retry_at = atomic_load(&server->retry_at_mono_ms);

	if (atomic_load(&server->is_up))
		return true;
	if (now < retry_at)
		return false;
	/* Should the caller never come back to say, another may try after this. */
	return atomic_compare_exchange_strong(&server->retry_at_mono_ms, &retry_at,
					      now + servers->settings.operation_timeout_ms +
						  WAIT_LEAST_MS);
}

void
dir_health_good(struct dir_servers *servers, size_t index)
{
	struct dir_server *server = &servers->each[index];

	if (atomic_load(&server->is_up))
		return;
	atomic_store(&server->failures, 0);
	atomic_store(&server->is_up, true);
}

void
dir_health_late(struct dir_servers *servers, size_t index, int64_t waited_ms)
{
	if (!dir_health_is_up(servers, index) ||
	    waited_ms >= servers->settings.operation_timeout_ms / 2)
		dir_health_bad(servers, index);
}

void
dir_health_bad(struct dir_servers *servers, size_t index)
{
	struct dir_server *server = &servers->each[index];
	int failures = atomic_fetch_add(&server->failures, 1);
	int wait_ms = failures >= 4 ? WAIT_MOST_MS : WAIT_LEAST_MS << failures;

	if (wait_ms > WAIT_MOST_MS)
		wait_ms = WAIT_MOST_MS;
	atomic_store(&server->retry_at_mono_ms,
		     lk_clock_mono_ms(servers->settings.clock) + wait_ms);
	atomic_store(&server->is_up, false);
}
