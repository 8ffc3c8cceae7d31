/* SPDX-License-Identifier: MIT */
/* The way to an application taken a second time at once, by a browser that was never here, or too
 * often. */
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

/* What comes by POST belongs to no browser yet, and this one has no cookies to bring. */
static void
a_post_of_a_new_browser_signs_in_on_the_way(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct program sent = {.path = "/authorize"};
	char way[1024];

	sent.body = strchr(authorize_path("payroll", ""), '?') + 1;
	program(world, NULL, &sent, &reply);
	snprintf(way, sizeof way, "%s", reply.location);
	get(world, &browser, way, &reply);
	assert_int_equal(strncmp(reply.location, "/signin?application=payroll&next=", 33), 0);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
}

/* --- how much waits ------------------------------------------------------------------------- */

/* A stranger must not fill the store with what nobody signs in for. */
static void
so_much_may_wait_from_one_address_and_nothing_redirects(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, known = {0};
	struct program sent = {.path = "/authorize"};

	sign_in(world, &known, ASHA, OLD_PASSWORD);
	world_policy(world, "lockout.policy", "[default]\naddress_waiting_per_minute = 10\n");
	for (int i = 0; i < 10; i++) {
		authorize(world, &browser, "payroll", "", &reply);
		assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	}
	authorize(world, &browser, "payroll", "", &reply);
	assert_int_equal(reply.status, 429);
	assert_string_equal(reply.location, "");
	assert_int_equal(reply.retry_after_s, 60);
	assert_says(&reply, "Wait 1 minute, then try again");
	sent.body = strchr(authorize_path("payroll", ""), '?') + 1;
	program(world, NULL, &sent, &reply);
	assert_int_equal(reply.status, 429);
	assert_string_equal(reply.location, "");
	authorize(world, &known, "payroll", "", &reply);
	assert_code(); /* nothing of it has to be kept */
	authorize(world, &browser, "payroll", "&prompt=none", &reply);
	assert_string_equal(answered(&reply, "error"), "login_required");
	world_pass(world, 61);
	authorize(world, &browser, "payroll", "", &reply);
	assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
}

static void
a_long_request_counts_for_what_it_takes(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char more[2200] = "&acr_values=";
	size_t at = strlen(more);

	world_policy(world, "lockout.policy", "[default]\naddress_waiting_per_minute = 10\n");
	memset(more + at, 'x', 500);
	at += 500;
	memcpy(more + at, "&nonce=", 7);
	memset(more + at + 7, 'y', 512);
	for (int i = 0; i < 5; i++) {
		authorize(world, &browser, "payroll", more, &reply);
		assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	}
	authorize(world, &browser, "payroll", more, &reply);
	assert_int_equal(reply.status, 429);
}

/* Whom it expects is kept too, in a place of its own for each new browser. */
static void
a_request_that_names_somebody_counts_for_both(void **state)
{
	static const char *const hint = "&login_hint=sm10001";
	struct world *world = *state;
	struct browser strangers[6];

	memset(strangers, 0, sizeof strangers);
	world_policy(world, "lockout.policy", "[default]\naddress_waiting_per_minute = 10\n");
	for (int i = 0; i < 5; i++) {
		authorize(world, &strangers[i], "payroll", hint, &reply);
		assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	}
	authorize(world, &strangers[5], "payroll", hint, &reply);
	assert_int_equal(reply.status, 429);
	assert_int_equal(reply.retry_after_s, 60);
	world_pass(world, 61);
	for (int i = 0; i < 10; i++) {
		authorize(world, &strangers[0], "payroll", hint, &reply);
		assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	}
	authorize(world, &strangers[0], "payroll", hint, &reply);
	assert_int_equal(reply.status, 429);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_sign_in_is_one_however_soon),
	    TEST(a_post_of_a_new_browser_signs_in_on_the_way),
	    TEST(so_much_may_wait_from_one_address_and_nothing_redirects),
	    TEST(a_long_request_counts_for_what_it_takes),
	    TEST(a_request_that_names_somebody_counts_for_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
