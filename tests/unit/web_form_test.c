/* SPDX-License-Identifier: MIT */
/* The forms latchkeyctl app test finds are those of our own pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ctl/web_form.h"
#include "support/files_help.h"

static char *
page_read(const char *name)
{
	char path[HELP_PATH_BYTES];

	return help_read(help_source(path, name));
}

static void
the_sign_in_page_asks_for_name_and_password(void **state)
{
	char *page = page_read("tests/golden/pages/signin.en.html");
	struct web_form form;

	(void)state;
	assert_true(web_form_find(lk_str_c(page), &form));
	assert_true(lk_str_is(form.action, "/signin"));
	assert_true(form.has_username && form.has_password && !form.has_code && !form.has_allow);
	assert_non_null(strstr(form.sent.bytes, "form_key="));
	assert_non_null(strstr(form.sent.bytes, "&application=payroll"));
	assert_true(lk_str_is(web_form_title(lk_str_c(page)), "Sign in"));
	web_form_done(&form);
	free(page);
}

static void
the_code_page_asks_for_a_code(void **state)
{
	char *page = page_read("tests/golden/pages/code.en.html");
	struct web_form form;

	(void)state;
	assert_true(web_form_find(lk_str_c(page), &form));
	assert_true(form.has_code && !form.has_password);
	web_form_done(&form);
	free(page);
}

static void
a_page_that_asks_for_nothing_has_no_form(void **state)
{
	char *page = page_read("tests/golden/pages/no_access.app_redirect.en.html");
	struct web_form form;

	(void)state;
	assert_false(web_form_find(lk_str_c(page), &form));
	assert_false(web_form_find(LK_STR("<form action=\"https://evil.example/\"><input "
					  "name=\"password\" ></form>"),
				   &form));
	assert_false(
	    web_form_find(LK_STR("<form action=\"/x\"><input name=\"password\" >"), &form));
	free(page);
}

static void
the_form_that_signs_out_is_no_other(void **state)
{
	char *page = page_read("tests/golden/pages/logout.en.html");
	char *other = page_read("tests/golden/pages/signin.en.html");
	struct web_form form;

	(void)state;
	assert_true(web_form_find_signout(lk_str_c(page), &form));
	assert_true(lk_str_is(form.action, "/logout/confirm"));
	assert_non_null(strstr(form.sent.bytes, "form_key="));
	web_form_done(&form);
	assert_false(web_form_find_signout(lk_str_c(other), &form));
	free(page);
	free(other);
}

static void
what_is_sent_is_encoded(void **state)
{
	struct web_form form;
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 100);
	assert_true(web_form_find(
	    LK_STR(
		"<form action=\"/x\"><input type=\"hidden\" name=\"a\" value=\"b&amp;c=d &#39;\">"
		"<input name=\"code\"></form>"),
	    &form));
	assert_string_equal(form.sent.bytes, "a=b%26c%3Dd%20%27");
	web_form_done(&form);
	web_form_decode(&out, LK_STR("a%2fb+c%zz%4"));
	assert_string_equal(out.bytes, "a/b c%zz%4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sign_in_page_asks_for_name_and_password),
	    cmocka_unit_test(the_code_page_asks_for_a_code),
	    cmocka_unit_test(a_page_that_asks_for_nothing_has_no_form),
	    cmocka_unit_test(the_form_that_signs_out_is_no_other),
	    cmocka_unit_test(what_is_sent_is_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
