/* SPDX-License-Identifier: MIT */
/* What happens to a Redis, and what may never be said then: SECURITY F1 to F6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "store/store_try.h"
#include "support/store_help.h"

#define TIMEOUT_MS 300

static struct help_redis redis;
static struct store_shared *shared;
static struct help_store h;

static int
begin_with(const char *const *extra)
{
	help_redis_start(&redis, extra);
	shared = help_shared(&redis, TIMEOUT_MS, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	return begin_with(NULL);
}

static int
end(void **state)
{
	(void)state;
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&redis);
	return 0;
}

static enum lk_err
fetch_in(int deadline_ms, struct store_answer *out)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key};

	help_begin(&h, deadline_ms);
	return store_fetch(h.store, &ask, out);
}

static enum lk_err
fetch(struct store_answer *out)
{
	return fetch_in(2000, out);
}

static enum lk_err
commit(const struct store_change *changes, size_t count)
{
	help_begin(&h, 2000);
	return store_commit(h.store, changes, count, NULL);
}

static enum lk_err
spend(uint64_t step)
{
	struct store_change change = {.kind = STORE_SPEND,
				      .mark = STORE_MARK_TOTP,
				      .value = step,
				      .person_id = LK_STR("person-a"),
				      .life_s = 90};

	return commit(&change, 1);
}

static enum lk_err
put_session(void)
{
	struct crypto_digest key = help_digest(1);
	struct store_session session = help_session(&h);
	struct store_change change = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	return commit(&change, 1);
}

static enum store_health
look(void)
{
	help_begin(&h, 2000);
	return store_look(h.store);
}

static int64_t
now_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

/* Refused by every verb, until the epoch that is there is taken over. */
static void
assert_refused_until_taken_over(void)
{
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct store_answer answer;

	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_int_equal(spend(1), LK_E_STORE_DOWN);
	assert_int_not_equal(store_shared_health(shared), STORE_HEALTH_OK);
	assert_int_equal(look(), STORE_HEALTH_NEW_EPOCH);
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_in_range(help_take_over(&h), now, now + 5);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_in_range(answer.epoch_began_at_s, now, now + 5);
	assert_int_equal(spend(1), LK_OK);
}

static void
a_flushed_server_is_noticed_by_the_next_request(void **state)
{
	(void)state;
	assert_int_equal(spend(1), LK_OK);
	help_redis_do(&redis, "FLUSHALL");
	assert_refused_until_taken_over();
}

static enum lk_err
try_once(void)
{
	struct store_try attempt = {.scope = STORE_SCOPE_CODE,
				    .person_id = LK_STR("p"),
				    .limit_count = 5,
				    .window_s = 60,
				    .lock_s = 60};
	struct store_try_state out;

	help_begin(&h, 2000);
	return store_try_begin(h.store, &attempt, &out);
}

static void
a_flushed_server_is_noticed_by_a_write_and_by_a_try(void **state)
{
	(void)state;
	help_redis_do(&redis, "FLUSHALL");
	assert_int_equal(spend(1), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NEW_EPOCH);
	help_take_over(&h);
	help_redis_do(&redis, "FLUSHALL");
	assert_int_equal(try_once(), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NEW_EPOCH);
}

static void
a_server_restarted_empty_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(spend(1), LK_OK);
	help_redis_kill(&redis);
	help_redis_run(&redis, NULL);
	assert_refused_until_taken_over();
}

static void
a_server_back_from_an_old_snapshot_is_noticed_and_what_was_ended_stays_ended(void **state)
{
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct store_answer before, answer;
	struct store_change all = {.kind = STORE_SESSIONS_END_ALL, .person_id = LK_STR("person-a")};

	(void)state;
	assert_int_equal(put_session(), LK_OK);
	assert_int_equal(fetch(&before), LK_OK);
	help_redis_do(&redis, "SAVE");
	assert_int_equal(spend(1), LK_OK);
	assert_int_equal(commit(&all, 1), LK_OK);
	help_redis_kill(&redis);
	help_redis_run(&redis, NULL);
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_int_equal(look(), STORE_HEALTH_NEW_EPOCH);
	help_begin(&h, 2000);
	assert_int_equal(store_epoch_replay(h.store, LK_STR("person-a"), now + 1), LK_OK);
	assert_in_range(help_take_over(&h), now, now + 5);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_false(answer.has_session);
	assert_true(answer.epoch > before.epoch);
}

static void
two_nodes_make_one_epoch(void **state)
{
	struct store_shared *other = help_shared(&redis, TIMEOUT_MS, 0);
	struct help_store node;
	uint64_t one, two;
	int64_t began_at_s;

	(void)state;
	help_redis_do(&redis, "FLUSHALL");
	help_store_on(&node, other);
	help_begin(&h, 2000);
	assert_int_equal(store_epoch_make(h.store, &one, &began_at_s), LK_OK);
	assert_int_equal(store_epoch_make(node.store, &two, &began_at_s), LK_OK);
	assert_int_equal(one, two);
	assert_int_equal(store_epoch_take(h.store, one + 1), LK_E_STORE_DOWN);
	assert_int_equal(store_epoch_take(h.store, one), LK_OK);
	help_store_off(&node);
	store_shared_free(other);
}

static void
a_new_installation_takes_codes_of_this_minute(void **state)
{
	struct store_answer answer;

	(void)state;
	help_begin(&h, 2000);
	assert_int_equal(store_epoch_init(h.store), LK_E_USED);
	help_redis_do(&redis, "FLUSHALL");
	help_begin(&h, 2000);
	assert_int_equal(store_epoch_init(h.store), LK_OK);
	assert_int_equal(store_epoch_init(h.store), LK_E_USED);
	assert_int_equal(help_take_over(&h), 0);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_int_equal(answer.epoch_began_at_s, 0);
}

static void
a_refused_connection_is_answered_at_once(void **state)
{
	struct store_answer answer;
	int64_t began;

	(void)state;
	help_redis_kill(&redis);
	began = now_ms();
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_true(now_ms() - began < TIMEOUT_MS);
	assert_int_equal(look(), STORE_HEALTH_DOWN);
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
}

static void
a_hung_server_is_given_up_at_the_timeout_and_not_waited_for_again(void **state)
{
	struct store_answer answer;
	int64_t began;

	(void)state;
	assert_int_equal(put_session(), LK_OK);
	kill(redis.pid, SIGSTOP);
	began = now_ms();
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_in_range(now_ms() - began, TIMEOUT_MS - 1, TIMEOUT_MS + 500);
	began = now_ms();
	for (int i = 0; i < 100; i++)
		assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_true(now_ms() - began < TIMEOUT_MS);
	assert_int_equal(look(), STORE_HEALTH_DOWN);
	kill(redis.pid, SIGCONT);
	assert_int_equal(look(), STORE_HEALTH_OK);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_true(answer.has_session);
}

static void
a_deadline_before_the_timeout_is_kept_and_concerns_nobody_else(void **state)
{
	struct store_answer answer;
	int64_t began;

	(void)state;
	assert_int_equal(put_session(), LK_OK);
	kill(redis.pid, SIGSTOP);
	began = now_ms();
	assert_int_equal(fetch_in(60, &answer), LK_E_STORE_DOWN);
	assert_in_range(now_ms() - began, 59, TIMEOUT_MS - 1);
	assert_int_equal(fetch_in(0, &answer), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
	kill(redis.pid, SIGCONT);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_true(answer.has_session);
}

static void
a_pooled_connection_that_died_costs_no_request(void **state)
{
	struct store_answer answer;

	(void)state;
	assert_int_equal(put_session(), LK_OK);
	for (int i = 0; i < 5; i++) {
		help_redis_do(&redis, "CLIENT KILL TYPE normal SKIPME yes");
		assert_int_equal(fetch(&answer), LK_OK);
		help_redis_do(&redis, "CLIENT KILL TYPE normal SKIPME yes");
		assert_int_equal(spend((uint64_t)i), LK_OK);
	}
}

static void
a_server_that_may_evict_is_refused_before_and_during(void **state)
{
	struct store_shared *later;
	struct help_store node;
	struct store_answer answer;

	(void)state;
	help_redis_do(&redis, "CONFIG SET maxmemory-policy allkeys-lru");
	assert_int_equal(look(), STORE_HEALTH_EVICTS);
	assert_non_null(strstr(h.why.text, "maxmemory-policy must be noeviction"));
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_int_equal(spend(1), LK_E_STORE_DOWN);
	later = help_shared(&redis, TIMEOUT_MS, 0);
	help_store_on(&node, later);
	assert_int_equal(store_look(node.store), STORE_HEALTH_EVICTS);
	help_store_off(&node);
	store_shared_free(later);
	help_redis_do(&redis, "CONFIG SET maxmemory-policy noeviction");
	assert_int_equal(look(), STORE_HEALTH_OK);
	assert_int_equal(fetch(&answer), LK_OK);
}

static void
a_full_server_refuses_all_of_a_commit_and_goes_on_reading(void **state)
{
	struct crypto_digest key = help_digest(2);
	struct store_session session = help_session(&h);
	struct store_change changes[] = {
	    {.kind = STORE_SESSIONS_END_ALL, .person_id = LK_STR("person-a")},
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session}};
	struct store_answer answer;

	(void)state;
	assert_int_equal(put_session(), LK_OK);
	help_redis_do(&redis, "CONFIG SET maxmemory 1");
	assert_int_equal(commit(changes, 2), LK_E_STORE_DOWN);
	assert_non_null(strstr(h.why.text, "OOM"));
	assert_int_equal(spend(1), LK_E_STORE_DOWN);
	assert_int_equal(try_once(), LK_E_STORE_DOWN);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_true(answer.has_session);
	help_redis_do(&redis, "CONFIG SET maxmemory 0");
	assert_int_equal(spend(1), LK_OK);
}

static void
what_the_server_may_lose_is_said(void **state)
{
	(void)state;
	assert_int_equal(look(), STORE_HEALTH_OK);
	assert_non_null(strstr(h.why.text, "no append-only file"));
	help_redis_do(&redis, "CONFIG SET appendonly yes");
	assert_int_equal(look(), STORE_HEALTH_OK);
	assert_non_null(strstr(h.why.text, "everysec"));
	help_redis_do(&redis, "CONFIG SET appendfsync always");
	assert_int_equal(look(), STORE_HEALTH_OK);
	assert_non_null(strstr(h.why.text, "nothing is lost"));
}

/* --- killed under load */

#define WRITERS	  8
#define STEPS_MAX 100000
static atomic_bool is_over;
static unsigned char is_told[WRITERS][STEPS_MAX];

static enum lk_err
spend_as(struct help_store *mine, uint64_t step)
{
	struct store_change change = {.kind = STORE_SPEND,
				      .mark = STORE_MARK_TOTP,
				      .value = step,
				      .person_id = LK_STR("p"),
				      .life_s = 600};

	help_begin(mine, 2000);
	return store_commit(mine->store, &change, 1, NULL);
}

static void *
spend_until_over(void *context)
{
	intptr_t writer = (intptr_t)context;
	struct help_store mine;

	help_store_on(&mine, shared);
	for (uint64_t i = 0; i < STEPS_MAX && !atomic_load(&is_over); i++)
		if (spend_as(&mine, (uint64_t)writer * STEPS_MAX + i) == LK_OK)
			is_told[writer][i] = 1;
	help_store_off(&mine);
	return NULL;
}

static int
begin_synced(void **state)
{
	static const char *const always[] = {"--appendonly", "yes", "--appendfsync", "always",
					     NULL};

	(void)state;
	return begin_with(always);
}

static void
what_was_told_as_spent_survives_a_kill_under_load(void **state)
{
	static const char *const always[] = {"--appendonly", "yes", "--appendfsync", "always",
					     NULL};
	pthread_t thread[WRITERS];
	long told = 0;

	(void)state;
	memset(is_told, 0, sizeof is_told);
	atomic_store(&is_over, false);
	for (intptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, spend_until_over, (void *)i), 0);
	help_sleep_ms(300);
	help_redis_kill(&redis);
	atomic_store(&is_over, true);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(thread[i], NULL);
	help_redis_run(&redis, always);
	help_take_over(&h);
	for (uint64_t at = 0; at < (uint64_t)WRITERS * STEPS_MAX; at++) {
		if (is_told[at / STEPS_MAX][at % STEPS_MAX] == 0)
			continue;
		told++;
		assert_int_equal(spend_as(&h, at), LK_E_USED);
	}
	assert_true(told > 10);
}

/* --- replicas */

static struct help_redis replica;
static char master_port[8];

static void
wait_for_replica(void)
{
	redisContext *there = help_redis_connect(&redis);
	long long have = 0;

	assert_non_null(there);
	for (int i = 0; i < 100 && have == 0; i++) {
		redisReply *reply;

		freeReplyObject(redisCommand(there, "SET warm %d EX 5", i));
		reply = redisCommand(there, "WAIT 1 100");
		assert_non_null(reply);
		have = reply->integer;
		freeReplyObject(reply);
	}
	redisFree(there);
	assert_int_equal(have, 1);
}

static int
begin_replicated(void **state)
{
	const char *master[] = {"--bind", "127.0.0.1", "--port", master_port, NULL};
	char of[32];
	const char *second[] = {"--replicaof", of, NULL};

	(void)state;
	help_free_port(master_port);
	begin_with(master);
	store_shared_free(shared);
	help_store_off(&h);
	snprintf(of, sizeof of, "127.0.0.1 %s", master_port);
	help_redis_start(&replica, second);
	wait_for_replica();
	shared = help_shared(&redis, 1500, 1);
	help_store_on(&h, shared);
	help_take_over(&h);
	return 0;
}

static int
end_replicated(void **state)
{
	help_redis_end(&replica);
	return end(state);
}

static void
a_write_the_replica_does_not_have_is_not_told_as_done(void **state)
{
	struct store_answer answer;

	(void)state;
	assert_int_equal(spend(1), LK_OK);
	kill(replica.pid, SIGSTOP);
	assert_int_equal(spend(2), LK_E_STORE_DOWN);
	assert_non_null(strstr(h.why.text, "0 replicas have the write, 1 must"));
	assert_int_equal(fetch(&answer), LK_OK);
	kill(replica.pid, SIGCONT);
	assert_int_equal(spend(3), LK_OK);
	assert_int_equal(spend(2), LK_E_USED);
}

static void
a_replica_is_refused_until_it_is_master_and_then_needs_a_new_epoch(void **state)
{
	struct store_shared *other = help_shared(&replica, TIMEOUT_MS, 0);
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct help_store node;

	(void)state;
	assert_int_equal(spend(1), LK_OK);
	help_store_on(&node, other);
	assert_int_equal(store_look(node.store), STORE_HEALTH_NOT_MASTER);
	assert_int_equal(spend_as(&node, 9), LK_E_STORE_DOWN);
	help_redis_kill(&redis);
	help_redis_do(&replica, "REPLICAOF NO ONE");
	help_begin(&node, 2000);
	assert_int_equal(store_look(node.store), STORE_HEALTH_NEW_EPOCH);
	assert_int_equal(spend_as(&node, 9), LK_E_STORE_DOWN);
	assert_in_range(help_take_over(&node), now, now + 5);
	assert_int_equal(spend_as(&node, 9), LK_OK);
	help_store_off(&node);
	store_shared_free(other);
}

static void
a_master_turned_replica_takes_no_more_writes(void **state)
{
	struct store_answer answer;

	(void)state;
	assert_int_equal(spend(1), LK_OK);
	help_redis_do(&redis, "REPLICAOF 127.0.0.1 1");
	assert_int_equal(spend(2), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NOT_MASTER);
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_int_equal(look(), STORE_HEALTH_NOT_MASTER);
}

#define TEST(name)	 cmocka_unit_test_setup_teardown(name, begin, end)
#define REPLICATED(name) cmocka_unit_test_setup_teardown(name, begin_replicated, end_replicated)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_flushed_server_is_noticed_by_the_next_request),
	    TEST(a_flushed_server_is_noticed_by_a_write_and_by_a_try),
	    TEST(a_server_restarted_empty_is_noticed),
	    TEST(a_server_back_from_an_old_snapshot_is_noticed_and_what_was_ended_stays_ended),
	    TEST(two_nodes_make_one_epoch),
	    TEST(a_new_installation_takes_codes_of_this_minute),
	    TEST(a_refused_connection_is_answered_at_once),
	    TEST(a_hung_server_is_given_up_at_the_timeout_and_not_waited_for_again),
	    TEST(a_deadline_before_the_timeout_is_kept_and_concerns_nobody_else),
	    TEST(a_pooled_connection_that_died_costs_no_request),
	    TEST(a_server_that_may_evict_is_refused_before_and_during),
	    TEST(a_full_server_refuses_all_of_a_commit_and_goes_on_reading),
	    TEST(what_the_server_may_lose_is_said),
	    cmocka_unit_test_setup_teardown(what_was_told_as_spent_survives_a_kill_under_load,
					    begin_synced, end),
	    REPLICATED(a_write_the_replica_does_not_have_is_not_told_as_done),
	    REPLICATED(a_replica_is_refused_until_it_is_master_and_then_needs_a_new_epoch),
	    TEST(a_master_turned_replica_takes_no_more_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
