/* SPDX-License-Identifier: MIT */
/* Jobs in steps: every job × state × event, and every page of a job at every state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/flow_help.h"

static struct reply reply;

static bool
leads(enum job job, enum state from, enum event event, enum state to)
{
	enum state next;

	return steps_next(job, from, event, &next) == LK_OK && next == to;
}

/* Rows of steps.def, counted by walking all there could be. */
static void
what_is_not_listed_cannot_happen(void **state)
{
	int rows = 0, found = 0;
	enum state next;

	(void)state;
#define LK_STEP(job, from, event, to)                                                              \
	assert_true(leads(JOB_##job, STATE_##from, EVENT_##event, STATE_##to));                    \
	rows++;
#include "tables/steps.def"
	for (int job = JOB_NONE; job <= JOB_COUNT; job++)
		for (int from = STATE_START; from <= STATE_COUNT; from++)
			for (int event = EVENT_NONE; event <= EVENT_COUNT; event++)
				found += steps_next((enum job)job, (enum state)from,
						    (enum event)event, &next) == LK_OK;
	assert_int_equal(found, rows);
}

/* Nobody comes to the end of these but by the one event that may end them. */
static void
a_reset_ends_only_with_a_password_claimed_and_set(void **state)
{
	static const enum job jobs[] = {JOB_RESET, JOB_CHANGE};
	enum state next;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (int from = STATE_START; from < STATE_COUNT; from++)
			for (int event = EVENT_NONE; event < EVENT_COUNT; event++) {
				if (steps_next(jobs[i], (enum state)from, (enum event)event,
					       &next) != LK_OK ||
				    next != STATE_DONE)
					continue;
				assert_int_equal(from, STATE_SETTING);
				assert_int_equal(event, EVENT_PASSWORD_SET);
			}
	assert_false(leads(JOB_SIGNIN, STATE_PASSWORD, EVENT_PASSWORD_SET, STATE_DONE));
	assert_false(leads(JOB_ENROL, STATE_SEED, EVENT_CODES_SAVED, STATE_DONE));
}

static void
journey_put(struct world *world, struct browser *browser, enum job job, enum state stands)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_why why = {.len = 0};
	struct lk_call call = {&world->clock.clock, arena, &why, 0};
	struct store_journey journey = {
	    .job = (uint8_t)job,
	    .state = (uint8_t)stands,
	    .revision = 1,
	    .person_id = world->asha->person.id,
	    .username = world->asha->person.username,
	    .note = LK_STR("0 0 "),
	    .epoch = world->store.epoch,
	    .at_s = world->clock.wall_s,
	    .began_at_s = world->clock.wall_s,
	};
	struct crypto_digest key;
	struct store_change change = {
	    .kind = STORE_JOURNEY_PUT, .key = &key, .journey = &journey, .life_s = 900};
	struct store_result result;

	steps_key(world->ring, lk_str_c(browser->cookie[COOKIE_BROWSER]), job, &key);
	store_begin(&world->store, &call);
	assert_int_equal(store_commit(&world->store, &change, 1, &result), LK_OK);
	world->store.call = NULL;
	lk_arena_free(arena);
}

static void
fields_fill(uint32_t fields, char out[1024])
{
	out[0] = '\0';
	if ((fields & F_username) != 0)
		field(out, "username", ASHA);
	if ((fields & F_password) != 0)
		field(out, "password", "not my password");
	if ((fields & F_code) != 0)
		field(out, "code", "000000");
	if ((fields & F_recovery) != 0)
		field(out, "recovery", "AAAA-AAAA");
	if ((fields & F_new_password) != 0)
		field(out, "new-password", NEW_PASSWORD);
}

/* SECURITY 0.1: with nothing shown, no page of no state changes anything or lets anybody in. */
static void
no_page_at_no_state_lets_in_who_has_shown_nothing(void **state)
{
	struct world *world = *state;
	char fields[1024];
	int asked = 0;

	for (size_t i = 0; i < flow_route_count; i++) {
		const struct route *route = &flow_routes[i];

		for (int at = STATE_START; at < STATE_COUNT && route->job != JOB_NONE; at++) {
			struct browser browser = {0};

			get(world, &browser, "/signin", &reply);
			journey_put(world, &browser, (enum job)route->job, (enum state)at);
			fields_fill(route->fields, fields);
			if (route->method == METHOD_GET)
				get(world, &browser, route->path, &reply);
			else
				post(world, &browser, route->path, fields, &reply);
			if (reply.status != 200 && reply.status != 303 && reply.status != 423 &&
			    !(reply.status == 500 && route->job == JOB_ENROL) &&
			    !(reply.status >= 400 && reply.status <= 404 &&
			      route->guard == GUARD_AUTHORIZE))
				fail_msg("%s at %d: %d", route->name, at, reply.status);
			asked++;
		}
	}
	assert_in_range(asked, 200, 400);
	assert_string_equal(world->asha->password, OLD_PASSWORD);
	assert_string_equal(world->asha->totp_name, "Old phone");
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 0);
	assert_int_equal(audited(world, "unlocked", NULL), 0);
}

/* The browser's cookie alone, known to whoever put it there, leads to nobody's half-done job. */
static void
a_planted_browser_cookie_leads_nowhere(void **state)
{
	struct world *world = *state;
	struct browser attacker = {0}, victim = {0};
	char fields[1024] = "";

	get(world, &attacker, "/signin", &reply);
	victim = attacker;
	field(fields, "username", ASHA);
	field(fields, "password", OLD_PASSWORD);
	post(world, &victim, "/signin", fields, &reply);
	assert_way(&reply, "/signin/code");
	get(world, &attacker, "/signin/code", &reply);
	assert_way(&reply, "/signin");
	get(world, &victim, "/signin/code", &reply);
	assert_int_equal(reply.status, 200);
	fields[0] = '\0';
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, &attacker, "/signin/code", fields, &reply);
	assert_string_equal(attacker.cookie[COOKIE_SESSION], "");
	post(world, &victim, "/signin/code", fields, &reply);
	assert_string_not_equal(victim.cookie[COOKIE_SESSION], "");
}

static void
where_a_journey_stands_there_is_a_page(void **state)
{
	const struct route *route;

	(void)state;
	for (int job = JOB_SIGNIN; job < JOB_COUNT; job++)
		for (int at = STATE_START; at < STATE_COUNT; at++)
			assert_int_equal(
			    flow_route_find(METHOD_GET,
					    lk_str_c(steps_path((enum job)job, (enum state)at)),
					    &route),
			    LK_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_listed_cannot_happen),
	    cmocka_unit_test(a_reset_ends_only_with_a_password_claimed_and_set),
	    cmocka_unit_test(where_a_journey_stands_there_is_a_page),
	    cmocka_unit_test_setup_teardown(a_planted_browser_cookie_leads_nowhere, world_begin,
					    world_end),
	    cmocka_unit_test_setup_teardown(no_page_at_no_state_lets_in_who_has_shown_nothing,
					    world_begin, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
