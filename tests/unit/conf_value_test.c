/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "conf/address.h"
#include "conf/fault.h"
#include "conf/ini.h"
#include "conf/value.h"

static void
lines_and_columns_count_characters_from_1(void **state)
{
	struct conf_ini_item item;
	struct conf_ini ini;

	(void)state;
	conf_ini_init(&ini, LK_STR("\n [ a b ] \r\nk\xC3\xA9y\t= v = w # x \n"));
	assert_true(conf_ini_next(&ini, &item));
	assert_int_equal(item.kind, CONF_INI_SECTION);
	assert_int_equal(item.line, 2);
	assert_int_equal(item.column, 4);
	assert_true(lk_str_is(item.name, "a b"));
	assert_true(conf_ini_next(&ini, &item));
	assert_int_equal(item.kind, CONF_INI_PAIR);
	assert_int_equal(item.line, 3);
	assert_int_equal(item.column, 1);
	assert_int_equal(item.value_column, 7);
	assert_true(lk_str_is(item.name, "k\xC3\xA9y"));
	assert_true(lk_str_is(item.value, "v = w # x"));
	assert_false(conf_ini_next(&ini, &item));
	assert_false(conf_ini_next(&ini, &item));
}

static void
a_line_too_long_is_a_fault_and_the_next_is_read(void **state)
{
	static char text[CONF_INI_LINE_MAX_BYTES * 2];
	struct conf_ini_item item;
	struct conf_ini ini;

	(void)state;
	memset(text, 'x', sizeof text);
	text[1] = '=';
	text[CONF_INI_LINE_MAX_BYTES] = '\n';
	conf_ini_init(&ini, lk_str_n(text, sizeof text - 1));
	assert_true(conf_ini_next(&ini, &item));
	assert_int_equal(item.kind, CONF_INI_PAIR);
	conf_ini_init(&ini, lk_str_n(text + 2, sizeof text - 2));
	text[CONF_INI_LINE_MAX_BYTES] = 'x';
	text[CONF_INI_LINE_MAX_BYTES + 3] = '\n';
	text[CONF_INI_LINE_MAX_BYTES + 5] = '=';
	assert_true(conf_ini_next(&ini, &item));
	assert_int_equal(item.kind, CONF_INI_FAULT);
	assert_true(conf_ini_next(&ini, &item));
	assert_int_equal(item.kind, CONF_INI_PAIR);
	assert_int_equal(item.line, 2);
}

static void
near_words_are_found_and_far_ones_are_not(void **state)
{
	unsigned rank;

	(void)state;
	assert_int_equal(conf_distance(LK_STR("abc"), LK_STR("abc"), 9), 0);
	assert_int_equal(conf_distance(LK_STR("abc"), LK_STR("ABC"), 9), 0);
	assert_int_equal(conf_distance(LK_STR("abc"), LK_STR("acb"), 9), 1);
	assert_int_equal(conf_distance(LK_STR("abc"), LK_STR("ab"), 9), 1);
	assert_int_equal(conf_distance(LK_STR(""), LK_STR("abc"), 9), 3);
	assert_int_equal(conf_distance(LK_STR("kitten"), LK_STR("sitting"), 9), 3);
	assert_int_equal(conf_distance(LK_STR("kitten"), LK_STR("sitting"), 1), 2);
	assert_true(conf_is_near(LK_STR("servcie"), LK_STR("service"), &rank));
	assert_int_equal(rank, 1);
	assert_false(conf_is_near(LK_STR("abc"), LK_STR("xyz"), &rank));
}

struct url_case {
	const char *text;
	bool is_url;
	const char *scheme, *host;
	unsigned port;
	const char *rest;
	bool has_user;
};

static void
addresses_with_a_scheme_are_split_or_refused(void **state)
{
	static const struct url_case cases[] = {
	    {"https://a.example", true, "https", "a.example", 0, "", false},
	    {"https://a.example:8443/x?y#z", true, "https", "a.example", 8443, "/x?y#z", false},
	    {"http://[::1]:80", true, "http", "::1", 80, "", false},
	    {"unix:///run/redis?db=1", true, "unix", "", 0, "/run/redis?db=1", false},
	    {"redis://u:p@h:1/0", true, "redis", "h", 1, "/0", true},
	    {"https://a@b@evil.example", true, "https", "evil.example", 0, "", true},
	    {"https://a.example\\@evil", false, "", "", 0, "", false},
	    {"https://a b", false, "", "", 0, "", false},
	    {"https://a:0", false, "", "", 0, "", false},
	    {"https://a:65536", false, "", "", 0, "", false},
	    {"https://a:", false, "", "", 0, "", false},
	    {"https://[::1", false, "", "", 0, "", false},
	    {"https://[1.2.3.4]", false, "", "", 0, "", false},
	    {"https://[::1]x", false, "", "", 0, "", false},
	    {"https:/a", false, "", "", 0, "", false},
	    {"://a", false, "", "", 0, "", false},
	    {"1http://a", false, "", "", 0, "", false},
	    {"https://\xC3\xA9", false, "", "", 0, "", false},
	    {"https://a%00b", false, "", "", 0, "", false},
	};
	struct conf_url url;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct url_case *c = &cases[i];

		assert_int_equal(conf_url_split(lk_str_c(c->text), &url), c->is_url);
		if (!c->is_url)
			continue;
		assert_true(lk_str_is(url.scheme, c->scheme));
		assert_true(lk_str_is(url.host, c->host));
		assert_int_equal(url.port, c->port);
		assert_true(lk_str_is(url.rest, c->rest));
		assert_int_equal(url.has_user, c->has_user);
	}
}

static bool
network_has(const char *network_text, const char *ip_text)
{
	struct conf_network network;
	struct conf_ip ip;

	assert_true(conf_network_read(lk_str_c(network_text), &network));
	assert_true(conf_ip_read(lk_str_c(ip_text), &ip));
	return conf_network_has(&network, &ip);
}

static void
networks_hold_what_they_say(void **state)
{
	struct conf_network network;

	(void)state;
	assert_true(network_has("10.0.0.0/8", "10.255.0.1"));
	assert_false(network_has("10.0.0.0/8", "11.0.0.0"));
	assert_true(network_has("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_true(network_has("192.0.2.128/25", "192.0.2.129"));
	assert_false(network_has("192.0.2.128/25", "192.0.2.127"));
	assert_true(network_has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(network_has("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(network_has("192.0.2.1", "192.0.2.1"));
	assert_false(network_has("192.0.2.1", "192.0.2.2"));
	assert_true(network_has("0.0.0.0/0", "8.8.8.8"));
	assert_false(network_has("0.0.0.0/0", "2001:db8::1"));
	assert_false(conf_network_read(LK_STR("10.0.0.1/8"), &network));
	assert_false(conf_network_read(LK_STR("10.0.0.0/33"), &network));
	assert_false(conf_network_read(LK_STR("10.0.0.0/"), &network));
	assert_false(conf_network_read(LK_STR("10.0.0.0/-1"), &network));
	assert_false(conf_network_read(LK_STR("10.0.0"), &network));
	assert_false(conf_network_read(LK_STR(""), &network));
}

static void
loopback_is_only_what_stays_on_this_machine(void **state)
{
	static const char *const here[] = {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"};
	static const char *const there[] = {"0.0.0.0",	       "::",	     "128.0.0.1", "::2",
					    "::ffff:10.0.0.1", "::127.0.0.1"};
	struct conf_ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof here / sizeof here[0]; i++) {
		assert_true(conf_ip_read(lk_str_c(here[i]), &ip));
		assert_true(conf_ip_is_loopback(&ip));
	}
	for (i = 0; i < sizeof there / sizeof there[0]; i++) {
		assert_true(conf_ip_read(lk_str_c(there[i]), &ip));
		assert_false(conf_ip_is_loopback(&ip));
	}
}

struct number_case {
	const char *unit, *text;
	int want; /* -1: refused */
};

static void
numbers_take_the_units_of_their_row(void **state)
{
	static const struct number_case cases[] = {
	    {"s", "30", 30},
	    {"s", "30 s", 30},
	    {"s", "2min", 120},
	    {"s", "1 h", 3600},
	    {"s", "1 day", 86400},
	    {"s", "30 ms", -1},
	    {"ms", "3 s", 3000},
	    {"ms", "3", 3},
	    {"days", "2 weeks", 14},
	    {"days", "1 h", -1},
	    {"", "5 s", -1},
	    {"", "5", 5},
	    {"s", "-5", -1},
	    {"s", "+5", -1},
	    {"s", "5.5", -1},
	    {"s", "0x5", -1},
	    {"s", "s", -1},
	    {"s", "5 s s", -1},
	    {"s", "99999999999999999999", -1},
	    {"s", "2147483648", -1},
	    {"s", "100000 days", -1},
	    {"s", "200000", -1},
	};
	struct conf_row row = {CONF_INT, "", "n", "0", 0, 100000, "", "", 0, NULL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int number = -1;
		LK_AUTO_BUF words;

		lk_buf_init(&words, 200);
		row.unit = cases[i].unit;
		assert_int_equal(
		    conf_value_read(NULL, &row, lk_str_c(cases[i].text), &number, &words),
		    cases[i].want >= 0);
		assert_int_equal(number, cases[i].want);
		if (cases[i].want < 0)
			assert_non_null(strstr(words.bytes, "must be 0 to 100000"));
	}
}

static void
lists_split_as_they_say(void **state)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct conf_row row = {CONF_LIST, "", "l", "", 0, 0, "", "", 0, NULL};
	struct conf_list list;
	LK_AUTO_BUF words;

	(void)state;
	lk_buf_init(&words, 200);
	assert_true(conf_value_read(arena, &row, LK_STR(", a b,,c "), &list, &words));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[2], "c");
	assert_null(list.items[3]);
	row.type = CONF_NAMES;
	assert_true(conf_value_read(arena, &row, LK_STR("a b , c,"), &list, &words));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0], "a b");
	assert_string_equal(list.items[1], "c");
	assert_true(conf_value_read(arena, &row, LK_STR(""), &list, &words));
	assert_int_equal(list.count, 0);
	assert_null(list.items[0]);
	lk_arena_free(arena);
}

static void
faults_stand_in_file_order_and_never_grow_without_end(void **state)
{
	struct conf_faults faults = {.count = 0};
	LK_AUTO_BUF out;
	unsigned i;

	(void)state;
	lk_buf_init(&out, 65536);
	conf_fault_add(&faults, (struct conf_place){"b", 2, 1}, "two");
	conf_fault_add(&faults, (struct conf_place){"a", 1, 1}, "three\n\x1b");
	conf_fault_add(&faults, (struct conf_place){"b", 1, 9}, "one");
	conf_fault_add(&faults, (struct conf_place){"b", 0, 0}, "zero");
	conf_faults_sort(&faults);
	conf_faults_write(&faults, &out);
	assert_string_equal(out.bytes, "b: zero\nb:1:9: one\nb:2:1: two\na:1:1: three??\n");
	for (i = 0; i < 1000; i++)
		conf_fault_add(&faults, (struct conf_place){"c", 1, 1}, "more");
	assert_int_equal(conf_faults_count(&faults), 1004);
	assert_int_equal(faults.count, CONF_FAULTS_MAX);
	lk_buf_clear(&out);
	conf_faults_write(&faults, &out);
	assert_non_null(strstr(out.bytes, "and 904 more\n"));
	conf_faults_done(&faults);
	assert_int_equal(conf_faults_count(&faults), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_and_columns_count_characters_from_1),
	    cmocka_unit_test(a_line_too_long_is_a_fault_and_the_next_is_read),
	    cmocka_unit_test(near_words_are_found_and_far_ones_are_not),
	    cmocka_unit_test(addresses_with_a_scheme_are_split_or_refused),
	    cmocka_unit_test(networks_hold_what_they_say),
	    cmocka_unit_test(loopback_is_only_what_stays_on_this_machine),
	    cmocka_unit_test(numbers_take_the_units_of_their_row),
	    cmocka_unit_test(lists_split_as_they_say),
	    cmocka_unit_test(faults_stand_in_file_order_and_never_grow_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
