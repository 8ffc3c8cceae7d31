/* SPDX-License-Identifier: MIT */
/* Which application is asking, and everybody who only says so. */
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
ask_as(struct world *world, const char *authorization, const char *body, struct reply *out)
{
	struct program sent = {.path = "/token", .body = body, .authorization = authorization};

	program(world, NULL, &sent, out);
}

#define ROBOT "grant_type=client_credentials"

static void
clients_show_who_they_are_in_their_own_way_alone(void **state)
{
	struct world *world = *state;
	char body[512];

	ask_as(world, basic_of("robot", SECRET), ROBOT, &reply);
	assert_int_equal(reply.status, 200);
	/* Dovecot sends them empty beside the header. */
	ask_as(world, basic_of("robot", SECRET), ROBOT "&client_id=&client_secret=", &reply);
	assert_int_equal(reply.status, 200);
	ask_as(world, basic_of("robot", SECRET), ROBOT "&client_id=robot", &reply);
	assert_int_equal(reply.status, 200);
	ask_as(world, basic_of("robot", SECRET), ROBOT "&client_id=shop", &reply);
	assert_refused(&reply, 400, "invalid_request");
	ask_as(world, basic_of("robot", SECRET), ROBOT "&client_secret=x", &reply);
	assert_refused(&reply, 400, "invalid_request");
	snprintf(body, sizeof body,
		 ROBOT "&client_id=robot&client_secret=a+long+secret%%3A+with+signs+%%26+colons");
	ask_as(world, NULL, body, &reply); /* right, but not its way */
	assert_refused(&reply, 401, "invalid_client");
	ask_as(world, NULL, ROBOT "&client_id=robot", &reply); /* nothing at all */
	assert_refused(&reply, 401, "invalid_client");
	ask_as(world, NULL, ROBOT, &reply);
	assert_refused(&reply, 401, "invalid_client");
	ask_as(world, "Bearer x", ROBOT "&client_id=robot", &reply);
	assert_refused(&reply, 401, "invalid_client");
}

/* LemonLDAP CVE-2024-45160; and a byte 0 is a byte like any other. */
static void
no_secret_is_no_secret(void **state)
{
	static const char *const secrets[] = {"", " ", SECRET " ", "a long secret"};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		ask_as(world, basic_of("robot", secrets[i]), ROBOT, &reply);
		assert_refused(&reply, 401, "invalid_client");
	}
	ask_as(world, "Basic cm9ib3Q6", ROBOT, &reply);
	assert_refused(&reply, 401, "invalid_client");
	ask_as(world, "Basic !!", ROBOT, &reply);
	assert_refused(&reply, 401, "invalid_client");
	ask_as(world, "Basic", ROBOT, &reply);
	assert_refused(&reply, 401, "invalid_client");
}

static void
an_unknown_client_and_a_wrong_secret_read_alike(void **state)
{
	struct world *world = *state;

	ask_as(world, basic_of("robot", "wrong"), ROBOT, &reply);
	ask_as(world, basic_of("nobody", "wrong"), ROBOT, &again);
	assert_refused(&reply, 401, "invalid_client");
	assert_string_equal(reply.body, again.body);
	assert_string_equal(reply.headers, again.headers);
	assert_non_null(strstr(reply.headers, "WWW-Authenticate: Basic"));
}

static void
a_secret_in_the_address_counts_for_nothing(void **state)
{
	struct world *world = *state;
	struct program sent = {
	    .path = "/token?client_secret=a+long+secret%3A+with+signs+%26+colons&grant_type=x",
	    .body = ROBOT "&client_id=posts",
	};

	program(world, NULL, &sent, &reply);
	assert_refused(&reply, 401, "invalid_client");
}

static void
an_assertion_counts_once_and_only_here(void **state)
{
	static const char head[] = "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
				   "assertion-type%3Ajwt-bearer&client_assertion=";
	static const char *const wrong[] = {
	    "{'iss':'keyed','sub':'keyed','aud':'https://evil.example','exp':EXP,'jti':'1'}",
	    "{'iss':'keyed','sub':'robot','aud':'" ISSUER "','exp':EXP,'jti':'2'}",
	    "{'iss':'robot','sub':'robot','aud':'" ISSUER "','exp':EXP,'jti':'3'}",
	    "{'iss':'keyed','sub':'keyed','aud':'" ISSUER "','exp':EXP}",
	    "{'iss':'keyed','sub':'keyed','aud':'" ISSUER "','jti':'4'}",
	};
	struct world *world = *state;
	struct browser browser = {0};
	int64_t soon_s = world->clock.wall_s + 60;
	char body[4096], code[64];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	snprintf(code, sizeof code, "%s", code_get(world, &browser, "keyed", ""));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(body, sizeof body, "%s%s", head, assertion_of(wrong[i], soon_s));
		code_post(world, "keyed", code, body, &reply);
		assert_refused(&reply, 401, "invalid_client");
	}
	snprintf(body, sizeof body, "%s%s", head,
		 assertion_of("{'iss':'keyed','sub':'keyed','aud':'" ISSUER
			      "/token','exp':EXP,'jti':'5'}",
			      soon_s));
	code_post(world, "keyed", code, body, &reply);
	assert_int_equal(reply.status, 200);
	code_post(world, "keyed", code, body, &again); /* replayed */
	assert_refused(&again, 401, "invalid_client");
	assert_true(is_alive(world, told(&reply, "access_token")));
}

/* RFC 8725 s2.1: an assertion that names its own algorithm. */
static void
alg_confusion_in_an_assertion_is_refused(void **state)
{
	static const char *const heads[] = {"eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"};
	struct world *world = *state;
	struct browser browser = {0};
	char body[4096];
	const char *code;

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	code = code_get(world, &browser, "keyed", "");
	for (size_t i = 0; i < 2; i++) {
		snprintf(body, sizeof body,
			 "&client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-"
			 "assertion-type%%3Ajwt-bearer&client_assertion=%s."
			 "eyJpc3MiOiJrZXllZCIsInN1YiI6ImtleWVkIn0.AAAA",
			 heads[i]);
		code_post(world, "keyed", code, body, &reply);
		assert_refused(&reply, 401, "invalid_client");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(clients_show_who_they_are_in_their_own_way_alone),
	    TEST(no_secret_is_no_secret),
	    TEST(an_unknown_client_and_a_wrong_secret_read_alike),
	    TEST(a_secret_in_the_address_counts_for_nothing),
	    TEST(an_assertion_counts_once_and_only_here),
	    TEST(alg_confusion_in_an_assertion_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
