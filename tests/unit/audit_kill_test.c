/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "support/audit_help.h"

/*
 * A process with 16 threads that append is killed at a random moment, again and again. What it was
 * told is on disk must be there; what is there must verify.
 */
#define TIMES_MAX 20
#define ROUNDS	  120
#define THREADS	  16
#define IDS_MAX	  65536

/* In pieces, so that the kill comes between them: as a torn write does. */
static ssize_t
write_pieces(int fd, const void *from, size_t len)
{
	return write(fd, from, len < 41 ? len : 41);
}

static const struct audit_io torn = {write_pieces, fdatasync};

struct child {
	struct help_log *log;
	int told_fd;
	uint32_t first_id;
};

/* Each thread has ids of its own; each id that is on disk is told through the pipe. */
static void *
append_for_ever(void *context)
{
	struct child *child = context;
	uint32_t id = child->first_id;
	char detail[16];

	for (;; id += THREADS) {
		snprintf(detail, sizeof detail, "id %u.", id);
		if (help_log_add(child->log, detail) != LK_OK)
			_exit(1);
		if (write(child->told_fd, &id, sizeof id) != sizeof id)
			_exit(1);
	}
	return NULL;
}

static void
child_run(struct help_log *log, const struct audit_io *io, int told_fd, uint32_t first_id)
{
	static struct child children[THREADS];
	pthread_t thread;
	uint32_t i;

	if (help_log_open_io(log, io, NULL) != LK_OK)
		_exit(1);
	for (i = 0; i < THREADS; i++) {
		children[i] = (struct child){log, told_fd, first_id + i};
		if (pthread_create(&thread, NULL, append_for_ever, &children[i]) != 0)
			_exit(1);
	}
	for (;;)
		pause();
}

static unsigned char is_told[IDS_MAX];
static uint32_t next_id, told_count;

static void
hear(uint32_t id)
{
	assert_true(id < IDS_MAX);
	is_told[id] = 1;
	told_count++;
	if (id >= next_id)
		next_id = id + 1;
}

/* Kills it after some acknowledgements and a moment. */
static void
round_run(struct help_log *log, const struct audit_io *io)
{
	uint32_t id, after = crypto_random_below(24);
	struct timespec moment = {0, (long)crypto_random_below(3000000)};
	int told[2], status;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(told[0]);
		child_run(log, io, told[1], next_id);
	}
	close(told[1]);
	while (after-- > 0 && read(told[0], &id, sizeof id) == sizeof id)
		hear(id);
	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
	while (read(told[0], &id, sizeof id) == sizeof id)
		hear(id);
	close(told[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status)); /* it did not end by itself */
	next_id += THREADS;		  /* written, not told */
}

struct found {
	unsigned char is_there[IDS_MAX];
	unsigned mended_count;
};

static bool
find(const struct audit_record *record, void *context)
{
	struct found *found = context;
	struct lk_str id = record->line.detail;
	uint64_t value;

	if (record->line.event == AUDIT_CHAIN_MENDED)
		found->mended_count++;
	if (!lk_str_starts(id, "id "))
		return true;
	id = lk_str_from(id, 3);
	id.len--;
	if (lk_str_to_u64(id, &value) && value < IDS_MAX)
		found->is_there[value] = 1;
	return true;
}

static void
told_lines_survive(const struct audit_io *io, struct found *found)
{
	struct help_log log;
	uint32_t id;
	int i;

	memset(is_told, 0, sizeof is_told);
	memset(found, 0, sizeof *found);
	next_id = told_count = 0;
	help_log_init(&log);
	for (i = 0; i < ROUNDS / 2; i++)
		round_run(&log, io);
	help_log_fill(&log, 0); /* mends */
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_int_equal(audit_read(log.path, &(struct audit_query){0}, find, found), LK_OK);
	assert_true(told_count > ROUNDS);
	for (id = 0; id < IDS_MAX; id++)
		assert_true(!is_told[id] || found->is_there[id]);
	help_log_done(&log);
}

static void
what_was_told_survives_60_kills(void **state)
{
	static struct found found;

	(void)state;
	told_lines_survive(audit_io_system(), &found);
}

static void
what_was_told_survives_60_kills_within_a_line(void **state)
{
	static struct found found;

	(void)state;
	/* Until one did come within a line: on a busy machine that is rare. */
	for (int i = 0; i < TIMES_MAX && found.mended_count == 0; i++)
		told_lines_survive(&torn, &found);
	assert_true(found.mended_count > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_told_survives_60_kills),
	    cmocka_unit_test(what_was_told_survives_60_kills_within_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
