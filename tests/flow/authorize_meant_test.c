/* SPDX-License-Identifier: MIT */
/* Who an application means, and how they must have signed in: nobody else, and nothing less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

#define ACR(wish) "%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true," wish "%7D%7D%7D"

static struct reply reply;

static void
assert_told(const char *name, const char *begin)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_int_equal(strncmp(answered(&reply, name), begin, strlen(begin)), 0);
}

/* It may mean somebody else than whoever sits there. */
static void
a_hint_nobody_can_read_signs_nobody_in_unseen(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll", "&prompt=none&id_token_hint=e30.e30.e30", &reply);
	assert_told("error", "login_required");
	authorize(world, &browser, "payroll", "&id_token_hint=e30.e30.e30", &reply);
	assert_told("code", "lk_ac_"); /* who sits there sees where they are led */
}

static void
an_acr_that_must_be_and_is_none_of_ours_is_a_no(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll",
		  "&claims=" ACR("%22values%22:%5B%22three_step%22,%22x%22%5D"), &reply);
	assert_told("error", "access_denied");
	authorize(world, &browser, "payroll", "&claims=" ACR("%22value%22:%22three_step%22"),
		  &reply);
	assert_told("error", "access_denied");
	authorize(world, &browser, "payroll",
		  "&claims=" ACR("%22values%22:%5B%22three_step%22,%22two_step%22%5D"), &reply);
	assert_told("code", "lk_ac_");
	authorize(world, &browser, "payroll", "&acr_values=three_step", &reply);
	assert_told("code", "lk_ac_"); /* only liked */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_hint_nobody_can_read_signs_nobody_in_unseen),
	    TEST(an_acr_that_must_be_and_is_none_of_ours_is_a_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
