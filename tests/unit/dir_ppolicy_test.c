/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "directory/dir_ppolicy.h"

static struct dir_ppolicy
said(struct lk_str value)
{
	struct dir_ppolicy out = DIR_PPOLICY_NOTHING;

	assert_true(dir_ppolicy_read(value, &out));
	assert_true(out.is_there);
	return out;
}

static void
what_slapd_says_is_understood(void **state)
{
	struct dir_ppolicy out = said(LK_STR("0\x00"));

	(void)state;
	assert_int_equal(out.error, DIR_PPOLICY_NONE);
	assert_int_equal(out.grace_left, -1);
	assert_int_equal(out.expires_in_s, -1);
	assert_int_equal(said(LK_STR("0\x03\x81\x01\x00")).error, DIR_PPOLICY_EXPIRED);
	assert_int_equal(said(LK_STR("0\x03\x81\x01\x01")).error, DIR_PPOLICY_LOCKED);
	assert_int_equal(said(LK_STR("0\x03\x81\x01\x08")).error, DIR_PPOLICY_HISTORY);
	assert_int_equal(said(LK_STR("0\x07\xa0\x05\x80\x03\x01\x51\x80")).expires_in_s, 86400);
	assert_int_equal(said(LK_STR("0\x05\xa0\x03\x81\x01\x01")).grace_left, 1);
	out = said(LK_STR("0\x08\xa0\x03\x81\x01\x00\x81\x01\x00"));
	assert_int_equal(out.grace_left, 0);
	assert_int_equal(out.error, DIR_PPOLICY_EXPIRED);
}

static void
what_is_no_control_says_nothing(void **state)
{
	const struct lk_str wrong[] = {
	    {NULL, 0},
	    LK_STR("0"),
	    LK_STR("1\x00"),
	    LK_STR("0\x01"),
	    LK_STR("0\x00x"),
	    LK_STR("0\x80\x00\x00"),
	    LK_STR("0\x03\x81\x01\x0a"),
	    LK_STR("0\x03\x81\x01\xff"),
	    LK_STR("0\x02\x81\x00"),
	    LK_STR("0\x03\x82\x01\x01"),
	    LK_STR("0\x06\x81\x01\x01\x81\x01\x01"),
	    LK_STR("0\x02\xa0\x00"),
	    LK_STR("0\x05\xa0\x03\x82\x01\x01"),
	    LK_STR("0\x08\xa0\x06\x80\x01\x01\x81\x01\x01"),
	    LK_STR("0\x09\xa0\x07\x80\x05\x01\x00\x00\x00\x00"),
	    LK_STR("0\x08\x81\x01\x01\xa0\x03\x81\x01\x01"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct dir_ppolicy out = DIR_PPOLICY_NOTHING;

		if (dir_ppolicy_read(wrong[i], &out))
			fail_msg("row %zu reads", i);
		assert_false(out.is_there);
	}
}

static void
every_rule_has_its_own_row(void **state)
{
	(void)state;
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_SHORT), LK_E_PASSWORD_SHORT);
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_HISTORY), LK_E_PASSWORD_REUSED);
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_YOUNG), LK_E_PASSWORD_TOO_SOON);
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_LONG), LK_E_PASSWORD_LONG);
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_QUALITY), LK_E_PASSWORD_DIRECTORY);
	assert_int_equal(dir_ppolicy_err(DIR_PPOLICY_NONE), LK_E_PASSWORD_DIRECTORY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_slapd_says_is_understood),
	    cmocka_unit_test(what_is_no_control_says_nothing),
	    cmocka_unit_test(every_rule_has_its_own_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
