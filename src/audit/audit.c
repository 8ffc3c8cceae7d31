/* SPDX-License-Identifier: MIT */
/*
 * A thread of its own writes: a request that waits for a stuck disk can leave at its deadline,
 * which a thread inside fdatasync cannot. While it syncs one batch the next one fills, so that many
 * requests share a sync.
 */
#include "audit/audit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/line.h"
#include "audit/open.h"
#include "audit/queue.h"

#define STALL_MS     2000 /* a sync that takes longer: count the disk as gone */
#define HEAL_WAIT_MS 1000 /* for the pen */
#define NEXT_WAIT_MS 2000
#define GATHER_MS    2 /* the longest that notes wait for each other */

struct audit {
	pthread_mutex_t lock; /* guards all below but file, which is whose the pen is */
	pthread_cond_t more;  /* a line waits, or the end has come: the writer listens */
	pthread_cond_t done;  /* a batch ended, or the pen is free: all others listen */
	struct audit_queue queue;
	bool is_pen_taken; /* somebody works on file */
	int64_t pen_since_ms;
	bool is_down;
	bool is_closing;
	bool is_gathering; /* the writer wants no word of each note */
	size_t last_count; /* lines of the last batch */
	uint64_t missing_count;
	pthread_t writer;
	const struct lk_clock *clock;
	struct audit_file file;
};

static int64_t
now_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

static struct timespec
after_ms(int64_t wait_ms)
{
	int64_t at_ms = now_ms() + (wait_ms > 0 ? wait_ms : 0);

	return (struct timespec){.tv_sec = (time_t)(at_ms / 1000),
				 .tv_nsec = (long)(at_ms % 1000) * 1000000};
}

/* --- the pen: who holds it works on the file, without the lock
 * ------------------------------------ */

static void
pen_mark(struct audit *audit)
{
	audit->is_pen_taken = true;
	audit->pen_since_ms = now_ms();
}

static bool
pen_take(struct audit *audit, int wait_ms)
{
	struct timespec until = after_ms(wait_ms);

	while (audit->is_pen_taken) {
		if (pthread_cond_timedwait(&audit->done, &audit->lock, &until) == ETIMEDOUT)
			return false;
	}
	pen_mark(audit);
	return true;
}

static void
pen_give(struct audit *audit)
{
	audit->is_pen_taken = false;
	pthread_cond_broadcast(&audit->done);
	pthread_cond_signal(&audit->more);
}

/* --- the writer
 * ----------------------------------------------------------------------------------- */

static enum lk_err
batch_write(struct audit *audit, const struct audit_batch *batch)
{
	struct lk_str fragments[AUDIT_BATCH_MAX];
	size_t count = audit_batch_list(batch, fragments);

	return count == 0 ? LK_OK : audit_file_add(&audit->file, fragments, count);
}

static void
write_waiting(struct audit *audit)
{
	struct audit_batch *batch = audit_queue_swap(&audit->queue);
	enum lk_err err = LK_E_AUDIT_DOWN;

	audit->last_count = batch->count;
	if (!audit->is_down) {
		pen_mark(audit);
		pthread_mutex_unlock(&audit->lock);
		err = batch_write(audit, batch);
		pthread_mutex_lock(&audit->lock);
		/* These lines are on disk; but with no head the next could be cut off unseen. */
		audit->is_down = err != LK_OK || audit->file.has_head_fault;
	}
	audit_batch_end(batch, err);
	pen_give(audit);
}

/*
 * Those whose notes went together are answered together, and come back together: as many as last
 * time are waited for, and not for long. A thread waits for nobody.
 */
static void
gather(struct audit *audit)
{
	struct timespec until = after_ms(GATHER_MS);

	audit->is_gathering = true;
	while (!audit->is_closing && audit_queue_alone_count(&audit->queue) > 0 &&
	       audit_queue_alone_count(&audit->queue) < audit->last_count) {
		if (pthread_cond_timedwait(&audit->more, &audit->lock, &until) == ETIMEDOUT)
			break;
	}
	audit->is_gathering = false;
}

static void *
writer_run(void *context)
{
	struct audit *audit = context;

	pthread_mutex_lock(&audit->lock);
	for (;;) {
		if (!audit_queue_is_empty(&audit->queue) && !audit->is_pen_taken) {
			gather(audit);
			if (!audit->is_pen_taken)
				write_waiting(audit);
		} else if (audit->is_closing && !audit->is_pen_taken)
			break;
		else
			pthread_cond_wait(&audit->more, &audit->lock);
	}
	pthread_mutex_unlock(&audit->lock);
	return NULL;
}

/* Signals are for main. */
static bool
writer_start(struct audit *audit)
{
	sigset_t all, before;
	bool is_started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_started = pthread_create(&audit->writer, NULL, writer_run, audit) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

/* --- opening and closing
 * -------------------------------------------------------------------------- */

static bool
locks_init(struct audit *audit)
{
	pthread_condattr_t attributes;
	bool is_ok;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	is_ok = pthread_mutex_init(&audit->lock, NULL) == 0 &&
		pthread_cond_init(&audit->more, &attributes) == 0 &&
		pthread_cond_init(&audit->done, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	return is_ok;
}

static void
destroy(struct audit *audit)
{
	pthread_cond_destroy(&audit->more);
	pthread_cond_destroy(&audit->done);
	pthread_mutex_destroy(&audit->lock);
	free(audit);
}

enum lk_err
audit_open_setup(const struct audit_setup *setup, struct lk_why *why, struct audit **out)
{
	struct audit *audit = calloc(1, sizeof *audit);
	enum lk_err err;

	if (audit == NULL)
		return LK_E_MEMORY;
	if (!locks_init(audit)) {
		free(audit);
		return LK_E_MEMORY;
	}
	audit->clock = setup->clock;
	err = audit_file_open(&audit->file, setup, why);
	if (err == LK_OK && !writer_start(audit)) {
		audit_file_close(&audit->file);
		err = LK_E_MEMORY;
	}
	if (err != LK_OK) {
		destroy(audit);
		return err;
	}
	audit->is_down = audit->file.has_head_fault;
	*out = audit;
	return LK_OK;
}

enum lk_err
audit_open(const char *path, const struct crypto_ring *ring, const struct lk_clock *clock,
	   struct lk_why *why, struct audit **out)
{
	return audit_open_setup(&(struct audit_setup){path, ring, clock, audit_io_system()}, why,
				out);
}

void
audit_close(struct audit *audit)
{
	if (audit == NULL)
		return;
	pthread_mutex_lock(&audit->lock);
	audit->is_closing = true;
	pthread_cond_signal(&audit->more);
	pthread_mutex_unlock(&audit->lock);
	pthread_join(audit->writer, NULL);
	audit_file_close(&audit->file);
	destroy(audit);
}

/* --- appending
 * ------------------------------------------------------------------------------------ */

/* LK_OK when there is room and the file is up. */
static enum lk_err
wait_for_room(struct audit *audit, const struct timespec *until)
{
	while (!audit->is_down && audit_queue_is_full(&audit->queue)) {
		if (pthread_cond_timedwait(&audit->done, &audit->lock, until) == ETIMEDOUT)
			return LK_E_AUDIT_DOWN;
	}
	return audit->is_down || audit->is_closing ? LK_E_AUDIT_DOWN : LK_OK;
}

static enum lk_err
wait_for_disk(struct audit *audit, struct audit_note *note, const struct timespec *until)
{
	while (!note->is_done) {
		if (pthread_cond_timedwait(&audit->done, &audit->lock, until) == ETIMEDOUT)
			break;
	}
	if (note->is_done)
		return note->result;
	audit_queue_leave(&audit->queue, note);
	return LK_E_AUDIT_DOWN;
}

enum lk_err
audit_append(struct audit *audit, const struct audit_line *line, int64_t deadline_mono_ms)
{
	struct timespec until = after_ms(deadline_mono_ms - lk_clock_mono_ms(audit->clock));
	struct audit_note note = {.done = NULL};
	char fragment[AUDIT_FRAGMENT_MAX_BYTES];
	bool is_missing;
	enum lk_err err;

	note.fragment = lk_str_n(
	    fragment, audit_line_write(line, lk_clock_wall_s(audit->clock), fragment, &is_missing));
	pthread_mutex_lock(&audit->lock);
	audit->missing_count += is_missing;
	err = wait_for_room(audit, &until);
	if (err == LK_OK) {
		audit_queue_put(&audit->queue, &note);
		pthread_cond_signal(&audit->more);
		err = wait_for_disk(audit, &note, &until);
	}
	pthread_mutex_unlock(&audit->lock);
	return err;
}

enum lk_err
audit_note(struct audit *audit, const struct audit_line *line, struct lk_arena *arena,
	   struct audit_note *note)
{
	char fragment[AUDIT_FRAGMENT_MAX_BYTES];
	bool is_missing;
	size_t len = audit_line_write(line, lk_clock_wall_s(audit->clock), fragment, &is_missing);
	enum lk_err err = LK_E_AUDIT_DOWN;

	note->is_done = false;
	note->fragment = lk_arena_dup(arena, lk_str_n(fragment, len));
	if (note->fragment.ptr == NULL)
		return LK_E_MEMORY;
	pthread_mutex_lock(&audit->lock);
	audit->missing_count += is_missing;
	if (!audit->is_down && !audit->is_closing) {
		audit_queue_add(&audit->queue, note);
		err = LK_OK;
	}
	pthread_mutex_unlock(&audit->lock);
	return err;
}

void
audit_notes_go(struct audit *audit)
{
	size_t count;

	pthread_mutex_lock(&audit->lock);
	count = audit_queue_alone_count(&audit->queue);
	if (!audit->is_gathering || count == 0 || count >= audit->last_count)
		pthread_cond_signal(&audit->more);
	pthread_mutex_unlock(&audit->lock);
}

bool
audit_note_leave(struct audit *audit, struct audit_note *note)
{
	bool has_left;

	pthread_mutex_lock(&audit->lock);
	has_left = !note->is_done;
	if (has_left)
		audit_queue_leave(&audit->queue, note);
	pthread_mutex_unlock(&audit->lock);
	return has_left;
}

static bool
is_stalled(const struct audit *audit)
{
	return audit->is_pen_taken && now_ms() - audit->pen_since_ms > STALL_MS;
}

enum lk_err
audit_check(struct audit *audit)
{
	bool is_down;

	pthread_mutex_lock(&audit->lock);
	is_down = audit->is_down || is_stalled(audit);
	pthread_mutex_unlock(&audit->lock);
	return is_down ? LK_E_AUDIT_DOWN : LK_OK;
}

uint64_t
audit_missing_count(struct audit *audit)
{
	uint64_t count;

	pthread_mutex_lock(&audit->lock);
	count = audit->missing_count;
	pthread_mutex_unlock(&audit->lock);
	return count;
}

/* --- healing and moving on
 * ------------------------------------------------------------------------ */

typedef enum lk_err
file_work(struct audit_file *file, struct lk_why *why);

/* Does work with the pen, without the lock. Its answer decides whether the file is up. */
static enum lk_err
with_pen(struct audit *audit, int wait_ms, file_work *work, struct lk_why *why)
{
	enum lk_err err;

	if (!pen_take(audit, wait_ms)) {
		lk_why_add(why, "audit log is still waiting for the disk");
		return LK_E_AUDIT_DOWN;
	}
	pthread_mutex_unlock(&audit->lock);
	err = work(&audit->file, why);
	pthread_mutex_lock(&audit->lock);
	pen_give(audit);
	return err;
}

enum lk_err
audit_heal(struct audit *audit, struct lk_why *why)
{
	enum lk_err err = LK_OK;

	pthread_mutex_lock(&audit->lock);
	if (is_stalled(audit)) {
		lk_why_add(why, "audit log is still waiting for the disk");
		err = LK_E_AUDIT_DOWN;
	} else if (audit->is_down) {
		err = with_pen(audit, HEAL_WAIT_MS, audit_file_mend, why);
		audit->is_down = err != LK_OK;
	}
	pthread_mutex_unlock(&audit->lock);
	return err;
}

enum lk_err
audit_reopen(struct audit *audit, struct lk_why *why)
{
	enum lk_err err;

	pthread_mutex_lock(&audit->lock);
	err = with_pen(audit, NEXT_WAIT_MS, audit_file_next, why);
	if (err == LK_E_AUDIT_DOWN)
		audit->is_down = true;
	else if (err == LK_OK && audit->is_down)
		err = with_pen(audit, NEXT_WAIT_MS, audit_file_mend, why);
	if (err == LK_OK)
		audit->is_down = audit->file.has_head_fault;
	pthread_mutex_unlock(&audit->lock);
	return err;
}
