/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "page/page_escape.h"

#define FFFD LK_UTF8_REPLACEMENT

static void
assert_escaped(struct lk_str value, const char *want)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, 65536);
	page_escape_html(&out, value);
	assert_true(lk_buf_is_ok(&out));
	assert_true(lk_str_is(lk_buf_str(&out), want));
}

static void
five_characters_are_escaped_and_no_other(void **state)
{
	char byte;

	(void)state;
	assert_escaped(LK_STR("<a href=\"x\" b='y'>&amp;</a>"),
		       "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
	assert_escaped(LK_STR(""), "");
	for (byte = 1; byte < 127; byte++) {
		char text[2] = {byte, '\0'};

		if (byte != '&' && byte != '<' && byte != '>' && byte != '"' && byte != '\'')
			assert_escaped(lk_str_c(text), text);
	}
	assert_escaped(LK_STR("Siân Ŵyn ’ 🙂"), "Siân Ŵyn ’ 🙂");
}

static void
bytes_that_are_no_text_and_byte_0_become_the_replacement(void **state)
{
	(void)state;
	assert_escaped(LK_STR("a\0b"), "a" FFFD "b");
	assert_escaped(LK_STR("\xC0\xBC"), FFFD FFFD); /* '<' overlong */
	assert_escaped(LK_STR("\xE2\x80"), FFFD FFFD);
	assert_escaped(LK_STR("\xED\xA0\x80<"), FFFD FFFD FFFD "&lt;");
}

static void
only_own_paths_and_four_kinds_of_address_may_be_linked(void **state)
{
	static const char *const good[] = {"/",
					   "/reset?a=b&c=d",
					   "https://signin.example/x",
					   "http://127.0.0.1:8080/",
					   "otpauth://totp/x?secret=A",
					   "tel:+443000000000",
					   "com.example.app:/done?code=x"};
	static const char *const bad[] = {"",
					  "javascript:alert(1)",
					  "JAVASCRIPT:alert(1)",
					  " javascript:alert(1)",
					  "java\nscript:alert(1)",
					  "data:text/html,x",
					  "vbscript:x",
					  "//evil.example/",
					  "/\\evil.example/",
					  "/\t/evil.example/",
					  "\\\\evil.example",
					  "reset",
					  "https:evil",
					  "https://a b/",
					  "mailto:x@y",
					  "com.example.app://done",
					  "javascript:/alert(1)",
					  "/a\x7F"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(page_url_check(lk_str_c(good[i])));
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(page_url_check(lk_str_c(bad[i])));
	assert_false(page_url_check(LK_STR("/a\0b")));
	assert_false(page_url_check(LK_STR("/\0/evil.example")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(five_characters_are_escaped_and_no_other),
	    cmocka_unit_test(bytes_that_are_no_text_and_byte_0_become_the_replacement),
	    cmocka_unit_test(only_own_paths_and_four_kinds_of_address_may_be_linked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
