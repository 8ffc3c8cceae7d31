/* SPDX-License-Identifier: MIT */
/* The way to an application on a person's device, in a scheme of its own (RFC 8252 s7.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

static struct reply reply;

static void
phone_asks(struct world *world, struct browser *browser, const char *redirect, const char *more)
{
	char path[768];
	struct program sent = {.path = path};

	snprintf(path, sizeof path,
		 "/authorize?client_id=phone&response_type=code&scope=openid&state=st" PKCE
		 "&redirect_uri=%s%s",
		 redirect, more);
	program(world, browser, &sent, &reply);
}

#define PHONE_DONE "com.example.phone%3A%2Fdone"

/* RFC 8252 s7.1. No form-action could name what follows: behind a form its way ends on a page, and
 * the page leads on. */
static void
a_scheme_of_its_own_is_reached_from_a_page_behind_a_form(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	phone_asks(world, &browser, PHONE_DONE, "");
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.location, "");
	assert_says(&reply, "Going on to Phone");
	assert_says(&reply, "id=\"continue\" href=\"" OWN_SCHEME "?code=lk_ac_");
	assert_non_null(strstr(reply.headers, "Refresh: 0; url=" OWN_SCHEME "?code=lk_ac_"));
	phone_asks(world, &browser, PHONE_DONE, "");
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, OWN_SCHEME "?code=lk_ac_", 35), 0);
}

static void
no_form_is_posted_to_a_scheme_of_its_own(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	phone_asks(world, &browser, PHONE_DONE, "&response_mode=form_post");
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, OWN_SCHEME "?error=invalid_request", 45), 0);
	assert_string_equal(answered(&reply, "error_description"),
			    "response_mode must be query with this redirect_uri.");
	assert_string_equal(answered(&reply, "state"), "st");
}

static void
only_the_registered_scheme_is_sent_to(void **state)
{
	static const char *const others[] = {
	    "com.example.phone%3A%2F%2Fdone", "com.example.phone%3A%2Fdone%2F",
	    "com.example.phones%3A%2Fdone",   "COM.example.phone%3A%2Fdone",
	    "javascript%3A%2Fdone",	      "com.example.phone%3Adone"};
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		phone_asks(world, &browser, others[i], "");
		assert_int_equal(reply.status, 400);
		assert_string_equal(reply.location, "");
		assert_says(&reply, "Phone is not set up correctly");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_scheme_of_its_own_is_reached_from_a_page_behind_a_form),
	    TEST(no_form_is_posted_to_a_scheme_of_its_own),
	    TEST(only_the_registered_scheme_is_sent_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
