/* SPDX-License-Identifier: MIT */
/* What an access token is worth, told to applications that are shown it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "support/signing_help.h"
#include "support/token_help.h"

static void
introspect(struct world *world, const char *asker, const char *token, struct reply *out)
{
	char body[512];
	struct program sent = {
	    .path = "/introspect", .body = body, .authorization = basic(asker, SECRET)};

	snprintf(body, sizeof body, "token=%s&client_id=&client_secret=", token);
	program(world, NULL, &sent, out);
}

#define assert_dead(reply)                                                                         \
	do {                                                                                       \
		assert_int_equal((reply)->status, 200);                                            \
		assert_string_equal((reply)->body, "{\"active\":false}");                          \
	} while (0)

static void
a_live_token_is_told_to_its_resource_server(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);
	char want[64];

	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/json");
	assert_says(&reply, "{\"active\":true,\"scope\":\"openid email groups\","
			    "\"client_id\":\"intranet\",\"token_type\":\"Bearer\"");
	assert_says(&reply, "\"sub\":\"sub-of-asha\"");
	assert_says(&reply, "\"username\":\"asha\"");
	assert_says(&reply, "\"aud\":\"https://signin.example\"");
	assert_says(&reply, "\"acr\":\"two_step\",\"amr\":[\"pwd\",\"otp\",\"mfa\"]");
	assert_says(&reply, "\"groups\":[\"staff\",\"payroll\"],\"department\":\"Finance\"");
	assert_says_not(&reply, "asha@example.org");
	snprintf(want, sizeof want, "\"exp\":%lld", (long long)given.kept.ends_at_s);
	assert_says(&reply, want);
	snprintf(want, sizeof want, "\"auth_time\":%lld", (long long)given.grant.auth_at_s);
	assert_says(&reply, want);
}

/* A token without a person must not carry a name: mail servers would open somebody's box. */
static void
a_robots_token_names_nobody(void **state)
{
	static struct reply reply;
	struct given given;

	robot_give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply, "\"active\":true,\"scope\":\"read\",\"client_id\":\"robot\"");
	assert_says(&reply, "\"sub\":\"robot\"");
	assert_says_not(&reply, "username");
	assert_says_not(&reply, "auth_time");
	assert_says_not(&reply, "amr");
}

static void
a_robots_token_is_dead_outside_its_hours(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.kept.ends_at_s += 3600 * 4;
	given.kept.has_grant = false;
	given.kept.client_id = LK_STR("robot");
	given.kept.scope = LK_STR("read");
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply, "\"active\":true");
	world_pass(*state, 3600 * 3);
	introspect(*state, "documents", given.token, &reply);
	assert_dead(&reply);
}

static void
dead_and_malformed_tokens_are_two_words(void **state)
{
	static const char *const tokens[] = {
	    "x",     "lk_at_", "lk_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "%00",   "%ff",    "lk_rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "a.b.c", "%22%7d", "%F0%9F%98%80"};
	static struct reply reply;
	struct given given = given_new(*state);

	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		introspect(*state, "documents", tokens[i], &reply);
		assert_dead(&reply);
	}
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply, "\"active\":true");
	world_pass(*state, 301);
	introspect(*state, "documents", given.token, &reply);
	assert_dead(&reply);
}

static void
a_token_whose_grant_has_ended_is_dead(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.grant.ends_at_s = ((struct world *)*state)->clock.wall_s + 10;
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply, "\"active\":true");
	world_pass(*state, 11);
	introspect(*state, "documents", given.token, &reply);
	assert_dead(&reply);
}

/* RFC 7662 s4: a token scanned for by somebody it does not concern. */
static void
another_applications_token_is_two_words(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	give(*state, &given);
	introspect(*state, "other", given.token, &reply);
	assert_dead(&reply);
	introspect(*state, "intranet", given.token, &reply);
	assert_says(&reply, "\"active\":true");
}

static void
a_token_for_one_resource_is_nothing_at_another(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.kept.audience = LK_STR("https://elsewhere.example");
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_dead(&reply);
	given = given_new(*state);
	given.kept.audience = LK_STR("https://elsewhere.example https://documents.example");
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply,
		    "\"aud\":[\"https://elsewhere.example\",\"https://documents.example\"]");
}

static void
less_than_the_grant_is_what_is_told(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.kept.scope = LK_STR("openid");
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_says(&reply, "\"scope\":\"openid\",");
	assert_says_not(&reply, "payroll");
	assert_says_not(&reply, "Finance");
}

static void
the_token_of_an_application_that_is_gone_is_dead(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.grant.client_id = LK_STR("removed");
	give(*state, &given);
	introspect(*state, "documents", given.token, &reply);
	assert_dead(&reply);
}

static void
who_asks_must_prove_it(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);
	char body[256];
	const char *const headers[] = {NULL,
				       "Basic",
				       "Basic !!!!",
				       "Bearer x",
				       "Basic ZG9jdW1lbnRzOg==",
				       "Basic ZG9jdW1lbnRzOnh4",
				       "Basic bm9ib2R5Onh4"};

	give(*state, &given);
	snprintf(body, sizeof body, "token=%s", given.token);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct program sent = {
		    .path = "/introspect", .body = body, .authorization = headers[i]};

		program(*state, NULL, &sent, &reply);
		assert_int_equal(reply.status, 401);
		assert_says(&reply, "{\"error\":\"invalid_client\"");
		assert_challenge(&reply, "WWW-Authenticate: Basic");
	}
}

static void
a_token_in_the_address_is_not_read(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);
	char path[256];
	struct program sent = {
	    .path = path, .body = "", .authorization = basic("documents", SECRET)};

	give(*state, &given);
	snprintf(path, sizeof path, "/introspect?token=%s", given.token);
	program(*state, NULL, &sent, &reply);
	assert_int_equal(reply.status, 400);
	assert_says(&reply, "{\"error\":\"invalid_request\"");
}

static void
two_tokens_at_once_are_refused(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);
	char body[256];
	struct program sent = {
	    .path = "/introspect", .body = body, .authorization = basic("documents", SECRET)};

	give(*state, &given);
	snprintf(body, sizeof body, "token=x&token=%s", given.token);
	program(*state, NULL, &sent, &reply);
	assert_int_equal(reply.status, 400);
	assert_says_not(&reply, "active");
}

static enum lk_err
down(void *context, const char *verb)
{
	(void)context;
	return strcmp(verb, "fetch") == 0 ? LK_E_STORE_DOWN : LK_OK;
}

/* Never "dead" for "do not know". */
static void
without_the_store_nothing_is_said_of_a_token(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	world->store.hook = down;
	introspect(world, "documents", given.token, &reply);
	assert_int_equal(reply.status, 503);
	assert_true(reply.retry_after_s > 0);
	assert_says(&reply, "temporarily_unavailable");
	assert_says_not(&reply, "active");
	world->store.hook = NULL;
}

/* --- as a signed answer ----------------------------------------------------------------------- */

static int
signing_begin(void **state)
{
	signing_world_begin(state);
	token_applications(*state);
	return 0;
}

static void
introspect_signed(struct world *world, const char *token, struct reply *out)
{
	static struct browser browser;
	char body[256];
	struct program sent = {
	    .path = "/introspect", .body = body, .authorization = basic("documents", SECRET)};

	browser.accept = "application/json;q=0.5, application/token-introspection+jwt";
	snprintf(body, sizeof body, "token=%s", token);
	program(world, &browser, &sent, out);
}

/* What the answer says, once its signature is known to be ours and for this use alone. */
static struct lk_json *
opened(struct node *node, const struct reply *reply)
{
	struct lk_str payload;
	struct lk_json *json = NULL;

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply->type, "application/token-introspection+jwt");
	assert_false(node_verifies(node, "JWT", lk_str_c(reply->body)));
	assert_false(node_verifies(node, "at+jwt", lk_str_c(reply->body)));
	assert_int_equal(signing_verify(&node->fast, "token-introspection+jwt",
					lk_str_c(reply->body), node->arena, &payload),
			 LK_OK);
	assert_int_equal(lk_json_read(payload, 8192, &json), LK_OK);
	return json;
}

/* RFC 9701 s5: for who asked alone, and never to be taken for an access token. */
static void
the_answer_is_signed_for_who_wants_it_so(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);
	struct lk_json *json;
	struct lk_str text = {NULL, 0};
	struct node node;
	bool is_active = false;

	node_begin(&node, world);
	node_look(&node);
	world->fast.signing = node.fast.signing;
	give(world, &given);
	introspect_signed(world, given.token, &reply);
	json = opened(&node, &reply);
	assert_true(lk_json_to_str(lk_json_find(json, "aud"), &text));
	assert_true(lk_str_is(text, "documents"));
	assert_null(lk_json_find(json, "sub"));
	assert_null(lk_json_find(json, "exp"));
	assert_true(lk_json_to_bool(
	    lk_json_find(lk_json_find(json, "token_introspection"), "active"), &is_active));
	assert_true(is_active);
	lk_json_free(json);
	introspect_signed(world, "lk_at_x", &reply);
	json = opened(&node, &reply);
	assert_true(lk_json_to_bool(
	    lk_json_find(lk_json_find(json, "token_introspection"), "active"), &is_active));
	assert_false(is_active);
	lk_json_free(json);
	world->fast.signing = NULL;
	node_end(&node);
}

static void
without_a_key_nothing_is_answered_to_who_wants_it_signed(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	give(*state, &given);
	introspect_signed(*state, given.token, &reply);
	assert_int_equal(reply.status, 503);
	assert_says_not(&reply, "active");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, token_begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(a_live_token_is_told_to_its_resource_server),
	    T(a_robots_token_names_nobody),
	    T(a_robots_token_is_dead_outside_its_hours),
	    T(dead_and_malformed_tokens_are_two_words),
	    T(a_token_whose_grant_has_ended_is_dead),
	    T(another_applications_token_is_two_words),
	    T(a_token_for_one_resource_is_nothing_at_another),
	    T(less_than_the_grant_is_what_is_told),
	    T(the_token_of_an_application_that_is_gone_is_dead),
	    T(who_asks_must_prove_it),
	    T(a_token_in_the_address_is_not_read),
	    T(two_tokens_at_once_are_refused),
	    T(without_the_store_nothing_is_said_of_a_token),
	    cmocka_unit_test_setup_teardown(the_answer_is_signed_for_who_wants_it_so, signing_begin,
					    world_end),
	    T(without_a_key_nothing_is_answered_to_who_wants_it_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
