/* SPDX-License-Identifier: MIT */
/* Claims as they are told: the members asked for, of an object of ours, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/claims_tell.h"

#define JSON                                                                                       \
	"{\"name\":\"Si\xc3\xa2n \\\"x,}\\\\\",\"email\":\"s@x.example\",\"email_verified\":true," \
	"\"address\":{\"locality\":\"Y Fflint\",\"country\":\"GB\"},\"updated_at\":17,"            \
	"\"groups\":[\"a,b\",\"c]\"]}"

static struct lk_arena *arena;

static const char *
written(const char *begin, struct lk_str json, const char *names)
{
	static char text[4096];
	enum lk_err err;
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, sizeof text - 1);
	lk_buf_add_c(&buf, begin);
	err = claims_write(&buf, json, lk_str_c(names));
	assert_true(lk_buf_is_ok(&buf));
	memcpy(text, buf.bytes == NULL ? "" : buf.bytes, buf.len + 1);
	return err == LK_OK ? text : lk_err_row(err)->name;
}

static void
members_asked_for_are_told(void **state)
{
	struct lk_str json = LK_STR(JSON);

	(void)state;
	assert_string_equal(written("{", json, "email_verified updated_at"),
			    "{\"email_verified\":true,\"updated_at\":17");
	assert_string_equal(written("{\"sub\":\"7\"", json, "groups nothing address"),
			    "{\"sub\":\"7\",\"address\":{\"locality\":\"Y Fflint\",\"country\":"
			    "\"GB\"},\"groups\":[\"a,b\",\"c]\"]");
	assert_string_equal(written("", json, "name"), "\"name\":\"Si\xc3\xa2n \\\"x,}\\\\\"");
	assert_string_equal(written("{", json, ""), "{");
	assert_string_equal(written("{", json, "locality mail nam names"), "{");
	assert_string_equal(written("{", LK_STR("{}"), "name email"), "{");
}

static void
a_value_is_found_by_its_name(void **state)
{
	struct lk_str value;

	(void)state;
	assert_true(claims_find(LK_STR(JSON), "groups", &value));
	assert_true(lk_str_is(value, "[\"a,b\",\"c]\"]"));
	assert_true(claims_find(LK_STR(JSON), "name", &value));
	assert_true(lk_str_is(value, "\"Si\xc3\xa2n \\\"x,}\\\\\""));
	assert_false(claims_find(LK_STR(JSON), "locality", &value));
	assert_false(claims_find(LK_STR(JSON), "", &value));
	assert_false(claims_find(LK_STR("{}"), "name", &value));
	assert_false(claims_find(LK_STR(""), "name", &value));
}

static void
what_is_no_object_of_ours_tells_nothing(void **state)
{
	static const char *const broken[] = {
	    "",
	    "{",
	    "}",
	    "[]",
	    "null",
	    "{\"a\"}",
	    "{\"a\":}",
	    "{\"a\":1",
	    "{\"a\":1]",
	    "{\"a\":1,}",
	    "{\"a\":1}x",
	    "{\"a\":1}}",
	    "{,\"a\":1}",
	    "{\"a\":\"}",
	    "{\"a\":[1}",
	    "{\"a\":\"\\\"",
	    "{a:1}",
	    "{\"a\" :1}",
	    "{\"a\":1 \"b",
	    "{\"a\":1,\"b\"}",
	    "{\"a\":,\"b\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct lk_str json = lk_str_c(broken[i]), out = {NULL, 0};

		if (strcmp(written("{", json, "a b"), "FORMAT") != 0)
			fail_msg("taken: %s", broken[i]);
		assert_false(claims_find(json, "a", &out));
		assert_int_equal(claims_narrow(arena, json, LK_STR("a"), &out), LK_E_FORMAT);
		assert_null(out.ptr);
	}
}

static void
an_object_is_narrowed_and_narrowed_again(void **state)
{
	struct lk_str out;

	(void)state;
	assert_int_equal(
	    claims_narrow(arena, LK_STR(JSON), LK_STR("email groups email_verified"), &out), LK_OK);
	assert_true(lk_str_is(out, "{\"email\":\"s@x.example\",\"email_verified\":true,"
				   "\"groups\":[\"a,b\",\"c]\"]}"));
	assert_int_equal(claims_narrow(arena, out, LK_STR("name email"), &out), LK_OK);
	assert_true(lk_str_is(out, "{\"email\":\"s@x.example\"}"));
	assert_int_equal(claims_narrow(arena, out, LK_STR(""), &out), LK_OK);
	assert_true(lk_str_is(out, "{}"));
}

static int
begin(void **state)
{
	(void)state;
	arena = lk_arena_new(65536, 1u << 20);
	return arena == NULL;
}

static int
end(void **state)
{
	(void)state;
	lk_arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_asked_for_are_told),
	    cmocka_unit_test(a_value_is_found_by_its_name),
	    cmocka_unit_test(what_is_no_object_of_ours_tells_nothing),
	    cmocka_unit_test(an_object_is_narrowed_and_narrowed_again),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
