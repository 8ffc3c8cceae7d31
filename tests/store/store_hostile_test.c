/* SPDX-License-Identifier: MIT */
/*
 * A server that is no Redis, or a wicked one: whatever it says, the answer is LK_E_STORE_DOWN in
 * time. SECURITY F7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>

#include "store/store_async.h"
#include "store/store_inside.h"
#include "store/store_try.h"
#include "support/hostile_help.h"

#define TIMEOUT_MS 100
/* For what is to succeed, on a machine with other work. */
#define PATIENT_MS 3000
#define RUN_ID	   "0123456789abcdef0123456789abcdef01234567"
#define SHA	   "$40\r\n" RUN_ID "\r\n"

/* What a good server says when we come, to a loop and to a lane, which has scripts for it. */
#define GREETING                                                                                   \
	"+OK\r\n"                                                                                  \
	"$49\r\nrun_id:" RUN_ID "\r\n\r\n"                                                         \
	"$29\r\nmaxmemory_policy:noeviction\r\n\r\n"                                               \
	"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
static const char greeting[] = GREETING;
static char hello[sizeof greeting + STORE_SCRIPT_COUNT * sizeof SHA];

static const struct store_epoch epoch = {RUN_ID, 7, 7};

/* --- the face for loops */

struct watched {
	int fd;
	uint32_t events;
};

static void
watch(void *context, int fd, uint32_t events)
{
	*(struct watched *)context = (struct watched){events == 0 ? -1 : fd, events};
}

struct heard {
	int count;
	enum lk_err err;
};

static void
done(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct heard *heard = context;

	(void)answer;
	heard->count++;
	heard->err = err;
}

/* EPOLLIN and EPOLLOUT are POLLIN and POLLOUT. */
static void
turn(struct store_async *async, const struct watched *watched)
{
	int wait_ms = store_async_tick(async);
	struct pollfd fd = {watched->fd, (short)watched->events, 0};

	if (poll(&fd, 1, wait_ms > 20 ? 20 : wait_ms) > 0)
		store_async_ready(async, fd.fd, (uint32_t)fd.revents);
}

#define PUTS_MAX 3

static enum lk_err
ask_in_turn(struct store_async *async, const struct help_store *h, bool is_put, struct heard *heard)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key};
	struct store_token token = {.made_at_s = 1, .ends_at_s = 2, .client_id = LK_STR("robot")};
	struct store_change put = {.kind = STORE_TOKEN_PUT, .key = &key, .token = &token};

	return is_put ? store_async_put(async, &h->call, &put, done, heard)
		      : store_async_fetch(async, &h->call, &ask, done, heard);
}

/* What so many puts of one turn hear, or with none a question, and a while longer, in which the
 * server may say what it likes. */
static void
ask_in_loop(struct help_store *h, int put_count, struct heard heard[PUTS_MAX])
{
	struct watched watched = {-1, 0};
	struct store_async_loop loop = {watch, &watched};
	struct store_async *async = store_async_new(h->shared, &loop);
	int64_t began = lk_clock_mono_ms(lk_clock_system());
	int count = put_count == 0 ? 1 : put_count;

	assert_non_null(async);
	store_shared_take(h->shared, &epoch);
	help_begin(h, PATIENT_MS);
	for (int i = 0; i < count; i++) {
		heard[i].err = ask_in_turn(async, h, put_count > 0, &heard[i]);
		heard[i].count = heard[i].err != LK_OK;
	}
	while (heard[count - 1].count == 0)
		turn(async, &watched);
	assert_true(lk_clock_mono_ms(lk_clock_system()) - began <
		    h->shared->settings.timeout_ms + 500);
	for (int i = 0; i < 3; i++)
		turn(async, &watched);
	store_async_free(async);
	for (int i = 0; i < count; i++)
		assert_int_equal(heard[i].count, 1);
}

/* Every verb once; none may say more than that nothing is known. */
static void
assert_nothing_is_known(struct help_store *h)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key, .journey = &key, .address = &key};
	struct store_change spend = {
	    .kind = STORE_SPEND, .mark = STORE_MARK_TOTP, .person_id = LK_STR("p"), .life_s = 9};
	struct store_try attempt = {.scope = STORE_SCOPE_CODE,
				    .person_id = LK_STR("p"),
				    .limit_count = 5,
				    .window_s = 60,
				    .lock_s = 60};
	struct store_answer answer;
	struct store_try_state state[STORE_SCOPE_COUNT];
	struct store_session_row *rows;
	uint64_t number;
	int64_t began_at_s;
	bool is_trusted;
	size_t count;

#define ASSERT_DOWN(verb)                                                                          \
	do {                                                                                       \
		store_shared_take(h->shared, &epoch);                                              \
		help_begin(h, 1000);                                                               \
		assert_int_equal(verb, LK_E_STORE_DOWN);                                           \
	} while (0)
	ASSERT_DOWN(store_fetch(h->store, &ask, &answer));
	ASSERT_DOWN(store_commit(h->store, &spend, 1, NULL));
	ASSERT_DOWN(store_trust_check(h->store, &key, LK_STR("p"), &is_trusted));
	ASSERT_DOWN(store_sessions_find(h->store, LK_STR("p"), 9, &rows, &count));
	ASSERT_DOWN(store_try_begin(h->store, &attempt, state));
	ASSERT_DOWN(store_try_end(h->store, &attempt, STORE_TRY_WRONG, state));
	ASSERT_DOWN(store_try_get(h->store, LK_STR("p"), state));
	ASSERT_DOWN(store_epoch_replay(h->store, LK_STR("p"), 1));
	help_begin(h, 1000);
	assert_int_not_equal(store_epoch_make(h->store, &number, &began_at_s), LK_OK);
	help_begin(h, 1000);
	assert_int_not_equal(store_look(h->store), STORE_HEALTH_OK);
}

static void
hear_in_loop(struct fake fake, int timeout_ms, int put_count, struct heard heard[PUTS_MAX])
{
	struct store_shared *shared;
	struct help_store h;

	if (fake.hello == hello)
		fake.hello = greeting;
	fake.is_at_once = true;
	fake_start(&fake);
	shared = help_shared(&fake.place, timeout_ms, 0);
	help_store_on(&h, shared);
	ask_in_loop(&h, put_count, heard);
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&fake.place);
}

static enum lk_err
meet_in_loop(struct fake fake, int timeout_ms, bool is_put)
{
	struct heard heard[PUTS_MAX] = {{0}};

	hear_in_loop(fake, timeout_ms, is_put, heard);
	return heard[0].err;
}

static void
meet_in_lane(struct fake fake)
{
	struct store_shared *shared;
	struct help_store h;
	int64_t began = lk_clock_mono_ms(lk_clock_system());

	fake_start(&fake);
	shared = help_shared(&fake.place, TIMEOUT_MS, 0);
	help_store_on(&h, shared);
	assert_nothing_is_known(&h);
	assert_true(lk_clock_mono_ms(lk_clock_system()) - began < 10 * (TIMEOUT_MS + 500));
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&fake.place);
}

static void
meet(struct fake fake)
{
	meet_in_lane(fake);
	assert_int_equal(meet_in_loop(fake, TIMEOUT_MS, false), LK_E_STORE_DOWN);
	assert_int_equal(meet_in_loop(fake, TIMEOUT_MS, true), LK_E_STORE_DOWN);
}

#define FAKE(text) .hello = hello, .reply = text, .reply_len = sizeof(text) - 1
#define MEET(text) meet((struct fake){FAKE(text)})

#define GOOD "*2\r\n$57\r\n\1" RUN_ID "\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\7\r\n$-1\r\n"

#define EPOCH(number) "$57\r\n\1" RUN_ID "\0\0\0\0\0\0\0" number "\0\0\0\0\0\0\0\7\r\n"
#define PUT(text, result)                                                                          \
	assert_int_equal(meet_in_loop((struct fake){FAKE(text)},                                   \
				      (result) == LK_OK ? PATIENT_MS : TIMEOUT_MS, true),          \
			 result)

static void
a_put_is_believed_for_both_of_its_answers_alone(void **state)
{
	(void)state;
	PUT("+OK\r\n" EPOCH("\7"), LK_OK);
	PUT("+OK\r\n" EPOCH("\6"), LK_E_STORE_DOWN);
	PUT("+OK\r\n$-1\r\n", LK_E_STORE_DOWN);
	PUT("+OK\r\n+OK\r\n", LK_E_STORE_DOWN);
	PUT("+OK\r\n:7\r\n", LK_E_STORE_DOWN);
	PUT("+OK\r\n*1\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT("+OK\r\n-ERR no\r\n", LK_E_STORE_DOWN);
	PUT("+OK\r\n", LK_E_STORE_DOWN);
	PUT("+QUEUED\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT("$2\r\nOK\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT("$-1\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT(":1\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT("-OOM no room\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT("-READONLY no\r\n" EPOCH("\7"), LK_E_STORE_DOWN);
	PUT(EPOCH("\7") "+OK\r\n", LK_E_STORE_DOWN);
}

/* All went out in one turn, with the epoch asked for once behind them. */
static void
puts_that_leave_together_have_an_answer_each(void **state)
{
	struct fake fake = {FAKE("+OK\r\n-OOM no room\r\n+OK\r\n" EPOCH("\7"))};
	struct heard heard[PUTS_MAX] = {{0}};

	(void)state;
	hear_in_loop(fake, PATIENT_MS, 3, heard);
	assert_int_equal(heard[0].err, LK_OK);
	assert_int_equal(heard[1].err, LK_E_STORE_DOWN);
	assert_int_equal(heard[2].err, LK_OK);
}

/* The word that it stood in the epoch in force is still to come: asked for again, once. */
static void
a_put_that_stands_is_lost_with_its_connection(void **state)
{
	struct fake fake = {FAKE("+OK\r\n"), .is_short = true};
	int64_t began = lk_clock_mono_ms(lk_clock_system());

	(void)state;
	assert_int_equal(meet_in_loop(fake, PATIENT_MS, true), LK_E_STORE_DOWN);
	assert_true(lk_clock_mono_ms(lk_clock_system()) - began < PATIENT_MS);
}

/* So that the others fail for what they say and not for how they say it. */
static void
a_fake_that_talks_like_redis_is_believed(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key};
	struct fake fake = {FAKE(GOOD)};
	struct store_shared *shared;
	struct store_answer answer;
	struct help_store h;

	(void)state;
	fake_start(&fake);
	shared = help_shared(&fake.place, PATIENT_MS, 0);
	help_store_on(&h, shared);
	store_shared_take(shared, &epoch);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_int_equal(answer.epoch, 7);
	assert_int_equal(meet_in_loop(fake, PATIENT_MS, false), LK_OK);
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&fake.place);
}

static void
more_answers_than_questions_end_a_loops_connection_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(
	    meet_in_loop((struct fake){FAKE(GOOD "+OK\r\n$-1\r\n*0\r\n-ERR\r\n:1\r\n")}, PATIENT_MS,
			 false),
	    LK_OK);
	assert_int_equal(meet_in_loop((struct fake){FAKE(GOOD "junk")}, PATIENT_MS, false), LK_OK);
	assert_int_equal(
	    meet_in_loop((struct fake){FAKE("+OK\r\n" EPOCH("\7") "+OK\r\n$-1\r\njunk")},
			 PATIENT_MS, true),
	    LK_OK);
}

static void
junk_is_no_answer(void **state)
{
	(void)state;
	MEET("HTTP/1.1 400 Bad Request\r\n\r\n");
	MEET("\0\xff\xfe\r\n\r\n");
	MEET("+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n");
}

static void
an_answer_of_another_kind_is_no_answer(void **state)
{
	(void)state;
	MEET(":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n");
	MEET("*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n");
	MEET("$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n");
	MEET("*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n");
	MEET("*2\r\n:0\r\n*1\r\n:0\r\n*4\r\n:9\r\n:9\r\n:9\r\n:9\r\n*1\r\n$1\r\n0\r\n-E\r\n:1\r\n");
}

static void
an_error_with_format_signs_is_only_told(void **state)
{
	(void)state;
	MEET("-%s%n%s%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n-%n\r\n");
	MEET("-READONLY\r\n-LOADING\r\n-NOAUTH\r\n-NOSCRIPT\r\n-NOSCRIPT\r\n-OOM\r\n-OOM\r\n"
	     "-OOM\r\n-OOM\r\n-OOM\r\n-OOM\r\n");
}

static void
lengths_that_cannot_be_are_not_believed(void **state)
{
	(void)state;
	MEET("$2147483647\r\nx");
	MEET("$99999999999999999999\r\nx");
	MEET("$-99\r\n");
	MEET("*2147483647\r\n");
	MEET("*1073741825\r\n");
	MEET("*1024\r\n*1024\r\n*1024\r\n*1024\r\n*1024\r\n*1024\r\n*1024\r\n");
	MEET("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n");
}

static void
an_endless_answer_ends_at_its_bound(void **state)
{
	(void)state;
	meet((struct fake){FAKE("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
			   .is_endless = true});
	meet((struct fake){FAKE("*1024\r\n*1024\r\n*1024\r\n"), .is_endless = true});
	meet((struct fake){FAKE("$9\r\n123456789\r\n"), .is_endless = true});
}

static void
one_byte_at_a_time_is_held_to_the_deadline(void **state)
{
	(void)state;
	meet((struct fake){
	    FAKE("$60\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"),
	    .is_slow = true});
}

static void
a_connection_that_ends_after_the_question_leaves_a_write_unknown(void **state)
{
	(void)state;
	meet((struct fake){.hello = hello});
}

/* As if an earlier request had left its connection. */
static enum lk_err
open_before(struct help_store *h)
{
	store_shared_take(h->shared, &epoch);
	help_begin(h, PATIENT_MS);
	h->store->until_mono_ms = h->call.deadline_mono_ms;
	return store_conn_open(h->store);
}

static void
after_a_cut_a_question_is_asked_once_more_and_a_write_never(void **state)
{
	struct store_change spend = {
	    .kind = STORE_SPEND, .mark = STORE_MARK_TOTP, .person_id = LK_STR("p"), .life_s = 9};
	struct store_ask ask = {0};
	struct fake fake = {.hello = hello};
	struct store_shared *shared;
	struct store_answer answer;
	struct help_store h;

	(void)state;
	fake_start(&fake);
	shared = help_shared(&fake.place, PATIENT_MS, 0);
	help_store_on(&h, shared);
	assert_int_equal(open_before(&h), LK_OK);
	assert_int_equal(store_commit(h.store, &spend, 1, NULL), LK_E_STORE_DOWN);
	assert_int_equal(question_count(&fake), 1);
	assert_int_equal(open_before(&h), LK_OK);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_E_STORE_DOWN);
	assert_int_equal(question_count(&fake), 3);
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&fake.place);
}

static void
a_server_that_does_not_say_who_it_is_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "+OK\r\n",
	    "-NOAUTH Authentication required.\r\n",
	    "+OK\r\n$5\r\nhello\r\n:1\r\n*0\r\n" SHA SHA SHA SHA SHA SHA,
	    "+OK\r\n$8\r\nrun_id:x\r\n$17\r\nmaxmemory_policy:\r\n*1\r\n*0\r\n" SHA SHA SHA SHA SHA
		SHA,
	    ":0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		meet((struct fake){.hello = bad[i], .reply = "+OK\r\n", .reply_len = 5});
}

/* Keys of ours that hold what we never wrote. */
static void
wrong_types_under_our_keys_are_no_answer_and_change_nothing(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key, .journey = &key};
	struct help_redis redis;
	struct store_shared *shared;
	struct store_answer answer;
	struct help_store h;
	struct store_session session;
	struct store_change put = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	(void)state;
	help_redis_start(&redis, NULL);
	shared = help_shared(&redis, 1000, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	session = help_session(&h);
	redisContext *there = help_redis_connect(&redis);
	freeReplyObject(redisCommand(there, "SELECT 1"));
	freeReplyObject(redisCommand(there, "LPUSH ps:person-a x"));
	freeReplyObject(redisCommand(there, "SET j:%b junk", key.bytes, (size_t)16));
	assert_int_equal(store_commit(h.store, &put, 1, NULL), LK_E_STORE_DOWN);
	help_begin(&h, 1000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_false(answer.has_session || answer.has_journey);
	freeReplyObject(redisCommand(there, "DEL lk:epoch"));
	freeReplyObject(redisCommand(there, "LPUSH lk:epoch x"));
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_E_STORE_DOWN);
	redisFree(there);
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&redis);
}

/* It takes every script we hand it. */
static void
hello_fill(void)
{
	size_t len = sizeof greeting - 1;

	memcpy(hello, greeting, len);
	for (int i = 0; i < STORE_SCRIPT_COUNT; i++, len += sizeof SHA - 1)
		memcpy(hello + len, SHA, sizeof SHA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fake_that_talks_like_redis_is_believed),
	    cmocka_unit_test(a_put_is_believed_for_both_of_its_answers_alone),
	    cmocka_unit_test(puts_that_leave_together_have_an_answer_each),
	    cmocka_unit_test(a_put_that_stands_is_lost_with_its_connection),
	    cmocka_unit_test(more_answers_than_questions_end_a_loops_connection_and_nothing_else),
	    cmocka_unit_test(junk_is_no_answer),
	    cmocka_unit_test(an_answer_of_another_kind_is_no_answer),
	    cmocka_unit_test(an_error_with_format_signs_is_only_told),
	    cmocka_unit_test(lengths_that_cannot_be_are_not_believed),
	    cmocka_unit_test(an_endless_answer_ends_at_its_bound),
	    cmocka_unit_test(one_byte_at_a_time_is_held_to_the_deadline),
	    cmocka_unit_test(a_connection_that_ends_after_the_question_leaves_a_write_unknown),
	    cmocka_unit_test(after_a_cut_a_question_is_asked_once_more_and_a_write_never),
	    cmocka_unit_test(a_server_that_does_not_say_who_it_is_is_refused),
	    cmocka_unit_test(wrong_types_under_our_keys_are_no_answer_and_change_nothing),
	};

	hello_fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
