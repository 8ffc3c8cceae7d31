/* SPDX-License-Identifier: MIT */
/* Tokens put by a loop, on a real server: what is answered stands there, whatever is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_keys.h"
#include "support/async_help.h"

static void
put_done(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct heard *heard = context;

	heard->count++;
	heard->err = err;
	assert_null(answer);
}

static enum lk_err
put_in(struct heard *heard, uint8_t name)
{
	int64_t now_s = lk_clock_wall_s(&h.clock.clock);
	struct crypto_digest key = help_digest(name);
	struct store_token token = {.made_at_s = now_s,
				    .ends_at_s = now_s + 100,
				    .client_id = LK_STR("robot"),
				    .scope = LK_STR("payslips:read")};
	struct store_change put = {.kind = STORE_TOKEN_PUT, .key = &key, .token = &token};
	enum lk_err err = store_async_put(async, &h.call, &put, put_done, heard);

	/* All of it was copied. */
	memset(&key, 0xff, sizeof key);
	memset(&token, 0xff, sizeof token);
	return err;
}

static enum lk_err
put_and_wait(uint8_t name)
{
	struct heard heard = {0};
	enum lk_err err;

	help_begin(&h, 2000);
	err = put_in(&heard, name);
	if (err != LK_OK)
		return err;
	wait_for_answer(&heard);
	return heard.err;
}

/* What the blocking face says of it. */
static bool
stands(uint8_t name, struct store_token *out)
{
	struct crypto_digest key = help_digest(name);
	struct store_ask ask = {.token = &key};
	struct store_answer answer;

	help_begin(&h, 2000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	*out = answer.token;
	return answer.has_token;
}

/* Of the key that a token of this name is kept under. */
static long long
life_ms(uint8_t name)
{
	struct crypto_digest digest = help_digest(name);
	struct store_key key;
	redisContext *context = help_redis_connect(&redis);
	redisReply *reply;
	long long ms;

	store_key_digest(&key, STORE_KEY_TOKEN, &digest);
	freeReplyObject(redisCommand(context, "SELECT 1"));
	reply = redisCommand(context, "PTTL %b", key.bytes, key.len);
	assert_non_null(reply);
	ms = reply->integer;
	freeReplyObject(reply);
	redisFree(context);
	return ms;
}

static void
a_token_put_stands_until_its_end(void **state)
{
	struct store_token token;

	(void)state;
	assert_false(stands(7, &token));
	assert_int_equal(put_and_wait(7), LK_OK);
	assert_true(stands(7, &token));
	assert_true(lk_str_is(token.client_id, "robot"));
	assert_true(lk_str_is(token.scope, "payslips:read"));
	assert_false(token.has_grant);
	assert_int_equal(token.ends_at_s - token.made_at_s, 100);
	assert_in_range(life_ms(7), 90000, 100000);
	h.clock.ahead_s = 101;
	assert_false(stands(7, &token));
	h.clock.ahead_s = 0;
}

static void
many_puts_and_questions_go_out_together(void **state)
{
	static struct heard heard[100];
	struct store_token token;
	long before;

	(void)state;
	memset(heard, 0, sizeof heard);
	(void)ask_and_wait(1);
	before = help_redis_stat(&redis, "INFO stats", "total_reads_processed:");
	help_begin(&h, 2000);
	for (uint8_t i = 0; i < 100; i += 2) {
		assert_int_equal(put_in(&heard[i], 100 + i), LK_OK);
		assert_int_equal(heard[i].count, 0);
		ask_for(&heard[i + 1], 1);
	}
	for (int i = 0; i < 100; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_OK);
		assert_int_equal(heard[i].answer.has_session, i % 2 == 1);
	}
	assert_in_range(help_redis_stat(&redis, "INFO stats", "total_reads_processed:") - before, 1,
			4);
	for (uint8_t i = 0; i < 100; i += 2)
		assert_true(stands(100 + i, &token));
}

#define PUTS 50

/* The beat's own questions are no GET. */
static void
puts_of_one_turn_ask_for_the_epoch_once(void **state)
{
	static struct heard heard[PUTS];
	struct store_token token;
	long before;

	(void)state;
	memset(heard, 0, sizeof heard);
	(void)ask_and_wait(1);
	before = help_redis_stat(&redis, "INFO commandstats", "cmdstat_get:calls=");
	help_begin(&h, 2000);
	for (uint8_t i = 0; i < PUTS; i++)
		assert_int_equal(put_in(&heard[i], 100 + i), LK_OK);
	for (int i = 0; i < PUTS; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_OK);
	}
	assert_int_equal(
	    help_redis_stat(&redis, "INFO commandstats", "cmdstat_get:calls=") - before, 1);
	for (uint8_t i = 0; i < PUTS; i++)
		assert_true(stands(100 + i, &token));
}

static void
a_put_into_another_epoch_is_not_answered(void **state)
{
	struct store_token token;

	(void)state;
	assert_int_equal(put_and_wait(7), LK_OK);
	help_redis_do(&redis, "FLUSHALL");
	assert_int_equal(put_and_wait(8), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NEW_EPOCH);
	assert_int_equal(put_and_wait(8), LK_E_STORE_DOWN);
	help_take_over(&h);
	assert_int_equal(put_and_wait(9), LK_OK);
	assert_true(stands(9, &token));
	help_redis_kill(&redis);
	help_redis_run(&redis, NULL);
	assert_int_equal(put_and_wait(9), LK_E_STORE_DOWN);
}

static void
puts_under_way_when_the_connection_is_cut_stand_once_they_are_answered(void **state)
{
	struct heard heard[10] = {{0}};
	struct store_token token;

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, 2000);
	for (uint8_t i = 0; i < 10; i++)
		assert_int_equal(put_in(&heard[i], 100 + i), LK_OK);
	turn(); /* they are written, and wait in the server's socket */
	kill(redis.pid, SIGCONT);
	help_redis_do(&redis, "CLIENT KILL TYPE normal SKIPME yes");
	for (uint8_t i = 0; i < 10; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_OK);
	}
	for (uint8_t i = 0; i < 10; i++)
		assert_true(stands(100 + i, &token));
}

static void
a_put_has_its_deadline_and_the_next_its_own_answers(void **state)
{
	struct heard late = {0}, other = {0};
	struct lk_call patient;
	struct store_token token;

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, 60);
	assert_int_equal(put_in(&late, 7), LK_OK);
	wait_for_answer(&late);
	assert_int_equal(late.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
	patient = h.call;
	help_begin(&h, 2000);
	assert_int_equal(put_in(&other, 8), LK_OK);
	kill(redis.pid, SIGCONT);
	wait_for_answer(&other);
	assert_int_equal(other.err, LK_OK);
	assert_int_equal(late.count, 1);
	assert_true(stands(8, &token));
	h.call = patient;
	assert_int_equal(put_in(&late, 9), LK_E_STORE_DOWN);
}

static void
a_server_that_refuses_a_put_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(put_and_wait(7), LK_OK);
	help_redis_do(&redis, "CONFIG SET maxmemory 1");
	assert_int_equal(put_and_wait(8), LK_E_STORE_DOWN);
	help_redis_do(&redis, "CONFIG SET maxmemory 0");
	assert_int_equal(put_and_wait(8), LK_OK);
	help_redis_do(&redis, "REPLICAOF 127.0.0.1 1");
	assert_int_equal(put_and_wait(9), LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NOT_MASTER);
	help_redis_do(&redis, "REPLICAOF NO ONE");
}

static void
a_token_too_large_is_not_sent(void **state)
{
	static char scope[STORE_RECORD_MAX_BYTES];
	struct crypto_digest key = help_digest(7);
	struct store_token token = {.made_at_s = 1, .ends_at_s = 2};
	struct store_change put = {.kind = STORE_TOKEN_PUT, .key = &key, .token = &token};
	struct heard heard = {0};

	(void)state;
	memset(scope, 'a', sizeof scope);
	token.scope = lk_str_n(scope, sizeof scope);
	help_begin(&h, 2000);
	assert_int_equal(store_async_put(async, &h.call, &put, put_done, &heard), LK_E_FORMAT);
	assert_int_equal(put_and_wait(8), LK_OK);
	assert_int_equal(heard.count, 0);
}

static void
freeing_tells_whose_put_was_under_way(void **state)
{
	static const struct store_async_loop loop = {watch, NULL};
	struct heard heard = {0};

	(void)state;
	help_begin(&h, 2000);
	assert_int_equal(put_in(&heard, 7), LK_OK);
	store_async_free(async);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.err, LK_E_STORE_DOWN);
	async = store_async_new(shared, &loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_token_put_stands_until_its_end),
	    TEST(many_puts_and_questions_go_out_together),
	    TEST(puts_of_one_turn_ask_for_the_epoch_once),
	    TEST(a_put_into_another_epoch_is_not_answered),
	    TEST(puts_under_way_when_the_connection_is_cut_stand_once_they_are_answered),
	    TEST(a_put_has_its_deadline_and_the_next_its_own_answers),
	    TEST(a_server_that_refuses_a_put_is_not_believed),
	    TEST(a_token_too_large_is_not_sent),
	    TEST(freeing_tells_whose_put_was_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
