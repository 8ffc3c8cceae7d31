/* SPDX-License-Identifier: MIT */
/* The way to an application taken a second time at once, or by a browser that was never here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

static struct reply reply;

static void
assert_code(void)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_int_equal(strncmp(answered(&reply, "code"), "lk_ac_", 6), 0);
	assert_string_equal(answered(&reply, "state"), "st");
}

/* Not the answer of the sign-in a moment ago, though the same was typed. */
static void
a_new_sign_in_is_one_however_soon(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char first[64];

	authorize(world, &browser, "mail", "", &reply);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
	snprintf(first, sizeof first, "%s", answered(&reply, "code"));
	authorize(world, &browser, "mail", "&prompt=login", &reply);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
	assert_string_not_equal(answered(&reply, "code"), first);
	assert_int_equal(audited(world, "password_shown", NULL), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_sign_in_is_one_however_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
