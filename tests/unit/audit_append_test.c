/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "support/audit_disk.h"

/* --- many threads
 * ---------------------------------------------------------------------------------- */

#define THREADS 16
#define EACH	20

static void *
append_many(void *context)
{
	struct help_log *log = context;
	intptr_t failed = 0;
	int i;

	for (i = 0; i < EACH; i++)
		failed += help_log_add(log, "many") != LK_OK;
	return (void *)failed;
}

static intptr_t
run_threads(struct help_log *log)
{
	pthread_t threads[THREADS];
	intptr_t failed = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_many, log), 0);
	for (i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		failed += (intptr_t)result;
	}
	return failed;
}

static uint64_t
count_whole(struct help_log *log)
{
	struct audit_fault fault;

	assert_int_equal(help_log_verify(log, &fault), LK_OK);
	return fault.count;
}

static void
threads_share_syncs_and_lose_nothing(void **state)
{
	struct help_log log;

	(void)state;
	help_log_init(&log);
	atomic_store(&sync_count, 0);
	assert_int_equal(help_log_open_io(&log, &slow, NULL), LK_OK);
	assert_int_equal(run_threads(&log), 0);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), THREADS * EACH);
	/* 320 lines: each sync but the first few serves about 16. */
	assert_in_range(atomic_load(&sync_count), EACH, THREADS * EACH / 4);
	help_log_done(&log);
}

static void
a_line_alone_has_its_own_sync(void **state)
{
	struct help_log log;
	int before;

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open_io(&log, &counted, NULL), LK_OK);
	before = atomic_load(&sync_count);
	assert_int_equal(help_log_add(&log, "one"), LK_OK);
	assert_int_equal(atomic_load(&sync_count), before + 1);
	assert_int_equal(help_log_add(&log, "two"), LK_OK);
	assert_int_equal(atomic_load(&sync_count), before + 2);
	help_log_done(&log);
}

/* --- a disk that fails
 * ----------------------------------------------------------------------------- */

static void
a_sync_that_fails_acknowledges_nothing_until_healed(void **state)
{
	struct help_log log;
	struct lk_why why = {.len = 0};

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open_io(&log, &counted, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "one"), LK_OK);
	atomic_store(&sync_errno, EIO);
	assert_int_equal(help_log_add(&log, "two"), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_check(log.audit), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, &why), LK_E_AUDIT_DOWN);
	atomic_store(&sync_errno, 0);
	/* The disk is well, but nobody healed: a page lost once may be reported once only. */
	assert_int_equal(help_log_add(&log, "three"), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, &why), LK_OK);
	assert_int_equal(audit_check(log.audit), LK_OK);
	assert_int_equal(help_log_add(&log, "four"), LK_OK);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), 3); /* one, mended, four */
	help_log_done(&log);
}

static void
a_disk_filling_at_any_byte_leaves_a_whole_chain(void **state)
{
	int most;

	(void)state;
	for (most = 0; most < 420; most += 7) {
		struct help_log log;
		struct stat st;

		help_log_init(&log);
		atomic_store(&write_most, 1 << 20);
		assert_int_equal(help_log_open_io(&log, &filling, NULL), LK_OK);
		assert_int_equal(help_log_add(&log, "one"), LK_OK);
		assert_int_equal(stat(log.path, &st), 0); /* one line; the next is as long */
		atomic_store(&write_most, most);
		if (help_log_add(&log, "two") == LK_OK)
			assert_true(most >= st.st_size);
		else
			assert_int_equal(count_whole(&log), 1);
		atomic_store(&write_most, 1 << 20);
		assert_int_equal(audit_heal(log.audit, NULL), LK_OK);
		assert_int_equal(help_log_add(&log, "three"), LK_OK);
		help_log_close(&log);
		assert_int_equal(count_whole(&log), 3);
		help_log_done(&log);
	}
}

static void
the_systems_own_full_disk_is_met_the_same_way(void **state)
{
	struct help_log log;
	struct rlimit before, small;
	struct stat st;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	help_log_init(&log);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "one"), LK_OK);
	assert_int_equal(stat(log.path, &st), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = (rlim_t)st.st_size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(help_log_add(&log, "two"), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, NULL), LK_E_AUDIT_DOWN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(audit_heal(log.audit, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "three"), LK_OK);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), 3);
	help_log_done(&log);
}

static void
threads_on_a_full_disk_all_hear_of_it(void **state)
{
	struct help_log log;
	intptr_t failed;

	(void)state;
	help_log_init(&log);
	atomic_store(&write_most, 1 << 20);
	assert_int_equal(help_log_open_io(&log, &filling, NULL), LK_OK);
	atomic_store(&write_most, 20000);
	failed = run_threads(&log);
	assert_true(failed > 0);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), THREADS * EACH - failed);
	help_log_done(&log);
}

/* --- a disk that hangs
 * ----------------------------------------------------------------------------- */

static enum lk_err
add_within(struct help_log *log, int wait_ms)
{
	const struct audit_line line = {.event = AUDIT_STARTED};

	return audit_append(log->audit, &line, lk_clock_mono_ms(lk_clock_system()) + wait_ms);
}

static void
a_hanging_disk_holds_nobody_past_the_deadline(void **state)
{
	struct help_log log;
	int64_t began_ms;

	(void)state;
	help_log_init(&log);
	sem_init(&sync_gate, 0, 1); /* opening syncs once */
	assert_int_equal(help_log_open_io(&log, &hanging, NULL), LK_OK);
	began_ms = lk_clock_mono_ms(lk_clock_system());
	assert_int_equal(add_within(&log, 50), LK_E_AUDIT_DOWN); /* being written */
	assert_int_equal(add_within(&log, 50), LK_E_AUDIT_DOWN); /* still waiting: never written */
	assert_int_equal(add_within(&log, -1), LK_E_AUDIT_DOWN);
	assert_in_range(lk_clock_mono_ms(lk_clock_system()) - began_ms, 100, 2000);
	sem_post(&sync_gate);
	sem_post(&sync_gate);
	sem_post(&sync_gate);
	assert_int_equal(add_within(&log, 5000), LK_OK); /* it woke up: nothing was lost */
	help_log_close(&log);
	assert_int_equal(count_whole(&log), 2);
	sem_destroy(&sync_gate);
	help_log_done(&log);
}

static void
a_disk_that_hangs_for_long_counts_as_gone(void **state)
{
	struct help_log log;
	const struct timespec tick = {0, 20000000};
	int64_t until_ms = lk_clock_mono_ms(lk_clock_system()) + 10000;

	(void)state;
	help_log_init(&log);
	sem_init(&sync_gate, 0, 1);
	assert_int_equal(help_log_open_io(&log, &hanging, NULL), LK_OK);
	assert_int_equal(add_within(&log, 10), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_check(log.audit), LK_OK); /* not yet */
	while (audit_check(log.audit) == LK_OK) {
		assert_true(lk_clock_mono_ms(lk_clock_system()) < until_ms);
		nanosleep(&tick, NULL);
	}
	assert_int_equal(audit_heal(log.audit, NULL), LK_E_AUDIT_DOWN);
	sem_post(&sync_gate);
	while (audit_check(log.audit) != LK_OK) { /* it woke up */
		assert_true(lk_clock_mono_ms(lk_clock_system()) < until_ms);
		nanosleep(&tick, NULL);
	}
	assert_int_equal(audit_heal(log.audit, NULL), LK_OK);
	help_log_done(&log);
	sem_destroy(&sync_gate);
}

static void
a_missing_slot_is_counted(void **state)
{
	const struct audit_line line = {.event = AUDIT_SIGNIN_DONE};
	struct help_log log;

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(add_within(&log, 5000), LK_OK);
	assert_int_equal(audit_missing_count(log.audit), 0);
	assert_int_equal(audit_append(log.audit, &line, INT64_MAX / 2), LK_OK);
	assert_int_equal(audit_missing_count(log.audit), 1);
	help_log_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(threads_share_syncs_and_lose_nothing),
	    cmocka_unit_test(a_line_alone_has_its_own_sync),
	    cmocka_unit_test(a_sync_that_fails_acknowledges_nothing_until_healed),
	    cmocka_unit_test(a_disk_filling_at_any_byte_leaves_a_whole_chain),
	    cmocka_unit_test(the_systems_own_full_disk_is_met_the_same_way),
	    cmocka_unit_test(threads_on_a_full_disk_all_hear_of_it),
	    cmocka_unit_test(a_hanging_disk_holds_nobody_past_the_deadline),
	    cmocka_unit_test(a_disk_that_hangs_for_long_counts_as_gone),
	    cmocka_unit_test(a_missing_slot_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
