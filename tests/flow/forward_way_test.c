/* SPDX-License-Identifier: MIT */
/* From an application behind a web server to signing in, back, and out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

#define WIKI "https://wiki.example"
#define PAGE WIKI "/page?a=b"
#define SELF "https://signin.example"

static int
begin(void **state)
{
	if (oauth_begin(state) != 0)
		return -1;
	world_policy(*state, "applications/wiki.conf",
		     "[application]\nclient_id = wiki\nname = Wiki\nkind = web\ngroups = everyone\n"
		     "hosts = wiki.example\nredirect_uris = " WIKI "/.latchkey/callback\n"
		     "auth_method = none\n");
	return 0;
}

/* One browser keeps other cookies for each host. */
struct both {
	struct browser here, there;
};
static struct reply reply;

static void
ask(struct world *world, struct both *browser)
{
	struct program sent = {.path = "/forward-auth"};

	browser->there.original_url = PAGE;
	program(world, &browser->there, &sent, &reply);
}

/* Where the reply leads to, on this host. */
static void
follow(struct world *world, struct browser *browser, const char *origin)
{
	char url[1024];
	struct program sent = {.path = url + strlen(origin)};

	snprintf(url, sizeof url, "%s", reply.location);
	assert_int_equal(strncmp(url, origin, strlen(origin)), 0);
	browser->original_url = strcmp(origin, WIKI) == 0 ? url : NULL;
	program(world, browser, &sent, &reply);
}

/* To the address that holds the code. */
static void
there(struct world *world, struct both *browser)
{
	ask(world, browser);
	assert_int_equal(reply.status, 401);
	follow(world, &browser->there, WIKI);
	assert_int_equal(reply.status, 303);
	follow(world, &browser->here, SELF);
	if (strncmp(reply.location, WIKI, strlen(WIKI)) != 0)
		sign_in_on_the_way(world, &browser->here, ASHA, &reply);
	assert_int_equal(strncmp(reply.location, WIKI "/.latchkey/callback?", 37), 0);
}

static void
and_back(struct world *world, struct both *browser)
{
	there(world, browser);
	follow(world, &browser->there, WIKI);
	assert_int_equal(reply.status, 303);
	assert_string_equal(reply.location, PAGE);
	ask(world, browser);
	assert_int_equal(reply.status, 200);
}

static void
somebody_signs_in_on_the_way_and_reads_the_page(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	and_back(*state, &browser);
	assert_non_null(strstr(reply.headers, "Remote-User: " ASHA "\n"));
	assert_string_equal(browser.there.cookie[COOKIE_FORWARD_WAY], "");
	assert_string_equal(browser.there.cookie[COOKIE_SESSION], "");
}

static void
who_is_signed_in_already_passes_without_a_page(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	and_back(*state, &browser);
	browser.there = (struct browser){0};
	and_back(*state, &browser);
}

/* Nobody who writes for an hour is sent away when they press the button. */
static void
whoever_wrote_for_an_hour_is_still_let_in(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	and_back(*state, &browser);
	for (int i = 0; i < 4; i++) {
		world_pass(*state, 900);
		ask(*state, &browser);
		assert_int_equal(reply.status, 200);
		get(*state, &browser.here, "/", &reply);
	}
	world_pass(*state, 12 * 3600);
	ask(*state, &browser);
	assert_int_equal(reply.status, 401);
}

static void
who_signs_out_is_a_stranger_to_the_application_at_once(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	and_back(*state, &browser);
	post(*state, &browser.here, "/signout", "", &reply);
	ask(*state, &browser);
	assert_int_equal(reply.status, 401);
}

/* Somebody else's way, sent as a link, would sign the reader in as them. */
static void
anothers_way_back_signs_nobody_in(void **state)
{
	static struct both attacker, victim;
	char link[1024];

	attacker = victim = (struct both){0};
	there(*state, &attacker);
	snprintf(link, sizeof link, "%s", reply.location);
	follow(*state, &victim.there, WIKI);
	assert_int_equal(reply.status, 400);
	assert_string_equal(victim.there.cookie[COOKIE_FORWARD], "");
	ask(*state, &victim);
	follow(*state, &victim.there, WIKI);
	snprintf(reply.location, sizeof reply.location, "%s", link);
	follow(*state, &victim.there, WIKI);
	assert_int_equal(reply.status, 400);
	assert_string_equal(victim.there.cookie[COOKIE_FORWARD], "");
}

static void
the_way_back_is_gone_once(void **state)
{
	static struct both browser;
	char link[1024], way[600];

	browser = (struct both){0};
	there(*state, &browser);
	snprintf(link, sizeof link, "%s", reply.location);
	snprintf(way, sizeof way, "%s", browser.there.cookie[COOKIE_FORWARD_WAY]);
	follow(*state, &browser.there, WIKI);
	assert_int_equal(reply.status, 303);
	snprintf(browser.there.cookie[COOKIE_FORWARD_WAY], sizeof way, "%s", way);
	snprintf(reply.location, sizeof reply.location, "%s", link);
	follow(*state, &browser.there, WIKI);
	assert_int_equal(reply.status, 400);
}

static void
two_pages_opened_side_by_side_both_get_there(void **state)
{
	static struct both browser;
	char second[1024];

	browser = (struct both){0};
	and_back(*state, &browser);
	browser.there = (struct browser){0};
	there(*state, &browser);
	snprintf(second, sizeof second, "%s", reply.location);
	and_back(*state, &browser);
	snprintf(reply.location, sizeof reply.location, "%s", second);
	follow(*state, &browser.there, WIKI);
	assert_int_equal(reply.status, 303);
	assert_string_equal(reply.location, PAGE);
	ask(*state, &browser);
	assert_int_equal(reply.status, 200);
}

/* What Location cannot hold would be no answer at all. */
static void
attack_a_line_end_in_where_to_go_leads_to_the_front_page(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	snprintf(reply.location, sizeof reply.location,
		 WIKI "/.latchkey/start?to=%%2Fa%%0D%%0AX:%%20y");
	follow(*state, &browser.there, WIKI);
	assert_int_equal(reply.status, 303);
	follow(*state, &browser.here, SELF);
	sign_in_on_the_way(*state, &browser.here, ASHA, &reply);
	follow(*state, &browser.there, WIKI);
	assert_string_equal(reply.location, WIKI "/");
	snprintf(reply.location, sizeof reply.location,
		 WIKI "/.latchkey/callback?code=x&state="
		      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.%%2Fa%%0D%%0AX:%%20y");
	follow(*state, &browser.there, WIKI);
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.location, "");
}

static void
who_may_not_use_it_reads_so_and_never_gets_there(void **state)
{
	static struct both browser;

	browser = (struct both){0};
	world_policy(*state, "applications/wiki.conf",
		     "[application]\nclient_id = wiki\nname = Wiki\nkind = web\ngroups = nobody\n"
		     "hosts = wiki.example\nredirect_uris = " WIKI "/.latchkey/callback\n"
		     "auth_method = none\n");
	ask(*state, &browser);
	follow(*state, &browser.there, WIKI);
	follow(*state, &browser.here, SELF);
	sign_in_on_the_way(*state, &browser.here, ASHA, &reply);
	assert_int_equal(reply.status, 403);
	assert_says(&reply, "has not been given access to");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, oauth_end)
	const struct CMUnitTest tests[] = {
	    T(somebody_signs_in_on_the_way_and_reads_the_page),
	    T(who_is_signed_in_already_passes_without_a_page),
	    T(whoever_wrote_for_an_hour_is_still_let_in),
	    T(who_signs_out_is_a_stranger_to_the_application_at_once),
	    T(anothers_way_back_signs_nobody_in),
	    T(the_way_back_is_gone_once),
	    T(two_pages_opened_side_by_side_both_get_there),
	    T(attack_a_line_end_in_where_to_go_leads_to_the_front_page),
	    T(who_may_not_use_it_reads_so_and_never_gets_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
