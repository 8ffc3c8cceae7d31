/* SPDX-License-Identifier: MIT */
/* Signing in on another screen: the whole way, and what happens at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/device_help.h"

/* --- the whole way -----------------------------------------------------------------------------
 */

static void
what_is_typed_leads_to_what_asked_and_a_yes_to_tokens(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "&scope=openid+email&device_name=build-04");
	char typed[32];

	assert_string_equal(told(&reply, "verification_uri"), ISSUER "/device");
	assert_int_equal(strncmp(screen.link, "/device?user_code=", 18), 0);
	assert_int_equal(strncmp(screen.link + 18, screen.user_code, 9), 0);
	assert_non_null(strstr(reply.body, "\"expires_in\":900"));
	assert_non_null(strstr(reply.body, "\"interval\":5"));
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, "/device", &reply);
	assert_says(&reply, "Enter the code on your other screen");
	for (size_t i = 0; i < sizeof typed && (i == 0 || typed[i - 1] != '\0'); i++)
		typed[i] = screen.user_code[i] >= 'A' ? (char)(screen.user_code[i] | 0x20)
						      : screen.user_code[i];
	typed[4] = ' ';
	type(world, &browser, typed);
	assert_way(&reply, path_of(&screen));
	get(world, &browser, path_of(&screen), &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "Are you signing in on build-04?");
	assert_says(&reply, "Sign in to Payroll as asha");
	assert_says(&reply, screen.user_code);
	assert_says(&reply, "192.0.2.7");
	assert_string_equal(poll(world, &screen), "authorization_pending");
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	get(world, &browser, "/device/done", &reply);
	assert_says(&reply, "You approved the sign-in");
	assert_string_equal(poll(world, &screen), "");
	assert_true(is_alive(world, told(&reply, "access_token")));
	assert_string_equal(told(&reply, "scope"), "openid email");
	assert_non_null(strstr(payload_of(told(&reply, "id_token")), "\"aud\":\"payroll\""));
	assert_int_equal(audited(world, "device_allowed", NULL), 1);
	assert_int_equal(audited(world, "token_issued", NULL), 1);
	assert_string_equal(poll(world, &screen), "invalid_grant");
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &reply);
}

static void
whoever_is_not_signed_in_signs_in_first_and_comes_back(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "");
	char fields[1024] = "";
	const char *path = path_of(&screen);

	get(world, &browser, screen.link, &reply);
	assert_string_equal(answered(&reply, "next"), path);
	field(fields, "username", ASHA);
	field(fields, "password", OLD_PASSWORD);
	field(fields, "next", path);
	post(world, &browser, "/signin", fields, &reply);
	assert_way(&reply, "/signin/code");
	fields[0] = '\0';
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, &browser, "/signin/code", fields, &reply);
	assert_way(&reply, path);
	get(world, &browser, path, &reply);
	assert_says(&reply, "Are you signing in to Payroll on another screen?");
	get(world, &(struct browser){0}, "/device", &reply);
	assert_way(&reply, "/signin?next=/device");
	get(world, &(struct browser){0}, "/device?user_code=%2F%2Fevil.example", &reply);
	assert_way(&reply, "/signin?next=/device");
}

static void
a_no_ends_it(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "");

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	say(world, &browser, &screen, "deny");
	assert_way(&reply, "/device/done");
	get(world, &browser, "/device/done", &reply);
	assert_says(&reply, "We stopped that sign-in");
	assert_int_equal(audited(world, "device_denied", NULL), 1);
	assert_string_equal(poll(world, &screen), "access_denied");
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	get(world, &browser, "/device/done", &reply);
	assert_says(&reply, "We stopped that sign-in");
	assert_string_equal(poll(world, &screen), "access_denied");
}

/* --- asking again and again ----------------------------------------------------------------------
 */

static void
whoever_asks_too_often_is_slowed_down_more_and_more(void **state)
{
	struct world *world = *state;
	struct screen screen = ask(world, "payroll", "");

	assert_string_equal(poll(world, &screen), "authorization_pending");
	world_pass(world, 4);
	assert_string_equal(poll(world, &screen), "slow_down");
	world_pass(world, 9);
	assert_string_equal(poll(world, &screen), "slow_down");
	world_pass(world, 15);
	assert_string_equal(poll(world, &screen), "authorization_pending");
	world_pass(world, 14);
	assert_string_equal(poll(world, &screen), "slow_down");
}

static void
a_code_runs_out(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", ""), late;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	late = allowed(world, &browser, "");
	world_pass(world, DEVICE_LIFE_S - 31);
	assert_string_equal(poll(world, &screen), "authorization_pending");
	world_pass(world, 31);
	assert_string_equal(poll(world, &screen), "expired_token");
	assert_string_equal(poll(world, &late), "expired_token");
	get(world, &browser, screen.link, &reply);
	assert_says(&reply, "That code has run out. Start again on your other screen");
	type(world, &browser, screen.user_code);
	assert_says(&reply, "That code is not right. Check it on your other screen");
	say(world, &browser, &screen, "allow");
	assert_says(&reply, "That code has run out. Start again on your other screen");
	assert_true(reply.is_even);
	world_pass(world, DEVICE_REMEMBERED_S);
	assert_string_equal(poll(world, &screen), "invalid_grant");
}

static void
a_yes_counts_while_the_screen_asks(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "");

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, screen.link, &reply);
	assert_string_equal(poll(world, &screen), "authorization_pending");
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	assert_int_equal(audited(world, "device_allowed", NULL), 1);
	assert_string_equal(poll(world, &screen), "");
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	assert_int_equal(audited(world, "token_issued", NULL), 1);
}

struct within {
	struct world *world;
	const struct screen *screen;
	struct browser *browser;
	bool is_done;
	char told[64];
};

/* Just before the first commit: the screen asks, or the person answers. */
static enum lk_err
poll_within(void *context, const char *verb)
{
	struct within *within = context;

	if (strcmp(verb, "commit") != 0 || within->is_done)
		return LK_OK;
	within->is_done = true;
	snprintf(within->told, sizeof within->told, "%s", poll(within->world, within->screen));
	return LK_OK;
}

static enum lk_err
allow_within(void *context, const char *verb)
{
	struct within *within = context;

	if (strcmp(verb, "commit") != 0 || within->is_done)
		return LK_OK;
	within->is_done = true;
	say(within->world, within->browser, within->screen, "allow");
	return LK_OK;
}

static void
a_question_in_the_middle_of_a_yes_takes_nothing_away(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "");
	struct within within = {world, &screen, &browser, false, ""};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world->store.hook = poll_within;
	world->store.context = &within;
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	assert_string_equal(within.told, "authorization_pending");
	world->store.hook = NULL;
	assert_string_equal(poll(world, &screen), "");
}

static void
a_yes_in_the_middle_of_a_question_is_heard_at_once(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", "");
	struct within within = {world, &screen, &browser, false, ""};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world->store.hook = allow_within;
	world->store.context = &within;
	assert_string_equal(poll(world, &screen), "");
	assert_true(is_alive(world, told(&reply, "access_token")));
}

static void
of_two_questions_after_a_yes_one_is_answered(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen;
	struct within within = {world, &screen, &browser, false, "?"};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = allowed(world, &browser, "");
	world->store.hook = poll_within;
	world->store.context = &within;
	assert_string_equal(poll(world, &screen), "invalid_grant");
	assert_string_equal(within.told, "");
	assert_int_equal(audited(world, "token_issued", NULL), 1);
}

/* On the account page: what they allowed, and what nobody has fetched of it. */
static void
what_is_taken_back_before_the_screen_asks_gives_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen, waiting = ask(world, "payroll", "");

	oauth_application(world, "page", "device = yes\n");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = allowed(world, &browser, "&scope=openid");
	post(world, &browser, "/account/allowed", "client_id=page", &reply);
	assert_way(&reply, "/account");
	post(world, &browser, "/account/allowed", "client_id=payroll", &reply);
	assert_way(&reply, "/account");
	assert_string_equal(poll(world, &screen), "invalid_grant");
	assert_string_equal(poll(world, &waiting), "authorization_pending");
	say(world, &browser, &waiting, "allow");
	assert_way(&reply, "/device/done");
	assert_string_equal(poll(world, &waiting), "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, oauth_end)
	const struct CMUnitTest tests[] = {
	    TEST(what_is_typed_leads_to_what_asked_and_a_yes_to_tokens),
	    TEST(whoever_is_not_signed_in_signs_in_first_and_comes_back),
	    TEST(a_no_ends_it),
	    TEST(whoever_asks_too_often_is_slowed_down_more_and_more),
	    TEST(a_code_runs_out),
	    TEST(a_yes_counts_while_the_screen_asks),
	    TEST(a_question_in_the_middle_of_a_yes_takes_nothing_away),
	    TEST(a_yes_in_the_middle_of_a_question_is_heard_at_once),
	    TEST(of_two_questions_after_a_yes_one_is_answered),
	    TEST(what_is_taken_back_before_the_screen_asks_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
