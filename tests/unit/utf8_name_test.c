/* SPDX-License-Identifier: MIT */
/* Two spellings of one account are the same bytes, and no two accounts are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8_form.h"

static struct lk_arena *arena;

static void
is_named(const char *typed, const char *name)
{
	struct lk_str got = lk_utf8_name(arena, lk_str_c(typed));

	if (!lk_str_is(got, name))
		fail_msg("'%s' became '%.*s', not '%s'", typed, LK_STR_ARGS(got), name);
}

static void
spellings_of_one_name_are_the_same_bytes(void **state)
{
	(void)state;
	is_named("asha", "asha");
	is_named("ASHA", "asha");
	is_named("  asha  ", "asha");
	is_named("as  ha", "as ha");
	is_named("\xEF\xBC\xA1\xEF\xBC\xB3\xEF\xBC\xA8\xEF\xBC\xA1", "asha"); /* full width */
	is_named("\xC2\xA0"
		 "asha"
		 "\xE2\x80\x83",
		 "asha");			 /* blanks of other kinds */
	is_named("SIA\xCC\x82N", "si\xC3\xA2n"); /* accent apart */
	is_named("", "");
	is_named("   ", "");
}

static void
another_name_stays_another(void **state)
{
	(void)state;
	is_named("si\xC3\xA2n", "si\xC3\xA2n");
	is_named("as ha", "as ha");
	assert_int_equal(lk_utf8_name(arena, LK_STR("a\xC0\xAF")).len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spellings_of_one_name_are_the_same_bytes),
	    cmocka_unit_test(another_name_stays_another),
	};
	int failed;

	arena = lk_arena_new(4096, 65536);
	failed = arena == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
	lk_arena_free(arena);
	return failed;
}
