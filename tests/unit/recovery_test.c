/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "base/secret_bytes.h"
#include "crypto/pwhash.h"
#include "support/crypto_help.h"

static struct lk_str codes[CRYPTO_RECOVERY_COUNT], hashes[CRYPTO_RECOVERY_COUNT];

static int
begin(void **state)
{
	if (help_begin(state) != 0)
		return -1;
	return crypto_recovery_make(*state, codes, hashes) == LK_OK ? 0 : -1;
}

static struct lk_secret *
typed(struct lk_arena *arena, struct lk_str text)
{
	return crypto_recovery_normalise(arena, help_secret(arena, text.ptr, text.len));
}

static void
each_code_fits_its_own_hash(void **state)
{
	size_t i, index;

	for (i = 0; i < CRYPTO_RECOVERY_COUNT; i += 3) {
		struct lk_secret *code = typed(*state, codes[i]);

		assert_non_null(code);
		assert_int_equal(crypto_recovery_check(code, hashes, CRYPTO_RECOVERY_COUNT, &index),
				 LK_OK);
		assert_int_equal(index, i);
	}
}

static void
codes_have_their_form_and_differ(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < CRYPTO_RECOVERY_COUNT; i++) {
		assert_int_equal(codes[i].len, 9);
		assert_int_equal(codes[i].ptr[4], '-');
		assert_int_equal(strspn(codes[i].ptr, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-"), 9);
		assert_true(lk_str_starts(hashes[i], "1$"));
		assert_memory_equal(hashes[i].ptr, hashes[0].ptr, 25); /* one salt for the set */
		for (j = 0; j < i; j++)
			assert_false(lk_str_is_equal(codes[i], codes[j]));
	}
}

static void
a_used_code_taken_out_of_the_set_fits_no_more(void **state)
{
	size_t index = 77;
	struct lk_secret *code = typed(*state, codes[0]);

	assert_int_equal(crypto_recovery_check(code, hashes + 1, 9, &index), LK_E_RECOVERY_WRONG);
	assert_int_equal(crypto_recovery_check(code, hashes, 0, &index), LK_E_RECOVERY_WRONG);
	assert_int_equal(crypto_recovery_check(NULL, hashes, 10, &index), LK_E_RECOVERY_WRONG);
	assert_int_equal(index, 77);
}

static void
a_row_of_another_salt_or_form_fits_nothing(void **state)
{
	struct lk_str other_codes[CRYPTO_RECOVERY_COUNT], other[CRYPTO_RECOVERY_COUNT], mixed[5];
	char cut[80];
	size_t index;

	assert_int_equal(crypto_recovery_make(*state, other_codes, other), LK_OK);
	memcpy(cut, hashes[2].ptr, hashes[2].len);
	cut[0] = '2';
	mixed[0] = LK_STR("junk");
	mixed[1] = hashes[1];
	mixed[2] = other[1];
	mixed[3] = lk_str_n(cut, hashes[2].len);
	mixed[4] = hashes[4];
	assert_int_equal(crypto_recovery_check(typed(*state, other_codes[1]), mixed, 5, &index),
			 LK_E_RECOVERY_WRONG);
	assert_int_equal(crypto_recovery_check(typed(*state, codes[2]), mixed, 5, &index),
			 LK_E_RECOVERY_WRONG);
	assert_int_equal(crypto_recovery_check(typed(*state, codes[4]), mixed, 5, &index), LK_OK);
	assert_int_equal(index, 4);
}

static void
typed_codes_are_read_as_people_mean_them(void **state)
{
	const struct {
		struct lk_str typed;
		const char *read;
	} rows[] = {
	    {LK_STR("4K7T-9XQM"), "4K7T9XQM"},
	    {LK_STR("  4k7t 9xqm\t\r\n"), "4K7T9XQM"},
	    {LK_STR("4-K-7-T-9-X-Q-M"), "4K7T9XQM"},
	    {LK_STR("oOiI-lLuU"), "001111VV"},
	    {LK_STR("4K7T\xe2\x80\x93"
		    "9XQM"),
	     "4K7T9XQM"}, /* en dash */
	    {LK_STR("4K7T\xe2\x80\x91\xc2\xa0"
		    "9XQM"),
	     "4K7T9XQM"}, /* no-break hyphen, blank */
	    {LK_STR("4K7T9XQ"), NULL},
	    {LK_STR("4K7T9XQMM"), NULL},
	    {LK_STR("4K7T9XQ!"), NULL},
	    {LK_STR("4K7T9XQ\0"), NULL},
	    {LK_STR("4K7T9XQM\0"), NULL},
	    {LK_STR(""), NULL},
	    {LK_STR("----"), NULL},
	    {LK_STR("4K7T9XQ\xc3\xa9"), NULL},
	    {LK_STR("4K7T9XQM\xe2\x80"), NULL},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct lk_secret *code = typed(*state, rows[i].typed);

		assert_true((code != NULL) == (rows[i].read != NULL));
		if (code != NULL)
			assert_true(lk_str_is(lk_secret_bytes(code), rows[i].read));
	}
}

static void
no_more_slow_hashes_than_cores_run_at_once(void **state)
{
	int places = crypto_pwhash_places(), i;

	(void)state;
	assert_true(places >= 1);
	for (i = 0; i < places; i++)
		assert_true(crypto_pwhash_enter(0));
	assert_false(crypto_pwhash_enter(20));
	for (i = 0; i < places; i++)
		crypto_pwhash_leave();
	assert_true(crypto_pwhash_enter(0));
	crypto_pwhash_leave();
}

static void
a_full_house_is_said_so_in_bounded_time(void **state)
{
	int places = crypto_pwhash_places(), i;
	struct lk_secret *code = typed(*state, codes[0]);
	int64_t began_ms = lk_clock_mono_ms(lk_clock_system());
	size_t index;

	for (i = 0; i < places; i++)
		assert_true(crypto_pwhash_enter(0));
	assert_int_equal(crypto_recovery_check(code, hashes, 10, &index), LK_E_BUSY);
	assert_in_range(lk_clock_mono_ms(lk_clock_system()) - began_ms, CRYPTO_SLOW_WAIT_MS,
			2 * CRYPTO_SLOW_WAIT_MS);
	for (i = 0; i < places; i++)
		crypto_pwhash_leave();
}

static void
references_are_made_and_read(void **state)
{
	const struct {
		struct lk_str typed;
		const char *read;
	} rows[] = {
	    {LK_STR("7Q4M-2XPD"), "7Q4M-2XPD"},
	    {LK_STR(" 7q4m 2xpd "), "7Q4M-2XPD"},
	    {LK_STR("lk-1203-7q4m-2xpd"), "7Q4M-2XPD"},
	    {LK_STR("LK12037Q4M2XPD"), "7Q4M-2XPD"},
	    {LK_STR("oiLu-0000"), "011V-0000"},
	    {LK_STR("AB12037Q4M2XPD"), NULL},
	    {LK_STR("LK12O37Q4M2XPDX"), NULL},
	    {LK_STR("7Q4M-2XP"), NULL},
	    {LK_STR("7Q4M-2XPDD"), NULL},
	    {LK_STR("*)(uid=*)"), NULL},
	    {LK_STR(""), NULL},
	};
	char out[CRYPTO_REFERENCE_LEN + 1], again[CRYPTO_REFERENCE_LEN + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		strcpy(out, "untouched");
		assert_true(crypto_reference_normalise(rows[i].typed, out) ==
			    (rows[i].read != NULL));
		assert_string_equal(out, rows[i].read == NULL ? "untouched" : rows[i].read);
	}
	crypto_reference_make(out);
	assert_true(crypto_reference_normalise(lk_str_c(out), again));
	assert_string_equal(out, again);
	crypto_reference_make(again);
	assert_string_not_equal(out, again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_code_fits_its_own_hash),
	    cmocka_unit_test(codes_have_their_form_and_differ),
	    cmocka_unit_test(a_used_code_taken_out_of_the_set_fits_no_more),
	    cmocka_unit_test(a_row_of_another_salt_or_form_fits_nothing),
	    cmocka_unit_test(typed_codes_are_read_as_people_mean_them),
	    cmocka_unit_test(no_more_slow_hashes_than_cores_run_at_once),
	    cmocka_unit_test(a_full_house_is_said_so_in_bounded_time),
	    cmocka_unit_test(references_are_made_and_read),
	};

	return cmocka_run_group_tests(tests, begin, help_end);
}
