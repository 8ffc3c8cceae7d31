/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8_form.h"
#include "support/files_help.h"
#include "support/policy_help.h"

static const char *const words[] = {"dragon", "letmein", "p@ssw0rd", "123456789012", NULL};

static int
begin(void **state)
{
	*state = calloc(1, HELP_PATH_BYTES);
	help_folder(*state);
	return 0;
}

static int
end(void **state)
{
	help_folder_remove(*state);
	free(*state);
	return 0;
}

/* Is one of a password's forms in the list? */
static bool
has(const struct wordlist *list, const char *password)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str forms[POLICY_FORMS_MAX];
	size_t count = policy_forms(arena, lk_str_c(password), forms), i;
	bool is_there = false;

	for (i = 0; i < count; i++)
		is_there = is_there || wordlist_has(list, forms[i]);
	lk_arena_free(arena);
	return is_there;
}

static void
what_was_put_in_is_found_and_nothing_else(void **state)
{
	struct wordlist *list = NULL;
	char path[HELP_PATH_BYTES];
	LK_AUTO_BUF bytes;

	lk_buf_init(&bytes, 65536);
	help_list(words, &bytes);
	help_write_bytes(help_path(path, *state, "list"), lk_buf_str(&bytes));
	assert_int_equal(wordlist_load(path, NULL, &list), LK_OK);
	assert_int_equal(wordlist_count(list), 4);
	assert_true(has(list, "Dragon99"));
	assert_true(has(list, "letmeinletmein"));
	assert_true(has(list, "password"));
	assert_true(has(list, "PASSW0RD!"));
	assert_true(has(list, "123456789012"));
	assert_false(has(list, "dragons"));
	assert_false(has(list, "drago"));
	assert_false(has(list, ""));
	assert_false(has(list, "12345678901"));
	assert_false(has(list, "dragon1234567")); /* seven digits are more than dressing */
	wordlist_free(list);
	wordlist_free(NULL);
}

/* No byte of a list can be flipped, added or lost without its being refused. */
static void
a_damaged_list_is_refused(void **state)
{
	char copy[512];
	size_t len, i;
	LK_AUTO_BUF bytes;

	(void)state;
	lk_buf_init(&bytes, 65536);
	help_list(words, &bytes);
	assert_null(wordlist_fault(lk_buf_str(&bytes)));
	len = bytes.len;
	assert_true(len < sizeof copy);
	for (i = 0; i < len; i++) {
		memcpy(copy, bytes.bytes, len);
		copy[i] ^= 1;
		assert_non_null(wordlist_fault(lk_str_n(copy, len)));
		assert_non_null(wordlist_fault(lk_str_n(bytes.bytes, i)));
	}
	memcpy(copy, bytes.bytes, len);
	memcpy(copy + len, bytes.bytes, 8);
	assert_non_null(wordlist_fault(lk_str_n(copy, len + 8)));
}

static void
a_list_that_says_it_is_huge_is_refused_without_reading_past_its_end(void **state)
{
	static const uint64_t counts[] = {
	    0, UINT64_MAX, UINT64_MAX / 8, UINT64_MAX / 8 + 1, (uint64_t)1 << 61, 5, 3};
	size_t i;
	LK_AUTO_BUF bytes;

	(void)state;
	lk_buf_init(&bytes, 65536);
	help_list(words, &bytes);
	for (i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		memcpy(bytes.bytes + 16, &counts[i], sizeof counts[i]);
		assert_non_null(wordlist_fault(lk_buf_str(&bytes)));
	}
}

static void
a_list_others_may_write_is_refused(void **state)
{
	struct wordlist *list = NULL;
	struct lk_why why = {.len = 0};
	char path[HELP_PATH_BYTES];
	LK_AUTO_BUF bytes;

	lk_buf_init(&bytes, 65536);
	help_list(words, &bytes);
	help_write_bytes(help_path(path, *state, "list"), lk_buf_str(&bytes));
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(wordlist_load(path, &why, &list), LK_E_FORMAT);
	assert_non_null(strstr(why.text, "written by group or others"));
	assert_int_equal(wordlist_load(*state, &why, &list), LK_E_FORMAT);
	unlink(path);
	assert_int_equal(wordlist_load(path, &why, &list), LK_E_NOT_FOUND);
	assert_null(list);
}

static int
run(const char *arguments)
{
	char command[4 * HELP_PATH_BYTES];
	const char *program = getenv("LATCHKEY_WORDLIST");

	snprintf(command, sizeof command, "%s %s >/dev/null 2>&1",
		 program == NULL ? "./latchkey-wordlist" : program, arguments);
	return WEXITSTATUS(system(command));
}

static void
the_program_makes_a_list_the_daemon_takes(void **state)
{
	struct wordlist *list = NULL;
	char path[HELP_PATH_BYTES], arguments[3 * HELP_PATH_BYTES];
	const char *folder = *state;

	help_write(folder, "one", 0644, "#!comment: not a word\nDragon\nmonkey's\n\nabc\r\n");
	help_write(folder, "two", 0644, "dragon\nqwerty\xFF\nmynydd\nSi\xC3\xA2n\n");
	snprintf(arguments, sizeof arguments, "--output %s/list %s/one %s/two", folder, folder,
		 folder);
	assert_int_equal(run(arguments), 0);
	assert_int_equal(wordlist_load(help_path(path, folder, "list"), NULL, &list), LK_OK);
	assert_int_equal(wordlist_count(list), 3);
	assert_true(has(list, "DRAGON1"));
	assert_true(has(list, "mynydd"));
	assert_true(has(list, "sian2024"));
	assert_false(has(list, "monkey"));
	wordlist_free(list);
}

static void
the_program_leaves_the_old_list_when_it_cannot_make_a_new_one(void **state)
{
	char arguments[3 * HELP_PATH_BYTES], path[HELP_PATH_BYTES], *text;
	const char *folder = *state;

	help_write(folder, "list", 0644, "old");
	help_write(folder, "empty", 0644, "\n\n");
	snprintf(arguments, sizeof arguments, "--output %s/list %s/empty", folder, folder);
	assert_int_equal(run(arguments), 1);
	snprintf(arguments, sizeof arguments, "--output %s/list %s/none", folder, folder);
	assert_int_equal(run(arguments), 1);
	snprintf(arguments, sizeof arguments, "--output %s/none/list %s/list", folder, folder);
	assert_int_equal(run(arguments), 1);
	assert_int_equal(run("--frobnicate"), 2);
	assert_int_equal(run(""), 2);
	text = help_read(help_path(path, folder, "list"));
	assert_string_equal(text, "old");
	free(text);
}

/* A form must be the same from the list's side and from the password's. */
static void
forms_of_forms_are_themselves(void **state)
{
	static const char *const texts[] = {"P@ssw0rd1234", "DragonDragon", "ＳＩÂＮ",
					    "a1b2c3d4",	    "l|1!i",	    "ÅÅÅÅ"};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str forms[POLICY_FORMS_MAX], again[POLICY_FORMS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_true(policy_forms(arena, lk_str_c(texts[i]), forms) > 0);
		assert_true(policy_forms(arena, forms[0], again) > 0);
		assert_true(lk_str_is_equal(forms[0], again[0]));
	}
	lk_arena_free(arena);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(what_was_put_in_is_found_and_nothing_else),
	    cmocka_unit_test(a_damaged_list_is_refused),
	    cmocka_unit_test(a_list_that_says_it_is_huge_is_refused_without_reading_past_its_end),
	    IN_FOLDER(a_list_others_may_write_is_refused),
	    IN_FOLDER(the_program_makes_a_list_the_daemon_takes),
	    IN_FOLDER(the_program_leaves_the_old_list_when_it_cannot_make_a_new_one),
	    cmocka_unit_test(forms_of_forms_are_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
