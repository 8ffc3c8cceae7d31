/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/exchange_help.h"

#define SIGNIN_FIELDS ((uint32_t)(F_form_key | F_username | F_password))

static void
fields_come_out_decoded_and_secrets_as_secrets(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(
	    form_read(&req, SIGNIN_FIELDS,
		      LK_STR("form_key=a.b-c_d&username=Si%C3%A2n+Evans&password=a%26b+%25")),
	    LK_OK);
	assert_true(lk_str_is(req.field[FIELD_form_key], "a.b-c_d"));
	assert_true(lk_str_is(req.field[FIELD_username], "Si\xC3\xA2n Evans"));
	assert_true(help_secret_is(*state, req.secret[FIELD_password], "a&b %"));
	assert_null(req.field[FIELD_password].ptr);
	assert_null(req.secret[FIELD_code]);
	assert_null(req.field[FIELD_next].ptr);
}

static void
what_was_sent_empty_is_there_and_empty(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("username=++&password=&form_key")),
			 LK_OK);
	assert_non_null(req.field[FIELD_username].ptr);
	assert_int_equal(req.field[FIELD_username].len, 0);
	assert_non_null(req.field[FIELD_form_key].ptr);
	assert_non_null(req.secret[FIELD_password]);
	assert_int_equal(lk_secret_len(req.secret[FIELD_password]), 0);
}

static void
no_body_is_no_field(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, SIGNIN_FIELDS, lk_str_n(NULL, 0)), LK_OK);
	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("")), LK_OK);
	assert_null(req.field[FIELD_username].ptr);
}

static void
refused_leaves_the_request_as_it_was(void **state)
{
	static const char *const bodies[] = {
	    "username=a&username=b",		      /* twice */
	    "username=a&username=",		      /* twice, though empty */
	    "password=a&password=b",		      /* twice, a secret */
	    "username=a&signin=",		      /* a button */
	    "username=a&signin=Sign+in",	      /* a button with words */
	    "username=a&code=123456",		      /* a field, not of this row */
	    "username=a&Username=b",		      /* another letter */
	    "username=a&user%6Eame=b",		      /* escaped name */
	    "username=a&username%00=b",		      /* byte 0 in a name */
	    "username=a&",			      /* an empty pair */
	    "&username=a",			      /**/
	    "username=a&&password=b",		      /**/
	    "&",				      /**/
	    "=",				      /**/
	    "=a",				      /**/
	    "username=a;password=b;code=c&next=",     /* ';' parts nothing */
	    "username=%",			      /* cut */
	    "username=%4",			      /**/
	    "username=%4g",			      /**/
	    "username=%zz",			      /**/
	    "username=%%41",			      /**/
	    "username=%u0041",			      /**/
	    "username=a%00b",			      /* byte 0 */
	    "password=a%00b",			      /**/
	    "username=%C0%80",			      /* byte 0, overlong */
	    "username=%C0%AF",			      /* '/', overlong */
	    "username=%E0%80%AF",		      /**/
	    "username=%F0%80%80%AF",		      /**/
	    "username=%ED%A0%80",		      /* a surrogate */
	    "username=%F4%90%80%80",		      /* past the last */
	    "username=%FF",			      /**/
	    "username=%C3",			      /* cut */
	    "password=%C3%28",			      /**/
	    "username=\xC3\x28",		      /* the same, raw */
	    "------WebKitFormBoundary\r\nusername=a", /* another kind of form */
	    "{\"username\":\"a\"}",		      /**/
	};
	struct req req;
	size_t i;

	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		req = help_req(*state);
		req.field[FIELD_next] = LK_STR("before");
		if (form_read(&req, SIGNIN_FIELDS, lk_str_c(bodies[i])) != LK_E_FORMAT)
			fail_msg("'%s' was not refused", bodies[i]);
		assert_true(lk_str_is(req.field[FIELD_next], "before"));
		assert_null(req.field[FIELD_username].ptr);
		assert_null(req.secret[FIELD_password]);
	}
}

static void
a_raw_byte_0_is_refused(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("username=a\0b")), LK_E_FORMAT);
	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("username\0=a")), LK_E_FORMAT);
}

/* name=xx…x, count times, each as text. */
static struct lk_str
long_body(struct lk_arena *arena, const char *name, const char *text, size_t count)
{
	LK_AUTO_BUF body;

	lk_buf_init(&body, 65536);
	lk_buf_printf(&body, "%s=", name);
	while (count-- > 0)
		lk_buf_add_c(&body, text);
	assert_true(lk_buf_is_ok(&body));
	return lk_arena_dup(arena, lk_buf_str(&body));
}

static void
a_field_may_be_as_long_as_its_row_says_and_no_longer(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, F_username, long_body(*state, "username", "a", 256)),
			 LK_OK);
	assert_int_equal(form_read(&req, F_username, long_body(*state, "username", "a", 257)),
			 LK_E_FORMAT);
	assert_int_equal(form_read(&req, F_username, long_body(*state, "username", "%61", 256)),
			 LK_OK);
	assert_int_equal(form_read(&req, F_username, long_body(*state, "username", "%61", 257)),
			 LK_E_FORMAT);
	assert_int_equal(form_read(&req, F_password, long_body(*state, "password", "%C3%A9", 512)),
			 LK_OK);
	assert_int_equal(form_read(&req, F_password, long_body(*state, "password", "%C3%A9", 513)),
			 LK_E_FORMAT);
	assert_int_equal(form_read(&req, F_password, long_body(*state, "password", "x", 60000)),
			 LK_E_FORMAT);
}

static void
without_memory_nothing_is_read(void **state)
{
	struct lk_arena *small = lk_arena_new(64, 256);
	struct req req = {.arena = small};

	(void)state;
	assert_non_null(small);
	while (lk_arena_alloc(small, 8) != NULL)
		;
	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("username=a")), LK_E_MEMORY);
	assert_int_equal(form_read(&req, SIGNIN_FIELDS, LK_STR("password=a")), LK_E_MEMORY);
	assert_null(req.field[FIELD_username].ptr);
	lk_arena_free(small);
}

static bool
code_reads(struct lk_arena *arena, const char *body, const char *want)
{
	struct req req = help_req(arena);

	assert_int_equal(form_read(&req, F_code, lk_str_c(body)), LK_OK);
	return help_secret_is(arena, req.secret[FIELD_code], want);
}

static void
codes_lose_what_people_put_in_between(void **state)
{
	assert_true(code_reads(*state, "code=123456", "123456"));
	assert_true(code_reads(*state, "code=123+456", "123456"));
	assert_true(code_reads(*state, "code=+123-456%0D%0A", "123456"));
	assert_true(code_reads(*state, "code=123%C2%A0456", "123456"));	   /* no-break space */
	assert_true(code_reads(*state, "code=123%E2%80%93456", "123456")); /* en dash */
	assert_true(code_reads(*state, "code=123%E2%80%89456", "123456")); /* thin space */
	assert_true(code_reads(*state, "code=%E2%80%9C123456%E2%80%9D", "123456")); /* quotes */
	assert_true(code_reads(*state, "code='123456'", "123456"));
	assert_true(code_reads(*state, "code=%60123456%C2%B4", "123456"));
	assert_true(code_reads(*state, "code=+-+", ""));
	assert_true(code_reads(*state, "code=12E456", "12E456")); /* the flow says what is wrong */
	assert_true(code_reads(*state, "code=%EF%BC%91", "\xEF\xBC\x91"));
}

static bool
username_reads(struct lk_arena *arena, const char *body, const char *want)
{
	struct req req = help_req(arena);

	assert_int_equal(form_read(&req, F_username, lk_str_c(body)), LK_OK);
	return lk_str_is(req.field[FIELD_username], want);
}

static void
names_lose_blanks_at_both_ends_only(void **state)
{
	assert_true(username_reads(*state, "username=++asha+%09", "asha"));
	assert_true(username_reads(*state, "username=%C2%A0asha%E3%80%80", "asha"));
	assert_true(username_reads(*state, "username=anne+marie-lou", "anne marie-lou"));
	assert_true(username_reads(*state, "username=o'neill", "o'neill"));
	assert_true(username_reads(*state, "username=%E2%80%8B+", ""));
}

static void
passwords_are_kept_to_the_letter(void **state)
{
	struct req req = help_req(*state);

	assert_int_equal(form_read(&req, F_password, LK_STR("password=+-%22a%0A")), LK_OK);
	assert_true(help_secret_is(*state, req.secret[FIELD_password], " -\"a\n"));
}

/* How often text stands in the arena behind begin. */
static int
count_in_arena(struct lk_arena *arena, const char *begin, const char *text)
{
	const char *end = lk_arena_alloc(arena, 1), *at = begin;
	int count = 0;

	assert_true(end > begin && end - begin < 4096);
	while ((at = memmem(at, (size_t)(end - at), text, strlen(text))) != NULL) {
		at++;
		count++;
	}
	return count;
}

static void
a_secret_stands_in_its_lk_secret_and_nowhere_else(void **state)
{
	struct req req = help_req(*state);
	const char *begin = lk_arena_alloc(*state, 1);

	assert_int_equal(
	    form_read(&req, F_password | F_code | F_username,
		      LK_STR("password=correct%20horse&code=531-977&username=visible")),
	    LK_OK);
	assert_int_equal(count_in_arena(*state, begin, "correct horse"), 1);
	assert_int_equal(count_in_arena(*state, begin, "531977"), 1);
	assert_int_equal(count_in_arena(*state, begin, "531"), 1);
	assert_int_equal(count_in_arena(*state, begin, "visible"), 1);
}

static void
a_refused_secret_stands_nowhere(void **state)
{
	struct req req = help_req(*state);
	const char *begin = lk_arena_alloc(*state, 1);
	char body[128];

	assert_int_equal(form_read(&req, F_password, LK_STR("password=correct+horse%00")),
			 LK_E_FORMAT);
	assert_int_equal(form_read(&req, F_password, LK_STR("password=correct+horse%4")),
			 LK_E_FORMAT);
	snprintf(body, sizeof body, "code=%065d", 531977);
	assert_int_equal(form_read(&req, F_code, lk_str_c(body)), LK_E_FORMAT);
	assert_int_equal(count_in_arena(*state, begin, "orse"), 0);
	assert_int_equal(count_in_arena(*state, begin, "531"), 0);
}

static void
a_form_is_told_by_its_type(void **state)
{
	(void)state;
	assert_true(form_type_check(LK_STR("application/x-www-form-urlencoded")));
	assert_true(form_type_check(LK_STR("Application/X-WWW-Form-Urlencoded ; charset=UTF-8")));
	assert_false(form_type_check(LK_STR("application/x-www-form-urlencoded2")));
	assert_false(form_type_check(LK_STR("application/x-www-form-urlencoded, text/plain")));
	assert_false(form_type_check(LK_STR("multipart/form-data; boundary=x")));
	assert_false(form_type_check(LK_STR("text/plain")));
	assert_false(form_type_check(LK_STR("")));
	assert_false(form_type_check(lk_str_n(NULL, 0)));
}

static void
one_parameter_is_found_in_a_query(void **state)
{
	struct lk_str out = LK_STR("before");

	assert_true(form_query_find(*state, LK_STR("a=1&next=%2Faccount&b"), "next", &out));
	assert_true(lk_str_is(out, "/account"));
	assert_true(form_query_find(*state, LK_STR("next="), "next", &out));
	assert_int_equal(out.len, 0);
	assert_true(form_query_find(*state, LK_STR("next"), "next", &out));
	out = LK_STR("before");
	assert_false(form_query_find(*state, LK_STR("next=1&next=2"), "next", &out));
	assert_false(form_query_find(*state, LK_STR("next&next"), "next", &out));
	assert_false(form_query_find(*state, LK_STR("next=%"), "next", &out));
	assert_false(form_query_find(*state, LK_STR("next=%00"), "next", &out));
	assert_false(form_query_find(*state, LK_STR("nex=1&nextt=2&Next=3"), "next", &out));
	assert_false(form_query_find(*state, LK_STR(""), "next", &out));
	assert_false(form_query_find(*state, lk_str_n(NULL, 0), "next", &out));
	assert_true(lk_str_is(out, "before"));
}

static void
every_byte_that_may_be_sent_comes_back(void **state)
{
	char text[3 * 127 + 1], want[127];
	int byte;

	for (byte = 1; byte < 128; byte++) {
		snprintf(text + 3 * (byte - 1), 4, byte % 2 ? "%%%02X" : "%%%02x", (unsigned)byte);
		want[byte - 1] = (char)byte;
	}
	assert_true(lk_str_is_equal(form_decode(*state, lk_str_c(text)), lk_str_n(want, 127)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_come_out_decoded_and_secrets_as_secrets),
	    cmocka_unit_test(what_was_sent_empty_is_there_and_empty),
	    cmocka_unit_test(no_body_is_no_field),
	    cmocka_unit_test(refused_leaves_the_request_as_it_was),
	    cmocka_unit_test(a_raw_byte_0_is_refused),
	    cmocka_unit_test(a_field_may_be_as_long_as_its_row_says_and_no_longer),
	    cmocka_unit_test(without_memory_nothing_is_read),
	    cmocka_unit_test(codes_lose_what_people_put_in_between),
	    cmocka_unit_test(names_lose_blanks_at_both_ends_only),
	    cmocka_unit_test(passwords_are_kept_to_the_letter),
	    cmocka_unit_test(a_secret_stands_in_its_lk_secret_and_nowhere_else),
	    cmocka_unit_test(a_refused_secret_stands_nowhere),
	    cmocka_unit_test(a_form_is_told_by_its_type),
	    cmocka_unit_test(one_parameter_is_found_in_a_query),
	    cmocka_unit_test(every_byte_that_may_be_sent_comes_back),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
