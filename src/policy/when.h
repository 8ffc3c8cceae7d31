/* SPDX-License-Identifier: MIT */
/* Instants and hours as application files write them. Pure but for the zone of the process, fuzzed.
 */
#ifndef LK_POLICY_WHEN_H
#define LK_POLICY_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "conf/value.h"

/* "2026-12-31" (its start) or "2026-12-31T10:00Z", from 1970 to 9999, in UTC. False for anything
 * else; *out is untouched then. */
bool
policy_moment_read(struct lk_str text, int64_t *out_at_s);
/* "2026-12-31T10:00Z"; what stands behind whole minutes is dropped. */
void
policy_moment_write(int64_t at_s, struct lk_buf *out);
/* int64_t, for tables of conf. */
extern const struct conf_own policy_moment_own;

#define POLICY_SPANS_MAX 16u

/* Each day of days (bit 0: Sunday, as struct tm) from begins_min on until ends_min; at or before
 * begins_min that is the next day's. */
struct policy_span {
	uint8_t days;
	uint16_t begins_min, ends_min; /* since midnight, 0 to 1440 */
};
struct policy_hours {
	uint8_t count; /* 0: at any hour */
	struct policy_span spans[POLICY_SPANS_MAX];
};

/* day: 0 Sunday … 6 Saturday; minute: since midnight. */
bool
policy_hours_have(const struct policy_hours *hours, unsigned day, unsigned minute);
/* "Mon-Fri 07:00-19:00, Sat 22:00-04:00", for tables of conf. */
extern const struct conf_own policy_hours_own;

#endif
