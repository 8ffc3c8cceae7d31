/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/help.h"

#define HOURS	 "Sat 08:00-13:00"
#define SATURDAY 1763804460 /* Saturday 22 November 2025, 9:41am in London */
#define CLOSING	 1763816400 /* 1pm that day */

static void
assert_open(struct help *help, enum lang lang, int64_t now_s, const char *want)
{
	struct lk_arena *arena = lk_arena_new(4096, 4096);
	struct page_values values;

	page_values_init(&values);
	help_fill(help, lang, now_s, arena, &values);
	assert_string_equal(lk_arena_c(arena, values.place[PLACE_help_open]), want);
	lk_arena_free(arena);
}

static void
the_desk_is_told_closed_from_the_minute_it_closes(void **state)
{
	struct help *help = help_new("0300 123 4567", HOURS);

	(void)state;
	assert_open(help, LANG_EN, SATURDAY, "Open now, until 1pm.");
	assert_open(help, LANG_EN, CLOSING - 1, "Open now, until 1pm.");
	assert_open(help, LANG_CY, CLOSING - 1, "Ar agor nawr, tan 1pm.");
	assert_open(help, LANG_EN, CLOSING, "Closed, opens Saturday at 8am.");
	assert_open(help, LANG_EN, SATURDAY, "Open now, until 1pm.");
	help_free(help);
}

static void
hours_and_number_stand_on_every_page(void **state)
{
	struct help *help = help_new("+44 300 (123) 4567", HOURS);
	struct lk_arena *arena = lk_arena_new(4096, 4096);
	struct page_values values;

	(void)state;
	page_values_init(&values);
	help_fill(help, LANG_EN, SATURDAY, arena, &values);
	assert_true(lk_str_is(values.place[PLACE_help_phone], "+44 300 (123) 4567"));
	assert_true(lk_str_is(values.place[PLACE_help_tel], "tel:+443001234567"));
	assert_true(lk_str_starts(values.place[PLACE_help_hours], "Saturday"));
	lk_arena_free(arena);
	help_free(help);
}

static void
hours_that_cannot_be_read_are_not_told(void **state)
{
	struct help *help = help_new("1", "whenever");
	struct lk_arena *arena = lk_arena_new(4096, 4096);
	struct page_values values;

	(void)state;
	page_values_init(&values);
	help_fill(help, LANG_CY, SATURDAY, arena, &values);
	assert_int_equal(values.place[PLACE_help_hours].len, 0);
	assert_int_equal(values.place[PLACE_help_open].len, 0);
	lk_arena_free(arena);
	help_free(help);
}

static int
london(void **state)
{
	(void)state;
	return page_zone_set("Europe/London") == LK_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_desk_is_told_closed_from_the_minute_it_closes),
	    cmocka_unit_test(hours_and_number_stand_on_every_page),
	    cmocka_unit_test(hours_that_cannot_be_read_are_not_told),
	};

	return cmocka_run_group_tests(tests, london, NULL);
}
