/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/crypto_help.h"

static void
tokens_are_checked_to_the_last_letter(void **state)
{
	struct lk_str token = crypto_token_make("lk_ws_", *state);
	char copy[64];

	assert_int_equal(token.len, 6 + CRYPTO_TOKEN_LEN);
	assert_true(crypto_token_check("lk_ws_", token));
	assert_false(crypto_token_check("lk_wb_", token));
	assert_false(crypto_token_check("lk_ws_", lk_str_n(token.ptr, token.len - 1)));
	assert_false(crypto_token_check("lk_ws_", lk_str_n(NULL, 0)));
	assert_false(crypto_token_check("lk_ws_", LK_STR("lk_ws_")));
	assert_false(crypto_token_check("", token));
	memcpy(copy, token.ptr, token.len + 1);
	assert_false(crypto_token_check("lk_ws_", lk_str_n(copy, token.len + 1))); /* and a NUL */
	copy[10] = '+';
	assert_false(crypto_token_check("lk_ws_", lk_str_n(copy, token.len)));
	copy[10] = '\0';
	assert_false(crypto_token_check("lk_ws_", lk_str_n(copy, token.len)));
	memset(copy + 6, 'A', 42);
	copy[48] = 'B'; /* the same bytes in another spelling */
	assert_false(crypto_token_check("lk_ws_", lk_str_n(copy, 49)));
	copy[48] = 'A';
	assert_true(crypto_token_check("lk_ws_", lk_str_n(copy, 49)));
}

static void
tokens_differ(void **state)
{
	struct lk_str a = crypto_token_make("", *state), b = crypto_token_make("", *state);
	struct lk_arena *small = lk_arena_new(16, 16);

	assert_false(lk_str_is_equal(a, b));
	assert_null(crypto_token_make("lk_ws_", small).ptr);
	lk_arena_free(small);
}

/* Many more than are drawn at once, and some that are longer. */
static void
random_bytes_never_come_twice(void **state)
{
	static uint8_t piece[500][16], large[2][2000];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		crypto_random(piece[i], i % 7 == 0 ? 13 : 16);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(piece[i], piece[j], 13);
	}
	crypto_random(large[0], sizeof large[0]);
	crypto_random(large[1], sizeof large[1]);
	for (size_t i = 0; i < sizeof large[0] - 16; i += 16)
		assert_memory_not_equal(large[0] + i, large[1] + i, 16);
}

static void
a_child_draws_none_of_its_parents_random_bytes(void **state)
{
	uint8_t ours[32], theirs[32];
	int ends[2], status;
	pid_t child;

	(void)state;
	crypto_random(ours, 1); /* the rest stands ready */
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		crypto_random(theirs, sizeof theirs);
		_exit(write(ends[1], theirs, sizeof theirs) != sizeof theirs);
	}
	crypto_random(ours, sizeof ours);
	assert_int_equal(read(ends[0], theirs, sizeof theirs), sizeof theirs);
	assert_memory_not_equal(ours, theirs, sizeof ours);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
}

static void
random_numbers_reach_every_value_and_no_more(void **state)
{
	unsigned seen[5] = {0};
	uint8_t bytes[64] = {0}, zero[64] = {0};
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint32_t n = crypto_random_below(5);

		assert_in_range(n, 0, 4);
		seen[n]++;
	}
	for (i = 0; i < 5; i++)
		assert_in_range(seen[i], 100, 300);
	assert_int_equal(crypto_random_below(0), 0);
	crypto_random(bytes, sizeof bytes);
	assert_memory_not_equal(bytes, zero, sizeof bytes);
}

static void
base64url_goes_there_and_back(void **state)
{
	unsigned char bytes[40];
	struct lk_str text, back;
	size_t len, i;

	for (len = 0; len < sizeof bytes; len++) {
		for (i = 0; i < len; i++)
			bytes[i] = (unsigned char)(0xfb + 37 * i);
		text = crypto_base64url_make(lk_str_n((char *)bytes, len), *state);
		assert_int_equal(text.len, (len * 4 + 2) / 3);
		assert_int_equal(crypto_base64url_read(text, *state, &back), LK_OK);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.ptr, bytes, len);
	}
	text = crypto_base64url_make(LK_STR("\xfb\xff\xfe"), *state);
	assert_string_equal(text.ptr, "-__-");
}

static void
base64url_has_one_spelling(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {{"AA==", 4},	  {"AAA=", 4},	     {"A", 1},		{"AAAAA", 5},
		   {"AB", 2},	  {"AAB", 3},	     {"AA AA", 5},	{" AAAA", 5},
		   {"AAAA\n", 5}, {"AA+A", 4},	     {"AA/A", 4},	{"AAA\0", 4},
		   {"\0", 1},	  {"AA\xc3\xa9", 4}, {"AA\xff\x80", 4}, {"=", 1}};
	struct lk_str out = {NULL, 7};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    crypto_base64url_read(lk_str_n(bad[i].text, bad[i].len), *state, &out),
		    LK_E_FORMAT);
	assert_int_equal(out.len, 7); /* untouched */
}

/* Letters are read sixteen at a time. */
static void
one_wrong_letter_is_seen_in_each_place(void **state)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char text[36];
	uint8_t out[27];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		bool is_letter = byte != 0 && strchr(letters, (int)byte) != NULL;

		for (size_t place = 0; place < sizeof text; place++) {
			memset(text, 'A', sizeof text);
			text[place] = (char)byte;
			assert_int_equal(
			    crypto_base64url_into(lk_str_n(text, sizeof text), out, sizeof out),
			    is_letter ? sizeof out : 0);
		}
	}
	assert_int_equal(crypto_base64url_into(lk_str_n(text, sizeof text), out, 26), 0);
}

static void
base64_has_its_own_letters_and_padding_or_none(void **state)
{
	uint8_t out[8];

	(void)state;
	assert_int_equal(crypto_base64_into(LK_STR("+/+/"), out, sizeof out), 3);
	assert_memory_equal(out, "\xfb\xff\xbf", 3);
	assert_int_equal(crypto_base64_into(LK_STR("YTpi"), out, sizeof out), 3);
	assert_memory_equal(out, "a:b", 3);
	assert_int_equal(crypto_base64_into(LK_STR("YTo="), out, sizeof out), 2);
	assert_int_equal(crypto_base64_into(LK_STR("YTo"), out, sizeof out), 2);
	assert_int_equal(crypto_base64_into(LK_STR("YQ=="), out, sizeof out), 1);
	assert_int_equal(crypto_base64_into(LK_STR("-_-_"), out, sizeof out), 0);
	assert_int_equal(crypto_base64_into(LK_STR("YT=o"), out, sizeof out), 0);
	assert_int_equal(crypto_base64_into(LK_STR("YTp"), out, sizeof out), 0); /* spare bits */
	assert_int_equal(crypto_base64_into(LK_STR("===="), out, sizeof out), 0);
}

static void
base64url_says_when_memory_is_out(void **state)
{
	struct lk_arena *small = lk_arena_new(16, 16);
	char text[100];
	struct lk_str out;

	(void)state;
	memset(text, 'A', sizeof text);
	assert_int_equal(crypto_base64url_read(lk_str_n(text, sizeof text), small, &out),
			 LK_E_MEMORY);
	assert_null(crypto_base64url_make(lk_str_n(text, sizeof text), small).ptr);
	lk_arena_free(small);
}

static void
references_drawn_together_are_references_and_differ(void **state)
{
	struct crypto_references drawn = {.left = 0};
	char before[CRYPTO_REFERENCE_LEN + 1] = "", now[CRYPTO_REFERENCE_LEN + 1],
					   read[CRYPTO_REFERENCE_LEN + 1];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		crypto_reference_take(&drawn, now);
		assert_true(crypto_reference_normalise(lk_str_c(now), read));
		assert_string_equal(read, now);
		assert_string_not_equal(now, before);
		memcpy(before, now, sizeof before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tokens_are_checked_to_the_last_letter),
	    cmocka_unit_test(tokens_differ),
	    cmocka_unit_test(references_drawn_together_are_references_and_differ),
	    cmocka_unit_test(random_bytes_never_come_twice),
	    cmocka_unit_test(a_child_draws_none_of_its_parents_random_bytes),
	    cmocka_unit_test(random_numbers_reach_every_value_and_no_more),
	    cmocka_unit_test(base64url_goes_there_and_back),
	    cmocka_unit_test(base64url_has_one_spelling),
	    cmocka_unit_test(one_wrong_letter_is_seen_in_each_place),
	    cmocka_unit_test(base64_has_its_own_letters_and_padding_or_none),
	    cmocka_unit_test(base64url_says_when_memory_is_out),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
