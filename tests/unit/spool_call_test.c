/* SPDX-License-Identifier: MIT */
/* Calls in the spool: put, read, put back, counted. What they share with mails: spool_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spool/waiting.h"
#include "support/files_help.h"

#define NOW  1795799116
#define URL  LK_STR("https://application.example:8443/logout?of=us")
#define BODY LK_STR("logout_token=e30.e30.c2ln")

struct place {
	char folder[HELP_PATH_BYTES];
	char dir[HELP_PATH_BYTES], calls[HELP_PATH_BYTES];
	struct lk_arena *arena;
	struct spool *spool;
};

static int
begin(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	help_folder(place->folder);
	help_path(place->dir, place->folder, "spool");
	help_path(place->calls, place->dir, "calls");
	place->arena = lk_arena_new(65536, 1u << 22);
	assert_int_equal(spool_init(place->dir, NULL), LK_OK);
	assert_int_equal(spool_open(place->calls, NOW, NULL, &place->spool), LK_OK);
	*state = place;
	return 0;
}

static int
end(void **state)
{
	struct place *place = *state;

	spool_close(place->spool);
	lk_arena_free(place->arena);
	help_folder_remove(place->folder);
	free(place);
	return 0;
}

static void
put(const struct place *place, int64_t at_s)
{
	assert_int_equal(spool_put_call(place->dir, URL, BODY, at_s), LK_OK);
}

static size_t
list(struct place *place, const char *const **out_names)
{
	size_t count = 0;

	assert_int_equal(spool_list(place->spool, place->arena, out_names, &count), LK_OK);
	return count;
}

/* The only one. */
static struct spool_mail
get(struct place *place)
{
	const char *const *names;
	struct spool_mail call;

	assert_int_equal(list(place, &names), 1);
	assert_int_equal(spool_get(place->spool, place->arena, names[0], &call), LK_OK);
	return call;
}

static void
a_call_is_there_whole_and_as_the_header_says(void **state)
{
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	struct spool_mail call;
	char *text;

	put(place, NOW);
	call = get(place);
	assert_true(call.is_call);
	assert_true(lk_str_is_equal(call.to, URL) && lk_str_is_equal(call.mail, BODY));
	text = help_read(help_path(path, place->calls, call.name));
	assert_string_equal(text, "call: https://application.example:8443/logout?of=us\n"
				  "tries: 0 next: 0\n\nlogout_token=e30.e30.c2ln");
	free(text);
}

static void
a_call_put_back_is_a_call(void **state)
{
	struct place *place = *state;
	struct spool_mail call;

	put(place, NOW);
	call = get(place);
	call.tries = 3;
	call.next_at_s = NOW + 9;
	assert_int_equal(spool_put_back(place->spool, &call), LK_OK);
	call = get(place);
	assert_true(call.is_call && call.tries == 3 && call.next_at_s == NOW + 9);
	assert_true(lk_str_is_equal(call.to, URL) && lk_str_is_equal(call.mail, BODY));
}

static void
a_call_goes_to_a_plain_https_address_only(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "https://",
	    "http://a.example/",
	    "HTTPS://a.example/",
	    "http://localhost",
	    "http://localhost.a.example/",
	    "http://127.0.0.10/",
	    "http://127.0.0.1:1@a.example/",
	    "ftp://a.example/",
	    "//a.example/",
	    "https://a.example/ b",
	    "https://a.example/\n",
	    "https://a.example/\r\nx: y",
	    "https://a.example/#here",
	    "https://a.example/\"",
	    "https://a.example/\x7F",
	    "https://\xC3\xA2.example/",
	};
	const struct place *place = *state;
	char longest[SPOOL_URL_MAX_BYTES + 2] = "https://";

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (spool_put_call(place->dir, lk_str_c(wrong[i]), BODY, NOW) != LK_E_FORMAT)
			fail_msg("'%s' was taken", wrong[i]);
	}
	memset(longest + 8, 'a', SPOOL_URL_MAX_BYTES - 7);
	assert_int_equal(spool_put_call(place->dir, lk_str_c(longest), BODY, NOW), LK_E_FORMAT);
	longest[SPOOL_URL_MAX_BYTES] = '\0';
	assert_int_equal(spool_put_call(place->dir, lk_str_c(longest), BODY, NOW), LK_OK);
	assert_int_equal(spool_put_call(place->dir, LK_STR("http://127.0.0.1:9101/x"), BODY, NOW),
			 LK_OK);
	assert_int_equal(spool_put_call(place->dir, LK_STR("http://[::1]/x"), BODY, NOW), LK_OK);
	assert_int_equal(spool_put_call(place->dir, URL, LK_STR(""), NOW), LK_E_FORMAT);
	assert_int_equal(spool_put_call(place->dir, URL, LK_STR("a\0b"), NOW), LK_E_FORMAT);
}

static void
what_waits_and_what_was_given_up_is_counted(void **state)
{
	struct place *place = *state;
	struct spool_counts counts;
	const char *const *names;

	put(place, NOW);
	put(place, NOW + 1);
	put(place, NOW + 2);
	assert_int_equal(list(place, &names), 3);
	assert_int_equal(spool_set_aside(place->spool, names[0]), LK_OK);
	assert_int_equal(spool_calls_count(place->dir, &counts), LK_OK);
	assert_int_equal(counts.waiting, 2);
	assert_int_equal(counts.bad, 1);
	assert_int_equal(spool_calls_count("/nowhere", &counts), LK_E_BROKEN);
}

static void
ten_thousand_calls_are_enough(void **state)
{
	const struct place *place = *state;
	char first[HELP_PATH_BYTES], one[HELP_PATH_BYTES];

	help_write(place->calls, "1.FIRST", 0600, "");
	help_path(first, place->calls, "1.FIRST");
	for (unsigned i = 2; i <= SPOOL_CALLS_COUNT_MAX; i++) {
		snprintf(one, sizeof one, "%.400s/%u.X", place->calls, i);
		assert_int_equal(link(first, one), 0);
	}
	assert_int_equal(spool_put_call(place->dir, URL, BODY, NOW), LK_E_BROKEN);
	assert_int_equal(spool_put(place->dir, LK_STR("a@b"), LK_STR("x"), NOW), LK_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_call_is_there_whole_and_as_the_header_says),
	    TEST(a_call_put_back_is_a_call),
	    TEST(a_call_goes_to_a_plain_https_address_only),
	    TEST(what_waits_and_what_was_given_up_is_counted),
	    TEST(ten_thousand_calls_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
