/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "exchange/reply.h"

#define NOTHING lk_str_n(NULL, 0)

static struct res
res_new(void)
{
	struct res res = {.status = 0};

	lk_buf_init(&res.body, RES_BODY_MAX_BYTES);
	return res;
}

static struct lk_str
header_of(const struct res *res, const char *name)
{
	size_t i;

	for (i = 0; i < res->header_count; i++) {
		if (strcmp(res->header[i].name, name) == 0)
			return res->header[i].value;
	}
	return NOTHING;
}

static void
a_refusal_is_the_rows_word_and_status(void **state)
{
	struct res res = res_new();

	(void)state;
	reply_oauth(&res, LK_E_OAUTH_GRANT, LK_STR("The code has been used."));
	assert_int_equal(res.status, 400);
	assert_string_equal(res.content_type, "application/json");
	assert_true(lk_str_is(lk_buf_str(&res.body),
			      "{\"error\":\"invalid_grant\","
			      "\"error_description\":\"The code has been used.\"}"));
	assert_int_equal(res.header_count, 0);
	assert_null(res.cache_control);
	lk_buf_done(&res.body);
}

static bool
is_description(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] < ' ' || s.ptr[i] > '~' || s.ptr[i] == '"' || s.ptr[i] == '\\')
			return false;
	}
	return true;
}

/* RFC 6749 s5.2 has two signs less than ASCII. */
static void
every_row_is_json_with_a_fit_status_and_description(void **state)
{
	int err;

	(void)state;
	for (err = LK_OK + 1; err < LK_ERR_COUNT; err++) {
		const struct lk_err_row *row = lk_err_row((enum lk_err)err);
		struct res res = res_new();
		struct lk_json *json = NULL;
		struct lk_str word = NOTHING, words = NOTHING;

		reply_oauth(&res, (enum lk_err)err, NOTHING);
		assert_true(res.status >= 400 && res.status < 600);
		assert_int_equal(lk_json_read(lk_buf_str(&res.body), 4096, &json), LK_OK);
		assert_true(lk_json_to_str(lk_json_find(json, "error"), &word));
		assert_true(lk_str_is(word, row->oauth));
		if (lk_json_to_str(lk_json_find(json, "error_description"), &words))
			assert_true(is_description(words));
		if (row->audience == LK_AUDIENCE_DEVELOPER) {
			assert_true(words.len > 0);
			assert_int_equal(lk_str_find(words, '?'), words.len);
		}
		assert_false(res.is_spoilt);
		lk_json_free(json);
		lk_buf_done(&res.body);
	}
}

static void
a_description_cannot_leave_its_place(void **state)
{
	struct res res = res_new();

	(void)state;
	reply_oauth(&res, LK_E_OAUTH_REQUEST, LK_STR("a\",\"b\\\n\xc3\xa9"));
	assert_true(lk_str_is(lk_buf_str(&res.body), "{\"error\":\"invalid_request\","
						     "\"error_description\":\"a?,?b????\"}"));
	lk_buf_done(&res.body);
}

static void
who_may_not_is_told_how_to_ask(void **state)
{
	static const struct {
		enum lk_err err;
		int status;
		const char *challenge;
	} rows[] = {
	    {LK_E_OAUTH_CLIENT, 401, "Basic realm=\"signin\""},
	    {LK_E_OAUTH_TOKEN, 401, "Bearer realm=\"signin\", error=\"invalid_token\""},
	    {LK_E_OAUTH_INSUFFICIENT, 403, "Bearer realm=\"signin\", error=\"insufficient_scope\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct res res = res_new();

		reply_oauth(&res, rows[i].err, NOTHING);
		assert_int_equal(res.status, rows[i].status);
		assert_true(lk_str_is(header_of(&res, "WWW-Authenticate"), rows[i].challenge));
		lk_buf_done(&res.body);
	}
}

/* RFC 6750 s3.1. */
static void
without_a_token_the_challenge_holds_no_error(void **state)
{
	struct res res = res_new();

	(void)state;
	reply_token_needed(&res);
	assert_int_equal(res.status, 401);
	assert_true(lk_str_is(header_of(&res, "WWW-Authenticate"), "Bearer realm=\"signin\""));
	lk_buf_done(&res.body);
}

static void
a_part_that_is_down_is_told_with_a_time_to_come_again(void **state)
{
	struct res res = res_new();

	(void)state;
	reply_oauth(&res, LK_E_STORE_DOWN, NOTHING);
	assert_int_equal(res.status, 503);
	assert_int_equal(res.retry_after_s, 10);
	assert_true(lk_str_starts(lk_buf_str(&res.body), "{\"error\":\"temporarily_unavailable\""));
	lk_buf_done(&res.body);
}

static void
a_header_cannot_hold_another(void **state)
{
	static const char *const values[] = {"a\r\nb: c", "a\nb", "a\rb", "\x7f", "a\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof values / sizeof *values; i++) {
		struct res res = res_new();

		res_header_add(&res, "X-Latchkey-Name", lk_str_c(values[i]));
		assert_true(res.is_spoilt);
		assert_int_equal(res.header_count, 0);
	}
}

static void
headers_have_a_bound(void **state)
{
	struct res res = res_new();
	size_t i;

	(void)state;
	for (i = 0; i < RES_HEADERS_MAX; i++)
		res_header_add(&res, "A", LK_STR("b"));
	assert_false(res.is_spoilt);
	res_header_add(&res, "A", LK_STR("b"));
	assert_true(res.is_spoilt);
	assert_int_equal(res.header_count, RES_HEADERS_MAX);
}

static void
an_origin_is_what_an_address_begins_with(void **state)
{
	static const char *const rows[][2] = {
	    {"https://app.example/callback?a=b", "https://app.example"},
	    {"https://app.example:8443", "https://app.example:8443"},
	    {"http://127.0.0.1:80/", "http://127.0.0.1:80"},
	    {"https://app.example?a", "https://app.example"},
	    {"https://app.example#a", "https://app.example"},
	    {"javascript:alert(1)", ""},
	    {"com.example.app:/cb", ""},
	    {"//app.example/", ""},
	    {"", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_true(lk_str_is(res_origin(lk_str_c(rows[i][0])), rows[i][1]));
	assert_true(res_origin_is_source(LK_STR("http://127.0.0.1:9101")));
	assert_false(res_origin_is_source(LK_STR("http://[::1]:9101")));
	assert_false(res_origin_is_source(LK_STR("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_refusal_is_the_rows_word_and_status),
	    cmocka_unit_test(every_row_is_json_with_a_fit_status_and_description),
	    cmocka_unit_test(a_description_cannot_leave_its_place),
	    cmocka_unit_test(who_may_not_is_told_how_to_ask),
	    cmocka_unit_test(without_a_token_the_challenge_holds_no_error),
	    cmocka_unit_test(a_part_that_is_down_is_told_with_a_time_to_come_again),
	    cmocka_unit_test(a_header_cannot_hold_another),
	    cmocka_unit_test(headers_have_a_bound),
	    cmocka_unit_test(an_origin_is_what_an_address_begins_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
