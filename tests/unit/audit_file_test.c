/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/audit_help.h"

static char bytes[32768];

/* Is the last line of the log of this event? */
static bool
ends_with(const struct help_log *log, const char *path, const char *event)
{
	size_t len = help_read_file(path, bytes, sizeof bytes), at;
	char member[64];

	(void)log;
	assert_true(len > 1 && bytes[len - 1] == '\n');
	for (at = len - 1; at > 0 && bytes[at - 1] != '\n'; at--)
		;
	snprintf(member, sizeof member, "\"event\":\"%s\"", event);
	return strstr(bytes + at, member) != NULL;
}

static void
append_bytes(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "ab");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void
a_new_log_is_for_us_alone_and_goes_on(void **state)
{
	struct help_log log;
	struct stat st;

	(void)state;
	help_log_init(&log);
	help_log_fill(&log, 2);
	assert_int_equal(stat(log.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(log.head, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	help_log_fill(&log, 2);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(ends_with(&log, log.path, "signin_done"));
	assert_non_null(strstr(bytes, "{\"n\":4,"));
	help_log_done(&log);
}

static void
a_torn_last_line_is_cut_off_and_told(void **state)
{
	static const char torn[] = "{\"n\":3,\"time\":\"20";
	static const char zeros[300];
	struct help_log log;

	(void)state;
	help_log_init(&log);
	help_log_fill(&log, 2);
	append_bytes(log.path, torn, sizeof torn - 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_E_FORMAT);
	help_log_fill(&log, 0);
	assert_true(ends_with(&log, log.path, "chain_mended"));
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	append_bytes(log.path, zeros,
		     sizeof zeros); /* as file systems leave it after a power cut */
	help_log_fill(&log, 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_non_null(strstr(bytes, "chain_mended"));
	help_log_done(&log);
}

/* What a kill between write and head leaves: whole lines the head does not know yet. */
static void
lines_past_the_head_are_kept(void **state)
{
	char old_head[256];
	struct help_log log;
	size_t len;

	(void)state;
	help_log_init(&log);
	help_log_fill(&log, 2);
	len = help_read_file(log.head, old_head, sizeof old_head);
	help_log_fill(&log, 3);
	help_write_file(log.head, old_head, len);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	help_log_fill(&log, 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(ends_with(&log, log.path, "signin_done"));
	assert_non_null(strstr(bytes, "{\"n\":6,"));
	help_log_done(&log);
}

static void
any_other_break_refuses_the_start(void **state)
{
	struct help_log log;
	struct lk_why why = {.len = 0};
	size_t len;

	(void)state;
	help_log_init(&log);
	help_log_fill(&log, 3);
	len = help_read_file(log.path, bytes, sizeof bytes);
	append_bytes(log.path, "junk\n", 5); /* not torn: it has an end */
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	assert_non_null(strstr(why.text, "number 3"));
	help_write_file(log.path, bytes, len / 2); /* cut off the end */
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	bytes[len - 20] ^= 1; /* the last line changed */
	help_write_file(log.path, bytes, len);
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	bytes[len - 20] ^= 1;
	help_write_file(log.path, bytes, len);
	help_write_file(log.head, "0", 1);
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	unlink(log.head);
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	assert_null(log.audit);
	help_log_done(&log);
}

static void
one_process_at_a_time_holds_it(void **state)
{
	struct help_log log, second;
	struct lk_why why = {.len = 0};

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	second = log;
	second.audit = NULL;
	assert_int_equal(help_log_open(&second, &why), LK_E_BUSY);
	assert_int_equal(help_log_add(&log, "still ours"), LK_OK);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK); /* beside the one that writes */
	help_log_done(&log);
}

static void
what_is_no_file_is_refused(void **state)
{
	struct help_log log;
	struct lk_why why = {.len = 0};

	(void)state;
	help_log_init(&log);
	assert_int_equal(mkdir(log.path, 0700), 0);
	assert_int_not_equal(help_log_open(&log, &why), LK_OK);
	rmdir(log.path);
	assert_int_equal(symlink("/dev/full", log.path), 0);
	assert_int_equal(help_log_open(&log, &why), LK_E_AUDIT_DOWN);
	unlink(log.path);
	assert_int_equal(mkfifo(log.path, 0600), 0);
	assert_int_equal(help_log_open(&log, &why), LK_E_FORMAT);
	help_log_done(&log);
}

static void
a_log_moved_away_goes_on_in_a_new_one(void **state)
{
	struct help_log log, old;

	(void)state;
	help_log_init(&log);
	old = log;
	snprintf(old.path, sizeof old.path, "%s/log.1", log.folder);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "before"), LK_OK);
	assert_int_equal(audit_reopen(log.audit, NULL), LK_OK); /* nothing was moved */
	assert_int_equal(rename(log.path, old.path), 0);
	assert_int_equal(help_log_add(&log, "moved, not told yet"), LK_OK);
	assert_int_equal(audit_reopen(log.audit, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "after"), LK_OK);
	help_log_close(&log);
	assert_true(ends_with(&log, old.path, "chain_continued"));
	assert_non_null(strstr(bytes, "\"end\":true"));
	assert_int_equal(help_log_verify(&old, NULL), LK_OK); /* needs no head */
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(ends_with(&log, log.path, "signin_done"));
	assert_non_null(strstr(bytes, "{\"n\":4,\"prev\":\""));
	help_log_fill(&log, 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	help_log_done(&log);
}

static void
an_old_log_cut_after_it_was_moved_is_found(void **state)
{
	struct help_log log, old;
	struct audit_fault fault;
	size_t len;

	(void)state;
	help_log_init(&log);
	old = log;
	snprintf(old.path, sizeof old.path, "%s/log.1", log.folder);
	help_log_fill(&log, 3);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(rename(log.path, old.path), 0);
	assert_int_equal(audit_reopen(log.audit, NULL), LK_OK);
	help_log_close(&log);
	len = help_read_file(old.path, bytes, sizeof bytes);
	while (bytes[--len - 1] != '\n')
		;
	help_write_file(old.path, bytes, len); /* its last line, which told the end, is gone */
	assert_int_equal(help_log_verify(&old, &fault), LK_E_FORMAT);
	assert_int_equal(fault.line, 4);
	help_log_done(&log);
}

static void
a_log_moved_away_while_nobody_ran_goes_on_too(void **state)
{
	struct help_log log;
	char old[96];

	(void)state;
	help_log_init(&log);
	snprintf(old, sizeof old, "%s/log.1", log.folder);
	help_log_fill(&log, 3);
	assert_int_equal(rename(log.path, old), 0);
	help_log_fill(&log, 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(ends_with(&log, log.path, "signin_done"));
	assert_non_null(strstr(bytes, "{\"n\":4,\"prev\":\""));
	assert_int_equal(rename(log.path, old), 0);
	help_write_file(log.path, "", 0); /* as some rotators do */
	help_log_fill(&log, 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	help_log_done(&log);
}

static void
another_file_in_its_place_is_not_taken(void **state)
{
	struct help_log log;
	struct lk_why why = {.len = 0};
	char old[96];

	(void)state;
	help_log_init(&log);
	snprintf(old, sizeof old, "%s/log.1", log.folder);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(rename(log.path, old), 0);
	help_write_file(log.path, "something\n", 10);
	assert_int_equal(audit_reopen(log.audit, &why), LK_E_FORMAT);
	assert_int_equal(help_log_add(&log, "in the old one"), LK_OK);
	assert_true(ends_with(&log, old, "signin_done"));
	help_log_done(&log);
}

static void
a_removed_log_is_down_until_healed(void **state)
{
	struct help_log log;

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "one"), LK_OK);
	unlink(log.path);
	unlink(log.head);
	assert_int_equal(help_log_add(&log, "into nothing"), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_check(log.audit), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "two"), LK_OK);
	help_log_close(&log);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	help_log_done(&log);
}

static void
a_log_somebody_else_wrote_to_is_down_until_moved(void **state)
{
	struct help_log log;
	struct lk_why why = {.len = 0};
	char old[96];

	(void)state;
	help_log_init(&log);
	snprintf(old, sizeof old, "%s/log.1", log.folder);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	assert_int_equal(help_log_add(&log, "one"), LK_OK);
	append_bytes(log.path, "junk\n", 5);
	assert_int_equal(help_log_add(&log, "two"), LK_E_AUDIT_DOWN);
	assert_int_equal(audit_heal(log.audit, &why), LK_E_AUDIT_DOWN);
	assert_non_null(strstr(why.text, "somebody else"));
	assert_int_equal(rename(log.path, old), 0);
	assert_int_equal(audit_reopen(log.audit, &why), LK_OK);
	assert_int_equal(help_log_add(&log, "three"), LK_OK);
	help_log_close(&log);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(help_read_file(old, bytes, sizeof bytes) >
		    5); /* what was done stays to be seen */
	assert_non_null(strstr(bytes, "junk\n"));
	help_log_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_log_is_for_us_alone_and_goes_on),
	    cmocka_unit_test(a_torn_last_line_is_cut_off_and_told),
	    cmocka_unit_test(lines_past_the_head_are_kept),
	    cmocka_unit_test(any_other_break_refuses_the_start),
	    cmocka_unit_test(one_process_at_a_time_holds_it),
	    cmocka_unit_test(what_is_no_file_is_refused),
	    cmocka_unit_test(a_log_moved_away_goes_on_in_a_new_one),
	    cmocka_unit_test(an_old_log_cut_after_it_was_moved_is_found),
	    cmocka_unit_test(a_log_moved_away_while_nobody_ran_goes_on_too),
	    cmocka_unit_test(another_file_in_its_place_is_not_taken),
	    cmocka_unit_test(a_removed_log_is_down_until_healed),
	    cmocka_unit_test(a_log_somebody_else_wrote_to_is_down_until_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
