/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "ctl/ctl.h"

#define NOW_S 1764263116 /* 2025-11-27 17:05:16 UTC */

static void
plain_is(const char *text, const char *want)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, 4096);
	ctl_plain(&out, lk_str_c(text));
	lk_buf_add_byte(&out, '\0');
	assert_string_equal(out.bytes, want);
}

static void
a_terminal_is_given_nothing_to_obey(void **state)
{
	(void)state;
	plain_is("Siân Morgan", "Siân Morgan");
	plain_is("a\033[2Jb\r\n\x7f", "a?[2Jb???");
	plain_is("\xc2\x9b"
		 "1m",
		 "?1m");
	plain_is("\xe2\x80\xae"
		 "abc\xe2\x81\xa9",
		 "?abc?");
	plain_is("\xe2\x80\x93 \xc2\xa3", "\xe2\x80\x93 \xc2\xa3");
	plain_is("\xe2\x80", "\xe2\x80"); /* cut off: shown as it is */
}

static void
since_is(const char *text, int64_t want)
{
	int64_t at_s = -1;

	assert_int_equal(ctl_since(lk_str_c(text), NOW_S, &at_s), want >= 0);
	assert_int_equal(at_s, want);
}

static void
since_takes_lengths_and_days(void **state)
{
	(void)state;
	since_is("30m", NOW_S - 1800);
	since_is("12h", NOW_S - 43200);
	since_is("7d", NOW_S - 604800);
	since_is("90s", NOW_S - 90);
	since_is("2025-11-27", 1764201600);
	since_is("2025-13-01", -1);
	since_is("-5m", -1);
	since_is("5", -1);
	since_is("m", -1);
	since_is("", -1);
	since_is("99999999999d", -1);
	since_is("5w", -1);
}

static void
times_are_of_this_machines_zone(void **state)
{
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 64);
	ctl_time(&out, NOW_S);
	lk_buf_add_byte(&out, ' ');
	ctl_time(&out, 0);
	lk_buf_add_byte(&out, '\0');
	assert_string_equal(out.bytes, "2025-11-27 17:05:16 never");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_terminal_is_given_nothing_to_obey),
	    cmocka_unit_test(since_takes_lengths_and_days),
	    cmocka_unit_test(times_are_of_this_machines_zone),
	};

	if (setenv("TZ", "UTC", 1) != 0)
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
