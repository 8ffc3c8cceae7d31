/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"

struct row {
	const char *bytes;
	size_t len;
	const char *mended;
};
#define FFFD LK_UTF8_REPLACEMENT
#define BAD(bytes, mended)                                                                         \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, mended                                                   \
	}

static const struct row bad_rows[] = {
    BAD("\x80", FFFD),
    BAD("\xC0\xAF", FFFD FFFD),			  /* '/' overlong */
    BAD("\xE0\x80\xAF", FFFD FFFD FFFD),	  /* and again */
    BAD("\xF0\x80\x80\xAF", FFFD FFFD FFFD FFFD), /* and again */
    BAD("\xC1\xBF", FFFD FFFD),
    BAD("\xED\xA0\x80", FFFD FFFD FFFD),	  /* U+D800 */
    BAD("\xED\xBF\xBF", FFFD FFFD FFFD),	  /* U+DFFF */
    BAD("\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD), /* U+110000 */
    BAD("\xF5\x80\x80\x80", FFFD FFFD FFFD FFFD),
    BAD("\xFF", FFFD),
    BAD("a\xC3", "a" FFFD), /* cut short */
    BAD("\xC3\x28", FFFD "("),
    BAD("\xE2\x82", FFFD FFFD),
    BAD("ok\xFEok", "ok" FFFD "ok"),
};

static void
overlong_surrogate_and_cut_bytes_are_no_text(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
		struct lk_str s = lk_str_n(bad_rows[i].bytes, bad_rows[i].len);
		LK_AUTO_BUF out;

		lk_buf_init(&out, 100);
		assert_false(lk_utf8_check(s));
		lk_utf8_mend(&out, s);
		assert_string_equal(out.bytes, bad_rows[i].mended);
		assert_true(lk_utf8_check(lk_buf_str(&out)));
	}
}

static void
every_character_reads_back(void **state)
{
	uint32_t point, got;

	(void)state;
	for (point = 0; point <= 0x10FFFF; point++) {
		char b[4];
		size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4, i;
		bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
		static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

		for (i = len - 1; i > 0; i--)
			b[i] = (char)(0x80 | (point >> 6 * (len - 1 - i) & 0x3F));
		b[0] = (char)(lead[len] | point >> 6 * (len - 1));
		got = 0;
		assert_int_equal(lk_utf8_next(lk_str_n(b, len), &got), is_surrogate ? 0 : len);
		assert_int_equal(got, is_surrogate ? 0 : point);
	}
}

static void
good_text_stays_as_it_is(void **state)
{
	struct lk_str s = LK_STR("Si\xC3\xA2n \xE2\x82\xAC \xF0\x9F\x94\x91 \xC5\xB5\0z");
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 100);
	assert_true(lk_utf8_check(s));
	assert_true(lk_utf8_check(lk_str_n(NULL, 0)));
	lk_utf8_mend(&out, s);
	assert_true(lk_str_is_equal(lk_buf_str(&out), s));
}

static void
a_cut_never_splits_a_character(void **state)
{
	struct lk_str s = LK_STR("a\xC3\xA2\xE2\x82\xAC\xF0\x9F\x94\x91");
	static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_int_equal(lk_utf8_cut(s, i).len, want[i]);
		assert_true(lk_utf8_check(lk_utf8_cut(s, i)));
	}
	assert_in_range(lk_utf8_cut(LK_STR("\x80\x80\x80\x80\x80\x80\x80\x80"), 6).len, 3, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(overlong_surrogate_and_cut_bytes_are_no_text),
	    cmocka_unit_test(every_character_reads_back),
	    cmocka_unit_test(good_text_stays_as_it_is),
	    cmocka_unit_test(a_cut_never_splits_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
