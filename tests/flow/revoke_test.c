/* SPDX-License-Identifier: MIT */
/* Applications give back what they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "audit/read.h"
#include "support/token_help.h"

static void
give_back(struct world *world, const char *asker, const char *token, struct reply *out)
{
	char body[512];
	struct program sent = {.path = "/revoke",
			       .body = body,
			       .authorization = asker == NULL ? NULL : basic(asker, SECRET)};

	snprintf(body, sizeof body, "token=%s&token_type_hint=access_token", token);
	program(world, NULL, &sent, out);
}

static bool
is_alive(struct world *world, const struct given *given)
{
	static struct reply reply;
	char header[128];
	struct program sent = {.path = "/userinfo", .body = NULL, .authorization = header};

	snprintf(header, sizeof header, "Bearer %s", given->token);
	program(world, NULL, &sent, &reply);
	return reply.status == 200;
}

static const char *
refresh_of(const struct world *world, const struct given *given)
{
	static char text[128];
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct token_refresh refresh = {given->selector, given->grant.revision};

	snprintf(text, sizeof text, "%.*s",
		 LK_STR_ARGS(token_refresh_make(world->ring, &refresh, arena)));
	lk_arena_free(arena);
	return text;
}

static void
an_access_token_given_back_is_dead_and_its_grant_is_not(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	assert_true(is_alive(world, &given));
	give_back(world, "intranet", given.token, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/json");
	assert_false(is_alive(world, &given));
	assert_int_equal(fake_store_count(&world->store, FAKE_GRANT, given.grant.person_id), 1);
	assert_int_equal(audited(world, "token_revoked", NULL), 1);
}

static void
a_refresh_token_given_back_takes_all_with_it(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	give_back(world, "intranet", refresh_of(world, &given), &reply);
	assert_int_equal(reply.status, 200);
	assert_false(is_alive(world, &given));
	assert_int_equal(fake_store_count(&world->store, FAKE_GRANT, given.grant.person_id), 0);
	assert_int_equal(audited(world, "token_revoked", NULL), 1);
}

static bool
key_take(const struct audit_record *record, void *out_key)
{
	struct lk_str rest = record->line.detail, word;

	if (record->line.event != AUDIT_TOKEN_REVOKED)
		return true;
	assert_true(lk_str_split(&rest, ' ', &word));
	assert_true(lk_str_is(word, "access_token"));
	assert_true(token_key_read(rest, out_key));
	return true;
}

/* Of a person all grants end once more with an old memory of the store; a robot has none. */
static void
the_audit_names_a_robots_token_by_its_key(void **state)
{
	static struct reply reply;
	struct audit_query query = {.since_s = 0};
	struct crypto_digest key = {{0}};
	struct world *world = *state;
	struct given given;

	robot_give(world, &given);
	give_back(world, "robot", given.token, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(audit_read(world->log, &query, key_take, &key), LK_OK);
	assert_memory_equal(&key, &given.key, sizeof key);
}

/* And learns nothing of it. */
static void
nobody_ends_anothers_token(void **state)
{
	static struct reply reply, unknown;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	give_back(world, "other", "lk_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &unknown);
	give_back(world, "other", given.token, &reply);
	assert_int_equal(reply.status, unknown.status);
	assert_string_equal(reply.body, unknown.body);
	give_back(world, "other", refresh_of(world, &given), &reply);
	assert_int_equal(reply.status, unknown.status);
	assert_string_equal(reply.body, unknown.body);
	assert_true(is_alive(world, &given));
	assert_int_equal(audited(world, "token_revoked", NULL), 0);
}

/* RFC 7009 s2.2: what it asked for is so already. */
static void
what_is_no_token_is_gone_already(void **state)
{
	static const char *const tokens[] = {"x", "%ff", "%00", "lk_rt_x", "a.b.c"};
	static struct reply reply;

	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		give_back(*state, "intranet", tokens[i], &reply);
		assert_int_equal(reply.status, 200);
	}
}

static void
codes_cannot_be_given_back(void **state)
{
	static struct reply reply;

	give_back(*state, "intranet", "lk_ac_x", &reply);
	assert_int_equal(reply.status, 400);
	assert_says(&reply, "\"error\":\"unsupported_token_type\"");
}

static void
who_gives_back_must_prove_it(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	give_back(world, NULL, given.token, &reply);
	assert_int_equal(reply.status, 401);
	assert_true(is_alive(world, &given));
}

static enum lk_err
down(void *context, const char *verb)
{
	(void)context;
	(void)verb;
	return LK_E_STORE_DOWN;
}

/* Never "it is gone" for "do not know". */
static void
without_the_store_nothing_is_given_back(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = given_new(world);

	give(world, &given);
	world->store.hook = down;
	give_back(world, "intranet", given.token, &reply);
	assert_int_equal(reply.status, 503);
	assert_true(reply.retry_after_s > 0);
	world->store.hook = NULL;
	assert_true(is_alive(world, &given));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, token_begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(an_access_token_given_back_is_dead_and_its_grant_is_not),
	    T(a_refresh_token_given_back_takes_all_with_it),
	    T(the_audit_names_a_robots_token_by_its_key),
	    T(nobody_ends_anothers_token),
	    T(what_is_no_token_is_gone_already),
	    T(codes_cannot_be_given_back),
	    T(who_gives_back_must_prove_it),
	    T(without_the_store_nothing_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
