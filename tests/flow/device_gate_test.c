/* SPDX-License-Identifier: MIT */
/* Signing in on another screen: everybody who should not get in that way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/device_help.h"

struct within {
	struct world *world;
	struct browser *browser;
	bool is_done;
	struct reply signed_out;
};

/* --- the gate is asked again
 * ----------------------------------------------------------------------- */

static void
whoever_may_not_sign_in_any_more_is_given_nothing(void **state)
{
	static const enum dir_state states[] = {DIR_LOCKED, DIR_BLOCKED, DIR_NOT_STARTED, DIR_LEFT};
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		screen = allowed(world, &browser, "");
		world->asha->person.state = states[i];
		assert_string_equal(poll(world, &screen), "access_denied");
		world->asha->person.state = DIR_OPEN;
		assert_string_equal(poll(world, &screen), "access_denied");
	}
	screen = allowed(world, &browser, "");
	world->asha->person.must_change = true;
	assert_string_equal(poll(world, &screen), "access_denied");
	world->asha->person.must_change = false;
	assert_int_equal(audited(world, "device_refused", NULL), 5);
	assert_int_equal(audited(world, "token_issued", NULL), 0);
}

static void
whoever_may_not_use_it_any_more_is_given_nothing(void **state)
{
	static const struct lk_str groups[] = {{"Payroll team", 12}};
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen;

	world->asha->person.groups = groups;
	world->asha->person.group_count = 1;
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	oauth_application(world, "secret", "device = yes\n");
	screen = ask(world, "secret", "");
	say(world, &browser, &screen, "allow");
	assert_int_equal(reply.status, 403);
	assert_says(&reply, "Secret");
	assert_string_equal(poll(world, &screen), "authorization_pending");
}

static void
signing_out_takes_a_yes_back(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = allowed(world, &browser, "");
	post(world, &browser, "/signout", "", &reply);
	assert_string_equal(poll(world, &screen), "access_denied");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	assert_string_equal(poll(world, &screen), "access_denied");
}

/* In the moment before the tokens are put. */
static enum lk_err
signed_out_within(void *context, const char *verb)
{
	struct within *within = context;

	if (strcmp(verb, "commit") != 0 || within->is_done)
		return LK_OK;
	within->is_done = true;
	post(within->world, within->browser, "/signout", "", &within->signed_out);
	return LK_OK;
}

static void
whoever_is_signed_out_in_the_same_moment_leaves_nothing_behind(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen;
	static struct within within;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = allowed(world, &browser, "");
	within = (struct within){.world = world, .browser = &browser};
	world->store.hook = signed_out_within;
	world->store.context = &within;
	assert_string_equal(poll(world, &screen), "access_denied");
	assert_int_equal(within.signed_out.status, 303);
	assert_null(strstr(reply.body, "lk_"));
	assert_int_equal(fake_store_count(&world->store, FAKE_GRANT, world->asha->person.id), 0);
}

static enum lk_err
directory_down(void *context, const char *verb)
{
	(void)context, (void)verb;
	return LK_E_DIRECTORY_DOWN;
}

static void
without_the_directory_nobody_is_let_in_and_nothing_is_lost(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen, waiting = ask(world, "payroll", "");

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = allowed(world, &browser, "");
	world->dir.hook = directory_down;
	assert_string_equal(poll(world, &screen), "temporarily_unavailable");
	assert_int_equal(reply.status, 503);
	get(world, &browser, waiting.link, &reply);
	assert_int_equal(reply.status, 200);
	say(world, &browser, &waiting, "allow");
	assert_int_equal(reply.status, 503);
	world->dir.hook = NULL;
	assert_string_equal(poll(world, &screen), "");
}

/* --- whose it is
 * ------------------------------------------------------------------------------------ */

static void
another_applications_code_is_no_code(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen, stolen;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	screen = stolen = allowed(world, &browser, "");
	stolen.client_id = "page";
	assert_string_equal(poll(world, &stolen), "invalid_grant");
	stolen.client_id = "shop";
	assert_string_equal(poll(world, &stolen), "unauthorized_client");
	assert_string_equal(poll(world, &screen), "");
}

static void
only_applications_registered_for_it_may_ask(void **state)
{
	struct world *world = *state;

	ask_send(world, "shop", "", &reply);
	assert_string_equal(told(&reply, "error"), "unauthorized_client");
	ask_send(world, "robot", "", &reply);
	assert_string_equal(told(&reply, "error"), "unauthorized_client");
	program(world, NULL,
		&(struct program){.path = "/device_authorization",
				  .body = "scope=openid",
				  .authorization = basic_of("payroll", "wrong secret")},
		&reply);
	assert_int_equal(reply.status, 401);
	assert_string_equal(told(&reply, "error"), "invalid_client");
	ask_send(world, "payroll", "&scope=nothing", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_scope");
	ask_send(world, "payroll", "&resource=https%3A%2F%2Felsewhere.example", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_target");
	ask_send(world, "payroll", "&scope=openid&scope=email", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_request");
}

static void
a_screen_is_named_only_by_who_has_shown_who_it_is(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "page", "&device_name=service-desk");

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, screen.link, &reply);
	assert_says(&reply, "Are you signing in to Page on another screen?");
	assert_says_not(&reply, "service-desk");
	screen = ask(world, "payroll", "&device_name=a%3Cb%3E%20c");
	get(world, &browser, screen.link, &reply);
	assert_says(&reply, "Are you signing in to Payroll on another screen?");
}

static void
somebody_elses_answer_is_not_told(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};
	struct screen screen;

	phone_give(world, fake_dir_add(&world->dir, "bela", OLD_PASSWORD));
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	sign_in(world, &other, "bela", OLD_PASSWORD);
	screen = allowed(world, &browser, "");
	type(world, &other, screen.user_code);
	assert_says(&reply, "That code is not right. Check it on your other screen");
	get(world, &other, screen.link, &reply);
	assert_says(&reply, "That code has run out. Start again on your other screen");
	say(world, &other, &screen, "deny");
	assert_says(&reply, "That code has run out. Start again on your other screen");
	get(world, &other, "/device/done", &reply);
	assert_way(&reply, "/device");
	assert_string_equal(poll(world, &screen), "");
}

static enum lk_err
nothing_is_looked_up(void *context, const char *verb)
{
	(void)context;
	assert_string_not_equal(verb, "try_begin");
	assert_string_not_equal(verb, "device_by_user_code");
	return LK_OK;
}

/* --- guessing
 * --------------------------------------------------------------------------------------- */

static void
wrong_codes_are_counted(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", ""), guess = screen;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	for (int i = 0; i < 9; i++) {
		snprintf(guess.user_code, sizeof guess.user_code, "BBBBBBB%c", "BCDFGHJKL"[i]);
		type(world, &browser, guess.user_code);
		assert_says(&reply, "That code is not right. Check it on your other screen");
		assert_true(reply.is_even);
		type(world, &browser, guess.user_code);
		assert_says(&reply, "That code is not right. Check it on your other screen");
	}
	type(world, &browser, screen.user_code);
	assert_way(&reply, path_of(&screen));
	snprintf(guess.user_code, sizeof guess.user_code, "CCCCCCCC");
	say(world, &browser, &guess, "allow");
	assert_int_equal(reply.status, 423);
	type(world, &browser, screen.user_code);
	assert_int_equal(reply.status, 423);
	say(world, &browser, &screen, "allow");
	assert_int_equal(reply.status, 423);
	assert_string_equal(poll(world, &screen), "authorization_pending");
}

/* Whoever's browser is sent to links, of no screen or made up for one, has guessed nothing. */
static void
a_link_of_nobodys_is_written_into_the_form_and_counts_for_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct screen screen = ask(world, "payroll", ""), other = ask(world, "payroll", "");
	char path[64], right[64];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world->store.hook = nothing_is_looked_up;
	for (size_t i = 0; i < 30; i++) {
		snprintf(path, sizeof path, "/device?user_code=%.9s%s",
			 i % 3 == 0 ? screen.user_code : "BBBB-BBBB",
			 i % 2 == 0 ? "" : strchr(i % 3 == 0 ? screen.link : other.link, '.'));
		path[strlen(path) - 1] ^= i % 3 == 0 && i % 2 != 0; /* its own, but for a bit */
		get(world, &browser, path, &reply);
		assert_int_equal(reply.status, 200);
		assert_says(&reply, "Enter the code on your other screen");
		assert_says(&reply, i % 3 == 0 ? screen.user_code : "value=\"BBBB-BBBB\"");
		assert_says_not(&reply, "That code");
	}
	world->store.hook = NULL;
	snprintf(right, sizeof right, "%s", screen.link);
	for (int i = 0; i < 20; i++) {
		get(world, &browser, right, &reply);
		assert_says(&reply, "Are you signing in to Payroll on another screen?");
	}
	say(world, &browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	get(world, &browser, right, &reply);
	assert_way(&reply, "/device/done");
}

static void
what_cannot_be_a_code_is_none(void **state)
{
	static const char *const typed[] = {"",	   "AEIOUAEI", "BBBB",	   "BBBBBBBBB",
					    "%00", "\xc3\xa9", "1234-5678"};
	struct world *world = *state;
	struct browser browser = {0};
	char fields[1024];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		fields[0] = '\0';
		field(fields, "user_code", typed[i]);
		post(world, &browser, "/device", fields, &reply);
		assert_int_equal(reply.status, 200);
		assert_says(&reply, i == 0 ? "There is a problem" : "That code is not right");
	}
	post(world, &browser, "/device/answer", "user_code=BBBBBBBB", &reply);
	assert_int_equal(reply.status, 400);
	post(world, &browser, "/device/answer", "user_code=BBBBBBBB&answer=perhaps", &reply);
	assert_int_equal(reply.status, 400);
}

static void
screens_of_strangers_that_wait_are_bounded(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 60; i++)
		(void)ask(world, "page", "");
	ask_send(world, "page", "", &reply);
	assert_int_equal(reply.status, 429);
	assert_string_equal(told(&reply, "error"), "temporarily_unavailable");
	assert_non_null(strstr(told(&reply, "error_description"), "device codes"));
	(void)ask(world, "payroll", "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, oauth_end)
	const struct CMUnitTest tests[] = {
	    TEST(whoever_may_not_sign_in_any_more_is_given_nothing),
	    TEST(whoever_may_not_use_it_any_more_is_given_nothing),
	    TEST(signing_out_takes_a_yes_back),
	    TEST(whoever_is_signed_out_in_the_same_moment_leaves_nothing_behind),
	    TEST(without_the_directory_nobody_is_let_in_and_nothing_is_lost),
	    TEST(another_applications_code_is_no_code),
	    TEST(only_applications_registered_for_it_may_ask),
	    TEST(a_screen_is_named_only_by_who_has_shown_who_it_is),
	    TEST(somebody_elses_answer_is_not_told),
	    TEST(wrong_codes_are_counted),
	    TEST(a_link_of_nobodys_is_written_into_the_form_and_counts_for_nothing),
	    TEST(what_cannot_be_a_code_is_none),
	    TEST(screens_of_strangers_that_wait_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
