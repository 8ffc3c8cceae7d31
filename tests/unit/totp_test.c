/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <liboath/oath.h>

#include "support/crypto_help.h"

#define RFC_SEED "12345678901234567890"

static enum lk_err
check(struct lk_arena *arena, struct lk_str code, int64_t now_s, int64_t *out_step,
      int64_t *out_off_s)
{
	return crypto_totp_check(help_secret(arena, RFC_SEED, 20),
				 help_secret(arena, code.ptr, code.len), now_s, out_step,
				 out_off_s);
}

/* RFC 6238 appendix B; six digits are the last six of its eight. */
static void
the_vectors_of_rfc_6238_hold(void **state)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} rows[] = {{59, "287082"},	    {1111111109, "081804"}, {1111111111, "050471"},
		    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	int64_t step, off_s;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
		    check(*state, lk_str_n(rows[i].code, 6), rows[i].at_s, &step, &off_s), LK_OK);
		assert_int_equal(step, rows[i].at_s / 30);
	}
}

static void
one_step_either_way_is_right_and_further_tells_the_clock(void **state)
{
	const int64_t now_s = 1700000010, now_step = now_s / 30;
	int64_t step, off_s;
	int off;

	for (off = -25; off <= 25; off++) {
		char code[7];
		enum lk_err err;

		oath_hotp_generate(RFC_SEED, 20, (uint64_t)(now_step + off), 6, false,
				   OATH_HOTP_DYNAMIC_TRUNCATION, code);
		step = off_s = 4242;
		err = check(*state, lk_str_n(code, 6), now_s, &step, &off_s);
		if (off >= -1 && off <= 1) {
			assert_int_equal(err, LK_OK);
			assert_int_equal(step, now_step + off);
			assert_int_equal(off_s, 4242);
		} else if (off >= -20 && off <= 20) {
			assert_int_equal(err, LK_E_CODE_CLOCK);
			assert_int_equal(off_s, off * 30);
			assert_int_equal(step, 4242);
		} else {
			assert_int_equal(err, LK_E_CODE_WRONG);
			assert_int_equal(step + off_s, 2 * 4242);
		}
	}
}

static void
only_six_plain_digits_are_a_code(void **state)
{
	/* At 59 s the eight digits are 94287082 and the six 287082. */
	static const struct {
		const char *code;
		size_t len;
	} bad[] = {{"94287082", 8}, {"287082 ", 7}, {" 287082", 7},
		   {"287 082", 7},  {"28708", 5},   {"287082\0", 7},
		   {"28708\0", 6},  {"2870822", 7}, {"+87082", 6},
		   {"28708a", 6},   {"", 0},	    {"\xd9\xa2\xd9\xa8\xd9\xa7", 6},
		   {"000000", 6}};
	int64_t step = 4242, off_s = 4242;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    check(*state, lk_str_n(bad[i].code, bad[i].len), 59, &step, &off_s),
		    LK_E_CODE_WRONG);
	assert_int_equal(
	    crypto_totp_check(help_secret(*state, RFC_SEED, 20), NULL, 59, &step, &off_s),
	    LK_E_CODE_WRONG);
	assert_int_equal(step + off_s, 2 * 4242);
}

static void
nobody_has_no_right_code(void **state)
{
	int64_t step, off_s;
	char code[7];

	oath_hotp_generate("nobody's twenty byte", 20, 1, 6, false, OATH_HOTP_DYNAMIC_TRUNCATION,
			   code);
	assert_int_equal(crypto_totp_check(NULL, help_secret(*state, code, 6), 59, &step, &off_s),
			 LK_E_CODE_WRONG);
	assert_int_equal(crypto_totp_check(help_secret(*state, "", 0), help_secret(*state, code, 6),
					   59, &step, &off_s),
			 LK_E_CODE_WRONG);
	oath_hotp_generate("123456789012345", 15, 1, 6, false, OATH_HOTP_DYNAMIC_TRUNCATION, code);
	assert_int_equal(crypto_totp_check(help_secret(*state, "123456789012345", 15),
					   help_secret(*state, code, 6), 59, &step, &off_s),
			 LK_E_CODE_WRONG);
}

static void
times_before_1970_and_far_ones_do_no_harm(void **state)
{
	static const int64_t times[] = {INT64_MIN, -31, -1, 0, 29, INT64_MAX};
	int64_t step, off_s;
	size_t i;

	for (i = 0; i < sizeof times / sizeof times[0]; i++)
		(void)!check(*state, LK_STR("123456"), times[i], &step, &off_s);
	/* RFC 4226 appendix D: count 0 is 755224 */
	assert_int_equal(check(*state, LK_STR("755224"), 0, &step, &off_s), LK_OK);
	assert_int_equal(step, 0);
	assert_int_equal(check(*state, LK_STR("755224"), -300, &step, &off_s), LK_E_CODE_CLOCK);
}

static void
a_seed_is_20_new_bytes_shown_in_base32(void **state)
{
	struct lk_secret *a = NULL, *b = NULL;
	struct lk_str text;

	assert_int_equal(crypto_totp_seed_make(*state, &a), LK_OK);
	assert_int_equal(crypto_totp_seed_make(*state, &b), LK_OK);
	assert_int_equal(lk_secret_len(a), CRYPTO_TOTP_SEED_BYTES);
	assert_false(lk_secret_is_equal(a, b));
	assert_int_equal(crypto_totp_seed_show(help_secret(*state, RFC_SEED, 20), *state, &text),
			 LK_OK);
	assert_int_equal(text.len, 32);
	assert_string_equal(text.ptr, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vectors_of_rfc_6238_hold),
	    cmocka_unit_test(one_step_either_way_is_right_and_further_tells_the_clock),
	    cmocka_unit_test(only_six_plain_digits_are_a_code),
	    cmocka_unit_test(nobody_has_no_right_code),
	    cmocka_unit_test(times_before_1970_and_far_ones_do_no_harm),
	    cmocka_unit_test(a_seed_is_20_new_bytes_shown_in_base32),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
