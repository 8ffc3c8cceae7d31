/* SPDX-License-Identifier: MIT */
/* The token endpoint, and everybody who should not get anything there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

static struct reply reply, again;

static void
assert_refused(const struct reply *got, int status, const char *error)
{
	if (got->status != status || strcmp(told(got, "error"), error) != 0)
		fail_msg("not %d %s but %d %s", status, error, got->status, got->body);
	assert_string_equal(told(got, "access_token"), "");
}

static void
signed_in(struct world *world, struct browser *browser)
{
	sign_in(world, browser, ASHA, OLD_PASSWORD);
}

/* --- a code --------------------------------------------------------------------------------------
 */

static void
a_code_becomes_tokens_that_say_who_and_how(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *payload;
	char sub[128];

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", "&nonce=n1"), "", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/json");
	assert_string_equal(told(&reply, "token_type"), "Bearer");
	assert_string_equal(told(&reply, "scope"), "openid");
	assert_true(is_alive(world, told(&reply, "access_token")));
	assert_non_null(strstr(reply.body, "\"expires_in\":300"));
	payload = payload_of(told(&reply, "id_token"));
	snprintf(sub, sizeof sub, "\"sub\":\"%.*s\"", LK_STR_ARGS(world->asha->person.id));
	assert_non_null(strstr(payload, "{\"iss\":\"" ISSUER "\""));
	assert_non_null(strstr(payload, sub));
	assert_non_null(strstr(payload, "\"aud\":\"payroll\""));
	assert_non_null(strstr(payload, "\"nonce\":\"n1\""));
	assert_non_null(strstr(payload, "\"at_hash\":"));
	assert_non_null(strstr(payload, "\"sid\":"));
	assert_null(strstr(payload, "auth_time"));
	assert_null(strstr(payload, "\"name\""));
	assert_int_equal(audited(world, "token_issued", NULL), 1);
}

static void
auth_time_is_told_where_it_was_asked_for_and_kept(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char want[64];

	signed_in(world, &browser);
	snprintf(want, sizeof want, "\"auth_time\":%lld", (long long)world->clock.wall_s - 30);
	code_post(world, "payroll", code_get(world, &browser, "payroll", "&max_age=10000"), "",
		  &reply);
	assert_non_null(strstr(payload_of(told(&reply, "id_token")), want));
	world_pass(world, 100);
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_non_null(strstr(payload_of(told(&again, "id_token")), want));
	code_post(world, "payroll",
		  code_get(world, &browser, "payroll",
			   "&claims=%7B%22id_token%22%3A%7B%22auth_time%22%3Anull%7D%7D"),
		  "", &reply);
	assert_non_null(strstr(payload_of(told(&reply, "id_token")), want));
}

static void
pairwise_people_are_others_at_every_application(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char id[64];

	snprintf(id, sizeof id, "%.*s", LK_STR_ARGS(world->asha->person.id));
	signed_in(world, &browser);
	code_post(world, "shop", code_get(world, &browser, "shop", ""), "", &reply);
	assert_null(strstr(payload_of(told(&reply, "id_token")), id));
}

/* They would learn who is who, whatever they call the person. */
static void
two_applications_that_compare_session_ids_do_not_find_the_same_person(void **state)
{
	static const char *const names[] = {"shop", "payroll"};
	struct world *world = *state;
	struct browser browser = {0};
	char sid[2][64], same[64];

	signed_in(world, &browser);
	for (size_t i = 0; i < 2; i++) {
		code_post(world, names[i], code_get(world, &browser, names[i], ""), "", &reply);
		sid_of(told(&reply, "id_token"), sid[i]);
		assert_int_equal(strlen(sid[i]), 22);
	}
	assert_string_not_equal(sid[0], sid[1]);
	/* At one of them it stays what it was: asked again, and when renewed. */
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	sid_of(told(&again, "id_token"), same);
	assert_string_equal(same, sid[1]);
	code_post(world, "shop", code_get(world, &browser, "shop", ""), "", &reply);
	sid_of(told(&reply, "id_token"), same);
	assert_string_equal(same, sid[0]);
}

/* RFC 6749 s4.1.2: a code used twice takes along what came of it. */
static void
code_replay_ends_what_came_of_it(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;

	signed_in(world, &browser);
	code = code_get(world, &browser, "payroll", "");
	code_post(world, "payroll", code, "", &reply);
	assert_true(is_alive(world, told(&reply, "access_token")));
	code_post(world, "payroll", code, "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_false(is_alive(world, told(&reply, "access_token")));
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_int_equal(audited(world, "code_reused", NULL), 1);
}

static void
code_replay_after_its_life_ends_it_too(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;

	signed_in(world, &browser);
	code = code_get(world, &browser, "payroll", "");
	code_post(world, "payroll", code, "", &reply);
	world_pass(world, 120);
	code_post(world, "payroll", code, "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_false(is_alive(world, told(&reply, "access_token")));
}

static void
code_injection_is_refused_and_spends_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;

	signed_in(world, &browser);
	code = code_get(world, &browser, "payroll", PKCE);
	code_post(world, "shop", code, "&code_verifier=" VERIFIER, &reply); /* another client */
	assert_refused(&reply, 400, "invalid_grant");
	code_post(world, "payroll", code, "", &reply); /* the verifier left out */
	assert_refused(&reply, 400, "invalid_grant");
	code_post(world, "payroll", code, "&code_verifier=" CHALLENGE, &reply);
	assert_refused(&reply, 400, "invalid_grant");
	code_post(world, "payroll", code, "&code_verifier=" VERIFIER, &reply);
	assert_int_equal(reply.status, 200);
}

/* RFC 9700 s4.8.2: the challenge was taken out on the way. */
static void
pkce_downgrade_is_refused(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""),
		  "&code_verifier=" VERIFIER, &reply);
	assert_refused(&reply, 400, "invalid_grant");
}

static void
a_code_fits_its_redirect_uri_and_its_minute(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;
	char body[512];

	signed_in(world, &browser);
	code = code_get(world, &browser, "payroll", "");
	snprintf(body, sizeof body, "grant_type=authorization_code&code=%s", code);
	token_post(world, "payroll", body, &reply);
	assert_refused(&reply, 400, "invalid_grant");
	snprintf(body, sizeof body,
		 "grant_type=authorization_code&redirect_uri=https%%3A%%2F%%2Fevil.example&code=%s",
		 code);
	token_post(world, "payroll", body, &reply);
	assert_refused(&reply, 400, "invalid_grant");
	world_pass(world, 61);
	code_post(world, "payroll", code, "", &reply);
	assert_refused(&reply, 400, "invalid_grant");
	code_post(world, "payroll", "lk_ac_nothing", "", &reply);
	assert_refused(&reply, 400, "invalid_grant");
	token_post(world, "payroll", "grant_type=authorization_code", &reply);
	assert_refused(&reply, 400, "invalid_request");
}

static void
a_public_client_has_its_verifier_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;

	signed_in(world, &browser);
	code = code_get(world, &browser, "page", PKCE);
	/* LemonLDAP CVE-2026-92289: a secret is no verifier. */
	code_post(world, "page", code, "&client_secret=x&code_verifier=" VERIFIER, &reply);
	assert_refused(&reply, 401, "invalid_client");
	code_post(world, "page", code, "", &reply);
	assert_refused(&reply, 400, "invalid_grant");
	code_post(world, "page", code, "&code_verifier=" VERIFIER, &reply);
	assert_int_equal(reply.status, 200);
}

/* --- refreshed
 * ------------------------------------------------------------------------------------ */

static void
a_refresh_token_turns_over_and_the_old_access_token_ends(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char first[64], old[64];

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	snprintf(first, sizeof first, "%s", told(&reply, "refresh_token"));
	snprintf(old, sizeof old, "%s", told(&reply, "access_token"));
	refresh_post(world, "payroll", first, "&scope=openid", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_not_equal(told(&reply, "refresh_token"), first);
	assert_false(is_alive(world, old));
	assert_true(is_alive(world, told(&reply, "access_token")));
	assert_null(strstr(payload_of(told(&reply, "id_token")), "nonce"));
}

/* RFC 9700 s4.14.2. */
static void
refresh_replay_ends_the_family(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char first[64];

	signed_in(world, &browser);
	code_post(world, "page", code_get(world, &browser, "page", PKCE),
		  "&code_verifier=" VERIFIER, &reply);
	snprintf(first, sizeof first, "%s", told(&reply, "refresh_token"));
	refresh_post(world, "page", first, "", &reply);
	assert_int_equal(reply.status, 200);
	refresh_post(world, "page", first, "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_false(is_alive(world, told(&reply, "access_token")));
	refresh_post(world, "page", told(&reply, "refresh_token"), "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_int_equal(audited(world, "refresh_reused", NULL), 1);
}

static void
refresh_of_another_client_is_refused_and_ends_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	refresh_post(world, "shop", told(&reply, "refresh_token"), "", &again);
	assert_refused(&again, 400, "invalid_grant");
	refresh_post(world, "page", told(&reply, "refresh_token"), "", &again);
	assert_refused(&again, 400, "invalid_grant");
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_int_equal(again.status, 200);
}

static void
scope_widening_on_refresh_is_refused(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "&scope=openid%20email",
		     &again);
	assert_refused(&again, 400, "invalid_scope");
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_int_equal(again.status, 200);
}

static void
a_forged_refresh_token_is_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char forged[64];

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	snprintf(forged, sizeof forged, "%s", told(&reply, "refresh_token"));
	forged[30] = forged[30] == 'A' ? 'B' : 'A';
	refresh_post(world, "payroll", forged, "", &again);
	assert_refused(&again, 400, "invalid_grant");
	assert_int_equal(audited(world, "refresh_reused", NULL), 0);
	assert_true(is_alive(world, told(&reply, "access_token")));
}

static void
whoever_is_locked_blocked_or_gone_gets_no_token(void **state)
{
	static const enum dir_state states[] = {DIR_LOCKED, DIR_BLOCKED, DIR_LEFT, DIR_NOT_STARTED};
	struct world *world = *state;
	struct browser browser = {0};
	char code[64], refresh[64];

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	snprintf(refresh, sizeof refresh, "%s", told(&reply, "refresh_token"));
	snprintf(code, sizeof code, "%s", code_get(world, &browser, "payroll", ""));
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		world->asha->person.state = states[i];
		code_post(world, "payroll", code, "", &reply);
		assert_refused(&reply, 400, "invalid_grant");
		refresh_post(world, "payroll", refresh, "", &reply);
		assert_refused(&reply, 400, "invalid_grant");
	}
	world->asha->person.state = DIR_OPEN;
	world->asha->person.must_change = true;
	refresh_post(world, "payroll", refresh, "", &reply);
	assert_refused(&reply, 400, "invalid_grant");
	world->asha->person.must_change = false;
	refresh_post(world, "payroll", refresh, "", &reply);
	assert_int_equal(reply.status, 200);
}

static enum lk_err
directory_is_down(void *context, const char *verb)
{
	(void)context, (void)verb;
	return LK_E_DIRECTORY_DOWN;
}

static void
without_the_directory_nothing_is_renewed(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	world->dir.hook = directory_is_down;
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_refused(&again, 503, "temporarily_unavailable");
	world->dir.hook = NULL;
	refresh_post(world, "payroll", told(&reply, "refresh_token"), "", &again);
	assert_int_equal(again.status, 200);
}

static void
no_token_leaves_before_its_audit_line(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code;

	signed_in(world, &browser);
	code = code_get(world, &browser, "payroll", "");
	world_audit_breaks(world, true);
	code_post(world, "payroll", code, "", &reply);
	assert_refused(&reply, 500, "server_error");
	world_audit_breaks(world, false);
}

#define ROBOT "grant_type=client_credentials"

/* --- what for
 * ----------------------------------------------------------------------------------------- */

static void
each_kind_gets_what_it_is_for(void **state)
{
	struct world *world = *state;

	token_post(world, "payroll", ROBOT, &reply);
	assert_refused(&reply, 400, "unauthorized_client");
	token_post(world, "robot", "grant_type=refresh_token&refresh_token=x", &reply);
	assert_refused(&reply, 400, "unauthorized_client");
	token_post(world, "files", ROBOT, &reply);
	assert_refused(&reply, 400, "unauthorized_client");
	token_post(world, "payroll", "grant_type=password&username=asha&password=x", &reply);
	assert_refused(&reply, 400, "unsupported_grant_type");
	token_post(world, "payroll", "scope=openid", &reply);
	assert_refused(&reply, 400, "invalid_request");
}

static void
a_robot_acts_within_its_hours_networks_and_life(void **state)
{
	struct world *world = *state;

	token_post(world, "robot", ROBOT, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(world->light_count, 1);
	assert_string_equal(told(&reply, "scope"), "payslips:read payslips:write");
	assert_string_equal(told(&reply, "refresh_token"), "");
	assert_string_equal(told(&reply, "id_token"), "");
	assert_true(is_alive(world, told(&reply, "access_token")));
	token_post(world, "robot", ROBOT "&scope=payslips%3Aread", &reply);
	assert_string_equal(told(&reply, "scope"), "payslips:read");
	token_post(world, "robot", ROBOT "&scope=payslips%3Aread%20openid", &reply);
	assert_refused(&reply, 400, "invalid_scope");
	token_post(world, "robot", ROBOT "&resource=https%3A%2F%2Ffiles.example", &reply);
	assert_int_equal(reply.status, 200);
	token_post(world, "robot", ROBOT "&resource=https%3A%2F%2Fevil.example", &reply);
	assert_refused(&reply, 400, "invalid_target");
	oauth_application(world, "robot", "hours = Mon-Thu 07:00-19:00\n"); /* it is Friday */
	token_post(world, "robot", ROBOT, &reply);
	assert_refused(&reply, 400, "unauthorized_client");
	oauth_application(world, "robot", "networks = 10.0.0.0/8\n");
	token_post(world, "robot", ROBOT, &reply);
	assert_refused(&reply, 400, "unauthorized_client");
	oauth_application(world, "robot", "");
	world_pass(world, 60 * 86400);
	token_post(world, "robot", ROBOT, &reply);
	assert_refused(&reply, 401, "invalid_client");
}

static const char *
robot_token(struct world *world, const char *more, unsigned light_count)
{
	oauth_application(world, "robot", more);
	world->light_count = 0;
	token_post(world, "robot", ROBOT "&scope=payslips%3Aread", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(world->light_count, light_count);
	assert_true(is_alive(world, told(&reply, "access_token")));
	assert_string_equal(told(&reply, "scope"), "payslips:read");
	assert_string_equal(told(&reply, "token_type"), "Bearer");
	return told(&reply, "access_token");
}

/* With or without a lane: what is told, kept and noted is the same. */
static void
a_robot_needs_no_lane_but_for_a_signature(void **state)
{
	struct world *world = *state;

	assert_int_equal(strlen(robot_token(world, "", 1)), strlen("lk_at_") + 43);
	assert_int_equal(audited(world, "token_issued", "OK"), 1);
	assert_non_null(strchr(robot_token(world, "access_token = jwt\n", 0), '.'));
	assert_int_equal(audited(world, "token_issued", "OK"), 2);
	world->light_count = 0;
	token_post(world, "robot", ROBOT "&client_id=payroll", &reply);
	assert_refused(&reply, 400, "invalid_request");
	token_post(world, "robot", ROBOT "&scope=payslips%3Aread&scope=payslips%3Awrite", &reply);
	assert_refused(&reply, 400, "invalid_request");
	token_post(world, "robot", ROBOT "&client_assertion=x", &reply);
	assert_refused(&reply, 400, "invalid_request");
	assert_int_equal(world->light_count, 0);
	assert_int_equal(audited(world, "token_issued", NULL), 2);
}

static enum lk_err
commit_is_down(void *context, const char *verb)
{
	(void)context;
	return strcmp(verb, "commit") == 0 ? LK_E_STORE_DOWN : LK_OK;
}

static void
no_robot_s_token_leaves_that_is_not_kept_and_noted(void **state)
{
	struct world *world = *state;

	world_audit_breaks(world, true);
	token_post(world, "robot", ROBOT, &reply);
	assert_refused(&reply, 500, "server_error");
	assert_says_not(&reply, "lk_at_");
	world_audit_breaks(world, false);
	world->store.hook = commit_is_down;
	token_post(world, "robot", ROBOT, &reply);
	assert_refused(&reply, 503, "temporarily_unavailable");
	assert_says_not(&reply, "lk_at_");
	world->store.hook = NULL;
	assert_int_equal(audited(world, "token_issued", NULL), 0);
	assert_int_equal(world->light_count, 2);
}

static void
resources_narrow_and_never_widen(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *more = "&resource=https%3A%2F%2Ffiles.example";

	signed_in(world, &browser);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), more, &reply);
	assert_refused(&reply, 400, "invalid_target");
	code_post(world, "payroll", code_get(world, &browser, "payroll", more), more, &reply);
	assert_int_equal(reply.status, 200);
}

static void
signed_access_tokens_say_whom_they_are_for(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *payload;

	oauth_application(world, "payroll", "access_token = jwt\n");
	signed_in(world, &browser);
	code_post(world, "payroll",
		  code_get(world, &browser, "payroll", "&resource=https%3A%2F%2Ffiles.example"), "",
		  &reply);
	payload = payload_of(told(&reply, "access_token"));
	assert_non_null(strstr(payload, "\"aud\":\"https://files.example\""));
	assert_non_null(strstr(payload, "\"client_id\":\"payroll\""));
	assert_non_null(strstr(payload, "\"jti\":"));
	assert_true(is_alive(world, told(&reply, "access_token")));
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	assert_non_null(strstr(payload_of(told(&reply, "access_token")), "\"aud\":\"" ISSUER "\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_code_becomes_tokens_that_say_who_and_how),
	    TEST(auth_time_is_told_where_it_was_asked_for_and_kept),
	    TEST(two_applications_that_compare_session_ids_do_not_find_the_same_person),
	    TEST(pairwise_people_are_others_at_every_application),
	    TEST(code_replay_ends_what_came_of_it),
	    TEST(code_replay_after_its_life_ends_it_too),
	    TEST(code_injection_is_refused_and_spends_nothing),
	    TEST(pkce_downgrade_is_refused),
	    TEST(a_code_fits_its_redirect_uri_and_its_minute),
	    TEST(a_public_client_has_its_verifier_and_nothing_else),
	    TEST(a_refresh_token_turns_over_and_the_old_access_token_ends),
	    TEST(refresh_replay_ends_the_family),
	    TEST(refresh_of_another_client_is_refused_and_ends_nothing),
	    TEST(scope_widening_on_refresh_is_refused),
	    TEST(a_forged_refresh_token_is_nothing),
	    TEST(whoever_is_locked_blocked_or_gone_gets_no_token),
	    TEST(without_the_directory_nothing_is_renewed),
	    TEST(no_token_leaves_before_its_audit_line),
	    TEST(each_kind_gets_what_it_is_for),
	    TEST(a_robot_acts_within_its_hours_networks_and_life),
	    TEST(a_robot_needs_no_lane_but_for_a_signature),
	    TEST(no_robot_s_token_leaves_that_is_not_kept_and_noted),
	    TEST(resources_narrow_and_never_widen),
	    TEST(signed_access_tokens_say_whom_they_are_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
