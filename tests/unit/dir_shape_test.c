/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "directory/dir_shape.h"
#include "directory/dir_time.h"

#define NOW_S 1795799261 /* 2026-11-27 17:07:41 */

static const struct dir_policy policy = {
    .has_lockout = true, .lockout_s = 1800, .max_age_s = 1000, .min_age_s = 100};

static struct dir_person
shaped(struct dir_marks marks, const struct dir_policy *with)
{
	struct dir_person person = {.group_count = 0};

	dir_shape_state(&marks, with, NOW_S, &person);
	return person;
}

static struct lk_str
instant(int64_t at_s)
{
	static char text[DIR_TIME_BYTES];

	dir_time_write(at_s, text);
	return lk_str_c(text);
}

static void
a_lock_ends_as_the_policy_says(void **state)
{
	struct dir_marks marks = {.locked_time = instant(NOW_S - 1799)};
	struct dir_policy no_end = {.has_lockout = true}, no_lockout = {.lockout_s = 1800};
	struct dir_person person = shaped(marks, &policy);

	(void)state;
	assert_int_equal(person.state, DIR_LOCKED);
	assert_int_equal(person.locked_at_s, NOW_S - 1799);
	assert_int_equal(person.locked_until_s, NOW_S + 1);
	person = shaped(marks, &no_end);
	assert_int_equal(person.state, DIR_LOCKED);
	assert_int_equal(person.locked_until_s, 0);
	assert_int_equal(shaped(marks, NULL).state, DIR_LOCKED);
	assert_int_equal(shaped(marks, &no_lockout).state, DIR_OPEN);
	marks.locked_time = instant(NOW_S - 1800);
	person = shaped(marks, &policy);
	assert_int_equal(person.state, DIR_OPEN);
	assert_int_equal(person.locked_at_s, 0);
	assert_int_equal(person.locked_until_s, 0);
}

static void
a_policy_that_lets_nobody_change_fixes_the_password(void **state)
{
	struct dir_marks marks = {.must_change = false};
	struct dir_policy fixed = {.forbids_change = true};

	(void)state;
	assert_true(shaped(marks, &fixed).is_password_fixed);
	assert_false(shaped(marks, &policy).is_password_fixed);
	assert_false(shaped(marks, NULL).is_password_fixed);
}

static void
a_lock_that_cannot_be_read_is_a_lock(void **state)
{
	struct dir_marks marks = {.locked_time = LK_STR("yesterday")};

	(void)state;
	assert_int_equal(shaped(marks, &policy).state, DIR_LOCKED);
}

static void
administrators_come_first(void **state)
{
	struct dir_marks marks = {.locked_time = LK_STR("000001010000Z")};

	(void)state;
	assert_int_equal(shaped(marks, &policy).state, DIR_BLOCKED);
	assert_int_equal(shaped(marks, NULL).state, DIR_BLOCKED);
	marks.end_time = instant(NOW_S);
	assert_int_equal(shaped(marks, &policy).state, DIR_BLOCKED);
	marks.locked_time = LK_STR("00000101000000Z");
	assert_int_equal(shaped(marks, &policy).state, DIR_BLOCKED);
	marks.locked_time = (struct lk_str){NULL, 0};
	assert_int_equal(shaped(marks, &policy).state, DIR_LEFT);
	marks.end_time = LK_STR("no date at all");
	assert_int_equal(shaped(marks, &policy).state, DIR_LEFT);
	marks.end_time = instant(NOW_S + 1);
	assert_int_equal(shaped(marks, &policy).state, DIR_OPEN);
}

static void
a_password_has_its_ages(void **state)
{
	struct dir_marks marks = {.changed_time = instant(NOW_S - 50)};
	struct dir_person person = shaped(marks, &policy);

	(void)state;
	assert_int_equal(person.password_changed_at_s, NOW_S - 50);
	assert_int_equal(person.password_expires_at_s, NOW_S + 950);
	assert_int_equal(person.password_may_change_at_s, NOW_S + 50);
	marks.must_change = true;
	assert_int_equal(shaped(marks, &policy).password_may_change_at_s, 0);
	marks = (struct dir_marks){.must_change = false};
	assert_int_equal(shaped(marks, &policy).password_expires_at_s, 0);
}

static void
instants_are_read_strictly(void **state)
{
	static const char *const wrong[] = {"",
					    "Z",
					    "20261127",
					    "20261127170741",
					    "20260229000000Z",
					    "20261301000000Z",
					    "20261127240000Z",
					    "20261127176000Z",
					    "20261127170741.Z",
					    "20261127170741+0000",
					    "20261127170741Zx",
					    "2026112717074Z",
					    "000001010000Z",
					    "19691231235959Z",
					    " 20261127170741Z",
					    "2026-11-27T17:07:41Z"};
	int64_t at_s = 0;
	size_t i;

	(void)state;
	assert_true(dir_time_read(LK_STR("20261127170741Z"), &at_s));
	assert_int_equal(at_s, NOW_S);
	assert_true(dir_time_read(LK_STR("20261127170741.508941Z"), &at_s));
	assert_int_equal(at_s, NOW_S);
	assert_true(dir_time_read(LK_STR("20240229000000Z"), &at_s));
	assert_int_equal(at_s, 1709164800);
	assert_true(dir_time_read(LK_STR("197001010000Z"), &at_s));
	assert_int_equal(at_s, 0);
	assert_true(dir_time_read(LK_STR("99991231235959Z"), &at_s));
	assert_int_equal(at_s, 253402300799);
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (dir_time_read(lk_str_c(wrong[i]), &at_s))
			fail_msg("%s reads", wrong[i]);
	}
}

static void
days_are_those_of_the_c_library(void **state)
{
	int64_t at_s, again_s;

	(void)state;
	for (at_s = 0; at_s < 253402300799; at_s += 86399 * 97) {
		assert_true(dir_time_read(instant(at_s), &again_s));
		assert_int_equal(again_s, at_s);
	}
}

static void
languages_are_ours_or_none(void **state)
{
	(void)state;
	assert_true(lk_str_is(dir_shape_language(LK_STR("cy")), "cy"));
	assert_true(lk_str_is(dir_shape_language(LK_STR("CY-gb")), "cy"));
	assert_true(lk_str_is(dir_shape_language(LK_STR("en, cy;q=0.5")), "en"));
	assert_int_equal(dir_shape_language(LK_STR("cym")).len, 0);
	assert_int_equal(dir_shape_language(LK_STR("fr")).len, 0);
	assert_int_equal(dir_shape_language(LK_STR("e")).len, 0);
	assert_int_equal(dir_shape_language((struct lk_str){NULL, 0}).len, 0);
}

static void
an_id_is_a_uuid(void **state)
{
	(void)state;
	assert_true(dir_shape_is_id(LK_STR("0a1B2c3d-0000-4000-8000-ABCDEFabcdef")));
	assert_false(dir_shape_is_id(LK_STR("0a1B2c3d-0000-4000-8000-ABCDEFabcdeg")));
	assert_false(dir_shape_is_id(LK_STR("0a1B2c3d00000-4000-8000-ABCDEFabcdef")));
	assert_false(dir_shape_is_id(LK_STR("0a1B2c3d-0000-4000-8000-ABCDEFabcdef ")));
	assert_false(dir_shape_is_id(LK_STR("*")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lock_ends_as_the_policy_says),
	    cmocka_unit_test(a_policy_that_lets_nobody_change_fixes_the_password),
	    cmocka_unit_test(a_lock_that_cannot_be_read_is_a_lock),
	    cmocka_unit_test(administrators_come_first),
	    cmocka_unit_test(a_password_has_its_ages),
	    cmocka_unit_test(instants_are_read_strictly),
	    cmocka_unit_test(days_are_those_of_the_c_library),
	    cmocka_unit_test(languages_are_ours_or_none),
	    cmocka_unit_test(an_id_is_a_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
