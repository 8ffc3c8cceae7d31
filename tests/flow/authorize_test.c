/* SPDX-License-Identifier: MIT */
/* The way to an application: who may go it, what stands in between, and where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

static struct reply reply;

/* The reply is a redirect back to the application, with this error and the state. */
static void
assert_error(const char *error)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_string_equal(answered(&reply, "error"), error);
	assert_string_equal(answered(&reply, "state"), "st");
	assert_string_equal(answered(&reply, "iss"), ISSUER);
	assert_string_equal(answered(&reply, "code"), "");
}

static void
assert_code(void)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_int_equal(strlen(answered(&reply, "code")), 49);
	assert_string_equal(answered(&reply, "state"), "st");
	assert_string_equal(answered(&reply, "iss"), ISSUER);
}

/* --- the whole way ---------------------------------------------------------------------------- */

static void
somebody_signs_in_on_the_way_and_comes_back_with_a_code(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char page[1024];

	authorize(world, &browser, "payroll", "", &reply);
	assert_int_equal(
	    strncmp(reply.location, "/signin?application=payroll&next=/authorize/", 44), 0);
	snprintf(page, sizeof page, "%s", reply.location);
	get(world, &browser, page, &reply);
	assert_says(&reply, "To continue to Payroll");
	snprintf(reply.location, sizeof reply.location, "%s", page);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
	assert_int_equal(audited(world, "authorized", NULL), 1);
	authorize(world, &browser, "shop", "", &reply);
	assert_code();
}

static void
the_same_answer_twice_is_the_same_code(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[1024], first[64];

	authorize(world, &browser, "payroll", "", &reply);
	snprintf(way, sizeof way, "%s", answered(&reply, "next"));
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	snprintf(first, sizeof first, "%s", answered(&reply, "code"));
	get(world, &browser, way, &reply);
	assert_code();
	assert_string_equal(answered(&reply, "code"), first);
	world_pass(world, 61);
	get(world, &browser, way, &reply);
	assert_way(&reply, "/start-again");
}

/* OpenID Connect Core s3.1.2.1: GET and POST alike; a POST from another site brings no cookies. */
static void
a_post_is_answered_like_a_get(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct program sent = {.path = "/authorize"};
	char way[1024];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	sent.body = strchr(authorize_path("payroll", ""), '?') + 1;
	program(world, NULL, &sent, &reply);
	assert_int_equal(strncmp(reply.location, "/authorize/", 11), 0);
	snprintf(way, sizeof way, "%s", reply.location);
	get(world, &browser, way, &reply);
	assert_code();
}

static void
form_post_answers_by_a_form(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	authorize(world, &browser, "payroll", "&response_mode=form_post&prompt=none", &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "name=\"error\" value=\"login_required\"");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll", "&response_mode=form_post", &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "action=\"" CALLBACK "\" id=\"send\"");
	assert_says(&reply, "name=\"code\" value=\"lk_ac_");
	assert_says(&reply, "name=\"iss\" value=\"" ISSUER "\"");
	authorize(world, &browser, "payroll", "&response_mode=fragment", &reply);
	assert_error("invalid_request");
}

/* --- where an answer may go ------------------------------------------------------------------- */

/* RFC 9700 s4.1: letter by letter, or not at all. */
static void
redirect_tricks_end_on_a_page_of_ours(void **state)
{
	static const char *const tricks[] = {
	    "https%3A%2F%2Fpayroll.example%2Fcb%2Fmore",
	    "https%3A%2F%2Fpayroll.example%2FCB",
	    "https%3A%2F%2Fpayroll.example%2Fcb%3Fx%3D1",
	    "https%3A%2F%2Fpayroll.example.evil%2Fcb",
	    "https%3A%2F%2Fpayroll.example%40evil.example%2Fcb",
	    "%2F%2Fevil.example",
	    "https%3A%2F%2Fpayroll.example%2Fcb%23x",
	    "javascript%3Aalert(1)",
	    "",
	    "https%3A%2F%2Fpayroll.example%2Fcb%00",
	    "http%3A%2F%2Fpayroll.example%2Fcb",
	};
	struct world *world = *state;
	struct browser browser = {0};
	char path[512];
	struct program sent = {.path = path};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
		snprintf(path, sizeof path,
			 "/authorize?client_id=payroll&response_type=code&scope=openid&state=st"
			 "&redirect_uri=%s",
			 tricks[i]);
		program(world, &browser, &sent, &reply);
		assert_int_equal(reply.status, 400);
		assert_string_equal(reply.location, "");
		assert_says(&reply, "Payroll is not set up correctly");
		assert_says_not(&reply, "evil");
	}
	authorize(world, &browser, "payroll", "&redirect_uri=https%3A%2F%2Fevil.example", &reply);
	assert_int_equal(reply.status, 400);
}

static void
nobody_is_sent_to_an_application_nobody_knows(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	authorize(world, &browser, "nothing", "", &reply);
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.location, "");
	assert_says(&reply, "We do not recognise the service that sent you here");
	authorize(world, &browser, "payroll", "&client_id=shop", &reply);
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.location, "");
}

/* --- what may be asked ------------------------------------------------------------------------ */

static void
requests_we_cannot_answer_are_told_to_the_application(void **state)
{
	static const struct {
		const char *client, *more, *error;
	} cases[] = {
	    {"payroll", "&request=e30.e30.", "request_not_supported"},
	    {"payroll", "&request_uri=https%3A%2F%2Fevil.example", "request_uri_not_supported"},
	    {"payroll", "&response_type=token", "invalid_request"},
	    {"payroll", "&nonce=a&nonce=b", "invalid_request"},
	    {"payroll", "&prompt=none%20login", "invalid_request"},
	    {"payroll", "&max_age=soon", "invalid_request"},
	    {"payroll", "&claims=%7B", "invalid_request"},
	    {"payroll", "&claims=%5B%5D", "invalid_request"},
	    {"payroll", "&code_challenge=" CHALLENGE, "invalid_request"},
	    {"payroll", "&code_challenge=" CHALLENGE "&code_challenge_method=plain",
	     "invalid_request"},
	    {"payroll", "&resource=https%3A%2F%2Felsewhere.example", "invalid_target"},
	    {"page", "", "invalid_request"}, /* public: PKCE is not a choice */
	};
	struct world *world = *state;
	struct browser browser = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		authorize(world, &browser, cases[i].client, cases[i].more, &reply);
		assert_error(cases[i].error);
		for (const char *at = answered(&reply, "error_description"); *at != '\0'; at++)
			assert_true(*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\');
	}
}

static void
what_we_do_not_know_is_passed_over(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll",
		  "&extra=foobar&display=popup&ui_locales=se&claims_locales=se&prompt=sing"
		  "&nonce=&acr_values=1+2&scope2=x",
		  &reply);
	assert_code();
}

/* --- who, and how lately ---------------------------------------------------------------------- */

static void
prompt_none_shows_nobody_a_page(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	authorize(world, &browser, "payroll", "&prompt=none", &reply);
	assert_error("login_required");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll", "&prompt=none", &reply);
	assert_code();
	authorize(world, &browser, "outside", "&prompt=none", &reply);
	assert_error("consent_required");
	authorize(world, &browser, "secret", "&prompt=none", &reply);
	assert_error("access_denied");
}

static void
prompt_login_wants_a_new_sign_in(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[1024];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world_pass(world, 5);
	authorize(world, &browser, "payroll", "&prompt=login", &reply);
	snprintf(way, sizeof way, "%s", answered(&reply, "next"));
	assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	get(world, &browser, way, &reply); /* without signing in: no */
	assert_int_equal(strncmp(reply.location, "/signin?", 8), 0);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
}

static void
max_age_wants_a_recent_one(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world_pass(world, 100);
	authorize(world, &browser, "payroll", "&max_age=10000", &reply);
	assert_code();
	authorize(world, &browser, "payroll", "&max_age=1&prompt=none", &reply);
	assert_error("login_required");
	authorize(world, &browser, "payroll", "&max_age=0&prompt=none", &reply);
	assert_error("login_required");
	authorize(world, &browser, "payroll", "&max_age=1", &reply);
	world_pass(world, 10);
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
}

static void
login_hint_fills_the_sign_in_page_and_stands_in_no_address(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char page[1024];

	authorize(world, &browser, "payroll", "&login_hint=sm10001", &reply);
	assert_null(strstr(reply.location, "sm10001"));
	snprintf(page, sizeof page, "%s", reply.location);
	get(world, &browser, page, &reply);
	assert_says(&reply, "value=\"sm10001\"");
	get(world, &browser, "/signin?application=shop", &reply);
	assert_says_not(&reply, "sm10001");
}

static void
ui_locales_choose_a_language_for_whoever_has_not(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	authorize(world, &browser, "payroll", "&ui_locales=fr%20cy-GB%20en", &reply);
	assert_string_equal(browser.cookie[COOKIE_LANGUAGE], "cy");
}

/* --- whose it is ------------------------------------------------------------------------------ */

/* Another request, by whomever, does not change where the first one ends. */
static void
a_second_request_swaps_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct reply *first = calloc(1, sizeof *first);

	authorize(world, &browser, "payroll", "&nonce=one", first);
	authorize(world, &browser, "shop", "&nonce=two", &reply);
	sign_in_on_the_way(world, &browser, ASHA, first);
	code_post(world, "shop", answered(first, "code"), "", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	code_post(world, "payroll", answered(first, "code"), "", &reply);
	assert_non_null(strstr(payload_of(told(&reply, "id_token")), "\"nonce\":\"one\""));
	free(first);
}

static void
what_waits_is_one_browsers(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, stranger = {0};
	char way[1024];

	authorize(world, &browser, "payroll", "", &reply);
	snprintf(way, sizeof way, "%s", answered(&reply, "next"));
	sign_in(world, &stranger, ASHA, OLD_PASSWORD);
	get(world, &stranger, way, &reply);
	assert_way(&reply, "/start-again");
	get(world, &stranger, "/authorize/AAAAAAAAAAAAAAAAAAAAAA", &reply);
	assert_way(&reply, "/start-again");
	get(world, &stranger, "/authorize/x", &reply);
	assert_way(&reply, "/start-again");
}

static void
the_way_on_after_a_sign_in_is_ours_alone(void **state)
{
	static const char *const tricks[] = {
	    "https://evil.example", "//evil.example", "/authorize/../evil",
	    "/authorize/AAAA",	    "/signout",	      "/authorize?client_id=shop"};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
		struct browser browser = {0};
		char fields[1024] = "";

		field(fields, "username", ASHA);
		field(fields, "password", OLD_PASSWORD);
		field(fields, "next", tricks[i]);
		post(world, &browser, "/signin", fields, &reply);
		fields[0] = '\0';
		field(fields, "code", code_of(world, world->asha, 0));
		post(world, &browser, "/signin/code", fields, &reply);
		assert_way(&reply, "/");
		world_pass(world, 60);
	}
}

/* --- asked ---------------------------------------------------------------------------------------
 */

static void
people_are_asked_where_the_policy_says_so(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char way[1024];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "outside", "", &reply);
	snprintf(way, sizeof way, "%s", reply.location);
	get(world, &browser, way, &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "Let Outside know about you?");
	assert_says(&reply, "id=\"allow\"");
	assert_says(&reply, "id=\"deny\"");
	post(world, &browser, way, "answer=allow", &reply);
	assert_code();
	post(world, &browser, way, "answer=deny", &reply); /* too late: it was answered */
	assert_code();
	authorize(world, &browser, "payroll", "&prompt=consent", &reply);
	snprintf(way, sizeof way, "%s", reply.location);
	post(world, &browser, way, "answer=deny", &reply);
	assert_error("access_denied");
	post(world, &browser, way, "answer=allow", &reply);
	assert_error("access_denied");
	assert_int_equal(audited(world, "authorize_denied", NULL), 1);
}

static void
nobody_answers_for_somebody_else(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, stranger = {0};
	char way[1024];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "outside", "", &reply);
	snprintf(way, sizeof way, "%s", reply.location);
	sign_in(world, &stranger, ASHA, OLD_PASSWORD);
	post(world, &stranger, way, "answer=allow", &reply);
	assert_way(&reply, "/start-again");
}

/* --- enough -------------------------------------------------------------------------------------
 */

static void
by_password_alone(struct world *world, struct browser *browser)
{
	authorize(world, browser, "mail", "", &reply);
	sign_in_on_the_way(world, browser, ASHA, &reply);
	assert_code();
}

/* The attack: in by the application that asks for least, then on to one that asks for more. */
static void
a_password_alone_opens_nothing_else(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	by_password_alone(world, &browser);
	authorize(world, &browser, "mail", "&prompt=none", &reply);
	assert_code();
	authorize(world, &browser, "payroll", "&prompt=none", &reply);
	assert_error("interaction_required");
	get(world, &browser, "/", &reply);
	assert_way(&reply, "/signin");
	get(world, &browser, "/account", &reply);
	assert_way(&reply, "/signin");
	get(world, &browser, "/account/password", &reply);
	assert_way(&reply, "/signin");
	get(world, &browser, "/account/authenticator/new", &reply);
	assert_int_equal(reply.status, 303);
	get(world, &browser, "/signin", &reply);
	assert_int_equal(reply.status, 200);
}

static void
step_up_asks_only_for_what_is_missing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *payload;

	by_password_alone(world, &browser);
	authorize(world, &browser, "payroll", "", &reply);
	assert_way(&reply, "/signin/code");
	sign_in_on_the_way(world, &browser, ASHA, &reply);
	assert_code();
	code_post(world, "payroll", answered(&reply, "code"), "", &reply);
	payload = payload_of(told(&reply, "id_token"));
	assert_non_null(strstr(payload, "\"acr\":\"two_step\""));
	assert_non_null(strstr(payload, "\"amr\":[\"pwd\",\"otp\",\"mfa\"]"));
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200);
}

static void
an_application_may_ask_for_a_second_step(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	by_password_alone(world, &browser);
	authorize(world, &browser, "mail", "&acr_values=two_step", &reply);
	assert_way(&reply, "/signin/code");
	authorize(world, &browser, "mail", "&acr_values=password%20two_step", &reply);
	assert_code();
	world->asha->totp_len = 0;
	world->asha->recovery_count = 0;
	authorize(world, &browser, "mail", "&acr_values=two_step", &reply);
	assert_code(); /* it would have liked one; she has none */
}

static void
who_may_not_use_it_reads_so(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "secret", "", &reply);
	assert_int_equal(reply.status, 403);
	assert_says(&reply, "You cannot use Secret");
	assert_string_equal(reply.location, "");
	oauth_application(world, "payroll", "networks = 10.0.0.0/8\n");
	authorize(world, &browser, "payroll", "", &reply);
	assert_int_equal(reply.status, 403);
}

/* Keycloak, three times: every way to a code passes the one gate. */
static void
whoever_is_locked_blocked_or_gone_gets_no_code(void **state)
{
	static const enum dir_state states[] = {DIR_LOCKED, DIR_BLOCKED, DIR_LEFT, DIR_NOT_STARTED};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct browser browser = {0};

		world->asha->person.state = DIR_OPEN;
		sign_in(world, &browser, ASHA, OLD_PASSWORD);
		world->asha->person.state = states[i];
		authorize(world, &browser, "payroll", "", &reply);
		assert_true(reply.status == 423 || reply.status == 403);
		assert_string_equal(reply.location, "");
		authorize(world, &browser, "payroll", "&prompt=none", &reply);
		assert_true(strcmp(answered(&reply, "code"), "") == 0);
	}
	assert_int_equal(audited(world, "authorized", NULL), 0);
}

/* --- when parts fail ----------------------------------------------------------------------------
 */

static enum lk_err
directory_is_down(void *context, const char *verb)
{
	(void)context, (void)verb;
	return LK_E_DIRECTORY_DOWN;
}

/* DESIGN 5: whoever is signed in goes on into applications. */
static void
without_the_directory_whoever_is_signed_in_goes_on(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};
	const char *code;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	by_password_alone(world, &other);
	world->dir.hook = directory_is_down;
	code = code_get(world, &browser, "payroll", "");
	code_post(world, "payroll", code, "", &reply);
	assert_int_equal(reply.status, 200);
	authorize(world, &other, "payroll", "", &reply);
	assert_int_equal(reply.status, 503); /* and nobody is lifted */
}

static void
nothing_is_given_that_is_not_written_down(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world_audit_breaks(world, true);
	authorize(world, &browser, "payroll", "", &reply);
	assert_int_equal(reply.status, 500);
	assert_string_equal(reply.location, "");
	world_audit_breaks(world, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(somebody_signs_in_on_the_way_and_comes_back_with_a_code),
	    TEST(the_same_answer_twice_is_the_same_code),
	    TEST(a_post_is_answered_like_a_get),
	    TEST(form_post_answers_by_a_form),
	    TEST(redirect_tricks_end_on_a_page_of_ours),
	    TEST(nobody_is_sent_to_an_application_nobody_knows),
	    TEST(requests_we_cannot_answer_are_told_to_the_application),
	    TEST(what_we_do_not_know_is_passed_over),
	    TEST(prompt_none_shows_nobody_a_page),
	    TEST(prompt_login_wants_a_new_sign_in),
	    TEST(max_age_wants_a_recent_one),
	    TEST(login_hint_fills_the_sign_in_page_and_stands_in_no_address),
	    TEST(ui_locales_choose_a_language_for_whoever_has_not),
	    TEST(a_second_request_swaps_nothing),
	    TEST(what_waits_is_one_browsers),
	    TEST(the_way_on_after_a_sign_in_is_ours_alone),
	    TEST(people_are_asked_where_the_policy_says_so),
	    TEST(nobody_answers_for_somebody_else),
	    TEST(a_password_alone_opens_nothing_else),
	    TEST(step_up_asks_only_for_what_is_missing),
	    TEST(an_application_may_ask_for_a_second_step),
	    TEST(who_may_not_use_it_reads_so),
	    TEST(whoever_is_locked_blocked_or_gone_gets_no_code),
	    TEST(without_the_directory_whoever_is_signed_in_goes_on),
	    TEST(nothing_is_given_that_is_not_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
