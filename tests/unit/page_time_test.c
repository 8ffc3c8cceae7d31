/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "page/page.h"

#define HOURS	 "Mon-Fri 07:00-19:00, Sat 08:00-13:00"
#define NOVEMBER 1763804460 /* Saturday 22 November 2025, 9:41am in London, 09:41 UTC */
#define JULY	 1751964060 /* Tuesday 8 July 2025, 9:41am in London, 08:41 UTC */
#define HOUR	 3600
#define DAY	 86400

static void
assert_said(struct lk_buf *out, const char *want)
{
	assert_true(lk_buf_is_ok(out));
	assert_string_equal(out->len == 0 ? "" : out->bytes, want);
	lk_buf_clear(out);
}

static int
london(void **state)
{
	(void)state;
	return page_zone_set("Europe/London") == LK_OK ? 0 : -1;
}

static void
times_are_said_as_people_say_them(void **state)
{
	struct lk_buf out;

	(void)state;
	lk_buf_init(&out, 1024);
	page_time(&out, LANG_EN, NOVEMBER, NOVEMBER);
	assert_said(&out, "9:41am today");
	page_time(&out, LANG_EN, NOVEMBER + DAY, NOVEMBER);
	assert_said(&out, "tomorrow at 9:41am");
	page_time(&out, LANG_EN, NOVEMBER - DAY + 9 * HOUR, NOVEMBER);
	assert_said(&out, "yesterday at 6:41pm");
	page_time(&out, LANG_EN, NOVEMBER + 9 * DAY, NOVEMBER);
	assert_said(&out, "Monday 1 December at 9:41am");
	page_time(&out, LANG_EN, NOVEMBER - 365 * DAY, NOVEMBER);
	assert_said(&out, "Friday 22 November 2024 at 9:41am");
	page_time(&out, LANG_CY, NOVEMBER, NOVEMBER);
	assert_said(&out, "9:41am heddiw");
	page_time(&out, LANG_CY, NOVEMBER + DAY, NOVEMBER);
	assert_said(&out, "yfory am 9:41am");
	page_time(&out, LANG_CY, NOVEMBER - DAY, NOVEMBER);
	assert_said(&out, "ddoe am 9:41am");
	page_time(&out, LANG_CY, NOVEMBER + 9 * DAY, NOVEMBER);
	assert_said(&out, "ddydd Llun 1 Rhagfyr am 9:41am");
	lk_buf_done(&out);
}

static void
today_begins_at_midnight_of_the_zone(void **state)
{
	int64_t midnight = NOVEMBER - 9 * HOUR - 41 * 60;
	struct lk_buf out;

	(void)state;
	lk_buf_init(&out, 1024);
	page_time(&out, LANG_EN, midnight, NOVEMBER);
	assert_said(&out, "midnight today");
	page_time(&out, LANG_EN, midnight - 60, NOVEMBER);
	assert_said(&out, "yesterday at 11:59pm");
	page_time(&out, LANG_EN, midnight + DAY - 60, NOVEMBER);
	assert_said(&out, "11:59pm today");
	page_time(&out, LANG_EN, midnight + DAY, NOVEMBER);
	assert_said(&out, "tomorrow at midnight");
	page_time(&out, LANG_EN, 1767225600, 1767225540); /* new year */
	assert_said(&out, "tomorrow at midnight");
	/* In summer London is an hour ahead: 23:30 UTC is tomorrow there. */
	page_time(&out, LANG_EN, JULY + 14 * HOUR + 49 * 60, JULY);
	assert_said(&out, "tomorrow at 12:30am");
	lk_buf_done(&out);
}

static void
clock_times_say_midday_and_midnight_and_no_empty_minutes(void **state)
{
	static const struct {
		int minute;
		const char *en, *cy;
	} rows[] = {{0, "midnight", "hanner nos"},
		    {1, "12:01am", "12:01am"},
		    {60, "1am", "1am"},
		    {611, "10:11am", "10:11am"},
		    {719, "11:59am", "11:59am"},
		    {720, "midday", "hanner dydd"},
		    {721, "12:01pm", "12:01pm"},
		    {1140, "7pm", "7pm"},
		    {1439, "11:59pm", "11:59pm"}};
	int64_t midnight = NOVEMBER - 9 * HOUR - 41 * 60;
	struct lk_buf out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 1024);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		page_time_of_day(&out, LANG_EN, midnight + rows[i].minute * 60);
		assert_said(&out, rows[i].en);
		page_time_of_day(&out, LANG_CY, midnight + rows[i].minute * 60);
		assert_said(&out, rows[i].cy);
	}
	lk_buf_done(&out);
}

static void
dates_have_every_day_and_month_in_both_languages(void **state)
{
	static const char *const months[LANG_COUNT][12] = {
	    {NULL},
	    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
	     "October", "November", "December"},
	    {"Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst",
	     "Medi", "Hydref", "Tachwedd", "Rhagfyr"}};
	static const char *const days[LANG_COUNT][7] = {
	    {NULL},
	    {"Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday"},
	    {"ddydd Mercher", "ddydd Iau", "ddydd Gwener", "ddydd Sadwrn", "ddydd Sul",
	     "ddydd Llun", "ddydd Mawrth"}};
	const int64_t first = 1735732800; /* Wednesday 1 January 2025, midday */
	int day, month, lang;
	struct lk_buf out;
	char want[64];

	(void)state;
	lk_buf_init(&out, 1024);
	for (lang = LANG_EN; lang < LANG_COUNT; lang++)
		for (day = 0, month = 0; month < 12; month++) {
			static const int lengths[] = {31, 28, 31, 30, 31, 30,
						      31, 31, 30, 31, 30, 31};

			snprintf(want, sizeof want, "%s 1 %s", days[lang][day % 7],
				 months[lang][month]);
			page_date(&out, (enum lang)lang, first + day * (int64_t)DAY, first);
			assert_said(&out, want);
			day += lengths[month];
		}
	page_date(&out, LANG_EN, first, first + 365 * (int64_t)DAY);
	assert_said(&out, "Wednesday 1 January 2025");
	lk_buf_done(&out);
}

static void
lengths_of_time_are_rounded_up(void **state)
{
	static const struct {
		int64_t duration_s;
		const char *en, *cy;
	} rows[] = {{-5, "1 minute", "1 munud"},	  {0, "1 minute", "1 munud"},
		    {1, "1 minute", "1 munud"},		  {60, "1 minute", "1 munud"},
		    {61, "2 minutes", "2 funud"},	  {180, "3 minutes", "3 munud"},
		    {360, "6 minutes", "6 munud"},	  {1800, "30 minutes", "30 munud"},
		    {3540, "59 minutes", "59 munud"},	  {3600, "1 hour", "1 awr"},
		    {3601, "61 minutes", "61 munud"},	  {7199, "2 hours", "2 awr"},
		    {7201, "3 hours", "3 awr"},		  {DAY, "1 day", "1 diwrnod"},
		    {DAY + 1, "25 hours", "25 awr"},	  {2 * DAY, "2 days", "2 ddiwrnod"},
		    {2 * DAY + 1, "3 days", "3 diwrnod"}, {7 * DAY, "7 days", "7 diwrnod"}};
	struct lk_buf out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 1024);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		page_duration(&out, LANG_EN, rows[i].duration_s);
		assert_said(&out, rows[i].en);
		page_duration(&out, LANG_CY, rows[i].duration_s);
		assert_said(&out, rows[i].cy);
	}
	lk_buf_done(&out);
}

static void
assert_open(const char *hours, int64_t now_s, const char *en, const char *cy)
{
	struct lk_buf out;

	lk_buf_init(&out, 1024);
	assert_int_equal(page_help_open(&out, LANG_EN, hours, now_s), LK_OK);
	assert_said(&out, en);
	assert_int_equal(page_help_open(&out, LANG_CY, hours, now_s), LK_OK);
	assert_said(&out, cy);
	lk_buf_done(&out);
}

static void
people_are_told_whether_the_desk_is_open_and_until_when(void **state)
{
	int64_t saturday = NOVEMBER - 9 * HOUR - 41 * 60;

	(void)state;
	assert_open(HOURS, NOVEMBER, "Open now, until 1pm.", "Ar agor nawr, tan 1pm.");
	assert_open(HOURS, saturday + 8 * HOUR - 1, "Closed, opens today at 8am.",
		    "Ar gau, yn agor heddiw am 8am.");
	assert_open(HOURS, saturday + 8 * HOUR, "Open now, until 1pm.", "Ar agor nawr, tan 1pm.");
	assert_open(HOURS, saturday + 13 * HOUR - 1, "Open now, until 1pm.",
		    "Ar agor nawr, tan 1pm.");
	assert_open(HOURS, saturday + 13 * HOUR, "Closed, opens Monday at 7am.",
		    "Ar gau, yn agor ddydd Llun am 7am.");
	assert_open(HOURS, saturday + DAY, "Closed, opens tomorrow at 7am.",
		    "Ar gau, yn agor yfory am 7am.");
	assert_open(HOURS, saturday - 1, "Closed, opens tomorrow at 8am.",
		    "Ar gau, yn agor yfory am 8am.");
	assert_open("Mon-Sun 00:00-24:00", NOVEMBER, "Open now, at any time of day.",
		    "Ar agor nawr, unrhyw bryd.");
	assert_open("Sat 00:00-24:00, Sun 00:00-06:00", NOVEMBER, "Open now, until Sunday at 6am.",
		    "Ar agor nawr, tan ddydd Sul am 6am.");
	assert_open("Sat 09:00-24:00", NOVEMBER, "Open now, until midnight.",
		    "Ar agor nawr, tan hanner nos.");
	assert_open("Sat 08:00-10:00, Sat 09:30-12:00", NOVEMBER, "Open now, until midday.",
		    "Ar agor nawr, tan hanner dydd.");
	assert_open("Sat 07:00-08:00", NOVEMBER, "Closed, opens Saturday at 7am.",
		    "Ar gau, yn agor ddydd Sadwrn am 7am.");
	assert_open("Fri-Mon 09:00-17:00", NOVEMBER, "Open now, until 5pm.",
		    "Ar agor nawr, tan 5pm.");
}

/* 30 March and 26 October 2025: the clock moves; the desk's hours are those on the wall. */
static void
opening_hours_follow_the_clock_on_the_wall_when_it_moves(void **state)
{
	const int64_t spring = 1743292800, autumn = 1761433200; /* midnights, both Sundays */

	(void)state;
	assert_open("Sun 07:00-19:00", spring + 6 * HOUR - 1, "Closed, opens today at 7am.",
		    "Ar gau, yn agor heddiw am 7am.");
	assert_open("Sun 07:00-19:00", spring + 6 * HOUR, "Open now, until 7pm.",
		    "Ar agor nawr, tan 7pm.");
	assert_open("Sun 07:00-19:00", spring + 18 * HOUR, "Closed, opens Sunday at 7am.",
		    "Ar gau, yn agor ddydd Sul am 7am.");
	assert_open("Sun 07:00-19:00", autumn + 8 * HOUR - 1, "Closed, opens today at 7am.",
		    "Ar gau, yn agor heddiw am 7am.");
	assert_open("Sun 07:00-19:00", autumn + 8 * HOUR, "Open now, until 7pm.",
		    "Ar agor nawr, tan 7pm.");
	assert_open("Sun 07:00-19:00", autumn + 20 * HOUR - 1, "Open now, until 7pm.",
		    "Ar agor nawr, tan 7pm.");
}

static void
hours_are_said_as_people_say_them(void **state)
{
	struct lk_buf out;

	(void)state;
	lk_buf_init(&out, 1024);
	assert_int_equal(page_help_hours(&out, LANG_EN, HOURS), LK_OK);
	assert_said(&out, "Monday to Friday, 7am to 7pm. Saturday, 8am to 1pm.");
	assert_int_equal(page_help_hours(&out, LANG_CY, HOURS), LK_OK);
	assert_said(&out, "Dydd Llun i ddydd Gwener, 7am i 7pm. Dydd Sadwrn, 8am i 1pm.");
	assert_int_equal(page_help_hours(&out, LANG_EN, "sun 00:00-24:00"), LK_OK);
	assert_said(&out, "Sunday, all day.");
	assert_int_equal(page_help_hours(&out, LANG_CY, "Mon-Tue 00:00-24:00"), LK_OK);
	assert_said(&out, "Dydd Llun i ddydd Mawrth, drwy’r dydd.");
	lk_buf_done(&out);
}

static void
hours_that_cannot_be_read_are_refused_and_nothing_is_said(void **state)
{
	static const char *const bad[] = {"",
					  " ",
					  "Mon",
					  "Mon 07:00",
					  "Mon 07:00-",
					  "Mon 7:00-19:00",
					  "Mon 07:00-07:00",
					  "Mon 19:00-07:00",
					  "Mon 07:00-24:01",
					  "Mon 07:60-19:00",
					  "Monday 07:00-19:00",
					  "Mon-Fry 07:00-19:00",
					  "Mon--Fri 07:00-19:00",
					  "Mon 07:00-19:00,",
					  "Mon 07:00-19:00,,Tue 07:00-19:00",
					  "Mon 07:00-19:00 Tue 07:00-19:00",
					  "Mon 07:00–19:00",
					  "Mon\t07:00-19:00",
					  "Mon-Tue-Wed 07:00-19:00",
					  "Mon -1:00-19:00"};
	struct lk_buf out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 1024);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (page_help_hours(&out, LANG_EN, bad[i]) != LK_E_FORMAT)
			fail_msg("\"%s\" was read", bad[i]);
		assert_int_equal(page_help_open(&out, LANG_EN, bad[i], NOVEMBER), LK_E_FORMAT);
		assert_said(&out, "");
	}
	lk_buf_done(&out);
}

static void
zones_the_machine_does_not_know_are_refused(void **state)
{
	static const char *const bad[] = {"",
					  "Europe/Nowhere",
					  "Europe",
					  "/etc/passwd",
					  "../../../etc/passwd",
					  "Europe/../../passwd"};
	struct lk_buf out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(page_zone_set(bad[i]), LK_E_FORMAT);
	lk_buf_init(&out, 1024);
	page_time_of_day(&out, LANG_EN, JULY);
	assert_said(&out, "9:41am"); /* London still */
	assert_int_equal(page_zone_set("Asia/Kolkata"), LK_OK);
	page_time_of_day(&out, LANG_EN, JULY);
	assert_said(&out, "2:11pm");
	assert_int_equal(page_zone_set("Europe/London"), LK_OK);
	lk_buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_said_as_people_say_them),
	    cmocka_unit_test(today_begins_at_midnight_of_the_zone),
	    cmocka_unit_test(clock_times_say_midday_and_midnight_and_no_empty_minutes),
	    cmocka_unit_test(dates_have_every_day_and_month_in_both_languages),
	    cmocka_unit_test(lengths_of_time_are_rounded_up),
	    cmocka_unit_test(people_are_told_whether_the_desk_is_open_and_until_when),
	    cmocka_unit_test(opening_hours_follow_the_clock_on_the_wall_when_it_moves),
	    cmocka_unit_test(hours_are_said_as_people_say_them),
	    cmocka_unit_test(hours_that_cannot_be_read_are_refused_and_nothing_is_said),
	    cmocka_unit_test(zones_the_machine_does_not_know_are_refused),
	};

	return cmocka_run_group_tests(tests, london, NULL);
}
