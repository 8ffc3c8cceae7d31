/* SPDX-License-Identifier: MIT */
/* Applications guessed at: RFC 6749 s2.3.1, at each door where one shows who it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/oauth_help.h"

#define LIMIT	  30 /* lockout.policy as shipped, in 300 seconds */
#define ELSEWHERE "198.51.100.9"
#define ROBOT	  "grant_type=client_credentials&token=x"
#define ASSERTING                                                                                  \
	"token=x&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"     \
	"jwt-bearer&client_assertion="

static const char *const doors[] = {"/introspect", "/revoke", "/token", "/device_authorization"};
#define DOOR_COUNT (sizeof doors / sizeof doors[0])

static struct reply reply;

static int
ask(struct world *world, const struct program *sent)
{
	program(world, NULL, sent, &reply);
	return reply.status;
}

/* As client_id, in the header, at one door from one address. */
static int
show(struct world *world, const char *client_id, const char *secret, const char *address)
{
	struct program sent = {.path = "/introspect",
			       .body = "token=x",
			       .authorization = basic_of(client_id, secret),
			       .address = address};

	return ask(world, &sent);
}

static const char *
wrong_secret(void)
{
	static char text[32];
	static int next;

	snprintf(text, sizeof text, "wrong %d", ++next);
	return text;
}

static int
guess(struct world *world, const char *client_id, const char *address)
{
	return show(world, client_id, wrong_secret(), address);
}

static void
fill(struct world *world, const char *client_id, const char *address)
{
	for (int i = 0; i < LIMIT; i++)
		assert_int_equal(guess(world, client_id, address), 401);
}

static void
thirty_wrong_secrets_are_too_many_and_the_right_one_too(void **state)
{
	struct world *world = *state;

	fill(world, "files", NULL);
	assert_int_equal(guess(world, "files", NULL), 429);
	assert_string_equal(told(&reply, "error"), "temporarily_unavailable");
	assert_string_equal(reply.type, "application/json");
	assert_int_equal(reply.retry_after_s, 60);
	assert_int_equal(show(world, "files", SECRET, NULL), 429); /* or it could be guessed */
	world_pass(world, 10);
	assert_int_equal(show(world, "files", SECRET, NULL), 200);
	assert_int_equal(guess(world, "files", NULL), 401);
	assert_int_equal(guess(world, "files", NULL), 429);
	world_pass(world, 300);
	fill(world, "files", NULL);
}

static void
no_stranger_stops_an_application(void **state)
{
	static const char *const strangers[] = {"192.0.2.7", "2001:db8:1:2::7"};
	struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		fill(world, "files", strangers[i]);
		assert_int_equal(guess(world, "files", strangers[i]), 429);
	}
	assert_int_equal(guess(world, "files", "2001:db8:1:2:ffff::1"), 429); /* the same /64 */
	assert_int_equal(show(world, "files", SECRET, "2001:db8:1:3::7"), 200);
	assert_int_equal(show(world, "files", SECRET, ELSEWHERE), 200);
	/* Nor the others where it is. */
	assert_int_equal(show(world, "payroll", SECRET, NULL), 200);
}

static void
all_doors_count_together(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < LIMIT; i++) {
		struct program sent = {.path = doors[(size_t)i % DOOR_COUNT],
				       .body = ROBOT,
				       .authorization = basic_of("robot", wrong_secret())};

		assert_int_equal(ask(world, &sent), 401);
	}
	for (size_t i = 0; i < DOOR_COUNT; i++) {
		struct program sent = {
		    .path = doors[i], .body = ROBOT, .authorization = basic_of("robot", SECRET)};

		assert_int_equal(ask(world, &sent), 429);
		sent.address = ELSEWHERE;
		assert_int_not_equal(ask(world, &sent), 429);
	}
}

static void
a_secret_in_the_body_counts_as_well(void **state)
{
	struct world *world = *state;
	struct program sent = {.path = "/token"};
	char body[256];

	for (int i = 0; i <= LIMIT; i++) {
		snprintf(body, sizeof body, ROBOT "&client_id=posts&client_secret=%s",
			 wrong_secret() + sizeof "wrong" - 1);
		sent.body = body;
		assert_int_equal(ask(world, &sent), i < LIMIT ? 401 : 429);
	}
}

static const char *
assertion(const struct world *world, const char *aud)
{
	static char body[4096];
	static int next;
	char claims[256];

	snprintf(claims, sizeof claims,
		 "{'iss':'keyed','sub':'keyed','aud':'%s','exp':EXP,'jti':'g%d'}", aud, ++next);
	snprintf(body, sizeof body, "%s%s", ASSERTING,
		 assertion_of(claims, world->clock.wall_s + 60));
	return body;
}

static void
assertions_count_as_well_and_one_shown_again(void **state)
{
	struct world *world = *state;
	struct program sent = {.path = "/introspect"};

	sent.body = assertion(world, ISSUER);
	assert_int_equal(ask(world, &sent), 200);
	assert_int_equal(ask(world, &sent), 401);
	for (int i = 1; i < LIMIT; i++) {
		sent.body = assertion(world, "https://evil.example");
		assert_int_equal(ask(world, &sent), 401);
	}
	sent.body = assertion(world, ISSUER);
	assert_int_equal(ask(world, &sent), 429);
	sent.address = ELSEWHERE;
	assert_int_equal(ask(world, &sent), 200); /* nothing was spent before */
}

/* One of four that was left behind with the secret of last year leaves the other three alone. */
static void
an_old_secret_again_and_again_counts_once(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(show(world, "files", "of last year", NULL), i < LIMIT ? 401 : 429);
		assert_int_equal(show(world, "files", SECRET, NULL), 200);
	}
	for (int i = 1; i < LIMIT; i++)
		assert_int_equal(guess(world, "files", NULL), 401);
	assert_int_equal(show(world, "files", SECRET, NULL), 429);
}

/* Dovecot's mail programs, health checks and the curious: nothing is guessed. */
static void
who_shows_nothing_does_not_guess(void **state)
{
	struct world *world = *state;
	struct program sent = {.path = "/introspect", .body = "token=x&client_id=files"};

	for (int i = 0; i <= LIMIT; i++)
		assert_int_equal(ask(world, &sent), 401);
	sent.authorization = "Basic !!";
	for (int i = 0; i <= LIMIT; i++)
		assert_int_equal(ask(world, &sent), 401);
	assert_int_equal(show(world, "files", SECRET, NULL), 200);
}

static void
a_name_nobody_has_reads_alike(void **state)
{
	static struct reply again;
	struct world *world = *state;

	for (int i = 0; i <= LIMIT; i++) {
		int known = guess(world, "files", NULL);

		again = reply;
		assert_int_equal(guess(world, "nobody", NULL), known);
		assert_string_equal(reply.body, again.body);
		assert_string_equal(reply.headers, again.headers);
	}
	assert_int_equal(reply.status, 429);
}

/* Ten names an address may be wrong about in full; then it has tried enough of them. */
static void
one_address_that_tries_names_is_refused_with_all_of_them(void **state)
{
	struct world *world = *state;
	char name[32];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "name-%d", i);
		assert_int_equal(guess(world, name, NULL), 401);
	}
	assert_int_equal(show(world, "files", SECRET, NULL), 429);
	assert_int_equal(show(world, "files", SECRET, ELSEWHERE), 200);
	world_pass(world, 1);
	assert_int_equal(show(world, "files", SECRET, NULL), 200);
}

static void
an_organisation_sets_other_limits(void **state)
{
	struct world *world = *state;

	world_policy(world, "lockout.policy",
		     "[default]\nwrong_secrets = 3\nsecret_window = 1 h\n");
	for (int i = 0; i < 3; i++)
		assert_int_equal(guess(world, "files", NULL), 401);
	assert_int_equal(guess(world, "files", NULL), 429);
	world_pass(world, 1199);
	assert_int_equal(show(world, "files", SECRET, NULL), 429);
	world_pass(world, 1);
	assert_int_equal(show(world, "files", SECRET, NULL), 200);
}

static int64_t began_mono_ms;

/* Stands still however busy the machine is. */
static int64_t
held_mono_ms(const struct lk_clock *clock)
{
	return began_mono_ms + ((const struct help_clock *)clock)->mono_ms;
}

static int
begin(void **state)
{
	int failed = oauth_begin(state);

	began_mono_ms = lk_clock_mono_ms(lk_clock_system());
	if (failed == 0)
		((struct world *)*state)->clock.clock.mono_ms = held_mono_ms;
	return failed;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(thirty_wrong_secrets_are_too_many_and_the_right_one_too),
	    TEST(no_stranger_stops_an_application),
	    TEST(all_doors_count_together),
	    TEST(a_secret_in_the_body_counts_as_well),
	    TEST(assertions_count_as_well_and_one_shown_again),
	    TEST(an_old_secret_again_and_again_counts_once),
	    TEST(who_shows_nothing_does_not_guess),
	    TEST(a_name_nobody_has_reads_alike),
	    TEST(one_address_that_tries_names_is_refused_with_all_of_them),
	    TEST(an_organisation_sets_other_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
