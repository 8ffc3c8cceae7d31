/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/bearer.h"

static bool
finds(const char *header, const char *token)
{
	struct req req = {.header = {[HEADER_authorization] = lk_str_c(header)}};

	return lk_str_is(bearer_find(&req), token);
}

static void
the_scheme_is_told_in_any_case(void **state)
{
	(void)state;
	assert_true(finds("Bearer abc", "abc"));
	assert_true(finds("bEaReR abc", "abc"));
	assert_true(finds("Bearer   abc ", "abc"));
}

static void
anything_else_is_no_token(void **state)
{
	static const char *const headers[] = {
	    NULL,	 "",	"Bearer",     "Bearer ",     "Bearer  ",   "Bearerabc",
	    "Basic abc", "abc", "Bearer a b", "Bearer a\tb", " Bearer abc"};

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		assert_true(finds(headers[i], ""));
}

static void
a_named_token_comes_before_the_askers_own(void **state)
{
	struct req req = {.header = {[HEADER_authorization] = LK_STR("Bearer header")},
			  .param = {[PARAM_access_token] = LK_STR("body")}};

	(void)state;
	assert_true(lk_str_is(bearer_token(&req), "header"));
	req.param[PARAM_token] = LK_STR("named");
	assert_true(lk_str_is(bearer_token(&req), "named"));
	req.param[PARAM_token] = req.header[HEADER_authorization] = lk_str_n(NULL, 0);
	assert_true(lk_str_is(bearer_token(&req), "body"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_scheme_is_told_in_any_case),
	    cmocka_unit_test(anything_else_is_no_token),
	    cmocka_unit_test(a_named_token_comes_before_the_askers_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
