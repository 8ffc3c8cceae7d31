/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/crypto_help.h"
#include "support/origin_help.h"

/* NULL: not sent. */
static bool
is_same(const char *base_url, const char *origin, const char *site)
{
	struct conf conf = help_origin_conf(base_url);

	return origin_is_same(&conf, &(struct origin_headers){.origin = lk_str_c(origin),
							      .sec_fetch_site = lk_str_c(site)});
}

static void
our_own_pages_are_told_by_origin_or_fetch_site(void **state)
{
	const char *base = "https://signin.example";

	(void)state;
	assert_true(is_same(base, base, NULL));
	assert_true(is_same(base, NULL, "same-origin"));
	assert_true(is_same(base, NULL, "none"));
	assert_true(is_same(base, base, "same-origin"));
	assert_true(is_same(base, "null", "same-origin"));
	assert_true(is_same("https://Signin.Example:443", base, NULL));
	assert_true(is_same("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080", NULL));
}

/* Programs that are no browsers, and older telephones. */
static void
who_says_nothing_of_their_origin_is_left_to_the_form_key(void **state)
{
	(void)state;
	assert_true(is_same("https://signin.example", NULL, NULL));
	assert_true(is_same("https://signin.example", "null", NULL));
	assert_false(is_same("https://signin.example", "null", "cross-site"));
}

static void
other_pages_are_not_ours(void **state)
{
	static const char *const origins[] = {"http://signin.example",
					      "https://signin.example:8443",
					      "https://signin.example.evil.example",
					      "https://xsignin.example",
					      "https://signin.example/",
					      "https://signin.example/a",
					      "https://a@signin.example",
					      "https://signin.example evil",
					      "https://signin.example, https://signin.example",
					      "//signin.example",
					      "signin.example",
					      "",
					      "https://",
					      "https://signin.example:"};
	static const char *const sites[] = {"cross-site", "same-site", "Same-Origin", "",
					    "same-origin, none"};
	const char *base = "https://signin.example";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof origins / sizeof origins[0]; i++) {
		if (is_same(base, origins[i], NULL))
			fail_msg("'%s' counted as ours", origins[i]);
	}
	for (i = 0; i < sizeof sites / sizeof sites[0]; i++) {
		assert_false(is_same(base, NULL, sites[i]));
		assert_false(is_same(base, base, sites[i]));
		assert_false(is_same(base, "null", sites[i]));
	}
	assert_false(is_same(base, "https://evil.example", "same-origin"));
}

static bool
is_our_host(const char *base_url, const char *host)
{
	struct conf conf = help_origin_conf(base_url);

	return origin_host_check(&conf, lk_str_c(host));
}

static void
host_is_the_base_url_or_where_we_listen(void **state)
{
	(void)state;
	assert_true(is_our_host("https://signin.example", "signin.example"));
	assert_true(is_our_host("https://signin.example", "SIGNIN.example:443"));
	assert_true(is_our_host("https://signin.example", "127.0.0.1:8080"));
	assert_true(is_our_host("https://signin.example:8443", "signin.example:8443"));
	assert_true(is_our_host("http://signin.example", "signin.example:80"));
	assert_true(is_our_host("http://[2001:db8::1]:8080", "[2001:db8::1]:8080"));
	assert_true(is_our_host("http://[2001:db8::1]", "[2001:db8::1]"));
}

static void
another_host_is_not_ours(void **state)
{
	static const char *const hosts[] = {"",
					    "evil.example",
					    "signin.example.evil.example",
					    "signin.example.",
					    "signin.example:",
					    "signin.example:80",
					    "signin.example:8443",
					    "signin.example:443:443",
					    "signin.example:0443x",
					    "signin.example:65979",
					    "signin.example@evil.example",
					    "evil.example@signin.example",
					    "signin.example/",
					    "signin.example, evil.example",
					    "xsignin.example",
					    "signin.exampl",
					    "127.0.0.1",
					    "127.0.0.1:80800",
					    "localhost:8080",
					    "[signin.example]",
					    ":443",
					    "signin.example:18446744073709551616"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		if (is_our_host("https://signin.example", hosts[i]))
			fail_msg("'%s' counted as ours", hosts[i]);
	}
	assert_false(is_our_host("https://signin.example:8443", "signin.example"));
	assert_false(is_our_host("http://[2001:db8::1]:8080", "2001:db8::1:8080"));
}

static bool
address_is(const char *peer, const char *forwarded_for, const char *want)
{
	struct conf conf = help_origin_conf("https://signin.example");
	struct lk_str address = origin_address(&conf, lk_str_c(peer), lk_str_c(forwarded_for));

	if (!lk_str_is(address, want))
		print_message("%.*s\n", LK_STR_ARGS(address));
	return lk_str_is(address, want);
}

static void
a_stranger_says_nothing_of_where_from(void **state)
{
	(void)state;
	assert_true(address_is("192.0.2.1", NULL, "192.0.2.1"));
	assert_true(address_is("192.0.2.1", "198.51.100.7", "192.0.2.1"));
	assert_true(address_is("192.0.2.1", "10.0.0.1", "192.0.2.1"));
	assert_true(address_is("2001:db8::1", "127.0.0.1", "2001:db8::1"));
}

static void
a_listed_proxy_says_where_from(void **state)
{
	(void)state;
	assert_true(address_is("10.0.0.1", "192.0.2.1", "192.0.2.1"));
	assert_true(address_is("::ffff:10.0.0.1", " 192.0.2.1\t", "192.0.2.1"));
	assert_true(address_is("2001:db8:ffff::9", "2001:db8::1", "2001:db8::1"));
	assert_true(address_is("10.0.0.1", "[2001:db8::1]", "2001:db8::1"));
	assert_true(address_is("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"));
	assert_true(address_is("10.0.0.1", "192.0.2.1:4711", "192.0.2.1"));
	assert_true(address_is("10.0.0.1", "192.0.2.1, 10.0.0.3,10.0.0.2", "192.0.2.1"));
}

static void
what_a_client_writes_before_the_proxies_does_not_count(void **state)
{
	(void)state;
	assert_true(address_is("10.0.0.1", "127.0.0.1, 192.0.2.1", "192.0.2.1"));
	assert_true(address_is("10.0.0.1", "10.0.0.9, 192.0.2.1", "192.0.2.1"));
	assert_true(address_is("10.0.0.1", "x, 192.0.2.1, 10.0.0.2", "192.0.2.1"));
}

static void
all_of_them_listed_gives_the_first(void **state)
{
	(void)state;
	assert_true(address_is("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"));
}

static void
malformed_pieces_end_the_walk(void **state)
{
	static const char *const lists[] = {"a",
					    "",
					    ",",
					    " ",
					    ", ",
					    "192.0.2.1,",
					    "192.0.2.1 1",
					    "192.0.2.256",
					    "0x7f.1",
					    "192.0.2",
					    "unknown",
					    "_hidden",
					    "for=192.0.2.1",
					    "fe80::1%eth0",
					    "[fe80::1%25eth0]",
					    "[192.0.2.1",
					    "192.0.2.1]",
					    "[]",
					    "[",
					    "]",
					    "[[::1]]",
					    "192.0.2.1:",
					    "192.0.2.1:0",
					    "192.0.2.1:99999",
					    "\"192.0.2.1\"",
					    "192.0.2.1\r\nx",
					    "1e9, a"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lists / sizeof lists[0]; i++)
		assert_true(address_is("10.0.0.1", lists[i], "10.0.0.1"));
	assert_true(address_is("10.0.0.1", "192.0.2.1, a, 10.0.0.2", "10.0.0.2"));
}

static void
only_so_many_hops_are_walked(void **state)
{
	char list[20000] = "192.0.2.1";
	struct conf conf = help_origin_conf("https://signin.example");
	struct lk_str address;
	size_t len = strlen(list);

	(void)state;
	while (len + 11 < sizeof list)
		len += (size_t)snprintf(list + len, sizeof list - len, ",10.0.0.1");
	address = origin_address(&conf, LK_STR("10.0.0.1"), lk_str_c(list));
	assert_true(lk_str_is(address, "10.0.0.1"));
	assert_ptr_equal(address.ptr, list + len - ORIGIN_HOPS_MAX * 9 + 1);
}

static bool
has_same_key(const struct crypto_ring *ring, const char *a, const char *b)
{
	struct crypto_digest x, y;

	origin_address_key(ring, lk_str_c(a), &x);
	origin_address_key(ring, lk_str_c(b), &y);
	return crypto_digest_is_equal(&x, &y);
}

static void
limits_count_ipv4_whole_and_ipv6_by_64_bits(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n");

	(void)state;
	assert_true(has_same_key(ring, "192.0.2.1", "::ffff:192.0.2.1"));
	assert_false(has_same_key(ring, "192.0.2.1", "192.0.2.2"));
	assert_true(has_same_key(ring, "2001:db8::1", "2001:DB8:0:0:ffff::2"));
	assert_false(has_same_key(ring, "2001:db8::1", "2001:db8:0:1::1"));
	assert_false(has_same_key(ring, "unix", ""));
	assert_true(has_same_key(ring, "unix", "unix"));
	crypto_ring_free(ring);
}

static enum lang
language(const char *cookie, const char *accept)
{
	return origin_language(lk_str_c(cookie), lk_str_c(accept));
}

static void
language_is_the_cookies_then_the_browsers_then_english(void **state)
{
	(void)state;
	assert_int_equal(language("cy", "en"), LANG_CY);
	assert_int_equal(language("en", "cy"), LANG_EN);
	assert_int_equal(language("de", "cy"), LANG_CY);
	assert_int_equal(language(NULL, NULL), LANG_EN);
	assert_int_equal(language(NULL, "cy-GB,cy;q=0.9,en;q=0.8"), LANG_CY);
	assert_int_equal(language(NULL, "en-GB, cy;q=0.9"), LANG_EN);
	assert_int_equal(language(NULL, "en;q=0.8, CY;q=0.801"), LANG_CY);
	assert_int_equal(language(NULL, "cy, en"), LANG_CY);
	assert_int_equal(language(NULL, "en, cy"), LANG_EN);
	assert_int_equal(language(NULL, "de, fr;q=0.9, cy;q=0.1"), LANG_CY);
	assert_int_equal(language(NULL, "*, cy;q=0.5"), LANG_EN);
	assert_int_equal(language(NULL, "cy;q=0"), LANG_EN);
	assert_int_equal(language(NULL, "cy;q=0, en;q=0"), LANG_EN);
}

static void
monsters_of_languages_are_english(void **state)
{
	static const char *const monsters[] = {
	    "cy;q=2", "cy;q=-1", "cy;q=0.1234", "cy;q=1.1",	"cy;q=",
	    "cy;q=x", "cy;q=.5", "cy;q=1e9",	"cy;level=1",	"cyx",
	    "c",      ";;;",	 ",,,,",	"cy;q=0.5;q=1", "cy\r\nX: y",
	    "q=1;cy", "-cy",	 "*-cy",	"\xFF"};
	char many[5000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof monsters / sizeof monsters[0]; i++) {
		if (language(NULL, monsters[i]) != LANG_EN)
			fail_msg("'%s' is Welsh", monsters[i]);
	}
	memset(many, ',', sizeof many);
	memcpy(many + sizeof many - 3, "cy", 3);
	assert_int_equal(language(NULL, many), LANG_EN);
	assert_int_equal(origin_language(lk_str_n(NULL, 0), LK_STR("cy\0")), LANG_EN);
}

static void
name_is(struct lk_arena *arena, const char *agent, const char *want)
{
	struct lk_str name = origin_device_name(arena, lk_str_c(agent));

	if (!lk_str_is(name, want))
		fail_msg("'%s' is called '%.*s'", agent, LK_STR_ARGS(name));
}

static void
devices_have_the_names_people_give_them(void **state)
{
	name_is(*state,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
		"Chrome/120.0.0.0 Safari/537.36",
		"Chrome on Linux");
	name_is(*state, "Mozilla/5.0 (X11; Linux x86_64) Chromium/120 Chrome/120 Safari/537.36",
		"Chromium on Linux");
	name_is(*state,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
		"Version/17.0 Mobile/15E148 Safari/604.1",
		"Safari on iPhone");
	name_is(*state,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 "
		"Safari/537.36 Edg/120.0.0.0",
		"Edge on Windows");
	name_is(
	    *state,
	    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0) Gecko/20100101 Firefox/120.0",
	    "Firefox on Mac");
	name_is(
	    *state,
	    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile "
	    "Safari/537.36",
	    "Chrome on Android");
	name_is(*state, "Mozilla/5.0 (X11; CrOS x86_64) Chrome/120 Safari/537.36",
		"Chrome on Chromebook");
}

static void
unknown_devices_are_a_browser_whatever_they_say(void **state)
{
	name_is(*state, NULL, "a browser");
	name_is(*state, "", "a browser");
	name_is(*state, "curl/8.0", "a browser");
	name_is(*state, "<script>alert(1)</script>\r\nBcc: x", "a browser");
	name_is(*state, "\xFF\xFE%s%n Windows", "a browser on Windows");
	name_is(*state, "Firefox/1", "Firefox");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(our_own_pages_are_told_by_origin_or_fetch_site),
	    cmocka_unit_test(who_says_nothing_of_their_origin_is_left_to_the_form_key),
	    cmocka_unit_test(other_pages_are_not_ours),
	    cmocka_unit_test(host_is_the_base_url_or_where_we_listen),
	    cmocka_unit_test(another_host_is_not_ours),
	    cmocka_unit_test(a_stranger_says_nothing_of_where_from),
	    cmocka_unit_test(a_listed_proxy_says_where_from),
	    cmocka_unit_test(what_a_client_writes_before_the_proxies_does_not_count),
	    cmocka_unit_test(all_of_them_listed_gives_the_first),
	    cmocka_unit_test(malformed_pieces_end_the_walk),
	    cmocka_unit_test(only_so_many_hops_are_walked),
	    cmocka_unit_test(limits_count_ipv4_whole_and_ipv6_by_64_bits),
	    cmocka_unit_test(language_is_the_cookies_then_the_browsers_then_english),
	    cmocka_unit_test(monsters_of_languages_are_english),
	    cmocka_unit_test(devices_have_the_names_people_give_them),
	    cmocka_unit_test(unknown_devices_are_a_browser_whatever_they_say),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
