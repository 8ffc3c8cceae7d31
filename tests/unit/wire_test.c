/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/wire.h"

static const struct {
	enum wire_field field;
	const char *text;
} texts[] = {
    {WIRE_SERVICE, "sshd"},
    {WIRE_USERNAME, "morgan"},
    {WIRE_PASSWORD, "three random words\n\xc3\xa9"},
    {WIRE_CODE, "123456"},
    {WIRE_SENTENCE, "Your account is locked until 10:11am.\nUnlock it."},
    {WIRE_HANDLE, ""},
};
#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

static size_t
sample_write(unsigned char bytes[WIRE_FRAME_MAX_BYTES])
{
	struct wire_out out;

	wire_begin(&out, bytes, WIRE_FRAME_MAX_BYTES, WIRE_AUTH);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		wire_put_c(&out, texts[i].field, texts[i].text);
	wire_put_number(&out, WIRE_FLAGS, 0xfedcba98u);
	return wire_end(&out);
}

/* In memory of exactly len bytes, so that a sanitizer sees a read past the end. */
static bool
reads_well(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	struct wire_frame frame;
	bool is_good;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	is_good = wire_read(copy, len, &frame);
	free(copy);
	return is_good;
}

static void
what_was_written_is_read(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	size_t len = sample_write(bytes);
	struct wire_frame frame;
	char text[200];

	(void)state;
	assert_true(len > 0);
	assert_int_equal(wire_frame_len(bytes), len);
	assert_true(wire_read(bytes, len, &frame));
	assert_int_equal(frame.kind, WIRE_AUTH);
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		assert_true(wire_copy(&frame, texts[i].field, text, sizeof(text)));
		assert_string_equal(text, texts[i].text);
	}
	assert_int_equal(wire_number(&frame, WIRE_FLAGS, 0), 0xfedcba98u);
	assert_null(frame.value[WIRE_NEW_PASSWORD].ptr);
	assert_int_equal(wire_number(&frame, WIRE_VERDICT, 7), 7);
}

static void
a_frame_cut_anywhere_is_refused(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	size_t len = sample_write(bytes);

	(void)state;
	for (size_t i = 0; i < len; i++)
		assert_false(reads_well(bytes, i));
	assert_true(reads_well(bytes, len));
	assert_false(reads_well(bytes, len + 1));
}

/* The head says the shorter length too: the fields themselves must not fit. */
static void
a_field_cut_inside_its_frame_is_refused(void **state)
{
	static const unsigned char frame[] = {
	    'L', 'K', 1, WIRE_AUTH, 0, 0, 0, 7, 3 /* USERNAME */, 0, 4, 'a', 'b', 'c', 'd'};
	unsigned char bytes[sizeof(frame)];

	(void)state;
	assert_true(reads_well(frame, sizeof(frame)));
	for (unsigned char cut = 1; cut < 7; cut++) {
		memcpy(bytes, frame, sizeof(frame));
		bytes[7] = (unsigned char)(7 - cut);
		assert_false(reads_well(bytes, sizeof(frame) - cut));
	}
}

static void
unknown_tags_are_skipped(void **state)
{
	static const unsigned char bytes[] = {'L', 'K', 1, WIRE_ANSWER, 0, 0, 0, 9,  120,
					      0,   2,	0, 1,		3, 0, 1, 'x'};
	struct wire_frame frame;

	(void)state;
	assert_true(wire_read(bytes, sizeof(bytes), &frame));
	assert_int_equal(frame.value[WIRE_USERNAME].len, 1);
}

static void
a_field_twice_is_refused(void **state)
{
	static const unsigned char bytes[] = {'L', 'K', 1, WIRE_AUTH, 0, 0, 0, 8,
					      3,   0,	1, 'a',	      3, 0, 1, 'b'};

	(void)state;
	assert_false(reads_well(bytes, sizeof(bytes)));
}

static void
another_version_kind_or_size_is_no_frame(void **state)
{
	static const unsigned char heads[][WIRE_HEAD_BYTES] = {
	    {'L', 'K', 2, WIRE_AUTH, 0, 0, 0, 0},
	    {'L', 'K', 1, 0, 0, 0, 0, 0},
	    {'L', 'K', 1, 99, 0, 0, 0, 0},
	    {'l', 'k', 1, WIRE_AUTH, 0, 0, 0, 0},
	    {'L', 'K', 1, WIRE_AUTH, 0, 0, 0x40, 0},
	    {'L', 'K', 1, WIRE_AUTH, 0xff, 0xff, 0xff, 0xff},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		assert_int_equal(wire_frame_len(heads[i]), 0);
		assert_false(reads_well(heads[i], WIRE_HEAD_BYTES));
	}
}

static void
text_that_a_terminal_would_obey_is_refused(void **state)
{
	static const char *const bad[] = {"\x1b[2J", "a\rb", "a\tb", "\x7f", "\x01"};
	unsigned char bytes[256];
	struct wire_out out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wire_begin(&out, bytes, sizeof(bytes), WIRE_ANSWER);
		wire_put_c(&out, WIRE_SENTENCE, bad[i]);
		assert_int_equal(wire_end(&out), 0);
	}
	wire_begin(&out, bytes, sizeof(bytes), WIRE_AUTH);
	wire_put(&out, WIRE_PASSWORD, "a\0b", 3);
	assert_int_equal(wire_end(&out), 0);
}

static void
too_much_spoils_the_frame(void **state)
{
	static char large[WIRE_FRAME_MAX_BYTES];
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_out out;

	(void)state;
	memset(large, 'a', sizeof(large));
	wire_begin(&out, bytes, sizeof(bytes), WIRE_AUTH);
	wire_put(&out, WIRE_PASSWORD, large, 1025);
	wire_put_c(&out, WIRE_USERNAME, "morgan");
	assert_int_equal(wire_end(&out), 0);
	wire_begin(&out, bytes, 20, WIRE_AUTH);
	wire_put_c(&out, WIRE_USERNAME, "morgan");
	wire_put_c(&out, WIRE_SERVICE, "sshd");
	assert_int_equal(wire_end(&out), 0);
	wire_begin(&out, bytes, 3, WIRE_AUTH);
	assert_int_equal(wire_end(&out), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read),
	    cmocka_unit_test(a_frame_cut_anywhere_is_refused),
	    cmocka_unit_test(a_field_cut_inside_its_frame_is_refused),
	    cmocka_unit_test(unknown_tags_are_skipped),
	    cmocka_unit_test(a_field_twice_is_refused),
	    cmocka_unit_test(another_version_kind_or_size_is_no_frame),
	    cmocka_unit_test(text_that_a_terminal_would_obey_is_refused),
	    cmocka_unit_test(too_much_spoils_the_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
