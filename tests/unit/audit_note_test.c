/* SPDX-License-Identifier: MIT */
/* Lines that nobody's thread waits for: each is told of once, when it is on disk or may not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
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

static uint64_t
count_whole(struct help_log *log)
{
	struct audit_fault fault;

	assert_int_equal(help_log_verify(log, &fault), LK_OK);
	return fault.count;
}

static enum lk_err
add_within(struct help_log *log, int wait_ms)
{
	const struct audit_line line = {.event = AUDIT_STARTED};

	return audit_append(log->audit, &line, lk_clock_mono_ms(lk_clock_system()) + wait_ms);
}

/* --- notes
 * ---------------------------------------------------------------------------------------- */

/* More than three batches. */
#define NOTES ((int)(3 * AUDIT_BATCH_MAX + 8))

struct told {
	struct audit_note note;
	atomic_int count;
};
static struct told notes[NOTES];
static atomic_int told_count, call_count, mixed_count;
static int owners[2];

/* A note is not ours any more once it is counted. */
static void
note_told(struct audit_note *note)
{
	const void *owner = note->owner;

	atomic_fetch_add(&call_count, 1);
	for (struct audit_note *next; note != NULL; note = next) {
		struct told *told = (struct told *)note;

		next = note->next;
		atomic_fetch_add(&mixed_count, note->owner != owner);
		atomic_fetch_add(&told->count, 1);
		atomic_fetch_add(&told_count, 1);
	}
}

/* Nobody was told of anything, and a new log on a disk that works so far. */
static struct lk_arena *
notes_begin(struct help_log *log, const struct audit_io *io)
{
	struct lk_arena *arena = lk_arena_new(65536, 1 << 20);

	assert_non_null(arena);
	memset(notes, 0, sizeof notes);
	atomic_store(&told_count, 0);
	atomic_store(&call_count, 0);
	atomic_store(&mixed_count, 0);
	atomic_store(&sync_errno, 0);
	atomic_store(&write_most, 1 << 20);
	sem_init(&sync_gate, 0, 1);
	help_log_init(log);
	assert_int_equal(help_log_open_io(log, io, NULL), LK_OK);
	return arena;
}

static void
notes_end(struct help_log *log, struct lk_arena *arena)
{
	help_log_done(log);
	sem_destroy(&sync_gate);
	lk_arena_free(arena);
}

static enum lk_err
note_put(struct help_log *log, struct lk_arena *arena, int i)
{
	struct audit_line line = {.event = AUDIT_STARTED};
	char detail[32];

	snprintf(detail, sizeof detail, "note %d", i);
	line.detail = lk_str_c(detail);
	notes[i].note.done = note_told;
	notes[i].note.owner = &owners[i / 10 % 2];
	return audit_note(log->audit, &line, arena, &notes[i].note);
}

static enum lk_err
note_add(struct help_log *log, struct lk_arena *arena, int i)
{
	enum lk_err err = note_put(log, arena, i);

	audit_notes_go(log->audit);
	return err;
}

static void
wait_for_told(int count)
{
	const struct timespec tick = {0, 2000000};
	int64_t until_ms = lk_clock_mono_ms(lk_clock_system()) + 10000;

	while (atomic_load(&told_count) < count) {
		assert_true(lk_clock_mono_ms(lk_clock_system()) < until_ms);
		nanosleep(&tick, NULL);
	}
	assert_int_equal(atomic_load(&told_count), count);
}

static void
assert_noted(int first, int end, enum lk_err result)
{
	for (int i = first; i < end; i++) {
		assert_int_equal(atomic_load(&notes[i].count), 1);
		assert_int_equal(notes[i].note.result, result);
	}
}

struct order {
	int next;
};

static bool
in_order(const struct audit_record *record, void *context)
{
	struct order *order = context;
	char detail[16];

	if (record->line.event != AUDIT_STARTED || !lk_str_starts(record->line.detail, "note "))
		return true;
	snprintf(detail, sizeof detail, "note %d", order->next++);
	assert_true(lk_str_is(record->line.detail, detail));
	return true;
}

static void
assert_order(struct help_log *log, int count)
{
	struct order order = {0};

	assert_int_equal(audit_read(log->path, &(struct audit_query){0}, in_order, &order), LK_OK);
	assert_int_equal(order.next, count);
}

static void
notes_are_told_once_each_in_their_order_by_few_syncs(void **state)
{
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &slow);

	(void)state;
	atomic_store(&sync_count, 0);
	for (int i = 0; i < NOTES; i++)
		assert_int_equal(note_add(&log, arena, i), LK_OK);
	wait_for_told(NOTES);
	assert_noted(0, NOTES, LK_OK);
	/* As many at a time as may be; the first may have gone alone. */
	assert_in_range(atomic_load(&sync_count), 4, 8);
	/* By tens of one owner; a batch may end within ten. */
	assert_in_range(atomic_load(&call_count), NOTES / 10, NOTES / 10 + 8);
	assert_int_equal(atomic_load(&mixed_count), 0);
	for (int i = 0; i < NOTES; i++)
		assert_false(audit_note_leave(log.audit, &notes[i].note));
	help_log_close(&log);
	assert_int_equal(count_whole(&log), NOTES);
	assert_order(&log, NOTES);
	notes_end(&log, arena);
}

static void
notes_wait_for_each_other_until_they_are_to_go(void **state)
{
	const struct timespec some = {0, 50000000};
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &counted);

	(void)state;
	assert_int_equal(add_within(&log, 5000), LK_OK); /* the writer is there, and waits */
	atomic_store(&sync_count, 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(note_put(&log, arena, i), LK_OK);
	nanosleep(&some, NULL);
	assert_int_equal(atomic_load(&told_count), 0);
	assert_int_equal(atomic_load(&sync_count), 0);
	audit_notes_go(log.audit);
	wait_for_told(10);
	assert_int_equal(atomic_load(&sync_count), 1);
	/* Who does not wait for the disk takes them along; so does the end. */
	assert_int_equal(note_put(&log, arena, 10), LK_OK);
	assert_int_equal(add_within(&log, 5000), LK_OK);
	wait_for_told(11);
	assert_int_equal(note_put(&log, arena, 11), LK_OK);
	help_log_close(&log);
	wait_for_told(12);
	assert_noted(0, 12, LK_OK);
	assert_order(&log, 12);
	notes_end(&log, arena);
}

static void
threads_are_not_held_up_by_many_notes(void **state)
{
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &hanging);

	(void)state;
	for (int i = 0; i < NOTES; i++)
		assert_int_equal(note_add(&log, arena, i), LK_OK);
	/* The batch being written and the next are all that a thread waits for. */
	sem_post(&sync_gate);
	sem_post(&sync_gate);
	assert_int_equal(add_within(&log, 5000), LK_OK);
	assert_true(atomic_load(&told_count) < NOTES);
	for (int i = 0; i < 8; i++)
		sem_post(&sync_gate);
	wait_for_told(NOTES);
	assert_noted(0, NOTES, LK_OK);
	help_log_close(&log);
	assert_order(&log, NOTES);
	notes_end(&log, arena);
}

static void
a_batch_of_notes_that_fails_is_told_so_and_what_comes_after_is_not_taken(void **state)
{
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &counted);

	(void)state;
	atomic_store(&sync_errno, EIO);
	assert_int_equal(note_add(&log, arena, 0), LK_OK);
	wait_for_told(1);
	assert_noted(0, 1, LK_E_AUDIT_DOWN);
	assert_int_equal(note_add(&log, arena, 1), LK_E_AUDIT_DOWN);
	atomic_store(&sync_errno, 0);
	assert_int_equal(note_add(&log, arena, 1), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, NULL), LK_OK);
	assert_int_equal(note_add(&log, arena, 1), LK_OK);
	wait_for_told(2);
	assert_noted(1, 2, LK_OK);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), 2); /* mended, the last */
	notes_end(&log, arena);
}

static void
notes_on_a_disk_that_fills_are_told_what_is_there(void **state)
{
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &filling);
	int taken = 0, good = 0;

	(void)state;
	atomic_store(&write_most, 15000);
	for (; taken < NOTES && note_add(&log, arena, taken) == LK_OK; taken++)
		continue;
	wait_for_told(taken);
	for (int i = 0; i < taken; i++) {
		assert_int_equal(atomic_load(&notes[i].count), 1);
		assert_int_equal(notes[i].note.result,
				 good == i ? notes[i].note.result : LK_E_AUDIT_DOWN);
		good += notes[i].note.result == LK_OK;
	}
	assert_true(good < taken);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), good);
	assert_order(&log, good);
	notes_end(&log, arena);
}

static void
whoever_leaves_is_not_told_and_not_written_unless_it_had_begun(void **state)
{
	const struct timespec tick = {0, 20000000};
	struct help_log log;
	struct lk_arena *arena = notes_begin(&log, &hanging);
	int begun;

	(void)state;
	begun = atomic_load(&sync_count);
	assert_int_equal(note_add(&log, arena, 0), LK_OK);
	/* The writer hangs in the first one's sync; the others stand in line. */
	while (atomic_load(&sync_count) == begun)
		nanosleep(&tick, NULL);
	for (int i = 1; i < 100; i++)
		assert_int_equal(note_add(&log, arena, i), LK_OK);
	assert_true(audit_note_leave(log.audit, &notes[0].note));
	for (int i = 1; i < 100; i += 2)
		assert_true(audit_note_leave(log.audit, &notes[i].note));
	assert_true(audit_note_leave(log.audit, &notes[98].note));
	/* Nothing of theirs is looked at any more. */
	memset(&notes[0].note, 0xff, sizeof notes[0].note);
	for (int i = 1; i < 100; i += 2)
		memset(&notes[i].note, 0xff, sizeof notes[i].note);
	for (int i = 0; i < 4; i++)
		sem_post(&sync_gate);
	wait_for_told(48);
	for (int i = 2; i < 98; i += 2)
		assert_noted(i, i + 1, LK_OK);
	help_log_close(&log);
	assert_int_equal(count_whole(&log), 49); /* the one that had begun, and 48 */
	notes_end(&log, arena);
}

/* Notes and threads at once, and some that leave whenever it comes to them. */
static void *
note_and_leave(void *context)
{
	struct help_log *log = context;
	struct lk_arena *arena = lk_arena_new(65536, 1 << 20);
	intptr_t left = 0;

	for (int i = 0; i < EACH; i++) {
		const struct audit_line line = {.event = AUDIT_STARTED};
		struct told told = {.note = {.done = note_told}};

		assert_int_equal(audit_note(log->audit, &line, arena, &told.note), LK_OK);
		audit_notes_go(log->audit);
		if (i % 3 != 0 && audit_note_leave(log->audit, &told.note)) {
			left++;
			assert_int_equal(atomic_load(&told.count), 0);
			continue;
		}
		while (atomic_load(&told.count) == 0)
			nanosleep(&(struct timespec){0, 100000}, NULL);
		assert_int_equal(told.note.result, LK_OK);
	}
	lk_arena_free(arena);
	return (void *)left;
}

static void
many_threads_note_and_leave_at_any_moment(void **state)
{
	pthread_t threads[THREADS];
	struct help_log log;
	intptr_t left = 0;
	int i;

	(void)state;
	help_log_init(&log);
	atomic_store(&told_count, 0);
	atomic_store(&sync_errno, 0);
	assert_int_equal(help_log_open_io(&log, &counted, NULL), LK_OK);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						i % 2 == 0 ? note_and_leave : append_many, &log),
				 0);
	for (i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		left += i % 2 == 0 ? (intptr_t)result : 0;
		assert_true(i % 2 == 0 || result == NULL);
	}
	assert_int_equal(atomic_load(&told_count), THREADS / 2 * EACH - left);
	help_log_close(&log);
	assert_in_range(count_whole(&log), THREADS * EACH - left, THREADS * EACH);
	help_log_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(notes_are_told_once_each_in_their_order_by_few_syncs),
	    cmocka_unit_test(notes_wait_for_each_other_until_they_are_to_go),
	    cmocka_unit_test(threads_are_not_held_up_by_many_notes),
	    cmocka_unit_test(
		a_batch_of_notes_that_fails_is_told_so_and_what_comes_after_is_not_taken),
	    cmocka_unit_test(notes_on_a_disk_that_fills_are_told_what_is_there),
	    cmocka_unit_test(whoever_leaves_is_not_told_and_not_written_unless_it_had_begun),
	    cmocka_unit_test(many_threads_note_and_leave_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
