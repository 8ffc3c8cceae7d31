/* SPDX-License-Identifier: MIT */
/* In what applications are others than they were told of, in words that hold no secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/known.h"
#include "support/files_help.h"
#include "support/policy_help.h"

#define DIGEST	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER	"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define GRAFANA "[application]\nclient_id = grafana\nname = Grafana\nkind = web\n"
#define BACK	"groups = everyone\nredirect_uris = https://a.example/back\n"
#define SECRET	"secret_digests = 1:" DIGEST "\n"

static char folder[HELP_PATH_BYTES];
static struct lk_buf before, told;
static size_t stop_after;

static int
begin(void **state)
{
	assert_int_equal(help_policy_begin(state), 0);
	help_path(folder, *state, "applications");
	lk_buf_init(&before, POLICY_KNOWN_MAX_BYTES);
	lk_buf_init(&told, 65536);
	stop_after = 0;
	return 0;
}

static int
end(void **state)
{
	lk_buf_done(&before);
	lk_buf_done(&told);
	return help_policy_end(state);
}

static bool
tell(const struct policy_known_difference *difference, void *context)
{
	static const char marks[] = {'?', '+', '~', '-'};

	(void)context;
	lk_buf_printf(&told, "%c %.*s\n", marks[difference->kind], LK_STR_ARGS(difference->words));
	return stop_after == 0 || --stop_after > 0;
}

/* What is told of now, after what was known; both are known then. */
static const char *
look(void **state)
{
	struct policy *policy = help_policy(*state);
	struct policy_known_ask ask = {.before = lk_buf_str(&before),
				       .now = policy,
				       .arena = lk_arena_new(4096, 1u << 20),
				       .tell = tell};

	lk_buf_clear(&told);
	assert_int_equal(policy_known_compare(&ask), LK_OK);
	lk_buf_clear(&before);
	policy_known_write(policy, &before);
	assert_true(lk_buf_is_ok(&before));
	lk_arena_free(ask.arena);
	policy_free(policy);
	lk_buf_add_byte(&told, '\0');
	return told.bytes;
}

static void
an_application_that_comes_or_goes_is_told_of_once(void **state)
{
	char path[HELP_PATH_BYTES];

	assert_string_equal(look(state), "");
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK);
	assert_string_equal(look(state), "+ grafana\n");
	assert_string_equal(look(state), "");
	assert_int_equal(unlink(help_path(path, folder, "grafana.conf")), 0);
	assert_string_equal(look(state), "- grafana\n");
	assert_string_equal(look(state), "");
}

static void
each_setting_that_is_another_is_told_with_both_values(void **state)
{
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK);
	(void)look(state);
	help_write(folder, "grafana.conf", 0644,
		   GRAFANA "groups = everyone\nredirect_uris = https://b.example/back\n"
			   "owner = Finance\n");
	assert_string_equal(look(state), "~ grafana: redirect_uris: https://a.example/back → "
					 "https://b.example/back; owner: nothing → Finance\n");
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK);
	assert_string_equal(look(state), "~ grafana: redirect_uris: https://b.example/back → "
					 "https://a.example/back; owner: Finance → nothing\n");
}

static void
a_new_secret_is_told_and_none_is_shown_or_kept(void **state)
{
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK SECRET);
	(void)look(state);
	assert_null(strstr(before.bytes, DIGEST));
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK "secret_digests = 1:" OTHER "\n");
	assert_string_equal(look(state), "~ grafana: secrets\n");
	assert_null(strstr(before.bytes, OTHER));
}

static void
words_and_blanks_of_a_file_are_no_change(void **state)
{
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK);
	(void)look(state);
	help_write(folder, "grafana.conf", 0644, "# a remark\n" GRAFANA "\n" BACK "\n# another\n");
	assert_string_equal(look(state), "");
}

static void
values_of_strangers_stay_in_their_place(void **state)
{
	help_write(folder, "grafana.conf", 0644,
		   GRAFANA BACK "description = \"],[\"redirect_uris\",\"https://evil/\n");
	(void)look(state);
	assert_string_equal(look(state), "");
}

static void
whoever_hears_enough_is_told_no_more(void **state)
{
	help_write(folder, "grafana.conf", 0644, GRAFANA BACK);
	help_write(folder, "other.conf", 0644,
		   "[application]\nclient_id = other\nname = Other\nkind = web\n" BACK);
	stop_after = 1;
	assert_string_equal(look(state), "+ grafana\n");
}

static void
what_nobody_of_us_wrote_is_refused_and_tells_nothing(void **state)
{
	static const char *const bad[] = {"x", "{\"applications\":[", "[]x"};
	struct policy *policy = help_policy(*state);
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct policy_known_ask ask = {
		    .before = lk_str_c(bad[i]), .now = policy, .arena = arena, .tell = tell};

		assert_int_equal(policy_known_compare(&ask), LK_E_FORMAT);
	}
	assert_int_equal(told.len, 0);
	lk_arena_free(arena);
	policy_free(policy);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    T(an_application_that_comes_or_goes_is_told_of_once),
	    T(each_setting_that_is_another_is_told_with_both_values),
	    T(a_new_secret_is_told_and_none_is_shown_or_kept),
	    T(words_and_blanks_of_a_file_are_no_change),
	    T(values_of_strangers_stay_in_their_place),
	    T(whoever_hears_enough_is_told_no_more),
	    T(what_nobody_of_us_wrote_is_refused_and_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
