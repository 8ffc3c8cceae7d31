/* SPDX-License-Identifier: MIT */
/* An application sends somebody here to sign out: who is believed, who is asked, where they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "exchange/address.h"
#include "support/oauth_help.h"

#define BYE	"https://payroll.example/bye"
#define BYE_TOO "https://payroll.example/bye?of=us"
#define STATE	"af0ifjsldkj"

static struct reply reply;
static struct browser browser;
static char id_token[4096];

/* Asha is signed in at payroll. */
static int
begin(void **state)
{
	struct world *world;
	const char *code;

	oauth_begin(state);
	world = *state;
	oauth_application(world, "payroll", "signed_out_uris = " BYE " " BYE_TOO "\n");
	oauth_application(world, "shop", "signed_out_uris = https://shop.example/bye\n");
	browser = (struct browser){0};
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	code = code_get(world, &browser, "payroll", PKCE);
	code_post(world, "payroll", code, "&code_verifier=" VERIFIER, &reply);
	assert_int_equal(reply.status, 200);
	snprintf(id_token, sizeof id_token, "%s", told(&reply, "id_token"));
	return 0;
}

static const char *
path(const char *hint, const char *client_id, const char *uri)
{
	static char text[8192];
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, sizeof text);
	lk_buf_add_c(&buf, "/logout");
	address_param_add(&buf, "id_token_hint", lk_str_c(hint));
	address_param_add(&buf, "client_id", lk_str_c(client_id));
	address_param_add(&buf, "post_logout_redirect_uri", lk_str_c(uri));
	address_param_add(&buf, "state", LK_STR(STATE));
	snprintf(text, sizeof text, "%.*s", LK_STR_ARGS(lk_buf_str(&buf)));
	return text;
}

static void
logout(struct world *world, struct browser *from, const char *where)
{
	program(world, from, &(struct program){.path = where}, &reply);
}

static bool
is_signed_in(struct world *world)
{
	struct reply answer;

	get(world, &browser, "/account", &answer);
	return answer.status == 200;
}

static void
assert_asked(struct world *world)
{
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "id=\"signout\"");
	assert_says(&reply, "Do you want to sign out?");
	assert_string_equal(reply.location, "");
	assert_true(is_signed_in(world));
}

/* The fields of the page that asks, as its form sends them. */
static void
confirm(struct world *world, const char *fields)
{
	post(world, &browser, "/logout/confirm", fields, &reply);
}

/* --- a hint of this session ------------------------------------------------------------------ */

static void
who_shows_the_id_token_of_this_session_is_taken_at_their_word(void **state)
{
	struct world *world = *state;

	logout(world, &browser, path(id_token, "", BYE));
	assert_way(&reply, BYE "?state=" STATE);
	assert_false(is_signed_in(world));
	assert_int_equal(audited(world, "signed_out", NULL), 1);
	assert_int_equal(fake_store_count(&world->store, FAKE_GRANT, world->asha->person.id), 0);
}

static void
it_may_be_over_and_name_its_application_too(void **state)
{
	struct world *world = *state;

	world_pass(world, 1200);
	logout(world, &browser, path(id_token, "payroll", BYE_TOO));
	assert_way(&reply, BYE_TOO "&state=" STATE);
	assert_false(is_signed_in(world));
}

static void
without_an_address_people_read_that_they_are_signed_out(void **state)
{
	struct world *world = *state;

	logout(world, &browser, path(id_token, "", ""));
	assert_way(&reply, "/signed-out");
	assert_false(is_signed_in(world));
}

static void
an_address_that_was_not_registered_leads_nowhere(void **state)
{
	static const char *const wrong[] = {
	    "https://evil.example/",  BYE "/",	BYE "?x=y", BYE "#x",
	    "https://shop.example/bye", "/bye", "javascript:alert(1)", CALLBACK};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		logout(world, &browser, path(id_token, "", wrong[i]));
		assert_asked(world);
		assert_says_not(&reply, "evil.example");
		assert_says_not(&reply, "name=\"signed_out_url\"");
	}
	confirm(world, "client_id=payroll");
	assert_way(&reply, "/signed-out");
	assert_false(is_signed_in(world));
}

/* --- a hint that proves nothing -------------------------------------------------------------- */

static void
assert_bad_hint(struct world *world, const char *hint, const char *client_id)
{
	logout(world, &browser, path(hint, client_id, BYE));
	assert_asked(world);
	assert_says_not(&reply, "name=\"signed_out_url\"");
	logout(world, NULL, path(hint, client_id, BYE));
	assert_way(&reply, "/signed-out");
}

static void
a_hint_without_a_signature_is_none(void **state)
{
	char none[4096];
	const char *payload = strchr(id_token, '.');

	/* {"alg":"none"} */
	snprintf(none, sizeof none, "eyJhbGciOiJub25lIn0%.*s.",
		 (int)(strrchr(id_token, '.') - payload), payload);
	assert_bad_hint(*state, none, "");
	*strrchr(none, '.') = '\0';
	assert_bad_hint(*state, none, "payroll");
}

static void
a_hint_that_was_changed_or_is_no_token_is_none(void **state)
{
	char changed[4096];
	size_t len = strlen(id_token);

	snprintf(changed, sizeof changed, "%s", id_token);
	changed[len - 10] = changed[len - 10] == 'A' ? 'B' : 'A';
	assert_bad_hint(*state, changed, "");
	assert_bad_hint(*state, "nonsense", "payroll");
	assert_bad_hint(*state, "..", "payroll");
}

static void
a_hint_of_one_application_speaks_for_no_other(void **state)
{
	assert_bad_hint(*state, id_token, "shop");
	assert_bad_hint(*state, id_token, "nobody");
}

static void
a_hint_sent_twice_is_none(void **state)
{
	struct world *world = *state;
	char twice[16384];

	snprintf(twice, sizeof twice, "%s&id_token_hint=%s", path(id_token, "", BYE), id_token);
	logout(world, &browser, twice);
	assert_asked(world);
	assert_says_not(&reply, "name=\"signed_out_url\"");
}

/* Of another session of the same person: asked, then on. */
static void
a_hint_of_another_session_asks_first(void **state)
{
	struct world *world = *state;

	browser = (struct browser){0};
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	logout(world, &browser, path(id_token, "", BYE));
	assert_asked(world);
	assert_says(&reply, "Payroll sent you here to sign out");
	assert_says(&reply, "name=\"signed_out_url\" value=\"" BYE "\"");
	confirm(world, "client_id=payroll&signed_out_url=" BYE "&state=" STATE);
	assert_way(&reply, BYE "?state=" STATE);
	assert_false(is_signed_in(world));
}

/* --- no hint --------------------------------------------------------------------------------- */

static void
without_a_hint_people_are_asked_and_nobody_is_sent_on_by_an_address_alone(void **state)
{
	struct world *world = *state;

	logout(world, &browser, path("", "", BYE));
	assert_asked(world);
	assert_says_not(&reply, "name=\"signed_out_url\"");
	logout(world, &browser, "/logout");
	assert_asked(world);
	confirm(world, "");
	assert_way(&reply, "/signed-out");
	assert_false(is_signed_in(world));
}

static void
a_client_id_says_whose_address_it_is(void **state)
{
	struct world *world = *state;

	logout(world, &browser, path("", "payroll", BYE));
	assert_asked(world);
	assert_says(&reply, "name=\"signed_out_url\" value=\"" BYE "\"");
	logout(world, &browser, path("", "shop", BYE));
	assert_asked(world);
	assert_says_not(&reply, "name=\"signed_out_url\"");
}

static void
what_the_form_brings_back_is_looked_at_anew(void **state)
{
	struct world *world = *state;

	confirm(world, "client_id=payroll&signed_out_url=https://evil.example/&state=x");
	assert_way(&reply, "/signed-out");
	assert_false(is_signed_in(world));
}

/* --- nobody is signed in --------------------------------------------------------------------- */

static void
whoever_is_not_signed_in_goes_straight_on_by_a_good_hint_alone(void **state)
{
	struct world *world = *state;
	struct browser nobody = {0};

	logout(world, &nobody, path(id_token, "", BYE));
	assert_way(&reply, BYE "?state=" STATE);
	logout(world, &nobody, path("", "payroll", BYE));
	assert_way(&reply, "/signed-out");
	logout(world, &nobody, path(id_token, "", "https://evil.example/"));
	assert_way(&reply, "/signed-out");
	logout(world, &nobody, "/logout");
	assert_way(&reply, "/signed-out");
	assert_true(is_signed_in(world));
}

/* --- by POST --------------------------------------------------------------------------------- */

static void
a_post_works_like_a_get_and_without_cookies_comes_again(void **state)
{
	struct world *world = *state;
	const char *query = path(id_token, "", BYE) + strlen("/logout?");
	struct program sent = {.path = "/logout", .body = query};

	program(world, NULL, &sent, &reply);
	assert_int_equal(reply.status, 303);
	assert_true(strncmp(reply.location, "/logout?id_token_hint=eyJ", 25) == 0);
	assert_true(is_signed_in(world));
	program(world, &browser, &sent, &reply);
	assert_way(&reply, BYE "?state=" STATE);
	assert_false(is_signed_in(world));
}

/* --- applications that hear of it by the browser --------------------------------------------- */

static void
frames_of_those_who_want_them_stand_on_the_page(void **state)
{
	struct world *world = *state;

	oauth_application(world, "payroll",
			  "signed_out_uris = " BYE
			  "\nfrontchannel_logout_uri = https://payroll.example/front?of=us\n");
	logout(world, &browser, path(id_token, "", BYE));
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "<iframe src=\"https://payroll.example/front?of=us&amp;iss=https%3A%2F%"
			    "2Fsignin.example&amp;sid=");
	assert_says(&reply, "Continue to Payroll");
	assert_non_null(strstr(reply.headers, "Refresh: 2; url=" BYE "?state=" STATE));
	assert_false(is_signed_in(world));
}

/* One session, two applications in frames: each hears the sid of its own id token. */
static void
two_applications_that_compare_their_frames_do_not_find_the_same_session(void **state)
{
	static const char *const names[] = {"payroll", "shop"};
	struct world *world = *state;
	char sid[2][64], want[256];

	for (size_t i = 0; i < 2; i++) {
		char line[128];

		snprintf(line, sizeof line, "frontchannel_logout_uri = https://%s.example/front\n",
			 names[i]);
		oauth_application(world, names[i], line);
		code_post(world, names[i], code_get(world, &browser, names[i], i == 0 ? PKCE : ""),
			  i == 0 ? "&code_verifier=" VERIFIER : "", &reply);
		sid_of(told(&reply, "id_token"), sid[i]);
	}
	assert_string_not_equal(sid[0], sid[1]);
	post(world, &browser, "/signout", "", &reply);
	for (size_t i = 0; i < 2; i++) {
		snprintf(want, sizeof want, "https://%s.example/front?iss=https%%3A%%2F%%2F"
			 "signin.example&amp;sid=%s\"", names[i], sid[i]);
		assert_says(&reply, want);
	}
}

static void
the_button_in_the_menu_tells_them_too(void **state)
{
	struct world *world = *state;

	oauth_application(world, "payroll",
			  "frontchannel_logout_uri = https://payroll.example/front\n");
	post(world, &browser, "/signout", "", &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "<iframe src=\"https://payroll.example/front?iss=");
	assert_says(&reply, "You have signed out");
	assert_null(strstr(reply.headers, "Refresh"));
	assert_false(is_signed_in(world));
}

static void
the_page_is_there_in_welsh(void **state)
{
	struct world *world = *state;

	browser.is_welsh = true;
	logout(world, &browser, path("", "payroll", BYE));
	assert_says(&reply, "Ydych chi am allgofnodi?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_shows_the_id_token_of_this_session_is_taken_at_their_word),
	    TEST(it_may_be_over_and_name_its_application_too),
	    TEST(without_an_address_people_read_that_they_are_signed_out),
	    TEST(an_address_that_was_not_registered_leads_nowhere),
	    TEST(a_hint_without_a_signature_is_none),
	    TEST(a_hint_that_was_changed_or_is_no_token_is_none),
	    TEST(a_hint_of_one_application_speaks_for_no_other),
	    TEST(a_hint_sent_twice_is_none),
	    TEST(a_hint_of_another_session_asks_first),
	    TEST(without_a_hint_people_are_asked_and_nobody_is_sent_on_by_an_address_alone),
	    TEST(a_client_id_says_whose_address_it_is),
	    TEST(what_the_form_brings_back_is_looked_at_anew),
	    TEST(whoever_is_not_signed_in_goes_straight_on_by_a_good_hint_alone),
	    TEST(a_post_works_like_a_get_and_without_cookies_comes_again),
	    TEST(frames_of_those_who_want_them_stand_on_the_page),
	    TEST(two_applications_that_compare_their_frames_do_not_find_the_same_session),
	    TEST(the_button_in_the_menu_tells_them_too),
	    TEST(the_page_is_there_in_welsh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
