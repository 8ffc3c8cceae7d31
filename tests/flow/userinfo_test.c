/* SPDX-License-Identifier: MIT */
/* What applications are told of who signed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/token_help.h"

static void
userinfo(struct world *world, const char *token, struct reply *out)
{
	char header[128];
	struct program sent = {.path = "/userinfo", .body = NULL, .authorization = header};

	snprintf(header, sizeof header, "Bearer %s", token);
	program(world, NULL, &sent, out);
}

/* --- userinfo --------------------------------------------------------------------------------- */

static void
userinfo_tells_what_the_scopes_cover(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.grant.scope = LK_STR("openid email");
	give(*state, &given);
	userinfo(*state, given.token, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "{\"sub\":\"sub-of-asha\",\"email\":\"asha@example.org\","
					"\"email_verified\":true}");
}

static void
userinfo_tells_single_claims_that_were_asked_for(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.grant.scope = LK_STR("openid");
	given.grant.user_claims = LK_STR("name");
	give(*state, &given);
	userinfo(*state, given.token, &reply);
	assert_string_equal(reply.body, "{\"sub\":\"sub-of-asha\",\"name\":\"Asha Rao\"}");
}

static void
userinfo_takes_the_token_from_header_or_body(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);
	char body[128], header[128], path[128];
	struct program from_body = {.path = "/userinfo", .body = body, .authorization = NULL};
	struct program from_header = {.path = "/userinfo", .body = "", .authorization = header};
	struct program from_both = {.path = "/userinfo", .body = body, .authorization = header};
	struct program from_address = {.path = path, .body = NULL, .authorization = NULL};

	give(*state, &given);
	snprintf(body, sizeof body, "access_token=%s", given.token);
	snprintf(header, sizeof header, "bEARER  %s", given.token);
	snprintf(path, sizeof path, "/userinfo?access_token=%s", given.token);
	program(*state, NULL, &from_body, &reply);
	assert_int_equal(reply.status, 200);
	program(*state, NULL, &from_header, &reply);
	assert_int_equal(reply.status, 200);
	program(*state, NULL, &from_both, &reply);
	assert_int_equal(reply.status, 400);
	program(*state, NULL, &from_address, &reply);
	assert_int_equal(reply.status, 401);
	assert_challenge(&reply, "WWW-Authenticate: Bearer realm=\"signin\"\n");
}

static void
userinfo_refuses_dead_tokens_in_the_words_of_rfc_6750(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	userinfo(*state, "lk_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &reply);
	assert_int_equal(reply.status, 401);
	assert_challenge(&reply, "error=\"invalid_token\"");
	give(*state, &given);
	world_pass(*state, 301);
	userinfo(*state, given.token, &reply);
	assert_int_equal(reply.status, 401);
	assert_challenge(&reply, "error=\"invalid_token\"");
}

static void
userinfo_is_for_people_and_for_openid(void **state)
{
	static struct reply reply;
	struct given given;

	robot_give(*state, &given);
	userinfo(*state, given.token, &reply);
	assert_int_equal(reply.status, 403);
	assert_challenge(&reply, "error=\"insufficient_scope\"");
	given = given_new(*state);
	given.grant.scope = LK_STR("email");
	give(*state, &given);
	userinfo(*state, given.token, &reply);
	assert_int_equal(reply.status, 403);
}

static void
a_token_for_a_resource_is_nothing_at_userinfo(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.grant.audience = LK_STR("https://documents.example");
	give(*state, &given);
	userinfo(*state, given.token, &reply);
	assert_int_equal(reply.status, 401);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, token_begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(userinfo_tells_what_the_scopes_cover),
	    T(userinfo_tells_single_claims_that_were_asked_for),
	    T(userinfo_takes_the_token_from_header_or_body),
	    T(userinfo_refuses_dead_tokens_in_the_words_of_rfc_6750),
	    T(userinfo_is_for_people_and_for_openid),
	    T(a_token_for_a_resource_is_nothing_at_userinfo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
