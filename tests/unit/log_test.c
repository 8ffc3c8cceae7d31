/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define FILE_BYTES 262144

struct log_file {
	char path[32];
	struct lk_log log;
	struct lk_log_lines lines;
	char *text;
};

static int
log_file_make(void **state)
{
	struct log_file *file = calloc(1, sizeof *file);

	memcpy(file->path, "/tmp/log_test.XXXXXX", 21);
	file->log = (struct lk_log){lk_clock_system(), LK_LOG_INFO, mkstemp(file->path)};
	file->text = calloc(1, FILE_BYTES);
	lk_log_lines_init(&file->lines);
	*state = file;
	return file->log.fd < 0 ? -1 : 0;
}

static int
log_file_remove(void **state)
{
	struct log_file *file = *state;

	close(file->log.fd);
	unlink(file->path);
	free(file->text);
	free(file);
	return 0;
}

static size_t
lines_in(struct log_file *file)
{
	ssize_t len = pread(file->log.fd, file->text, FILE_BYTES - 1, 0);
	size_t count = 0, i;

	assert_true(len >= 0);
	file->text[len] = '\0';
	for (i = 0; i < (size_t)len; i++)
		count += file->text[i] == '\n';
	return count;
}

static void
gather(struct log_file *file, enum lk_log_level level, const char *words)
{
	struct lk_log_head head = {level, "request", LK_STR("7Q4M-2XPD")};

	struct lk_str pieces[] = {LK_STR("said="), lk_str_c(words)};

	lk_log_gather(&file->lines, &file->log, &head, pieces, 2);
}

static void
gathered_lines_are_written_when_asked(void **state)
{
	struct log_file *file = *state;

	gather(file, LK_LOG_INFO, "one");
	gather(file, LK_LOG_DEBUG, "below the level");
	gather(file, LK_LOG_ERROR, "two");
	assert_int_equal(lines_in(file), 0);
	lk_log_lines_write(&file->lines);
	assert_int_equal(lines_in(file), 2);
	assert_non_null(
	    strstr(file->text, "\"ref\":\"7Q4M-2XPD\",\"text\":\"said=one\"}\n{\"time\":"));
	lk_log_lines_write(&file->lines);
	assert_int_equal(lines_in(file), 2);
}

static void
no_line_is_lost_however_many_and_long_they_are(void **state)
{
	struct log_file *file = *state;
	char words[700];
	int i;

	/* Each byte becomes two: the longest a line can get. */
	memset(words, '"', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	for (i = 0; i < 100; i++)
		gather(file, LK_LOG_INFO, words);
	lk_log_lines_write(&file->lines);
	assert_int_equal(lines_in(file), 100);
}

static void
words_from_outside_make_no_line_of_their_own(void **state)
{
	struct log_file *file = *state;

	lk_log(&file->log, LK_LOG_INFO, "request", LK_STR("\"\n\""), "a\nb\"} %s", "\x1b\xff\\");
	assert_int_equal(lines_in(file), 1);
	assert_non_null(strstr(file->text, "\"text\":\"a\\u000ab\\\"} \\u001b\xEF\xBF\xBD\\\\\"}"));
	assert_non_null(strstr(file->text, "\"ref\":\"\\\"\\u000a\\\"\""));
}

static void
numbers_are_written_whole(void **state)
{
	char room[LK_U64_DIGITS];

	(void)state;
	assert_true(lk_str_is(lk_str_of_u64(0, room), "0"));
	assert_true(lk_str_is(lk_str_of_u64(503, room), "503"));
	assert_true(lk_str_is(lk_str_of_u64(UINT64_MAX, room), "18446744073709551615"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, log_file_make, log_file_remove)
	const struct CMUnitTest tests[] = {
	    TEST(gathered_lines_are_written_when_asked),
	    TEST(no_line_is_lost_however_many_and_long_they_are),
	    TEST(numbers_are_written_whole),
	    TEST(words_from_outside_make_no_line_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
