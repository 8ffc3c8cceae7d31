/* SPDX-License-Identifier: MIT */
#include "store/store_replicas.h"

#include <stdio.h>

#include "store/store_server.h"

#define REPLICAS_MAX 64u

/* "ip=10.0.0.2,port=6379,state=online,offset=14,lag=1" */
static struct lk_str
field(struct lk_str line, const char *name)
{
	struct lk_str one;

	while (lk_str_split(&line, ',', &one)) {
		size_t equals = lk_str_find(one, '=');

		if (equals < one.len && lk_str_is(lk_str_n(one.ptr, equals), name))
			return lk_str_from(one, equals + 1);
	}
	return lk_str_n(NULL, 0);
}

static bool
follows(struct lk_str line)
{
	uint64_t lag_s;

	return lk_str_is(field(line, "state"), "online") &&
	       lk_str_to_u64(field(line, "lag"), &lag_s) && lag_s <= STORE_REPLICA_LAG_MAX_S;
}

int
store_replicas_count(const redisReply *info)
{
	char name[16];
	int count = 0;

	for (unsigned i = 0; i < REPLICAS_MAX; i++) {
		snprintf(name, sizeof name, "slave%u", i);
		count += follows(store_info_find(info, name));
	}
	return count;
}

bool
store_replicas_see(struct store_replicas_watch *watch, bool is_enough, int64_t now_mono_ms)
{
	if (!watch->has_seen)
		*watch = (struct store_replicas_watch){.has_seen = true, .is_enough = is_enough};
	if (is_enough == watch->is_enough) {
		watch->since_mono_ms = 0;
	} else if (watch->since_mono_ms == 0) {
		watch->since_mono_ms = now_mono_ms;
	} else if (now_mono_ms - watch->since_mono_ms >= STORE_REPLICAS_TURN_MS) {
		watch->is_enough = is_enough;
		watch->since_mono_ms = 0;
	}
	return watch->is_enough;
}
