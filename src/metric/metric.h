/* SPDX-License-Identifier: MIT */
/*
 * Counters, gauges and histograms, one row each in tables/metrics.def. Adding one is one relaxed
 * atomic addition to this thread's share: cheap enough for every request. Knows nothing of people:
 * labels come from closed lists only.
 *
 * For each row there is one function with the row's own label types; give METRIC_NONE where the row
 * says NONE.
 *
 *   COUNTER          metric_count_<name>(metrics, a, b)
 *   GAUGE            metric_set_<name>(metrics, a, b, value)
 *                    metric_move_<name>(metrics, a, b, by)
 *   TIMES, JOURNEYS  metric_time_<name>(metrics, a, b, microseconds)
 *
 * metrics may be NULL: nothing is counted. From any thread.
 */
#ifndef LK_METRIC_METRIC_H
#define LK_METRIC_METRIC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "metric/labels.h"

struct metrics;

/* version: for latchkey_build_info; copied. NULL without memory. */
struct metrics *
metrics_new(const char *version) LK_MUST_CHECK;
/* NULL is fine. */
void
metrics_free(struct metrics *metrics);

/*
 * Everything in Prometheus' text format (0.0.4), with what the system says of this process.
 * Counters and histograms nothing was added to are left out, but for those without labels.
 *
 * Time: reads every share; about 1 ms.
 */
void
metrics_write(const struct metrics *metrics, struct lk_buf *out);
#define METRIC_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
/* Enough for everything there is. */
#define METRIC_TEXT_MAX_BYTES 4194304u

enum metric {
#define LK_METRIC(kind, name, a, b, help) METRIC_##name,
#include "tables/metrics.def"
	METRIC_COUNT
};

/* Which of a metric's cells. A label out of its list counts as its first value. */
struct metric_at {
	enum metric metric;
	unsigned a, b;
};
/* The four behind the functions below. */
void
metric_add(struct metrics *metrics, struct metric_at at, uint64_t count);
void
metric_set(struct metrics *metrics, struct metric_at at, int64_t value);
void
metric_move(struct metrics *metrics, struct metric_at at, int64_t by);
void
metric_observe(struct metrics *metrics, struct metric_at at, int64_t micros);

#define METRIC_MAKE_COUNTER(name, label_a, label_b)                                                \
	static inline void metric_count_##name(struct metrics *metrics, METRIC_LABEL_##label_a a,  \
					       METRIC_LABEL_##label_b b)                           \
	{                                                                                          \
		metric_add(metrics, (struct metric_at){METRIC_##name, (unsigned)a, (unsigned)b},   \
			   1);                                                                     \
	}
#define METRIC_MAKE_GAUGE(name, label_a, label_b)                                                  \
	static inline void metric_set_##name(struct metrics *metrics, METRIC_LABEL_##label_a a,    \
					     METRIC_LABEL_##label_b b, int64_t value)              \
	{                                                                                          \
		metric_set(metrics, (struct metric_at){METRIC_##name, (unsigned)a, (unsigned)b},   \
			   value);                                                                 \
	}                                                                                          \
	static inline void metric_move_##name(struct metrics *metrics, METRIC_LABEL_##label_a a,   \
					      METRIC_LABEL_##label_b b, int64_t by)                \
	{                                                                                          \
		metric_move(metrics, (struct metric_at){METRIC_##name, (unsigned)a, (unsigned)b},  \
			    by);                                                                   \
	}
#define METRIC_MAKE_TIMES(name, label_a, label_b)                                                  \
	static inline void metric_time_##name(struct metrics *metrics, METRIC_LABEL_##label_a a,   \
					      METRIC_LABEL_##label_b b, int64_t micros)            \
	{                                                                                          \
		metric_observe(                                                                    \
		    metrics, (struct metric_at){METRIC_##name, (unsigned)a, (unsigned)b}, micros); \
	}
#define METRIC_MAKE_JOURNEYS METRIC_MAKE_TIMES

#define LK_METRIC(kind, name, a, b, help) METRIC_MAKE_##kind(name, a, b)
#include "tables/metrics.def"

#endif
