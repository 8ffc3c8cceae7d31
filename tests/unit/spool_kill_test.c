/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "crypto/token.h"
#include "spool/waiting.h"
#include "support/files_help.h"

/*
 * A process that puts mails is killed at a random moment, again and again. What it was told is put
 * must be there, whole; and whatever is there must be whole.
 */
#define ROUNDS	   100
#define MAIL_BYTES 60000u
#define NOW	   1795799116

ssize_t
__real_write(int fd, const void *from, size_t len);
ssize_t
__wrap_write(int fd, const void *from, size_t len);

/* In pieces, so that the kill comes between them. */
ssize_t
__wrap_write(int fd, const void *from, size_t len)
{
	return __real_write(fd, from, len < 500 ? len : 500);
}

static void
child_run(const char *dir, int told_fd)
{
	static char mail[MAIL_BYTES];

	memset(mail, 'x', sizeof mail);
	while (spool_put(dir, LK_STR("a@example.org"), lk_str_n(mail, sizeof mail), NOW) == LK_OK) {
		if (__real_write(told_fd, "1", 1) != 1)
			break;
	}
	_exit(1);
}

/* Returns how many it was told of. */
static size_t
round_run(const char *dir)
{
	struct timespec moment = {0, 200000 + (long)crypto_random_below(4000000)};
	size_t told_count = 0;
	int told[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_run(dir, told[1]);
	close(told[1]);
	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
	while (read(told[0], &byte, 1) == 1)
		told_count++;
	close(told[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status)); /* it did not end by itself */
	return told_count;
}

static size_t
count_half_written(const char *dir)
{
	char path[HELP_PATH_BYTES];
	DIR *entries = opendir(help_path(path, dir, "new"));
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(entries);
	return count;
}

/* Returns how many there are. */
static size_t
all_are_whole(const char *dir)
{
	struct lk_arena *arena = lk_arena_new(1u << 20, 1u << 20), *one;
	struct spool *spool = NULL;
	const char *const *names;
	struct spool_mail mail;
	size_t count, i;

	assert_int_equal(spool_open(dir, NOW, NULL, &spool), LK_OK);
	assert_int_equal(spool_list(spool, arena, &names, &count), LK_OK);
	one = lk_arena_new(1u << 17, 1u << 17);
	for (i = 0; i < count; i++) {
		lk_arena_reset(one);
		assert_int_equal(spool_get(spool, one, names[i], &mail), LK_OK);
		assert_int_equal(mail.mail.len, MAIL_BYTES);
	}
	lk_arena_free(one);
	lk_arena_free(arena);
	spool_close(spool);
	return count;
}

static void
a_mail_is_seen_whole_or_not_at_all_over_100_kills(void **state)
{
	char folder[HELP_PATH_BYTES], dir[HELP_PATH_BYTES];
	size_t told_count = 0, count;
	int i;

	(void)state;
	help_folder(folder);
	help_path(dir, folder, "spool");
	assert_int_equal(spool_init(dir, NULL), LK_OK);
	for (i = 0; i < ROUNDS; i++)
		told_count += round_run(dir);
	count = all_are_whole(dir);
	assert_true(count >= told_count && count <= told_count + ROUNDS);
	assert_true(count_half_written(dir) > 0); /* the kills did come within mails */
	help_folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mail_is_seen_whole_or_not_at_all_over_100_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
