/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mailer/reach.h"

static bool
reaches(const struct conf_list *allowed, const char *text)
{
	struct conf_ip ip;

	assert_true(conf_ip_read(lk_str_c(text), &ip));
	return reach_check(allowed, &ip);
}

static void
the_open_internet_may_be_called(void **state)
{
	static const char *const open[] = {"1.1.1.1",	    "172.15.255.255", "172.32.0.1",
					   "100.63.0.1",    "11.0.0.1",	      "169.253.1.1",
					   "2600::1",	    "2a00:1450::1",   "223.255.255.255",
					   "::ffff:8.8.8.8"};
	const struct conf_list none = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		assert_true(reaches(&none, open[i]));
}

/* What only this machine, this network or this cloud's host answers, in every spelling. */
static void
nothing_else_may(void **state)
{
	static const char *const closed[] = {
	    "127.0.0.1",       "127.8.8.8",	"0.0.0.0",	  "10.1.2.3",	     "172.16.0.1",
	    "172.31.255.255",  "192.168.1.1",	"169.254.169.254", "100.64.0.1",     "100.127.1.1",
	    "192.0.0.8",       "198.18.0.1",	"224.0.0.1",	  "255.255.255.255", "203.0.113.9",
	    "::",	       "::1",		"::127.0.0.1",	  "fe80::1",	     "fec0::1",
	    "fc00::1",	       "fd12:3456::1",	"ff02::1",	  "2001:db8::1",     "2001::1",
	    "2002:7f00:1::",   "64:ff9b::7f00:1", "64:ff9b:1::1",  "::ffff:127.0.0.1",
	    "::ffff:10.0.0.1", "100::1",
	};
	const struct conf_list none = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		assert_false(reaches(&none, closed[i]));
}

static void
what_is_listed_may(void **state)
{
	static const char *const items[] = {"10.20.0.0/16", "127.0.0.1", "fd00::/8", NULL};
	const struct conf_list allowed = {items, 3};

	(void)state;
	assert_true(reaches(&allowed, "10.20.255.1"));
	assert_true(reaches(&allowed, "127.0.0.1"));
	assert_true(reaches(&allowed, "::ffff:127.0.0.1"));
	assert_true(reaches(&allowed, "fd77::1"));
	assert_true(reaches(&allowed, "1.1.1.1"));
	assert_false(reaches(&allowed, "10.21.0.1"));
	assert_false(reaches(&allowed, "127.0.0.2"));
	assert_false(reaches(&allowed, "::1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_open_internet_may_be_called),
	    cmocka_unit_test(nothing_else_may),
	    cmocka_unit_test(what_is_listed_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
