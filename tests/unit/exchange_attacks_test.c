/* SPDX-License-Identifier: MIT */
/* Attacks that worked on services like this one: rows of SECURITY section 2 that meet us here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "exchange/cookie.h"
#include "support/exchange_help.h"
#include "support/origin_help.h"

#define BASE   "https://signin.example"
#define TAIL   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"
#define LARGE  60000u
#define NOBODY ((struct lk_str){NULL, 0})

static bool
address_is(const char *peer, const char *forwarded_for, const char *want)
{
	struct conf conf = help_origin_conf(BASE);

	return lk_str_is(origin_address(&conf, lk_str_c(peer), lk_str_c(forwarded_for)), want);
}

static bool
is_session(const char *header)
{
	struct lk_str out[COOKIE_COUNT];

	cookie_read(lk_str_c(header), true, out);
	return out[COOKIE_SESSION].len > 0;
}

/* count bytes of c, in the arena. */
static struct lk_str
many(struct lk_arena *arena, char c, size_t count)
{
	char *bytes = lk_arena_alloc(arena, count);

	assert_non_null(bytes);
	memset(bytes, c, count);
	return lk_str_n(bytes, count);
}

/* CVE-2024-47070: "X-Forwarded-For: a" made an exception that skipped the password. */
static void
attack_14_a_forwarded_address_that_is_none_leaves_the_proxys_and_its_limit(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n");
	struct crypto_digest key, proxy_key;
	struct conf conf = help_origin_conf(BASE);

	(void)state;
	assert_true(address_is("10.0.0.1", "a", "10.0.0.1"));
	assert_true(address_is("10.0.0.1", "a, b", "10.0.0.1"));
	assert_true(address_is("192.0.2.1", "a", "192.0.2.1"));
	origin_address_key(ring, origin_address(&conf, LK_STR("10.0.0.1"), LK_STR("a")), &key);
	origin_address_key(ring, LK_STR("10.0.0.1"), &proxy_key);
	assert_true(crypto_digest_is_equal(&key, &proxy_key));
	crypto_ring_free(ring);
}

/* CVE-2026-25748: a malformed cookie was answered as if signed in. */
static void
attack_15_a_malformed_cookie_is_no_cookie(void **state)
{
	(void)state;
	assert_true(is_session("__Host-lk_session=lk_ws_" TAIL));
	assert_false(is_session("__Host-lk_session=lk_ws_" TAIL "; __Host-lk_session"));
	assert_false(is_session("__Host-lk_session=lk_ws_" TAIL "%00"));
	assert_false(is_session("__Host-lk_session=\"lk_ws_" TAIL "\""));
	assert_false(is_session("__Host-lk_session=lk_ws_" TAIL "=="));
	assert_false(is_session("__Host-lk_session==lk_ws_" TAIL));
	assert_false(is_session("__Host-lk_session=lk_ws_" TAIL ", a=b"));
	assert_false(is_session("__host-lk_session=lk_ws_" TAIL));
	assert_false(is_session("$Version=1; __Host-lk_session=\xFF"));
}

/* CVE-2023-49097, CVE-2025-64101 and two more: reset links built from Forwarded. */
static void
attack_20_forwarded_headers_name_neither_host_nor_address(void **state)
{
	struct conf conf = help_origin_conf(BASE);
	struct origin_headers headers = {
	    .host = LK_STR("evil.example"),
	    .origin = LK_STR("https://evil.example"),
	    .sec_fetch_site = LK_STR("same-origin"),
	    .forwarded_for = LK_STR("host=signin.example;for=192.0.2.1;proto=https")};

	(void)state;
	assert_false(origin_is_same(&conf, &headers));
	assert_false(origin_host_check(&conf, headers.host));
	assert_true(lk_str_is(origin_address(&conf, LK_STR("10.0.0.1"), headers.forwarded_for),
			      "10.0.0.1"));
	assert_string_equal(conf.base_url, BASE);
}

/* LTB #755: the Host header stood in the reset mail. */
static void
attack_22_a_host_that_is_not_ours_is_refused_however_it_is_dressed(void **state)
{
	static const char *const hosts[] = {"evil.example",
					    "signin.example:443@evil.example",
					    "evil.example:443",
					    "signin.example.evil.example",
					    "signin.example:443.evil.example",
					    "signin.example evil.example",
					    "signin.example,evil.example",
					    "signin.example\\evil",
					    "signin.example#.evil.example",
					    "signin.example?",
					    "//signin.example",
					    "https://signin.example",
					    "signin.example:0443",
					    "signin.example:+443",
					    "signin.example: 443",
					    "\tsignin.example",
					    "s\xC4\xB1gnin.example"};
	struct conf conf = help_origin_conf(BASE);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		if (origin_host_check(&conf, lk_str_c(hosts[i])))
			fail_msg("'%s' counted as ours", hosts[i]);
	}
	assert_false(origin_host_check(&conf, LK_STR("signin.example\0.evil.example")));
}

/* CVE-2026-19349: a value of another kind, stored beside sessions, was taken as a session. */
static void
attack_28_a_token_of_another_kind_is_no_session(void **state)
{
	static const char *const prefixes[] = {"lk_wb_", "lk_at_", "lk_rt_", "lk_ac_",
					       "lk_",	 "",	   "LK_WS_", "lk_ws_lk_ws_"};
	char header[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		snprintf(header, sizeof header, "__Host-lk_session=%s" TAIL, prefixes[i]);
		assert_false(is_session(header));
		snprintf(header, sizeof header, "__Host-lk_browser=lk_ws_" TAIL "; %s=lk_ws_" TAIL,
			 prefixes[i]);
		assert_false(is_session(header));
	}
}

/* CVE-2024-45160: an empty secret was accepted; and what is cut at byte 0 is another secret. */
static void
attack_30_an_empty_secret_is_there_and_equals_nothing_but_itself(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, F_password | F_code, LK_STR("password=&code=+-+")), LK_OK);
	assert_non_null(req.secret[FIELD_password]);
	assert_int_equal(lk_secret_len(req.secret[FIELD_password]), 0);
	assert_int_equal(lk_secret_len(req.secret[FIELD_code]), 0);
	assert_false(lk_secret_is_equal(req.secret[FIELD_password], NULL));
	assert_false(help_secret_is(*state, req.secret[FIELD_password], "x"));
	req = help_req(*state);
	assert_int_equal(form_read(&req, F_password, LK_STR("")), LK_OK);
	assert_null(req.secret[FIELD_password]);
	assert_int_equal(form_read(&req, F_password, LK_STR("password=secret%00")), LK_E_FORMAT);
	assert_int_equal(form_read(&req, F_password, LK_STR("password=secret\0")), LK_E_FORMAT);
}

/* CVE-2023-27371: a crafted multipart boundary; libhttpserver #372: nothing where a text should be.
 */
static void
attack_40_nothing_where_a_text_should_be_is_nothing(void **state)
{
	struct conf conf = help_origin_conf(BASE);
	struct lk_str cookies[COOKIE_COUNT], out;
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, HELP_ALL_FIELDS, NOBODY), LK_OK);
	assert_false(form_query_find(*state, NOBODY, "next", &out));
	assert_false(form_type_check(NOBODY));
	assert_false(form_type_check(LK_STR("multipart/form-data; boundary=\"\r\n--\"")));
	cookie_read(NOBODY, true, cookies);
	assert_false(origin_host_check(&conf, NOBODY));
	assert_int_equal(origin_address(&conf, NOBODY, NOBODY).len, 0);
	assert_int_equal(origin_language(NOBODY, NOBODY), LANG_EN);
	assert_true(lk_str_is(origin_device_name(*state, NOBODY), "a browser"));
}

/* CVE-2023-28625, CVE-2024-24814 and the query "&": empty pairs and crafted cookies. */
static void
attack_41_empty_pairs_are_refused_or_passed_over_in_any_number(void **state)
{
	struct lk_arena *arena = *state;
	struct req req = help_req(arena);
	struct lk_str out[COOKIE_COUNT], value;
	const char *marks = "&=;%+,";

	assert_false(form_query_find(arena, LK_STR("&"), "next", &value));
	assert_true(form_query_find(arena, LK_STR("&&=&next=a&"), "next", &value));
	for (; *marks != '\0'; marks++) {
		struct lk_str large = many(arena, *marks, LARGE);

		assert_int_equal(form_read(&req, HELP_ALL_FIELDS, large), LK_E_FORMAT);
		assert_false(form_query_find(arena, large, "next", &value));
		cookie_read(large, true, out);
		assert_int_equal(out[COOKIE_SESSION].len, 0);
		assert_int_equal(origin_language(large, large), LANG_EN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		attack_14_a_forwarded_address_that_is_none_leaves_the_proxys_and_its_limit),
	    cmocka_unit_test(attack_15_a_malformed_cookie_is_no_cookie),
	    cmocka_unit_test(attack_20_forwarded_headers_name_neither_host_nor_address),
	    cmocka_unit_test(attack_22_a_host_that_is_not_ours_is_refused_however_it_is_dressed),
	    cmocka_unit_test(attack_28_a_token_of_another_kind_is_no_session),
	    cmocka_unit_test(attack_30_an_empty_secret_is_there_and_equals_nothing_but_itself),
	    cmocka_unit_test(attack_40_nothing_where_a_text_should_be_is_nothing),
	    cmocka_unit_test(attack_41_empty_pairs_are_refused_or_passed_over_in_any_number),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
