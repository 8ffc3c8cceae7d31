/* SPDX-License-Identifier: MIT */
/* What applications hold, on a Redis of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_keys.h"
#include "support/grant_help.h"

static void
put_grant(uint8_t name, const struct store_grant *grant)
{
	struct crypto_digest key = help_digest(name);
	struct store_change change = {
	    .kind = STORE_GRANT_PUT, .key = &key, .grant = grant, .life_s = 60};

	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static void
put_grant_of(uint8_t name, struct lk_str sid)
{
	struct store_grant grant = make_grant(sid);

	put_grant(name, &grant);
}

static void
put_token(uint8_t name, const struct store_token *token)
{
	struct crypto_digest key = help_digest(name);
	struct store_change change = {.kind = STORE_TOKEN_PUT, .key = &key, .token = token};

	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static struct store_answer
fetch(uint8_t token, uint8_t grant)
{
	struct crypto_digest token_key = help_digest(token), grant_key = help_digest(grant);
	struct store_ask ask = {.token = &token_key, .grant = &grant_key};
	struct store_answer answer;

	help_begin(&h, 3000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	return answer;
}

static bool
has_grant(uint8_t name)
{
	struct crypto_digest key = help_digest(name);
	struct store_grant grant;
	enum lk_err err;

	help_begin(&h, 3000);
	err = store_grant_get(h.store, &key, &grant);
	assert_true(err == LK_OK || err == LK_E_NOT_FOUND);
	return err == LK_OK;
}

/* --- tokens and grants */

static void
a_token_and_its_grant_come_in_one_trip(void **state)
{
	struct store_token token = {
	    .made_at_s = now_s(), .ends_at_s = now_s() + 300, .has_grant = true};
	struct store_answer answer;

	(void)state;
	put_grant_of(2, SID_A);
	put_token(1, &token);
	help_redis_do(&redis, "CONFIG RESETSTAT");
	answer = fetch(1, 2);
	assert_true(answer.has_token && answer.has_grant);
	assert_int_equal(answer.token.ends_at_s, token.ends_at_s);
	assert_true(lk_str_is(answer.grant.sub, "sub-1"));
	assert_int_equal(help_redis_stat(&redis, "INFO commandstats", "cmdstat_mget:calls="), 1);
	assert_false(fetch(2, 2).has_token);
	assert_true(fetch(2, 2).has_grant);
}

static void
a_token_whose_grant_is_gone_is_none(void **state)
{
	struct store_token token = {
	    .made_at_s = now_s(), .ends_at_s = now_s() + 300, .has_grant = true};
	struct crypto_digest key = help_digest(2);
	struct store_change over = {.kind = STORE_GRANT_END, .key = &key};
	struct store_result result;

	(void)state;
	put_grant_of(2, SID_A);
	put_token(1, &token);
	assert_int_equal(commit(&over, 1, &result), LK_OK);
	assert_int_equal(result.ended_grant_count, 1);
	assert_false(fetch(1, 2).has_token || fetch(1, 2).has_grant);
	assert_int_equal(commit(&over, 1, &result), LK_OK);
	assert_int_equal(result.ended_grant_count, 0);
}

static void
a_robots_token_needs_no_grant_and_ends_by_itself(void **state)
{
	struct store_token token = {.made_at_s = now_s(),
				    .ends_at_s = now_s() + 300,
				    .client_id = LK_STR("nightly"),
				    .scope = LK_STR("payroll.read")};
	struct crypto_digest key = help_digest(1);
	struct store_change over = {.kind = STORE_TOKEN_END, .key = &key};

	(void)state;
	put_token(1, &token);
	assert_true(fetch(1, 2).has_token);
	assert_true(lk_str_is(fetch(1, 2).token.client_id, "nightly"));
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_false(fetch(1, 2).has_token);
}

static void
a_token_past_its_end_is_none_and_so_is_one_of_a_grant_past_its_own(void **state)
{
	struct store_token token = {
	    .made_at_s = now_s(), .ends_at_s = now_s() + 7200, .has_grant = true};

	(void)state;
	put_grant_of(2, SID_A);
	put_token(1, &token);
	h.clock.ahead_s = 3599;
	assert_true(fetch(1, 2).has_token);
	h.clock.ahead_s = 3600;
	assert_false(fetch(1, 2).has_token || has_grant(2));
	h.clock.ahead_s = -301;
	assert_false(fetch(1, 2).has_token || has_grant(2));
	h.clock.ahead_s = 0;
}

static void
a_grant_stays_in_the_store_until_its_end_at_least(void **state)
{
	struct store_key key;
	struct crypto_digest digest = help_digest(2);
	redisContext *there = help_redis_connect(&redis);
	redisReply *life;

	(void)state;
	put_grant_of(2, SID_A);
	store_key_digest(&key, STORE_KEY_GRANT, &digest);
	freeReplyObject(redisCommand(there, "SELECT 1"));
	life = redisCommand(there, "TTL %b", key.bytes, key.len);
	assert_in_range(life->integer, 3590, 3600);
	freeReplyObject(life);
	redisFree(there);
}

static enum lk_err
move_grant(uint32_t from, uint32_t to)
{
	struct crypto_digest key = help_digest(2);
	struct store_grant grant = make_grant(SID_A);
	struct store_change change = {
	    .kind = STORE_GRANT_MOVE, .key = &key, .grant = &grant, .revision = from, .life_s = 60};

	grant.revision = to;
	return commit(&change, 1, NULL);
}

static void
a_grant_moves_only_from_where_it_stands_and_never_out_of_nothing(void **state)
{
	struct crypto_digest key = help_digest(2);
	struct store_change over = {.kind = STORE_GRANT_END, .key = &key};
	struct store_grant of_old;

	(void)state;
	assert_int_equal(move_grant(0, 1), LK_E_STORE_CONFLICT);
	of_old = make_grant(SID_A);
	of_old.epoch--;
	put_grant(2, &of_old); /* a refresh token may be of an earlier epoch */
	assert_int_equal(move_grant(1, 2), LK_E_STORE_CONFLICT);
	assert_int_equal(move_grant(0, 1), LK_OK);
	assert_int_equal(move_grant(0, 1), LK_E_STORE_CONFLICT);
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_int_equal(move_grant(1, 2), LK_E_STORE_CONFLICT);
	assert_false(has_grant(2));
}

/* --- ending what a person or a session gave */

static struct store_grant_row *
listed(const struct store_grants_of *whose, size_t *out_count)
{
	struct store_grant_row *rows;

	help_begin(&h, 3000);
	assert_int_equal(store_grants_find(h.store, whose, 100, &rows, out_count), LK_OK);
	return rows;
}

static size_t
count_of(struct lk_str person_id, struct lk_str sid)
{
	struct store_grants_of whose = {person_id, sid};
	size_t count;

	(void)listed(&whose, &count);
	return count;
}

static void
grants_are_listed_under_their_person_and_their_session(void **state)
{
	struct store_grants_of whose = {.sid = SID_A};
	struct crypto_digest key = help_digest(1);
	struct store_change over = {.kind = STORE_GRANT_END, .key = &key};
	struct store_grant_row *rows;
	size_t count;

	(void)state;
	put_grant_of(1, SID_A);
	put_grant_of(2, SID_B);
	rows = listed(&whose, &count);
	assert_int_equal(count, 1);
	assert_memory_equal(rows[0].key.bytes, key.bytes, 16);
	assert_true(lk_str_is(rows[0].client_id, "mail") && lk_str_is(rows[0].sub, "sub-1"));
	assert_true(lk_str_is_equal(rows[0].sid, SID_A) && !rows[0].is_offline);
	assert_int_equal(count_of(LK_STR("person-a"), LK_STR("")), 2);
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_int_equal(count_of(LK_STR(""), SID_A), 0);
	assert_int_equal(count_of(LK_STR("person-a"), LK_STR("")), 1);
	help_begin(&h, 3000);
	whose = (struct store_grants_of){.sid = {NULL, 0}};
	assert_int_equal(store_grants_find(h.store, &whose, 1, &rows, &count), LK_E_FORMAT);
}

static void
the_end_of_a_session_ends_its_grants_but_those_for_when_nobody_is_there(void **state)
{
	struct store_change over = {.kind = STORE_GRANTS_END_SESSION, .sid = SID_A};
	struct store_grant offline = make_grant(SID_A);
	struct store_result result;

	(void)state;
	offline.is_offline = true;
	put_grant_of(1, SID_A);
	put_grant_of(2, SID_B);
	put_grant(3, &offline);
	assert_int_equal(count_of(LK_STR(""), SID_A), 2);
	assert_int_equal(commit(&over, 1, &result), LK_OK);
	assert_int_equal(result.ended_grant_count, 1);
	assert_false(has_grant(1));
	assert_true(has_grant(2) && has_grant(3));
	assert_int_equal(count_of(LK_STR(""), SID_A), 0);
	assert_int_equal(count_of(LK_STR("person-a"), LK_STR("")), 2);
}

static void
ending_all_of_a_person_keeps_one_session_if_it_is_named(void **state)
{
	struct store_change all = {
	    .kind = STORE_GRANTS_END_ALL, .person_id = LK_STR("person-a"), .sid = SID_A};
	struct store_grant offline = make_grant(SID_A), other = make_grant(SID_B);
	struct store_result result;

	(void)state;
	offline.is_offline = true;
	other.person_id = LK_STR("person-b");
	put_grant_of(1, SID_A);
	put_grant_of(2, SID_B);
	put_grant(3, &offline);
	put_grant(4, &other);
	assert_int_equal(commit(&all, 1, &result), LK_OK);
	assert_int_equal(result.ended_grant_count, 2);
	assert_true(has_grant(1) && has_grant(4));
	assert_false(has_grant(2) || has_grant(3));
	all.sid = (struct lk_str){NULL, 0};
	assert_int_equal(commit(&all, 1, &result), LK_OK);
	assert_false(has_grant(1));
	assert_true(has_grant(4));
}

static void
ending_all_sessions_ends_all_grants(void **state)
{
	struct crypto_digest keep = help_digest(9);
	struct store_change all = {
	    .kind = STORE_SESSIONS_END_ALL, .person_id = LK_STR("person-a"), .key = &keep};
	struct store_result result;

	(void)state;
	put_grant_of(1, SID_A);
	put_grant_of(2, SID_B);
	assert_int_equal(commit(&all, 1, &result), LK_OK);
	assert_int_equal(result.ended_grant_count, 2);
	assert_false(has_grant(1) || has_grant(2));
}

static void
a_replayed_revocation_ends_grants_up_to_its_time(void **state)
{
	struct store_grant old = make_grant(SID_A), later = make_grant(SID_A);

	(void)state;
	old.auth_at_s = now_s() - 10;
	later.auth_at_s = now_s() - 9;
	put_grant(1, &old);
	put_grant(2, &later);
	help_begin(&h, 3000);
	assert_int_equal(store_epoch_replay(h.store, LK_STR("person-a"), now_s() - 10), LK_OK);
	assert_false(has_grant(1));
	assert_true(has_grant(2));
}

static void
a_replay_of_a_grants_end_leaves_the_session(void **state)
{
	struct crypto_digest key = help_digest(7);
	struct store_session session = help_session(&h);
	struct store_change put = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};
	struct store_ask ask = {.session = &key};
	struct store_answer answer;

	(void)state;
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	put_grant_of(1, SID_A);
	help_begin(&h, 3000);
	assert_int_equal(store_epoch_replay_grants(h.store, LK_STR("person-a"), now_s()), LK_OK);
	assert_false(has_grant(1));
	help_begin(&h, 3000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_true(answer.has_session);
}

static void
a_replay_of_a_robots_tokens_end_ends_that_one(void **state)
{
	struct store_token token = {
	    .made_at_s = now_s(), .ends_at_s = now_s() + 300, .client_id = LK_STR("nightly")};
	struct crypto_digest key = help_digest(1);

	(void)state;
	put_token(1, &token);
	put_token(2, &token);
	help_begin(&h, 3000);
	assert_int_equal(store_epoch_replay_token(h.store, &key), LK_OK);
	assert_false(fetch(1, 3).has_token);
	assert_true(fetch(2, 3).has_token);
}

/* One that was renewed to 2 and stands at 1 was forgotten; of the others nothing was. */
static void
a_replay_of_renewals_ends_what_stands_at_an_older_revision(void **state)
{
	struct store_renewed told[STORE_RENEWED_MAX];
	struct store_grant grant = make_grant(SID_A);
	uint8_t i;

	(void)state;
	for (i = 0; i < STORE_RENEWED_MAX; i++) {
		grant.revision = i % 3 + 1u;
		told[i] = (struct store_renewed){help_digest(i + 1), 2};
		if (i < STORE_RENEWED_MAX - 1) /* the last is not there at all */
			put_grant(i + 1, &grant);
	}
	help_begin(&h, 3000);
	assert_int_equal(store_epoch_replay_renewed(h.store, told, 0), LK_OK);
	assert_int_equal(store_epoch_replay_renewed(h.store, told, STORE_RENEWED_MAX), LK_OK);
	for (i = 0; i < STORE_RENEWED_MAX - 1; i++)
		assert_int_equal(has_grant(i + 1), i % 3 > 0);
	assert_false(has_grant(STORE_RENEWED_MAX));
}

static enum lk_err
redeem(struct lk_str sid)
{
	struct crypto_digest key = help_digest(8);
	struct store_grant grant = make_grant(sid);
	struct store_change put = {
	    .kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60};

	return commit(&put, 1, NULL);
}

static void
put_session(uint8_t name, struct lk_str sid)
{
	struct crypto_digest key = help_digest(name);
	struct store_session session = help_session(&h);
	struct store_change put = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	session.sid = sid;
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
}

/* A code was given, then the session ended, then somebody comes with the code. */
static void
what_an_ended_session_gave_is_worth_nothing(void **state)
{
	struct crypto_digest one = help_digest(6), other = help_digest(7);
	struct store_change over = {
	    .kind = STORE_SESSION_END, .key = &one, .person_id = LK_STR("person-a")};
	struct store_change all = {
	    .kind = STORE_SESSIONS_END_ALL, .key = &other, .person_id = LK_STR("person-a")};
	struct store_change grants = {.kind = STORE_GRANTS_END_SESSION, .sid = SID_B};

	(void)state;
	put_session(6, SID_A);
	put_session(7, SID_B);
	assert_int_equal(redeem(SID_A), LK_OK);
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_int_equal(redeem(SID_A), LK_E_STORE_CONFLICT);
	assert_false(has_grant(8));
	assert_int_equal(redeem(SID_B), LK_OK);
	put_session(6, SID_A); /* the same browser signed in again and kept its name */
	assert_int_equal(redeem(SID_A), LK_OK);
	assert_int_equal(commit(&all, 1, NULL), LK_OK);
	assert_int_equal(redeem(SID_A), LK_E_STORE_CONFLICT);
	assert_int_equal(redeem(SID_B), LK_OK);
	assert_int_equal(commit(&grants, 1, NULL), LK_OK);
	assert_int_equal(redeem(SID_B), LK_E_STORE_CONFLICT);
}

/* Somebody with more grants than anybody needs loses those that end first. */
static void
the_grants_of_one_person_are_bounded(void **state)
{
	struct store_grant grant = make_grant(SID_A);
	struct store_change changes[20];
	struct crypto_digest keys[20];
	struct store_grants_of whose = {.person_id = LK_STR("person-a")};
	struct store_grant_row *rows;
	size_t count;

	(void)state;
	for (int i = 0; i < 520; i += 20) {
		for (int at = 0; at < 20; at++) {
			keys[at] = help_digest((uint8_t)((i + at) >> 8));
			keys[at].bytes[0] = (uint8_t)(i + at);
			changes[at] = (struct store_change){.kind = STORE_GRANT_PUT,
							    .key = &keys[at],
							    .grant = &grant,
							    .life_s = 3600 + i + at};
		}
		assert_int_equal(commit(changes, 20, NULL), LK_OK);
	}
	help_begin(&h, 3000);
	assert_int_equal(store_grants_find(h.store, &whose, 1000, &rows, &count), LK_OK);
	assert_int_equal(count, 500);
	assert_memory_equal(rows[0].key.bytes, keys[19].bytes, 16);
	assert_false(has_grant(0));
}

static void
of_fifty_who_rotate_one_grant_one_wins(void **state)
{
	struct crypto_digest key = help_digest(2);
	struct store_grant grant = make_grant(SID_A);
	struct store_change change = {
	    .kind = STORE_GRANT_MOVE, .key = &key, .grant = &grant, .life_s = 60};
	int won;

	(void)state;
	put_grant(2, &grant);
	grant.revision = 1;
	run_race(&change, LK_E_STORE_CONFLICT, &won);
	assert_int_equal(won, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_token_and_its_grant_come_in_one_trip),
	    TEST(a_token_whose_grant_is_gone_is_none),
	    TEST(a_robots_token_needs_no_grant_and_ends_by_itself),
	    TEST(a_token_past_its_end_is_none_and_so_is_one_of_a_grant_past_its_own),
	    TEST(a_grant_stays_in_the_store_until_its_end_at_least),
	    TEST(a_grant_moves_only_from_where_it_stands_and_never_out_of_nothing),
	    TEST(grants_are_listed_under_their_person_and_their_session),
	    TEST(the_end_of_a_session_ends_its_grants_but_those_for_when_nobody_is_there),
	    TEST(ending_all_of_a_person_keeps_one_session_if_it_is_named),
	    TEST(ending_all_sessions_ends_all_grants),
	    TEST(a_replayed_revocation_ends_grants_up_to_its_time),
	    TEST(a_replay_of_a_grants_end_leaves_the_session),
	    TEST(a_replay_of_a_robots_tokens_end_ends_that_one),
	    TEST(a_replay_of_renewals_ends_what_stands_at_an_older_revision),
	    TEST(what_an_ended_session_gave_is_worth_nothing),
	    TEST(the_grants_of_one_person_are_bounded),
	    TEST(of_fifty_who_rotate_one_grant_one_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
