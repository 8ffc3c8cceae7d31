/* SPDX-License-Identifier: MIT */
/* Whatever stands between a person and an application ends where they were going. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

static struct reply reply;
static char fields[1024];

static void
assert_code(void)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_int_equal(strncmp(answered(&reply, "code"), "lk_ac_", 6), 0);
}

/* Where the request of payroll waits. */
static void
begin(struct world *world, struct browser *browser, char way[128])
{
	authorize(world, browser, "payroll", "", &reply);
	snprintf(way, 128, "%s", answered(&reply, "next"));
	assert_int_equal(strncmp(way, "/authorize/", 11), 0);
}

static void
signin_post(struct world *world, struct browser *browser, const char *password, const char *way)
{
	fields[0] = '\0';
	field(fields, "username", ASHA);
	field(fields, "password", password);
	field(fields, "application", "payroll");
	field(fields, "next", way);
	post(world, browser, "/signin", fields, &reply);
}

static void
code_post_at(struct world *world, struct browser *browser, const char *path)
{
	world_pass(world, 30);
	fields[0] = '\0';
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, browser, path, fields, &reply);
}

/* The first page of a reset, from the link on the sign-in page. */
static void
reset_begin(struct world *world, struct browser *browser, const char *way)
{
	world_pass(world, 30);
	fields[0] = '\0';
	field(fields, "username", ASHA);
	field(fields, "code", code_of(world, world->asha, 0));
	field(fields, "application", "payroll");
	field(fields, "next", way);
	post(world, browser, "/reset", fields, &reply);
	assert_way(&reply, "/reset/password");
	get(world, browser, reply.location, &reply);
	assert_says(&reply, "To continue to Payroll");
}

static void
password_set(struct world *world, struct browser *browser, const char *path)
{
	fields[0] = '\0';
	field(fields, "username", ASHA);
	field(fields, "new-password", NEW_PASSWORD);
	post(world, browser, path, fields, &reply);
	assert_int_equal(reply.status, 303);
}

/* --- a forgotten password ------------------------------------------------------------------- */

static void
a_reset_goes_on_to_what_waits(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128], page[256], link[256];

	begin(world, &browser, way);
	snprintf(page, sizeof page, "/signin?application=payroll&next=%s", way);
	snprintf(link, sizeof link, "href=\"/reset?application=payroll&amp;next=%s\"", way);
	get(world, &browser, page, &reply);
	assert_says(&reply, link);
	snprintf(page, sizeof page, "/reset?application=payroll&next=%s", way);
	snprintf(link, sizeof link, "href=\"/recovery?application=payroll&amp;next=%s\"", way);
	get(world, &browser, page, &reply);
	assert_says(&reply, link);
	snprintf(link, sizeof link, "name=\"next\" value=\"%s\"", way);
	assert_says(&reply, link);
	reset_begin(world, &browser, way);
	password_set(world, &browser, "/reset/password");
	get(world, &browser, reply.location, &reply);
	snprintf(link, sizeof link, "id=\"continue\" href=\"%s\"", way);
	assert_says(&reply, link);
	get(world, &browser, way, &reply);
	assert_code();
}

/* It lives a quarter of an hour; who is slower goes to the application itself. */
static void
what_no_longer_waits_is_not_led_to(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128];

	begin(world, &browser, way);
	world_pass(world, 840);
	reset_begin(world, &browser, way);
	world_pass(world, 120);
	password_set(world, &browser, "/reset/password");
	get(world, &browser, reply.location, &reply);
	assert_says(&reply, "Your password has been changed");
	assert_says_not(&reply, "/authorize/");
}

/* SECURITY 2, 2: what waits is one browser's, whoever knows its name. */
static void
what_waits_in_another_browser_is_not_led_to(void **state)
{
	static const char *const tricks[] = {"https://evil.example", "//evil.example", "/signout",
					     "/authorize/../evil", "/authorize/AAAA"};
	struct world *world = *state;
	struct browser browser = {0}, other = {0};
	char way[128];

	begin(world, &other, way);
	reset_begin(world, &browser, way);
	password_set(world, &browser, "/reset/password");
	get(world, &browser, reply.location, &reply);
	assert_says(&reply, "Your password has been changed");
	assert_says_not(&reply, "/authorize/");
	for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
		char page[256];

		snprintf(page, sizeof page, "/reset?application=payroll&next=%s", tricks[i]);
		get(world, &browser, page, &reply);
		assert_says_not(&reply, "evil");
		assert_says_not(&reply, "name=\"next\"");
	}
}

static void
whoever_is_not_signed_in_by_a_reset_signs_in_for_it(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128], link[256];

	world_policy(world, "reset.policy", "[default]\nnew_session = no\n");
	begin(world, &browser, way);
	reset_begin(world, &browser, way);
	password_set(world, &browser, "/reset/password");
	get(world, &browser, reply.location, &reply);
	snprintf(link, sizeof link, "href=\"/signin?application=payroll&amp;next=%s\"", way);
	assert_says(&reply, link);
}

/* --- a password that ended, a phone that is not there -------------------------------------------
 */

static void
a_password_that_must_be_changed_is_changed_on_the_way(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128];

	world->asha->person.must_change = true;
	begin(world, &browser, way);
	signin_post(world, &browser, OLD_PASSWORD, way);
	code_post_at(world, &browser, "/signin/code");
	assert_way(&reply, "/signin/password");
	get(world, &browser, reply.location, &reply);
	assert_says(&reply, "To continue to Payroll");
	password_set(world, &browser, "/signin/password");
	assert_way(&reply, way);
	get(world, &browser, way, &reply);
	assert_code();
}

/* From the page with a new seed to where that ends. */
static void
enrol(struct world *world, struct browser *browser, const char *page, const char *way)
{
	get(world, browser, page, &reply);
	assert_says(&reply, "Set up your authenticator app");
	assert_says(&reply, "To continue to Payroll");
	world_pass(world, 30);
	fields[0] = '\0';
	field(fields, "code", code_shown(world, &reply));
	post(world, browser, "/account/authenticator/new", fields, &reply);
	assert_way(&reply, "/account/recovery-codes");
	get(world, browser, reply.location, &reply);
	assert_says(&reply, "To continue to Payroll");
	post(world, browser, "/account/recovery-codes", "", &reply);
	assert_way(&reply, way);
	post(world, browser, "/account/recovery-codes", "", &reply);
	assert_way(&reply, way); /* pressed twice */
	get(world, browser, way, &reply);
	assert_code();
}

static void
a_first_phone_is_set_up_on_the_way(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128];

	world->asha->totp_len = 0;
	world->asha->recovery_count = 0;
	begin(world, &browser, way);
	signin_post(world, &browser, OLD_PASSWORD, way);
	assert_way(&reply, "/account/authenticator/new");
	enrol(world, &browser, reply.location, way);
}

static void
a_lost_phone_is_replaced_on_the_way(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128], page[256];

	begin(world, &browser, way);
	signin_post(world, &browser, OLD_PASSWORD, way);
	get(world, &browser, "/signin/recovery", &reply);
	assert_says(&reply, "To continue to Payroll");
	assert_says_not(&reply, "name=\"application\""); /* its route takes none */
	fields[0] = '\0';
	field(fields, "recovery", world->recovery[0]);
	post(world, &browser, "/signin/recovery", fields, &reply);
	snprintf(page, sizeof page, "/account/authenticator/new?application=payroll&next=%s", way);
	assert_way(&reply, page);
	enrol(world, &browser, page, way);
}

/* --- a lock --------------------------------------------------------------------------------- */

static void
an_unlock_goes_on_to_what_waits(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[128], link[256];

	begin(world, &browser, way);
	world->asha->person.state = DIR_LOCKED;
	world->asha->person.locked_until_s = HELP_START_S + 1800;
	world->asha->person.wrong_count = 10;
	signin_post(world, &browser, OLD_PASSWORD, way);
	assert_way(&reply, "/locked");
	get(world, &browser, "/locked", &reply);
	snprintf(link, sizeof link, "href=\"/reset?application=payroll&amp;next=%s\"", way);
	assert_says(&reply, link);
	get(world, &browser, "/unlock", &reply);
	assert_says(&reply, "To continue to Payroll");
	code_post_at(world, &browser, "/unlock");
	assert_way(&reply, "/unlock/done");
	get(world, &browser, reply.location, &reply);
	snprintf(link, sizeof link, "href=\"/signin?application=payroll&amp;next=%s\"", way);
	assert_says(&reply, link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_reset_goes_on_to_what_waits),
	    TEST(what_no_longer_waits_is_not_led_to),
	    TEST(what_waits_in_another_browser_is_not_led_to),
	    TEST(whoever_is_not_signed_in_by_a_reset_signs_in_for_it),
	    TEST(a_password_that_must_be_changed_is_changed_on_the_way),
	    TEST(a_first_phone_is_set_up_on_the_way),
	    TEST(a_lost_phone_is_replaced_on_the_way),
	    TEST(an_unlock_goes_on_to_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
