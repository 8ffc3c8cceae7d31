/* SPDX-License-Identifier: MIT */
/* Beside what the C library makes of the same moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/utc.h"

#define DAY_S	   86400
#define LEAP_DAY_S INT64_C(1709164800) /* 2024-02-29 */

static void
check_moment(int64_t at_s)
{
	time_t at = (time_t)at_s;
	struct lk_utc utc;
	struct tm tm;

	lk_utc_of_s(at_s, &utc);
	assert_non_null(gmtime_r(&at, &tm));
	assert_int_equal(utc.year, tm.tm_year + 1900);
	assert_int_equal(utc.month, tm.tm_mon + 1);
	assert_int_equal(utc.day, tm.tm_mday);
	assert_int_equal(utc.hour, tm.tm_hour);
	assert_int_equal(utc.minute, tm.tm_min);
	assert_int_equal(utc.second, tm.tm_sec);
	assert_true(lk_utc_is_real(&utc));
	assert_int_equal(lk_utc_to_s(&utc), at_s);
}

static void
every_day_up_to_9999_is_what_the_library_says(void **state)
{
	(void)state;
	for (int64_t at_s = 0; at_s <= LK_UTC_LAST_S; at_s += DAY_S)
		check_moment(at_s + at_s / DAY_S * 7919 % DAY_S);
	check_moment(LK_UTC_LAST_S);
	for (int64_t at_s = LEAP_DAY_S - DAY_S; at_s < LEAP_DAY_S + 2 * DAY_S; at_s++)
		check_moment(at_s);
}

static void
moments_outside_are_the_nearest_inside(void **state)
{
	struct lk_utc utc;

	(void)state;
	lk_utc_of_s(INT64_MIN, &utc);
	assert_int_equal(lk_utc_to_s(&utc), 0);
	lk_utc_of_s(-1, &utc);
	assert_int_equal(lk_utc_to_s(&utc), 0);
	lk_utc_of_s(INT64_MAX, &utc);
	assert_int_equal(lk_utc_to_s(&utc), LK_UTC_LAST_S);
}

static void
days_and_times_that_are_none_are_told(void **state)
{
	static const struct lk_utc none[] = {
	    {1969, 12, 31, 0, 0, 0}, {10000, 1, 1, 0, 0, 0}, {2026, 0, 1, 0, 0, 0},
	    {2026, 13, 1, 0, 0, 0},  {2026, 1, 0, 0, 0, 0},  {2026, 1, 32, 0, 0, 0},
	    {2026, 4, 31, 0, 0, 0},  {2026, 2, 29, 0, 0, 0}, {2100, 2, 29, 0, 0, 0},
	    {2024, 2, 30, 0, 0, 0},  {2026, 1, 1, 24, 0, 0}, {2026, 1, 1, -1, 0, 0},
	    {2026, 1, 1, 0, 60, 0},  {2026, 1, 1, 0, -1, 0}, {2026, 1, 1, 0, 0, 61},
	    {2026, 1, 1, 0, 0, -1},
	};
	static const struct lk_utc leap = {2016, 12, 31, 23, 59, 60}, day = {2000, 2, 29, 0, 0, 0};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(lk_utc_is_real(&none[i]));
	assert_true(lk_utc_is_real(&day));
	assert_true(lk_utc_is_real(&leap));
	assert_int_equal(lk_utc_to_s(&leap), INT64_C(1483228800)); /* 2017-01-01T00:00:00Z */
}

static void
it_is_written_in_the_form_that_is_wanted(void **state)
{
	static const int64_t at_s = INT64_C(951782400) + 5; /* 2000-02-29 */
	char text[32];

	(void)state;
	lk_utc_write(at_s, "0000-00-00T00:00:00Z", text);
	assert_string_equal(text, "2000-02-29T00:00:05Z");
	lk_utc_write(at_s, "00000000000000Z", text);
	assert_string_equal(text, "20000229000005Z");
	lk_utc_write(at_s, "0000-00-00T00:00Z", text);
	assert_string_equal(text, "2000-02-29T00:00Z");
	lk_utc_write(LK_UTC_LAST_S, "0000000000000000", text);
	assert_string_equal(text, "9999123123595900");
	lk_utc_write(at_s, "", text);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day_up_to_9999_is_what_the_library_says),
	    cmocka_unit_test(moments_outside_are_the_nearest_inside),
	    cmocka_unit_test(days_and_times_that_are_none_are_told),
	    cmocka_unit_test(it_is_written_in_the_form_that_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
