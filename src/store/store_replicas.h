/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: which replicas follow the server, and whether they are enough. What a look
 * sees counts once it was so for some seconds running: one late answer changes nothing, and neither
 * does one that comes and goes.
 */
#ifndef LK_STORE_STORE_REPLICAS_H
#define LK_STORE_STORE_REPLICAS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store_wire.h"

/* They answer each second; so long silent, a write would wait for them in vain. */
#define STORE_REPLICA_LAG_MAX_S 3
#define STORE_REPLICAS_TURN_MS	3000

/* Of a reply to INFO replication: those that are online and answered lately. */
int
store_replicas_count(const redisReply *info);

struct store_replicas_watch {
	bool has_seen, is_enough;
	int64_t since_mono_ms; /* seen otherwise since; 0: not */
};
/* What holds after a look that saw them enough or not; the first look holds at once. */
bool
store_replicas_see(struct store_replicas_watch *watch, bool is_enough, int64_t now_mono_ms);

#endif
