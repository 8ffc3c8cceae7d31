/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static enum lk_err
read_text(struct lk_str text)
{
	struct lk_json *document = NULL;
	enum lk_err err = lk_json_read(text, 1000, &document);

	assert_true((document != NULL) == (err == LK_OK));
	lk_json_free(document);
	return err;
}

static void
what_is_not_strict_json_is_refused(void **state)
{
	const struct lk_str bad[] = {LK_STR(""),
				     LK_STR("{"),
				     LK_STR("{}x"),
				     LK_STR("{} {}"),
				     LK_STR("{\"a\":1,\"a\":2}"),
				     LK_STR("[{\"b\":{\"a\":1,\"a\":1}}]"),
				     LK_STR("{'a':1}"),
				     LK_STR("{\"a\":01}"),
				     LK_STR("[1,]"),
				     LK_STR("[NaN]"),
				     LK_STR("\"text\""),
				     LK_STR("1"),
				     LK_STR("{\"a\":\"\\u0000\"}"),
				     LK_STR("{\"a\\u0000\":1}"),
				     LK_STR("{\"a\":\"\0\"}"),
				     LK_STR("{}\0"),
				     LK_STR("{\"a\":\"\xC0\xAF\"}"),
				     LK_STR("{\"a\":\"\xED\xA0\x80\"}"),
				     LK_STR("{\"a\":\"\\ud800\"}"),
				     LK_STR("[\"a\nb\"]"),
				     LK_STR("// x\n{}"),
				     LK_STR("\xEF\xBB\xBF{}")};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_text(bad[i]), LK_E_FORMAT);
}

static void
depth_and_length_have_bounds(void **state)
{
	char text[2000];

	(void)state;
	memset(text, '[', 20);
	memset(text + 20, ']', 20);
	assert_int_equal(read_text(lk_str_n(text + 20 - LK_JSON_DEPTH_MAX, 2 * LK_JSON_DEPTH_MAX)),
			 LK_OK);
	assert_int_equal(
	    read_text(lk_str_n(text + 19 - LK_JSON_DEPTH_MAX, 2 * LK_JSON_DEPTH_MAX + 2)),
	    LK_E_FORMAT);
	assert_int_equal(read_text(LK_STR("[\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"]")), LK_OK);
	memset(text, ' ', sizeof text);
	memcpy(text, "[]", 2);
	assert_int_equal(read_text(lk_str_n(text, 1000)), LK_OK);
	assert_int_equal(read_text(lk_str_n(text, 1001)), LK_E_FORMAT);
}

static void
values_come_out_by_kind(void **state)
{
	struct lk_json *doc = NULL;
	const struct lk_json *list;
	struct lk_str s = {NULL, 0};
	int64_t n = 5;
	bool b = false;

	(void)state;
	assert_int_equal(
	    lk_json_read(LK_STR("{\"s\":\"x\",\"n\":-7,\"r\":1.5,\"b\":true,\"l\":[1,\"y\"]}"), 100,
			 &doc),
	    LK_OK);
	assert_true(lk_json_is_object(doc) && !lk_json_is_array(doc));
	assert_true(lk_json_to_str(lk_json_find(doc, "s"), &s) && lk_str_is(s, "x"));
	assert_false(lk_json_to_str(lk_json_find(doc, "n"), &s));
	assert_false(lk_json_to_i64(lk_json_find(doc, "r"), &n));
	assert_false(lk_json_to_i64(lk_json_find(doc, "s"), &n));
	assert_int_equal(n, 5);
	assert_true(lk_json_to_i64(lk_json_find(doc, "n"), &n) && n == -7);
	assert_true(lk_json_to_bool(lk_json_find(doc, "b"), &b) && b);
	assert_false(lk_json_to_bool(lk_json_find(doc, "none"), &b));
	list = lk_json_find(doc, "l");
	assert_int_equal(lk_json_count(list), 2);
	assert_true(lk_json_is_array(list) && !lk_json_is_object(list));
	assert_false(lk_json_is_array(NULL));
	assert_true(lk_json_to_str(lk_json_at(list, 1), &s) && lk_str_is(s, "y"));
	assert_null(lk_json_at(list, 2));
	assert_null(lk_json_find(list, "x"));
	assert_null(lk_json_find(NULL, "x"));
	assert_int_equal(lk_json_count(doc), 0);
	lk_json_free(doc);
	lk_json_free(NULL);
}

static void
quoted_text_is_one_line_and_reads_back(void **state)
{
	static const char raw[] =
	    "a\"\\\n\r\t\x01\x1f\x7f\xC2\x85\xE2\x80\xA8\xE2\x80\xA9 Si\xC3\xA2n </x>";
	struct lk_json *doc = NULL;
	struct lk_str back;
	LK_AUTO_BUF out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 1000);
	lk_buf_add_byte(&out, '[');
	lk_json_quote(&out, lk_str_c(raw));
	lk_buf_add_byte(&out, ']');
	for (i = 0; i < out.len; i++)
		assert_true((unsigned char)out.bytes[i] >= 0x20 && out.bytes[i] != 0x7f);
	assert_null(strstr(out.bytes, "\xE2\x80\xA8"));
	assert_null(strstr(out.bytes, "\xC2\x85"));
	assert_int_equal(lk_json_read(lk_buf_str(&out), 1000, &doc), LK_OK);
	assert_true(lk_json_to_str(lk_json_at(doc, 0), &back) && lk_str_is(back, raw));
	lk_json_free(doc);
}

static void
byte_0_and_bad_bytes_become_marks(void **state)
{
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 1000);
	lk_json_quote(&out, LK_STR("a\0b\xC0\xAF"));
	assert_string_equal(out.bytes, "\"a\xEF\xBF\xBD"
				       "b\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

/* What stands for itself is passed over eight at a time: no byte may hide among seven others. */
static void
each_byte_is_seen_in_each_place(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t place = 0; place < 20; place++) {
			char raw[20], want[64];
			LK_AUTO_BUF out, alone;

			memset(raw, 'a', sizeof raw);
			raw[place] = (char)byte;
			lk_buf_init(&out, 100);
			lk_buf_init(&alone, 100);
			lk_json_quote(&alone, lk_str_n(raw + place, 1));
			lk_json_quote(&out, lk_str_n(raw, sizeof raw));
			snprintf(want, sizeof want, "\"%.*s%.*s%.*s\"", (int)place, raw,
				 (int)alone.len - 2, alone.bytes + 1, (int)(19 - place),
				 raw + place + 1);
			assert_string_equal(out.bytes, want);
		}
	}
}

static void
long_text_is_cut_between_characters(void **state)
{
	char out[7];
	size_t used, len;

	(void)state;
	len = lk_json_escape(LK_STR("\n\n"), out, sizeof out, &used);
	assert_int_equal(len, 6);
	assert_int_equal(used, 1);
	len = lk_json_escape(LK_STR("ab\xE2\x82\xAC\xE2\x82\xAC"), out, sizeof out, &used);
	assert_int_equal(len, 5);
	assert_int_equal(used, 5);
	len = lk_json_escape(LK_STR("x"), out, 0, &used);
	assert_int_equal(len + used, 0);
}

static void
long_text_is_quoted_whole(void **state)
{
	char raw[1001];
	LK_AUTO_BUF out;

	(void)state;
	memset(raw, '\n', 1000);
	lk_buf_init(&out, 10000);
	lk_json_quote(&out, lk_str_n(raw, 1000));
	assert_true(lk_buf_is_ok(&out));
	assert_int_equal(out.len, 6002);
}

static void
a_value_is_written_as_it_was_read(void **state)
{
	const struct lk_str text =
	    LK_STR("{\"keys\":[{\"kty\":\"OKP\",\"n\":-1,\"x\":\"a\\\"b\"}],\"c\":null}");
	struct lk_json *document = NULL;
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 1000);
	assert_int_equal(lk_json_read(text, 1000, &document), LK_OK);
	lk_json_write(lk_json_find(document, "nobody"), &out);
	assert_int_equal(out.len, 0);
	lk_json_write(document, &out);
	assert_true(lk_str_is_equal(lk_buf_str(&out), text));
	lk_buf_clear(&out);
	lk_json_write(lk_json_find(lk_json_at(lk_json_find(document, "keys"), 0), "n"), &out);
	assert_string_equal(out.bytes, "-1");
	lk_json_free(document);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_strict_json_is_refused),
	    cmocka_unit_test(depth_and_length_have_bounds),
	    cmocka_unit_test(values_come_out_by_kind),
	    cmocka_unit_test(quoted_text_is_one_line_and_reads_back),
	    cmocka_unit_test(byte_0_and_bad_bytes_become_marks),
	    cmocka_unit_test(each_byte_is_seen_in_each_place),
	    cmocka_unit_test(long_text_is_cut_between_characters),
	    cmocka_unit_test(long_text_is_quoted_whole),
	    cmocka_unit_test(a_value_is_written_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
