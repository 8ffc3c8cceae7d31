/* SPDX-License-Identifier: MIT */
/* Lanes and the configuration in force, with threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "flow/live.h"
#include "lane/lane.h"

#define JOBS 64

static struct fast fast;
static sem_t gate;	/* what held jobs wait for */
static sem_t has_begun; /* a job runs */
static atomic_int run_count, done_count, late_count;

/* --- stands where the store and the directory stand ------------------------------------------- */

struct store *
store_new(struct store_shared *shared)
{
	(void)shared;
	return calloc(1, 16);
}

void
store_free(struct store *store)
{
	free(store);
}

void
store_begin(struct store *store, const struct lk_call *call)
{
	assert_non_null(store);
	assert_non_null(call->clock);
}

struct dir *
dir_new(struct dir_servers *servers)
{
	(void)servers;
	return calloc(1, 16);
}

void
dir_free(struct dir *dir)
{
	free(dir);
}

void
dir_begin(struct dir *dir, const struct lk_call *call)
{
	assert_non_null(dir);
	assert_non_null(call->clock);
}

/* --- lanes ------------------------------------------------------------------------------------ */

static void
run_at_once(struct flow *flow, struct lane_job *job)
{
	sigset_t blocked;

	assert_ptr_equal(flow->fast, job->fast);
	assert_ptr_equal(flow->call, &job->call);
	assert_non_null(flow->store);
	assert_non_null(flow->dir);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_true(sigismember(&blocked, SIGTERM));
	run_count++;
}

static void
run_held(struct flow *flow, struct lane_job *job)
{
	run_at_once(flow, job);
	sem_post(&has_begun);
	sem_wait(&gate);
}

static void
done(struct lane_job *job, bool is_run)
{
	(void)job;
	done_count++;
	late_count += !is_run;
}

static int64_t
now_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

static struct lane_job
job_make(void (*run)(struct flow *, struct lane_job *), int deadline_ms)
{
	return (struct lane_job){
	    .run = run,
	    .done = done,
	    .fast = &fast,
	    .call = {.clock = lk_clock_system(), .deadline_mono_ms = now_ms() + deadline_ms}};
}

static struct lane_pool *
pool_make(int lanes, int queue)
{
	struct lane_settings settings = {lanes, queue, &fast, false};
	struct lane_pool *pool = lane_pool_new(&settings);

	assert_non_null(pool);
	return pool;
}

static void
run_without_directory(struct flow *flow, struct lane_job *job)
{
	(void)job;
	assert_non_null(flow->store);
	assert_null(flow->dir);
	run_count++;
}

static int
begin(void **state)
{
	(void)state;
	fast.clock = lk_clock_system();
	run_count = done_count = late_count = 0;
	return sem_init(&gate, 0, 0) == 0 && sem_init(&has_begun, 0, 0) == 0 ? 0 : -1;
}

static void
jobs_of_quick_lanes_have_no_directory_to_wait_for(void **state)
{
	struct lane_settings settings = {1, 1, &fast, true};
	struct lane_pool *pool = lane_pool_new(&settings);
	struct lane_job job = job_make(run_without_directory, 1000);

	(void)state;
	assert_non_null(pool);
	assert_int_equal(lane_submit(pool, &job), LK_OK);
	lane_pool_stop(pool, now_ms() + 1000);
	assert_int_equal(run_count, 1);
	assert_int_equal(done_count, 1);
	lane_pool_free(pool);
}

static void
every_job_is_run_and_done_once(void **state)
{
	struct lane_pool *pool = pool_make(4, JOBS);
	struct lane_job jobs[JOBS];
	int i;

	(void)state;
	for (i = 0; i < JOBS; i++) {
		jobs[i] = job_make(run_at_once, 5000);
		assert_int_equal(lane_submit(pool, &jobs[i]), LK_OK);
	}
	lane_pool_stop(pool, now_ms() + 5000);
	assert_int_equal(run_count, JOBS);
	assert_int_equal(done_count, JOBS);
	assert_int_equal(late_count, 0);
	lane_pool_free(pool);
}

static void
a_full_queue_says_busy_and_does_nothing(void **state)
{
	struct lane_pool *pool = pool_make(1, 2);
	struct lane_job jobs[4];
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		jobs[i] = job_make(run_held, 5000);
	assert_int_equal(lane_submit(pool, &jobs[0]), LK_OK);
	sem_wait(&has_begun);
	assert_int_equal(lane_submit(pool, &jobs[1]), LK_OK);
	assert_int_equal(lane_submit(pool, &jobs[2]), LK_OK);
	assert_int_equal(lane_submit(pool, &jobs[3]), LK_E_BUSY);
	for (i = 0; i < 3; i++)
		sem_post(&gate);
	lane_pool_stop(pool, now_ms() + 5000);
	assert_int_equal(done_count, 3);
	lane_pool_free(pool);
}

static void
a_job_whose_deadline_passed_in_the_queue_is_not_begun(void **state)
{
	struct lane_pool *pool = pool_make(1, 2);
	struct lane_job first = job_make(run_held, 5000), late = job_make(run_at_once, -1);

	(void)state;
	assert_int_equal(lane_submit(pool, &first), LK_OK);
	sem_wait(&has_begun);
	assert_int_equal(lane_submit(pool, &late), LK_OK);
	sem_post(&gate);
	lane_pool_stop(pool, now_ms() + 5000);
	assert_int_equal(run_count, 1);
	assert_int_equal(done_count, 2);
	assert_int_equal(late_count, 1);
	lane_pool_free(pool);
}

/* The lane is let go only once the deadline has surely passed. */
static void *
let_go_later(void *context)
{
	int64_t until = now_ms() + *(int *)context;

	while (now_ms() < until)
		sched_yield();
	sem_post(&gate);
	return NULL;
}

static void
past_the_stop_deadline_waiting_jobs_are_given_back(void **state)
{
	struct lane_pool *pool = pool_make(1, 4);
	struct lane_job held = job_make(run_held, 5000), waiting = job_make(run_at_once, 5000);
	int later_ms = 200;
	pthread_t other;

	(void)state;
	assert_int_equal(lane_submit(pool, &held), LK_OK);
	sem_wait(&has_begun);
	assert_int_equal(lane_submit(pool, &waiting), LK_OK);
	assert_int_equal(pthread_create(&other, NULL, let_go_later, &later_ms), 0);
	lane_pool_stop(pool, now_ms() + 20);
	pthread_join(other, NULL);
	assert_int_equal(run_count, 1);
	assert_int_equal(done_count, 2);
	assert_int_equal(late_count, 1);
	lane_pool_free(pool);
}

/* --- live ------------------------------------------------------------------------------------- */

static int released_count;
static struct fast *released_last;

static void
release(struct fast *old, void *context)
{
	assert_ptr_equal(context, &released_count);
	released_count++;
	released_last = old;
}

static void
an_old_setting_goes_when_the_last_holder_drops_it(void **state)
{
	struct fast first, second, third;
	struct live *live = live_new(&first, release, &released_count);
	const struct fast *a, *b;

	(void)state;
	assert_non_null(live);
	a = live_hold(live);
	b = live_hold(live);
	assert_ptr_equal(a, &first);
	assert_int_equal(live_put(live, &second), LK_OK);
	assert_int_not_equal(second.number, first.number);
	assert_ptr_equal(live_hold(live), &second);
	live_drop(live, a);
	assert_int_equal(released_count, 0);
	live_drop(live, b);
	assert_int_equal(released_count, 1);
	assert_ptr_equal(released_last, &first);
	live_drop(live, &second);
	assert_int_equal(released_count, 1);
	assert_int_equal(live_put(live, &third), LK_OK);
	assert_int_equal(released_count, 2);
	assert_ptr_equal(released_last, &second);
	live_free(live);
	assert_int_equal(released_count, 3);
	assert_ptr_equal(released_last, &third);
}

#define HOLDERS 4
#define TURNS	2000

static void
quiet_release(struct fast *old, void *context)
{
	(void)context;
	free(old);
}

static void *
hold_and_drop(void *context)
{
	struct live *live = context;
	int i;

	for (i = 0; i < TURNS; i++) {
		const struct fast *held = live_hold(live);

		assert_ptr_equal(held->clock, lk_clock_system());
		live_drop(live, held);
	}
	return NULL;
}

static struct fast *
fast_make(void)
{
	struct fast *made = calloc(1, sizeof *made);

	assert_non_null(made);
	made->clock = lk_clock_system();
	return made;
}

static void
nobody_ever_holds_a_setting_that_is_gone(void **state)
{
	struct live *live = live_new(fast_make(), quiet_release, NULL);
	pthread_t holders[HOLDERS];
	int i;

	(void)state;
	for (i = 0; i < HOLDERS; i++)
		assert_int_equal(pthread_create(&holders[i], NULL, hold_and_drop, live), 0);
	for (i = 0; i < TURNS; i++)
		assert_int_equal(live_put(live, fast_make()), LK_OK);
	for (i = 0; i < HOLDERS; i++)
		pthread_join(holders[i], NULL);
	live_free(live);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(every_job_is_run_and_done_once, begin),
	    cmocka_unit_test_setup(jobs_of_quick_lanes_have_no_directory_to_wait_for, begin),
	    cmocka_unit_test_setup(a_full_queue_says_busy_and_does_nothing, begin),
	    cmocka_unit_test_setup(a_job_whose_deadline_passed_in_the_queue_is_not_begun, begin),
	    cmocka_unit_test_setup(past_the_stop_deadline_waiting_jobs_are_given_back, begin),
	    cmocka_unit_test_setup(an_old_setting_goes_when_the_last_holder_drops_it, begin),
	    cmocka_unit_test_setup(nobody_ever_holds_a_setting_that_is_gone, begin),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
