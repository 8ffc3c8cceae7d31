/* SPDX-License-Identifier: MIT */
/* What src/http refuses before anything acts on it: SECURITY section 6, a test a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "http/framing.h"
#include "http/encoding.h"

#define HEADERS(...)                                                                               \
	(const struct framing_header[])                                                            \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define HOST                                                                                       \
	{                                                                                          \
		LK_STR("Host"), LK_STR("signin.example")                                           \
	}
#define H(name, value)                                                                             \
	{                                                                                          \
		LK_STR(name), LK_STR(value)                                                        \
	}

static struct framing_facts facts;

static enum lk_err
check_as(const char *method, const char *version, const struct framing_header *headers,
	 size_t count)
{
	struct framing_head head = {lk_str_c(method), LK_STR("/"), lk_str_c(version), headers,
				    count};

	memset(&facts, 0, sizeof facts);
	return framing_check(&head, &facts);
}

#define CHECK(...)                                                                                 \
	check_as("POST", "HTTP/1.1", HEADERS(__VA_ARGS__),                                         \
		 sizeof HEADERS(__VA_ARGS__) / sizeof(struct framing_header))
#define assert_bad(...) assert_int_equal(CHECK(__VA_ARGS__), LK_E_REQUEST_BAD)

static void
a_plain_request_passes(void **state)
{
	(void)state;
	assert_int_equal(CHECK(HOST, H("Content-Length", "42"), H("Cookie", "a=b; c=\"d\""),
			       H("X-Odd!#$%&'*+.^_`|~", "a\tb"), H("Empty", "")),
			 LK_OK);
	assert_int_equal(facts.method, FRAMING_POST);
	assert_int_equal(facts.body_bytes, 42);
	assert_false(facts.is_chunked);
	assert_true(lk_str_is(facts.host, "signin.example"));
	assert_int_equal(CHECK(HOST, H("Transfer-Encoding", "chunked")), LK_OK);
	assert_true(facts.is_chunked);
	assert_int_equal(check_as("GET", "HTTP/1.0", NULL, 0), LK_OK);
	assert_int_equal(CHECK(H("host", "[::1]:8080")), LK_OK);
}

static void
length_beside_coding_is_refused(void **state)
{
	(void)state;
	assert_bad(HOST, H("Content-Length", "5"), H("Transfer-Encoding", "chunked"));
	assert_bad(HOST, H("Transfer-Encoding", "chunked"), H("Content-Length", "5"));
	assert_bad(HOST, H("Transfer-Encoding", "\tchunked"), H("Content-Length", "5"));
}

static void
two_lengths_are_refused_even_when_equal(void **state)
{
	(void)state;
	assert_bad(HOST, H("Content-Length", "5"), H("Content-Length", "6"));
	assert_bad(HOST, H("Content-Length", "5"), H("content-length", "5"));
}

static void
a_length_is_digits_and_nothing_else(void **state)
{
	static const char *const bad[] = {"", "+5", "-5", "5 ", "0x5", "5,5", "5, 5", "5.0", " 5"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_bad(HOST, {LK_STR("Content-Length"), lk_str_c(bad[i])});
}

static void
more_than_64_kib_is_too_large_at_once(void **state)
{
	(void)state;
	assert_int_equal(CHECK(HOST, H("Content-Length", "65536")), LK_OK);
	assert_int_equal(CHECK(HOST, H("Content-Length", "65537")), LK_E_REQUEST_TOO_LARGE);
	assert_int_equal(CHECK(HOST, H("Content-Length", "52428800")), LK_E_REQUEST_TOO_LARGE);
	assert_int_equal(CHECK(HOST, H("Content-Length", "9223372036854775807")),
			 LK_E_REQUEST_TOO_LARGE);
	assert_int_equal(CHECK(HOST, H("Content-Length", "99999999999999999999999")),
			 LK_E_REQUEST_TOO_LARGE);
}

static void
a_coding_is_exactly_chunked(void **state)
{
	static const char *const bad[] = {"",		"Chunked",	 "chunked ",
					  "gzip",	"gzip, chunked", "chunked, identity",
					  "xchunked",	"\"chunked\"",	 "identity",
					  "chunked;q=1"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_bad(HOST, {LK_STR("Transfer-Encoding"), lk_str_c(bad[i])});
	assert_bad(HOST, H("Transfer-Encoding", "chunked"), H("Transfer-Encoding", "chunked"));
	assert_int_equal(
	    check_as("POST", "HTTP/1.0", HEADERS(H("Transfer-Encoding", "chunked")), 1),
	    LK_E_REQUEST_BAD);
}

static void
names_cut_or_folded_into_others_are_refused(void **state)
{
	(void)state;
	assert_bad(HOST, H("Transfer-Encoding ", "chunked"));
	assert_bad(HOST, H("Transfer-Encodingchunked", ""));
	assert_bad(HOST, H("Content-Length2", "5"));
	assert_bad(HOST, H("Content-Length\t", "5"));
	assert_bad(HOST, H("Hosts", "a"));
}

static void
one_host_and_only_one(void **state)
{
	(void)state;
	assert_int_equal(check_as("GET", "HTTP/1.1", NULL, 0), LK_E_REQUEST_BAD);
	assert_bad(H("Host", ""));
	assert_bad(HOST, HOST);
	assert_bad(HOST, H("hOST", "evil.example"));
	assert_bad(H("Host", "a b"));
	assert_bad(H("Host", "a,b"));
	assert_bad(H("Host", "user@a"));
	assert_bad(H("Host", "a/b"));
}

static void
headers_read_once_stand_once(void **state)
{
	(void)state;
	assert_bad(HOST, H("Cookie", "a=1"), H("Cookie", "a=2"));
	assert_bad(HOST, H("Origin", "a"), H("Origin", "b"));
	assert_bad(HOST, H("Content-Type", "a"), H("Content-Type", "b"));
	assert_bad(HOST, H("Authorization", "Bearer a"), H("Authorization", "Basic b"));
	assert_bad(HOST, H("Sec-Fetch-Site", "none"), H("Sec-Fetch-Site", "cross-site"));
	assert_int_equal(CHECK(HOST, H("X-Forwarded-For", "a"), H("X-Forwarded-For", "b")), LK_OK);
}

static void
control_bytes_are_refused_everywhere(void **state)
{
	(void)state;
	assert_bad(HOST, H("X", "a\0b"));
	assert_bad(HOST, H("X", "a\rb"));
	assert_bad(HOST, H("X", "a\nb"));
	assert_bad(HOST, H("X", "a\x7f"));
	assert_bad(HOST, H("X\0Y", "a"));
	assert_bad(HOST, H("", "a"));
	assert_bad(HOST, H("X Y", "a"));
	assert_bad(HOST, H("X:", "a"));
	assert_bad(HOST, H("\xc3\xa9", "a"));
}

/* Values are looked at eight bytes at a time. */
static void
each_byte_is_judged_in_each_place(void **state)
{
	char value[20], name[20];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		bool is_value = byte == '\t' || (byte >= ' ' && byte != 0x7f);
		bool is_token =
		    byte > ' ' && byte < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", (int)byte) == NULL;

		for (size_t place = 0; place < sizeof value; place++) {
			struct framing_header headers[] = {HOST,
							   {LK_STR("X-Odd"), {value, sizeof value}},
							   {{name, sizeof name}, {"", 0}}};

			memset(value, 'a', sizeof value);
			memset(name, 'a', sizeof name);
			value[place] = (char)byte;
			assert_int_equal(check_as("GET", "HTTP/1.1", headers, 2),
					 is_value ? LK_OK : LK_E_REQUEST_BAD);
			value[place] = 'a';
			name[place] = (char)byte;
			assert_int_equal(check_as("GET", "HTTP/1.1", headers, 3),
					 is_token ? LK_OK : LK_E_REQUEST_BAD);
		}
	}
}

static void
headers_come_out_by_their_rows(void **state)
{
	(void)state;
	assert_int_equal(CHECK(HOST, H("User-Agent", "one"), H("user-AGENT", "two"),
			       H("Accept", "a"), H("Accept", "b"), H("X-Original-URL", "/")),
			 LK_OK);
	assert_true(lk_str_is(facts.header[HEADER_host], "signin.example"));
	assert_true(lk_str_is(facts.header[HEADER_user_agent], "two"));
	assert_true(facts.header[HEADER_accept].ptr != NULL);
	assert_int_equal(facts.header[HEADER_accept].len, 0);
	assert_true(lk_str_is(facts.header[HEADER_x_original_url], "/"));
	assert_null(facts.header[HEADER_cookie].ptr);
	/* A refusal is told in somebody's language, too. */
	assert_bad(HOST, HOST, H("Accept-Language", "cy"));
	assert_true(lk_str_is(facts.header[HEADER_accept_language], "cy"));
}

static void
more_than_64_headers_are_too_many(void **state)
{
	struct framing_header many[FRAMING_HEADERS_MAX + 1] = {HOST};
	size_t i;

	(void)state;
	for (i = 1; i < FRAMING_HEADERS_MAX + 1; i++)
		many[i] = (struct framing_header)H("X", "a");
	assert_int_equal(check_as("GET", "HTTP/1.1", many, FRAMING_HEADERS_MAX), LK_OK);
	assert_int_equal(check_as("GET", "HTTP/1.1", many, FRAMING_HEADERS_MAX + 1),
			 LK_E_REQUEST_TOO_LARGE);
}

static void
methods_are_get_head_post_and_options(void **state)
{
	static const char *const none[] = {"PUT",   "DELETE", "TRACE",	 "CONNECT",
					   "PATCH", "get",    "options", "BREW"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(check_as(none[i], "HTTP/1.1", HEADERS(HOST), 1), LK_E_METHOD_NONE);
	assert_int_equal(check_as("GE T", "HTTP/1.1", HEADERS(HOST), 1), LK_E_REQUEST_BAD);
	assert_int_equal(check_as("", "HTTP/1.1", HEADERS(HOST), 1), LK_E_REQUEST_BAD);
	assert_int_equal(check_as("HEAD", "HTTP/1.1", HEADERS(HOST), 1), LK_OK);
	assert_int_equal(facts.method, FRAMING_HEAD);
	assert_int_equal(check_as("OPTIONS", "HTTP/1.1", HEADERS(HOST), 1), LK_OK);
	assert_int_equal(facts.method, FRAMING_OPTIONS);
}

static void
versions_are_1_0_and_1_1(void **state)
{
	static const char *const bad[] = {"",	      "HTTP/1.2", "HTTP/2.0",
					  "HTTP/0.9", "http/1.1", "HTTP/1.1 "};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(check_as("GET", bad[i], HEADERS(HOST), 1), LK_E_REQUEST_BAD);
}

static void
assert_target(const char *target, enum lk_err wanted, const char *path, const char *query)
{
	struct lk_arena *arena = lk_arena_new(1024, 4096);
	struct lk_str got_path = {NULL, 0}, got_query = {NULL, 0};

	assert_non_null(arena);
	assert_int_equal(framing_target_read(arena, lk_str_c(target), &got_path, &got_query),
			 wanted);
	if (wanted == LK_OK) {
		assert_true(lk_str_is(got_path, path));
		assert_true(lk_str_is(got_query, query));
	}
	lk_arena_free(arena);
}

static void
targets_begin_with_a_slash_and_hide_nothing(void **state)
{
	static const char *const bad[] = {
	    "",	    "*",    "http://a/",      "a:443",	   "signin", "/a b", "/a\tb",
	    "/a#b", "/%00", "/a%00b",	      "/%",	   "/%4",    "/%zz", "/%0a",
	    "/%7f", "/%2f", "/signin%2Fcode", "/\xc3\xa9", "/a?\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_target(bad[i], LK_E_REQUEST_BAD, "", "");
	assert_target("/", LK_OK, "/", "");
	assert_target("/signin?a=%00&b", LK_OK, "/signin", "a=%00&b");
	assert_target("/%73ignin??", LK_OK, "/signin", "?");
	assert_target("/a+b", LK_OK, "/a+b", "");
}

/* RFC 3986 s2: what is no blank, no control byte, no fragment and ASCII. */
static void
every_byte_of_a_target_is_looked_at(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		bool is_right = byte > ' ' && byte < 0x7f && byte != '#';
		char target[] = "/path?query ", path[] = "/path ", query[] = "query ";

		target[sizeof target - 2] = query[sizeof query - 2] = (char)byte;
		assert_target(target, is_right ? LK_OK : LK_E_REQUEST_BAD, "/path", query);
		if (byte == '%' || byte == '?')
			continue;
		path[sizeof path - 2] = (char)byte;
		assert_target(path, is_right ? LK_OK : LK_E_REQUEST_BAD, path, "");
	}
}

static void
gzip_is_sent_to_who_takes_it(void **state)
{
	(void)state;
	assert_true(encoding_takes_gzip(LK_STR("gzip, deflate, br")));
	assert_true(encoding_takes_gzip(LK_STR("br;q=1.0 , GZIP;q=0.5")));
	assert_true(encoding_takes_gzip(LK_STR("gzip;q=0.001")));
	assert_false(encoding_takes_gzip(LK_STR("gzip;q=0")));
	assert_false(encoding_takes_gzip(LK_STR("gzip; Q=0.000")));
	assert_false(encoding_takes_gzip(LK_STR("identity")));
	assert_false(encoding_takes_gzip(LK_STR("")));
	assert_false(encoding_takes_gzip(LK_STR("xgzip")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_request_passes),
	    cmocka_unit_test(length_beside_coding_is_refused),
	    cmocka_unit_test(two_lengths_are_refused_even_when_equal),
	    cmocka_unit_test(a_length_is_digits_and_nothing_else),
	    cmocka_unit_test(more_than_64_kib_is_too_large_at_once),
	    cmocka_unit_test(a_coding_is_exactly_chunked),
	    cmocka_unit_test(names_cut_or_folded_into_others_are_refused),
	    cmocka_unit_test(one_host_and_only_one),
	    cmocka_unit_test(headers_read_once_stand_once),
	    cmocka_unit_test(control_bytes_are_refused_everywhere),
	    cmocka_unit_test(each_byte_is_judged_in_each_place),
	    cmocka_unit_test(headers_come_out_by_their_rows),
	    cmocka_unit_test(more_than_64_headers_are_too_many),
	    cmocka_unit_test(methods_are_get_head_post_and_options),
	    cmocka_unit_test(versions_are_1_0_and_1_1),
	    cmocka_unit_test(targets_begin_with_a_slash_and_hide_nothing),
	    cmocka_unit_test(every_byte_of_a_target_is_looked_at),
	    cmocka_unit_test(gzip_is_sent_to_who_takes_it),
	};

	return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
