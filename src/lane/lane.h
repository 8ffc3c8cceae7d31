/* SPDX-License-Identifier: MIT */
/*
 * Where waiting is allowed: a bounded queue and so many threads, each with its own directory and
 * store handles. Doors (http, local) hand jobs in and get them back through their own done.
 */
#ifndef LK_LANE_LANE_H
#define LK_LANE_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "flow/flow.h"

struct lane_pool;

/*
 * One piece of work; embedded in the door's own struct. The door fills run, done, fast and call
 * before lane_submit, and may touch the job again only in done and after.
 */
struct lane_job {
	/* On a lane thread. flow->call is the job's; dir and store have begun with it. */
	void (*run)(struct flow *flow, struct lane_job *job);
	/*
	 * Exactly once, on a lane thread, after run: must only hand the job to its own loop and
	 * wake it. Called with is_run false when the job's deadline passed before a lane was free,
	 * or the pool is stopping.
	 */
	void (*done)(struct lane_job *job, bool is_run);
	const struct fast *fast; /* held by the door until after done */
	struct lk_call call;
	struct lane_job *next;    /* private */
	int64_t queued_mono_ms;   /* private */
};

struct lane_settings {
	int lane_count;
	int queue_count; /* jobs that may wait */
	const struct fast *fast; /* for making handles: store_shared, dir_servers, metrics, clock */
	bool has_no_directory;   /* flow->dir is NULL in its jobs */
};

/* Starts the threads, all signals blocked in them. NULL: no memory or no threads. */
struct lane_pool *lane_pool_new(const struct lane_settings *settings) LK_MUST_CHECK;
/*
 * Waits until every job handed in is done, at most until deadline; then ends the threads. Jobs
 * still waiting at the deadline get done with is_run false. No submit may come any more.
 */
void lane_pool_stop(struct lane_pool *pool, int64_t deadline_mono_ms);
void lane_pool_free(struct lane_pool *pool);

/* LK_OK: done will come · LK_E_BUSY: the queue is full, done will not come. Any thread. */
enum lk_err lane_submit(struct lane_pool *pool, struct lane_job *job) LK_MUST_CHECK;

#endif
