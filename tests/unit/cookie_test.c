/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "exchange/cookie.h"

#define TAIL	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"
#define SESSION "lk_ws_" TAIL
#define BROWSER "lk_wb_" TAIL

static void
ours_are_found_among_others(void **state)
{
	struct lk_str out[COOKIE_COUNT];

	(void)state;
	cookie_read(LK_STR("a=1; lk_session=" SESSION "; lk_browser=" BROWSER
			   ";lk_device=1.aB-_9; lk_language=cy; b"),
		    false, out);
	assert_true(lk_str_is(out[COOKIE_SESSION], SESSION));
	assert_true(lk_str_is(out[COOKIE_BROWSER], BROWSER));
	assert_true(lk_str_is(out[COOKIE_DEVICE], "1.aB-_9"));
	assert_true(lk_str_is(out[COOKIE_LANGUAGE], "cy"));
}

static void
with_https_only_host_cookies_count(void **state)
{
	struct lk_str out[COOKIE_COUNT];

	(void)state;
	cookie_read(LK_STR("lk_session=" SESSION "; __Host-lk_browser=" BROWSER), true, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
	assert_true(lk_str_is(out[COOKIE_BROWSER], BROWSER));
	cookie_read(LK_STR("lk_session=" SESSION "; __Host-lk_browser=" BROWSER), false, out);
	assert_true(lk_str_is(out[COOKIE_SESSION], SESSION));
	assert_int_equal(out[COOKIE_BROWSER].len, 0);
	/* A cookie from elsewhere beside ours takes nothing away. */
	cookie_read(LK_STR("lk_session=" BROWSER "; __Host-lk_session=" SESSION), true, out);
	assert_true(lk_str_is(out[COOKIE_SESSION], SESSION));
}

static void
what_stands_twice_is_not_there(void **state)
{
	struct lk_str out[COOKIE_COUNT];

	(void)state;
	cookie_read(LK_STR("lk_session=" SESSION "; lk_session=" SESSION), false, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
	cookie_read(LK_STR("lk_session=x; lk_session=" SESSION), false, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
	cookie_read(LK_STR("lk_session=" SESSION "; lk_session=; lk_session=" SESSION), false, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
}

static void
what_is_not_well_formed_is_not_there(void **state)
{
	static const char *const headers[] = {
	    "",
	    ";",
	    "=",
	    ";;=;",
	    "lk_session",
	    "lk_session=",
	    "lk_session=lk_ws_",
	    "lk_session=" SESSION "A",
	    "lk_session=\"" SESSION "\"",
	    "lk_session=" BROWSER,
	    "lk_session = " SESSION,
	    "LK_SESSION=" SESSION,
	    "xlk_session=" SESSION,
	    "__Host-lk_session=" SESSION,
	    "lk_session=lk_ws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAF",
	    "lk_session=lk_ws_AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAE",
	    "lk_browser=" SESSION,
	    "lk_device=",
	    "lk_device=a b",
	    "lk_device=a/b",
	    "lk_device=\xC3\xA9",
	    "lk_device=a\r\nSet-Cookie: b",
	    "lk_language=de",
	    "lk_language=EN",
	    "lk_language=en-GB",
	    "lk_language=../en",
	};
	struct lk_str out[COOKIE_COUNT];
	size_t i, cookie;

	(void)state;
	for (i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		cookie_read(lk_str_c(headers[i]), false, out);
		for (cookie = 0; cookie < COOKIE_COUNT; cookie++) {
			if (out[cookie].len != 0)
				fail_msg("'%s' counted", headers[i]);
		}
	}
	cookie_read(LK_STR("lk_session=" SESSION "\0"), false, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
	cookie_read(LK_STR("lk_language=en\0"), false, out);
	assert_int_equal(out[COOKIE_LANGUAGE].len, 0);
	cookie_read(lk_str_n(NULL, 0), false, out);
	assert_int_equal(out[COOKIE_SESSION].len, 0);
}

static void
a_device_cookie_is_at_most_512_bytes(void **state)
{
	struct lk_str out[COOKIE_COUNT];
	char header[10 + 513];

	(void)state;
	memset(header, 'a', sizeof header);
	memcpy(header, "lk_device=", 10);
	cookie_read(lk_str_n(header, 10 + 512), false, out);
	assert_int_equal(out[COOKIE_DEVICE].len, 512);
	cookie_read(lk_str_n(header, 10 + 513), false, out);
	assert_int_equal(out[COOKIE_DEVICE].len, 0);
}

static void
is_written(enum cookie cookie, struct res_cookie value, bool is_https, const char *want)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, 1024);
	cookie_write(&out, cookie, &value, is_https);
	assert_true(lk_buf_is_ok(&out));
	assert_string_equal(out.bytes, want);
}

static void
cookies_are_written_for_our_pages_only(void **state)
{
	(void)state;
	is_written(COOKIE_SESSION, (struct res_cookie){true, LK_STR(SESSION), 0}, true,
		   "__Host-lk_session=" SESSION "; Path=/; HttpOnly; SameSite=Lax; Secure");
	is_written(COOKIE_BROWSER, (struct res_cookie){true, LK_STR(BROWSER), 0}, false,
		   "lk_browser=" BROWSER "; Path=/; HttpOnly; SameSite=Lax");
	is_written(
	    COOKIE_LANGUAGE, (struct res_cookie){true, LK_STR("cy"), 31536000}, true,
	    "__Host-lk_language=cy; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000");
}

static void
an_empty_or_ill_formed_value_removes_it(void **state)
{
	(void)state;
	is_written(COOKIE_SESSION, (struct res_cookie){true, {NULL, 0}, 600}, true,
		   "__Host-lk_session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
	is_written(COOKIE_DEVICE, (struct res_cookie){true, LK_STR("a\r\nX: y"), 600}, false,
		   "lk_device=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
	is_written(COOKIE_LANGUAGE, (struct res_cookie){true, LK_STR("cy; Domain=x"), 600}, false,
		   "lk_language=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ours_are_found_among_others),
	    cmocka_unit_test(with_https_only_host_cookies_count),
	    cmocka_unit_test(what_stands_twice_is_not_there),
	    cmocka_unit_test(what_is_not_well_formed_is_not_there),
	    cmocka_unit_test(a_device_cookie_is_at_most_512_bytes),
	    cmocka_unit_test(cookies_are_written_for_our_pages_only),
	    cmocka_unit_test(an_empty_or_ill_formed_value_removes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
