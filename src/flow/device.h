/* SPDX-License-Identifier: MIT */
/*
 * Devices people have signed in on. The cookie holds a random name of the device and, for up to
 * DEVICE_PEOPLE_MAX people, a keyed tag with the day: nothing is stored, so losing the store locks
 * nobody out, and nobody can make a tag for somebody else. Pure, fuzzed.
 *
 *   NAME(43) then for each person '.' DAY(4 hex) TAG(16)
 */
#ifndef LK_FLOW_DEVICE_H
#define LK_FLOW_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "crypto/crypto.h"

#define DEVICE_PEOPLE_MAX 6u
#define DEVICE_MAX_BYTES  256u

struct device_who {
	const struct crypto_ring *ring;
	struct lk_str person_id;
	int64_t now_s;
};

/* Has this person signed in on it in the last max_days? A cookie that is not ours: no. */
bool
device_is_known(const struct device_who *who, struct lk_str cookie, int max_days);
/*
 * The cookie with this person's tag of today in front, the oldest dropped; a new name when cookie
 * is not ours. Nothing without memory.
 */
struct lk_str
device_add(const struct device_who *who, struct lk_str cookie, struct lk_arena *arena);
/* cookie, or a device's new name when it is not ours. Nothing without memory. */
struct lk_str
device_need(struct lk_str cookie, struct lk_arena *arena);
/* What a trust of this device for this person is stored under. False: cookie is not ours. */
bool
device_key(const struct crypto_ring *ring, struct lk_str cookie, struct crypto_digest *out);

#endif
