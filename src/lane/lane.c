/* SPDX-License-Identifier: MIT */
#include "lane/lane.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct lane {
	struct lane_pool *pool;
	pthread_t thread;
	struct store *store;
	struct dir *dir;
};

struct lane_pool {
	pthread_mutex_t lock;
	pthread_cond_t has_work; /* a job came, or the pool stops */
	pthread_cond_t is_quiet; /* a job was done */
	struct lane_job *first, **last;
	int waiting_count, busy_count;
	int queue_count;
	bool is_stopping; /* jobs that wait are given back */
	struct metrics *metrics;
	const struct lk_clock *clock;
	int lane_count, started_count;
	struct lane lanes[];
};

static struct lane_job *
queue_take(struct lane_pool *pool)
{
	struct lane_job *job = pool->first;

	pool->first = job->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	pool->waiting_count--;
	metric_move_lane_depth(pool->metrics, METRIC_NONE, METRIC_NONE, -1);
	return job;
}

/* NULL: the pool has stopped. Otherwise *out_is_late: the pool stops, so the job is not begun. */
static struct lane_job *
next_job(struct lane_pool *pool, bool *out_is_late)
{
	struct lane_job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	while (pool->first == NULL && !pool->is_stopping)
		pthread_cond_wait(&pool->has_work, &pool->lock);
	if (pool->first != NULL) {
		job = queue_take(pool);
		pool->busy_count++;
	}
	*out_is_late = pool->is_stopping;
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void
job_run(struct lane *lane, struct lane_job *job)
{
	struct flow flow = {
	    .fast = job->fast, .call = &job->call, .store = lane->store, .dir = lane->dir};

	store_begin(lane->store, &job->call);
	if (lane->dir != NULL)
		dir_begin(lane->dir, &job->call);
	job->run(&flow, job);
}

static void
job_do(struct lane *lane, struct lane_job *job, bool is_late)
{
	struct lane_pool *pool = lane->pool;
	struct metrics *metrics = pool->metrics;
	int64_t now_mono_ms = lk_clock_mono_ms(pool->clock);

	metric_time_lane_wait_seconds(metrics, METRIC_NONE, METRIC_NONE,
				      (now_mono_ms - job->queued_mono_ms) * 1000);
	is_late = is_late || now_mono_ms >= job->call.deadline_mono_ms;
	metric_move_lane_busy(metrics, METRIC_NONE, METRIC_NONE, 1);
	if (!is_late)
		job_run(lane, job);
	metric_move_lane_busy(metrics, METRIC_NONE, METRIC_NONE, -1);
	job->done(job, !is_late);
	pthread_mutex_lock(&pool->lock);
	pool->busy_count--;
	pthread_cond_signal(&pool->is_quiet);
	pthread_mutex_unlock(&pool->lock);
}

static void *
lane_main(void *context)
{
	struct lane *lane = context;
	struct lane_job *job;
	bool is_late;

	while ((job = next_job(lane->pool, &is_late)) != NULL)
		job_do(lane, job, is_late);
	return NULL;
}

enum lk_err
lane_submit(struct lane_pool *pool, struct lane_job *job)
{
	enum lk_err err = LK_E_BUSY;

	job->next = NULL;
	job->queued_mono_ms = lk_clock_mono_ms(pool->clock);
	pthread_mutex_lock(&pool->lock);
	if (!pool->is_stopping && pool->waiting_count < pool->queue_count) {
		*pool->last = job;
		pool->last = &job->next;
		pool->waiting_count++;
		metric_move_lane_depth(pool->metrics, METRIC_NONE, METRIC_NONE, 1);
		pthread_cond_signal(&pool->has_work);
		err = LK_OK;
	}
	pthread_mutex_unlock(&pool->lock);
	return err;
}

static bool
lane_start(struct lane_pool *pool, struct lane *lane, const struct lane_settings *settings)
{
	const struct fast *fast = settings->fast;
	sigset_t all, before;
	int fault;

	lane->pool = pool;
	lane->store = store_new(fast->store_shared);
	if (!settings->has_no_directory)
		lane->dir = dir_new(fast->dir_servers);
	if (lane->store == NULL || (lane->dir == NULL && !settings->has_no_directory))
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fault = pthread_create(&lane->thread, NULL, lane_main, lane);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (fault == 0)
		pool->started_count++;
	return fault == 0;
}

static void
locks_init(struct lane_pool *pool)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_work, NULL);
	pthread_cond_init(&pool->is_quiet, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct lane_pool *
lane_pool_new(const struct lane_settings *settings)
{
	size_t count = (size_t)settings->lane_count;
	struct lane_pool *pool = calloc(1, sizeof *pool + count * sizeof(struct lane));
	int i;

	if (pool == NULL)
		return NULL;
	locks_init(pool);
	pool->last = &pool->first;
	pool->queue_count = settings->queue_count;
	pool->lane_count = settings->lane_count;
	pool->metrics = settings->fast->metrics;
	pool->clock = settings->fast->clock;
	for (i = 0; i < settings->lane_count; i++) {
		if (lane_start(pool, &pool->lanes[i], settings))
			continue;
		lane_pool_free(pool);
		return NULL;
	}
	return pool;
}

/* True: no job waits and none is being done. False: the deadline came first. */
static bool
wait_until_quiet(struct lane_pool *pool, int64_t deadline_mono_ms)
{
	struct timespec until = {deadline_mono_ms / 1000, deadline_mono_ms % 1000 * 1000000};

	while (pool->waiting_count > 0 || pool->busy_count > 0) {
		if (pthread_cond_timedwait(&pool->is_quiet, &pool->lock, &until) == ETIMEDOUT)
			return false;
	}
	return true;
}

void
lane_pool_stop(struct lane_pool *pool, int64_t deadline_mono_ms)
{
	int i;

	pthread_mutex_lock(&pool->lock);
	(void)wait_until_quiet(pool, deadline_mono_ms);
	pool->is_stopping = true;
	pthread_cond_broadcast(&pool->has_work);
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->started_count; i++)
		pthread_join(pool->lanes[i].thread, NULL);
	pool->started_count = 0;
}

void
lane_pool_free(struct lane_pool *pool)
{
	int i;

	if (pool == NULL)
		return;
	lane_pool_stop(pool, 0);
	for (i = 0; i < pool->lane_count; i++) {
		store_free(pool->lanes[i].store);
		dir_free(pool->lanes[i].dir);
	}
	pthread_cond_destroy(&pool->is_quiet);
	pthread_cond_destroy(&pool->has_work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
