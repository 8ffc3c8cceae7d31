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

#define ASSERTING                                                                                  \
	"client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"   \
	"&client_assertion="

/* Of keyed, made iat_at_s (0: it does not say) and good for a minute. */
static const char *
fresh_assertion(const struct world *world, int64_t iat_at_s)
{
	static int jti;
	char claims[256], iat[64] = "";

	if (iat_at_s != 0)
		snprintf(iat, sizeof iat, ",'iat':%lld", (long long)iat_at_s);
	snprintf(claims, sizeof claims,
		 "{'iss':'keyed','sub':'keyed','aud':'" ISSUER "','exp':EXP,'jti':'f%d'%s}", ++jti,
		 iat);
	return assertion_of(claims, world->clock.wall_s + 60);
}

static const char *const doors[] = {"/introspect", "/revoke", "/token", "/device_authorization"};
#define DOOR_COUNT (sizeof doors / sizeof doors[0])

static void
assert_at(struct world *world, const char *path, const char *assertion, struct reply *out)
{
	char body[4096];
	struct program sent = {.path = path, .body = body};

	snprintf(body, sizeof body, "token=x&grant_type=x&%s%s", ASSERTING, assertion);
	program(world, NULL, &sent, out);
}

static void
an_assertion_counts_once_at_all_doors_together(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < DOOR_COUNT; i++) {
		const char *assertion = fresh_assertion(world, world->clock.wall_s);

		assert_at(world, doors[i], assertion, &reply);
		assert_int_not_equal(reply.status, 401); /* whatever comes of it */
		for (size_t j = 0; j < DOOR_COUNT; j++) {
			assert_at(world, doors[j], assertion, &again);
			assert_refused(&again, 401, "invalid_client");
		}
	}
}

static enum lk_err
no_commit(void *context, const char *verb)
{
	(void)context;
	return strcmp(verb, "commit") == 0 ? LK_E_STORE_DOWN : LK_OK;
}

/* mod_auth_openidc, August 2026: its check of jti failed open. */
static void
an_assertion_that_cannot_be_spent_opens_no_door(void **state)
{
	struct world *world = *state;

	world->store.hook = no_commit;
	for (size_t i = 0; i < DOOR_COUNT; i++) {
		assert_at(world, doors[i], fresh_assertion(world, world->clock.wall_s), &reply);
		assert_refused(&reply, 503, "temporarily_unavailable");
	}
	world->store.hook = NULL;
}

/* What was spent before it began is not known any more: RFC 7523 s3, jti. */
static void
an_assertion_of_before_the_stores_epoch_counts_for_nothing(void **state)
{
	struct world *world = *state;
	int64_t began_at_s = world->clock.wall_s;

	world->store.epoch_began_at_s = began_at_s;
	for (size_t i = 0; i < DOOR_COUNT; i++) {
		assert_at(world, doors[i], fresh_assertion(world, began_at_s - 1), &reply);
		assert_refused(&reply, 401, "invalid_client");
		/* Its clock may be half a minute ahead of ours. */
		assert_at(world, doors[i], fresh_assertion(world, began_at_s + 30), &reply);
		assert_refused(&reply, 401, "invalid_client");
	}
	world_pass(world, 31);
	for (size_t i = 0; i < DOOR_COUNT; i++) {
		assert_at(world, doors[i], fresh_assertion(world, began_at_s), &reply);
		assert_refused(&reply, 401, "invalid_client");
		assert_at(world, doors[i], fresh_assertion(world, world->clock.wall_s), &reply);
		assert_int_not_equal(reply.status, 401);
		assert_at(world, doors[i], fresh_assertion(world, 0), &reply);
		assert_refused(&reply, 401, "invalid_client"); /* made when? */
	}
	world_pass(world, 3600);
	assert_at(world, "/introspect", fresh_assertion(world, 0), &reply);
	assert_int_equal(reply.status, 200);
}

static void
introspection_waits_for_nothing_but_an_assertion(void **state)
{
	struct world *world = *state;
	struct program sent = {
	    .path = "/introspect", .body = "token=x", .authorization = basic_of("files", SECRET)};
	const struct route *route;
	struct req req = {.method = METHOD_POST};
	int commits = world->store.commits;

	program(world, NULL, &sent, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(world->store.commits, commits);
	assert_int_equal(flow_route_find(METHOD_POST, LK_STR("/introspect"), &route), LK_OK);
	assert_int_equal(flow_route_where(route, &req), ROUTE_LOOP);
	req.param[PARAM_client_assertion] = LK_STR("a.b.c");
	assert_int_equal(flow_route_where(route, &req), ROUTE_QUICK);
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
	    TEST(an_assertion_counts_once_at_all_doors_together),
	    TEST(an_assertion_that_cannot_be_spent_opens_no_door),
	    TEST(an_assertion_of_before_the_stores_epoch_counts_for_nothing),
	    TEST(introspection_waits_for_nothing_but_an_assertion),
	    TEST(alg_confusion_in_an_assertion_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
