/* SPDX-License-Identifier: MIT */
/* Secrets that were right a moment ago, and everything that makes them not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/client_auth.h"
#include "flow/client_memory.h"
#include "flow/guesses.h"
#include "support/oauth_help.h"

#define LIMIT 30 /* lockout.policy as shipped */
#define ROBOT "grant_type=client_credentials"

static struct reply reply;
static struct lk_arena *arena;

/* What one loop is asked, by whoever shows this. */
static struct req
shows(const struct world *world, const char *authorization, const char *secret)
{
	struct req req = {.method = METHOD_POST,
			  .arena = arena,
			  .address = LK_STR("192.0.2.7"),
			  .clients = world->clients};

	req.header[HEADER_authorization] = lk_str_c(authorization);
	if (secret != NULL) {
		req.param[PARAM_client_id] = LK_STR("posts");
		req.param[PARAM_client_secret] = lk_str_c(secret);
	}
	return req;
}

static bool
is_known(const struct world *world, const struct req *req)
{
	struct client_memory_key key;

	return client_memory_find(&world->fast, req, &key) != NULL;
}

static bool
is_right(const struct world *world, const struct req *req)
{
	struct client client;

	return client_authenticate(&world->fast, req, &client) == LK_OK;
}

static int
memory_begin(void **state)
{
	int failed = oauth_begin(state);

	arena = lk_arena_new(65536, 1u << 20);
	return failed;
}

static int
memory_end(void **state)
{
	lk_arena_free(arena);
	return oauth_end(state);
}

static void
what_was_right_is_known_again(void **state)
{
	struct world *world = *state;
	struct req basic = shows(world, basic_of("robot", SECRET), NULL);
	struct req form = shows(world, NULL, SECRET);
	struct client client;

	assert_false(is_known(world, &basic));
	assert_true(is_right(world, &basic));
	assert_true(is_known(world, &basic));
	assert_true(is_right(world, &basic));
	assert_false(is_known(world, &form));
	assert_true(client_secret_check(&world->fast, &form, &client));
	assert_true(is_known(world, &form));
	/* By either of the two ways to ask it is the same application. */
	assert_int_equal(client_authenticate(&world->fast, &form, &client), LK_OK);
	assert_string_equal(client.application->client_id, "posts");
	assert_false(client.was_basic);
	assert_true(client_secret_check(&world->fast, &basic, &client));
	assert_string_equal(client.application->client_id, "robot");
	assert_true(client.was_basic);
}

static void
anything_else_is_not(void **state)
{
	struct world *world = *state;
	struct req right = shows(world, NULL, SECRET), other = right;

	assert_true(is_right(world, &right));
	other.address = LK_STR("192.0.2.8");
	assert_false(is_known(world, &other));
	other = right;
	other.param[PARAM_client_secret] = LK_STR(SECRET " ");
	assert_false(is_known(world, &other));
	other = right;
	other.param[PARAM_client_id] = LK_STR("robot");
	assert_false(is_known(world, &other));
	other = right;
	other.header[HEADER_authorization] = lk_str_c(basic_of("posts", SECRET));
	assert_false(is_known(world, &other)); /* two ways at once */
	assert_false(is_right(world, &other));
	other = right;
	other.param[PARAM_client_assertion] = LK_STR("a.b.c");
	assert_false(is_known(world, &other));
	assert_false(is_right(world, &other));
	other = right;
	other.clients = NULL; /* on a lane */
	assert_false(is_known(world, &other));
	assert_true(is_right(world, &other));
	assert_true(is_known(world, &right));
}

/* Wherever it falls in the memory. */
static void
no_other_secret_is(void **state)
{
	struct world *world = *state;
	struct req right = shows(world, basic_of("robot", SECRET), NULL);
	char secret[32];

	assert_true(is_right(world, &right));
	for (int i = 0; i < 1000; i++) {
		struct req other;

		snprintf(secret, sizeof secret, "other %d", i);
		other = shows(world, basic_of("robot", secret), NULL);
		assert_false(is_known(world, &other));
	}
	right = shows(world, basic_of("robot", SECRET), NULL);
	assert_true(is_known(world, &right));
}

static void
nobody_is_known_who_was_wrong_or_showed_no_secret(void **state)
{
	struct world *world = *state;
	struct req wrong = shows(world, basic_of("robot", "wrong"), NULL);
	struct req other_way = shows(world, basic_of("posts", SECRET), NULL);
	struct req public = shows(world, "Bearer x", NULL);

	public.param[PARAM_client_id] = LK_STR("page");
	for (int i = 0; i < 2; i++) {
		assert_false(is_right(world, &wrong));
		assert_false(is_right(world, &other_way));
		assert_true(is_right(world, &public));
		assert_false(is_known(world, &wrong));
		assert_false(is_known(world, &other_way));
		assert_false(is_known(world, &public));
	}
}

static void
it_is_forgotten_with_the_second_the_configuration_and_a_guess(void **state)
{
	struct world *world = *state;
	struct req right = shows(world, basic_of("robot", SECRET), NULL);
	struct req wrong = shows(world, basic_of("payroll", "wrong"), NULL);

	assert_true(is_right(world, &right));
	world_pass(world, 1);
	assert_false(is_known(world, &right));
	assert_true(is_right(world, &right));
	oauth_application(world, "robot", ""); /* the old one is freed */
	assert_false(is_known(world, &right));
	assert_true(is_right(world, &right));
	assert_false(is_right(world, &wrong)); /* whoever's */
	assert_false(is_known(world, &right));
	assert_true(is_right(world, &right));
	assert_true(is_known(world, &right));
}

/* Over the limit not even what is right is looked at, however lately it was. */
static void
a_secret_shown_from_where_too_much_was_wrong_is_refused(void **state)
{
	struct world *world = *state;
	struct program sent = {
	    .path = "/token", .body = ROBOT, .authorization = basic_of("robot", SECRET)};
	char wrong[32];

	program(world, NULL, &sent, &reply);
	program(world, NULL, &sent, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(world->light_count, 2);
	for (int i = 0; i < LIMIT; i++) {
		struct req guess;

		snprintf(wrong, sizeof wrong, "wrong %d", i);
		guess = shows(world, basic_of("robot", wrong), NULL);
		assert_false(is_right(world, &guess));
	}
	program(world, NULL, &sent, &reply);
	assert_int_equal(reply.status, 429);
}

static void
a_robot_that_ends_is_refused_from_that_second_on(void **state)
{
	struct world *world = *state;
	struct req right = shows(world, basic_of("robot", SECRET), NULL);
	struct client client;

	assert_int_equal(client_authenticate(&world->fast, &right, &client), LK_OK);
	world_pass(world, client.application->expires_at_s - 1 - world->clock.wall_s);
	assert_true(is_right(world, &right));
	assert_true(is_known(world, &right));
	world_pass(world, 1);
	assert_false(is_known(world, &right));
	assert_false(is_right(world, &right));
}

/* So many that each place is taken more than once. */
static void
whoever_is_put_out_is_looked_at(void **state)
{
	struct world *world = *state;
	char address[32];

	for (int i = 0; i < 1000; i++) {
		struct req right = shows(world, basic_of("robot", SECRET), NULL);

		snprintf(address, sizeof address, "192.0.2.%d", i % 250);
		right.address = lk_str_c(address);
		assert_true(is_right(world, &right));
		assert_true(is_known(world, &right));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, memory_begin, memory_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_right_is_known_again),
	    TEST(anything_else_is_not),
	    TEST(no_other_secret_is),
	    TEST(nobody_is_known_who_was_wrong_or_showed_no_secret),
	    TEST(it_is_forgotten_with_the_second_the_configuration_and_a_guess),
	    TEST(a_secret_shown_from_where_too_much_was_wrong_is_refused),
	    TEST(a_robot_that_ends_is_refused_from_that_second_on),
	    TEST(whoever_is_put_out_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
