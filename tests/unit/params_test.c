/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "exchange/params.h"
#include "support/exchange_help.h"

#define NOTHING lk_str_n(NULL, 0)

static struct req
of(struct lk_arena *arena, const char *query, const char *body)
{
	struct req req = help_req(arena);

	assert_int_equal(params_read(&req, lk_str_c(query), lk_str_c(body)), LK_OK);
	return req;
}

static void
parameters_come_out_decoded_from_query_and_body(void **state)
{
	struct req req =
	    of(*state, "client_id=a.b&state=x%26y+z%2B", "scope=openid+email&nobody=1");

	assert_true(lk_str_is(req.param[PARAM_client_id], "a.b"));
	assert_true(lk_str_is(req.param[PARAM_state], "x&y z+"));
	assert_true(lk_str_is(req.param[PARAM_scope], "openid email"));
	assert_null(req.param[PARAM_nonce].ptr);
	assert_false(req.is_param_bad);
}

/* RFC 6749 s3.1; Dovecot sends client_id= and client_secret= beside its Basic header. */
static void
what_was_sent_empty_was_not_sent(void **state)
{
	struct req req = of(*state, NULL, "token=t&client_id=&client_secret=&&=&scope");

	assert_true(lk_str_is(req.param[PARAM_token], "t"));
	assert_null(req.param[PARAM_client_id].ptr);
	assert_null(req.param[PARAM_client_secret].ptr);
	assert_null(req.param[PARAM_scope].ptr);
	assert_false(req.is_param_bad);
}

static void
nothing_sent_is_nothing(void **state)
{
	struct req req = of(*state, NULL, NULL);

	assert_false(req.is_param_bad);
	req = of(*state, "", "&&&");
	assert_false(req.is_param_bad);
}

/* SECURITY 3.5: not in query strings. */
static void
secrets_and_tokens_in_an_address_do_not_count(void **state)
{
	static const char *const sent[] = {"access_token",     "token",	      "client_secret",
					   "client_assertion", "code",	      "code_verifier",
					   "refresh_token",    "device_code", "grant_type"};
	char query[128];
	size_t i;
	int param;

	for (i = 0; i < sizeof sent / sizeof *sent; i++) {
		struct req req;

		snprintf(query, sizeof query, "%s=abc", sent[i]);
		req = of(*state, query, NULL);
		for (param = PARAM_NONE; param < PARAM_COUNT; param++)
			assert_null(req.param[param].ptr);
		assert_false(req.is_param_bad);
	}
}

static void
twice_is_a_fault_and_the_rest_is_read(void **state)
{
	static const char *const sent[][2] = {
	    {"client_id=a&client_id=a&state=s", NULL},
	    {"client_id=a&state=s", "client_id=a"},
	    {"client_id=a&client_id=&state=s", NULL},
	    {"client_id=a&client%5Fid=b&state=s", NULL},
	    {"client_id=a&client_id=%ff&state=s", NULL},
	};
	size_t i;

	for (i = 0; i < sizeof sent / sizeof *sent; i++) {
		struct req req = of(*state, sent[i][0], sent[i][1]);

		assert_true(req.is_param_bad);
		assert_int_equal(req.param_bad, PARAM_client_id);
		assert_true(lk_str_is(req.param[PARAM_client_id], "a"));
		assert_true(lk_str_is(req.param[PARAM_state], "s"));
	}
}

static void
what_cannot_be_read_is_a_fault_and_not_there(void **state)
{
	static const char *const values[] = {"%", "%4", "%zz", "%00", "%ff", "a%c3", "%ed%a0%80"};
	char body[64];
	size_t i;

	for (i = 0; i < sizeof values / sizeof *values; i++) {
		struct req req;

		snprintf(body, sizeof body, "token=%s&state=s", values[i]);
		req = of(*state, NULL, body);
		assert_true(req.is_param_bad);
		assert_int_equal(req.param_bad, PARAM_token);
		assert_null(req.param[PARAM_token].ptr);
		assert_true(lk_str_is(req.param[PARAM_state], "s"));
	}
}

static void
the_first_fault_is_the_one_that_is_named(void **state)
{
	struct req req = of(*state, "nonce=%ff&state=%ff", NULL);

	assert_int_equal(req.param_bad, PARAM_nonce);
}

static void
a_value_may_be_as_long_as_its_row_says_and_no_longer(void **state)
{
	char body[8 + 3 * 18];
	struct req req;
	int i;

	strcpy(body, "max_age=");
	for (i = 0; i < 17; i++)
		strcpy(body + 8 + 3 * i, "%31");
	req = of(*state, NULL, body);
	assert_true(req.is_param_bad);
	assert_null(req.param[PARAM_max_age].ptr);
	body[8 + 3 * 16] = '\0';
	req = of(*state, NULL, body);
	assert_false(req.is_param_bad);
	assert_int_equal(req.param[PARAM_max_age].len, 16);
}

/* RFC 8707 s2. */
static void
resources_may_be_several(void **state)
{
	struct req req = of(*state, "resource=https://a.example/&resource=https%3A%2F%2Fb.example",
			    "resource=&resource=urn:c");
	LK_AUTO_BUF many;
	int i;

	assert_false(req.is_param_bad);
	assert_true(
	    lk_str_is(req.param[PARAM_resource], "https://a.example/ https://b.example urn:c"));
	lk_buf_init(&many, 65536);
	for (i = 0; i < 300; i++)
		lk_buf_add_c(&many, "resource=urn:abcde&");
	req = help_req(*state);
	assert_int_equal(params_read(&req, NOTHING, lk_buf_str(&many)), LK_OK);
	assert_true(req.is_param_bad);
	assert_int_equal(req.param_bad, PARAM_resource);
}

static void
without_memory_it_says_so(void **state)
{
	struct lk_arena *small = lk_arena_new(16384, 16384);
	struct req req = {.arena = small};
	LK_AUTO_BUF body;
	int i;

	(void)state;
	lk_buf_init(&body, 65536);
	for (i = 0; i < 200; i++)
		lk_buf_add_c(&body, "resource=urn:abcde&");
	assert_int_equal(params_read(&req, NOTHING, lk_buf_str(&body)), LK_E_MEMORY);
	lk_arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parameters_come_out_decoded_from_query_and_body),
	    cmocka_unit_test(what_was_sent_empty_was_not_sent),
	    cmocka_unit_test(nothing_sent_is_nothing),
	    cmocka_unit_test(secrets_and_tokens_in_an_address_do_not_count),
	    cmocka_unit_test(twice_is_a_fault_and_the_rest_is_read),
	    cmocka_unit_test(what_cannot_be_read_is_a_fault_and_not_there),
	    cmocka_unit_test(the_first_fault_is_the_one_that_is_named),
	    cmocka_unit_test(a_value_may_be_as_long_as_its_row_says_and_no_longer),
	    cmocka_unit_test(resources_may_be_several),
	    cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
