/* SPDX-License-Identifier: MIT */
/* The face for loops, driven by a loop as small as can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>

#include "support/async_help.h"

static void
the_first_question_of_all_is_answered(void **state)
{
	struct heard heard = ask_and_wait(1);

	(void)state;
	assert_int_equal(heard.err, LK_OK);
	assert_true(heard.answer.has_session);
	assert_true(lk_str_is(heard.answer.session.username, "asha"));
	heard = ask_and_wait(2);
	assert_int_equal(heard.err, LK_OK);
	assert_false(heard.answer.has_session);
}

static void
it_answers_as_the_blocking_face_does(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key, .journey = &key, .address = &key};
	struct store_answer blocking;
	struct heard heard = {0};

	(void)state;
	assert_int_equal(store_fetch(h.store, &ask, &blocking), LK_OK);
	assert_int_equal(store_async_fetch(async, &h.call, &ask, done, &heard), LK_OK);
	wait_for_answer(&heard);
	assert_int_equal(heard.answer.epoch, blocking.epoch);
	assert_int_equal(heard.answer.epoch_began_at_s, blocking.epoch_began_at_s);
	assert_int_equal(heard.answer.session.ends_at_s, blocking.session.ends_at_s);
	h.clock.ahead_s = 601;
	heard = (struct heard){0};
	ask_for(&heard, 1);
	wait_for_answer(&heard);
	assert_false(heard.answer.has_session);
	h.clock.ahead_s = 0;
}

static void
requests_of_one_turn_go_out_together_and_come_back_in_order(void **state)
{
	static struct heard heard[100];
	long before;

	(void)state;
	memset(heard, 0, sizeof heard);
	(void)ask_and_wait(1);
	before = help_redis_stat(&redis, "INFO stats", "total_reads_processed:");
	help_begin(&h, 2000);
	for (uint8_t i = 0; i < 100; i++)
		ask_for(&heard[i], i % 2);
	for (int i = 0; i < 100; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_OK);
		assert_int_equal(heard[i].answer.has_session, i % 2 == 1);
	}
	/* One read of ours and one of the question itself. */
	assert_in_range(help_redis_stat(&redis, "INFO stats", "total_reads_processed:") - before, 1,
			3);
}

static void
who_is_told_may_ask_again_at_once(void **state)
{
	struct heard second = {0}, first = {.next = &second};

	(void)state;
	ask_for(&first, 1);
	wait_for_answer(&second);
	assert_int_equal(first.count, 1);
	assert_true(second.answer.has_session);
}

static void
a_cut_connection_costs_no_question(void **state)
{
	struct heard heard;

	(void)state;
	(void)ask_and_wait(1);
	for (int i = 0; i < 5; i++) {
		help_redis_do(&redis, "CLIENT KILL TYPE normal SKIPME yes");
		heard = ask_and_wait(1);
		assert_int_equal(heard.err, LK_OK);
		assert_true(heard.answer.has_session);
	}
}

static void
questions_under_way_when_the_connection_is_cut_are_asked_once_more(void **state)
{
	struct heard heard[10] = {{0}};

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, 2000);
	for (int i = 0; i < 10; i++)
		ask_for(&heard[i], 1);
	turn(); /* they are written, and wait in the server's socket */
	kill(redis.pid, SIGCONT);
	help_redis_do(&redis, "CLIENT KILL TYPE normal SKIPME yes");
	for (int i = 0; i < 10; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_OK);
	}
}

static void
a_hung_server_is_told_at_the_timeout_once_to_everybody(void **state)
{
	struct heard heard[10] = {{0}};
	int64_t began;

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	began = lk_clock_mono_ms(lk_clock_system());
	help_begin(&h, 2000);
	for (int i = 0; i < 10; i++)
		ask_for(&heard[i], 1);
	for (int i = 0; i < 10; i++) {
		wait_for_answer(&heard[i]);
		assert_int_equal(heard[i].err, LK_E_STORE_DOWN);
	}
	assert_in_range(lk_clock_mono_ms(lk_clock_system()) - began, TIMEOUT_MS - 1,
			TIMEOUT_MS + 500);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_DOWN);
	assert_int_equal(ask_in(&heard[0], 1), LK_E_STORE_DOWN);
	kill(redis.pid, SIGCONT);
	help_begin(&h, 2000);
	assert_int_equal(store_look(h.store), STORE_HEALTH_OK);
	assert_true(ask_and_wait(1).answer.has_session);
	for (int i = 0; i < 10; i++)
		assert_int_equal(heard[i].count, 1);
}

static void
a_deadline_before_the_timeout_is_kept_and_concerns_nobody_else(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key};
	struct heard late = {0}, other = {0};
	struct lk_call patient;

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, 60);
	ask_for(&late, 1);
	patient = h.call;
	patient.deadline_mono_ms += 2000;
	assert_int_equal(store_async_fetch(async, &patient, &ask, done, &other), LK_OK);
	wait_for_answer(&late);
	assert_int_equal(late.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
	kill(redis.pid, SIGCONT);
	wait_for_answer(&other);
	assert_int_equal(other.err, LK_OK);
	assert_true(other.answer.has_session);
	assert_int_equal(late.count, 1);
	help_begin(&h, 0);
	assert_int_equal(ask_in(&late, 1), LK_E_STORE_DOWN);
}

static void
another_life_of_the_server_is_noticed(void **state)
{
	struct heard heard;

	(void)state;
	(void)ask_and_wait(1);
	help_redis_do(&redis, "FLUSHALL");
	heard = ask_and_wait(1);
	assert_int_equal(heard.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NEW_EPOCH);
	help_take_over(&h);
	assert_int_equal(ask_and_wait(1).err, LK_OK);
	help_redis_kill(&redis);
	help_redis_run(&redis, NULL);
	heard = ask_and_wait(1);
	assert_int_equal(heard.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_NEW_EPOCH);
	help_take_over(&h);
	assert_int_equal(ask_and_wait(1).err, LK_OK);
}

static bool
is_told_of_trouble(void)
{
	struct pollfd waker = {store_shared_trouble_fd(shared), POLLIN, 0};

	return poll(&waker, 1, 0) == 1;
}

static void
who_looks_is_called_once_when_trouble_begins(void **state)
{
	struct heard heard = {0};

	(void)state;
	(void)ask_and_wait(1);
	help_redis_do(&redis, "FLUSHALL");
	assert_false(is_told_of_trouble());
	assert_int_equal(ask_and_wait(1).err, LK_E_STORE_DOWN);
	assert_true(is_told_of_trouble());
	help_begin(&h, 2000);
	assert_int_equal(store_look(h.store), STORE_HEALTH_NEW_EPOCH);
	assert_int_equal(ask_in(&heard, 1), LK_E_STORE_DOWN);
	assert_false(is_told_of_trouble());
	help_take_over(&h);
	assert_int_equal(ask_and_wait(1).err, LK_OK);
	assert_false(is_told_of_trouble());
}

static void
a_server_that_is_gone_is_told_and_found_again(void **state)
{
	struct heard heard = {0};
	enum lk_err err;

	(void)state;
	(void)ask_and_wait(1);
	help_redis_kill(&redis);
	help_begin(&h, 2000);
	err = ask_in(&heard, 1);
	if (err == LK_OK)
		wait_for_answer(&heard);
	assert_int_equal(err == LK_OK ? heard.err : err, LK_E_STORE_DOWN);
	for (int i = 0; i < 3; i++)
		turn();
	help_redis_run(&redis, NULL);
	help_take_over(&h);
	assert_int_equal(ask_and_wait(1).err, LK_OK);
}

static void
a_touch_moves_the_idle_end(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct heard heard = ask_and_wait(1);
	struct store_session session = heard.answer.session;
	struct store_change put = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	(void)state;
	store_async_touch(async, &key, &session);
	session.seen_at_s -= 300;
	assert_int_equal(store_commit(h.store, &put, 1, NULL), LK_OK);
	store_async_touch(async, &key, &session);
	heard = ask_and_wait(1);
	assert_true(heard.answer.has_session);
	assert_in_range(heard.answer.session.seen_at_s, session.seen_at_s + 299,
			session.seen_at_s + 310);
}

/* --- what was told before */

static struct {
	char token[512], grant[512];
	struct store_known known;
} before;

static struct lk_str
copied(char room[512], struct lk_str text)
{
	assert_true(text.len > 0 && text.len <= 512);
	memcpy(room, text.ptr, text.len);
	return lk_str_n(room, text.len);
}

static void
done_and_kept(void *context, enum lk_err err, const struct store_answer *answer)
{
	done(context, err, answer);
	before.known =
	    (struct store_known){answer->epoch, copied(before.token, answer->raw_token),
				 copied(before.grant, answer->raw_grant)};
}

static void
commit(const struct store_change *change)
{
	help_begin(&h, 2000);
	assert_int_equal(store_commit(h.store, change, 1, NULL), LK_OK);
}

static void
put_token(const struct crypto_digest *token, const struct crypto_digest *grant)
{
	int64_t now = lk_clock_wall_s(&h.clock.clock);
	struct store_grant of = {.auth_at_s = now,
				 .began_at_s = now,
				 .ends_at_s = now + 3600,
				 .person_id = LK_STR("person-a"),
				 .sub = LK_STR("sub-1")};
	struct store_token one = {.made_at_s = now, .ends_at_s = now + 300, .has_grant = true};

	commit(&(struct store_change){
	    .kind = STORE_GRANT_PUT, .key = grant, .grant = &of, .life_s = 60});
	commit(&(struct store_change){.kind = STORE_TOKEN_PUT, .key = token, .token = &one});
}

static struct store_answer
told(const struct store_ask *ask, store_async_done *tell)
{
	struct heard heard = {0};

	help_begin(&h, 2000);
	assert_int_equal(store_async_fetch(async, &h.call, ask, tell, &heard), LK_OK);
	wait_for_answer(&heard);
	assert_int_equal(heard.err, LK_OK);
	return heard.answer;
}

static bool
is_read(const struct store_ask *ask)
{
	struct store_answer answer = told(ask, done);

	assert_int_equal(answer.has_token, !answer.is_as_known);
	assert_int_equal(answer.has_grant, !answer.is_as_known);
	return !answer.is_as_known;
}

static void
what_is_to_the_byte_as_it_was_told_before_is_not_read_again(void **state)
{
	struct crypto_digest token = help_digest(2), grant = help_digest(3);
	struct store_ask ask = {.token = &token, .grant = &grant};
	struct store_known other;
	struct store_answer answer;

	(void)state;
	put_token(&token, &grant);
	answer = told(&ask, done_and_kept);
	assert_true(answer.has_token && answer.has_grant && !answer.is_as_known);
	ask.known = &other;
	other = before.known;
	assert_false(is_read(&ask));
	other.epoch++;
	assert_true(is_read(&ask));
	other = before.known;
	other.token.len--;
	assert_true(is_read(&ask));
	other = before.known;
	before.grant[other.grant.len - 1] ^= 1;
	assert_true(is_read(&ask));
	before.grant[other.grant.len - 1] ^= 1;
	assert_false(is_read(&ask));

	commit(&(struct store_change){.kind = STORE_TOKEN_END, .key = &token});
	answer = told(&ask, done);
	assert_false(answer.has_token || answer.is_as_known);
}

static void
freeing_tells_everybody_who_waits(void **state)
{
	struct heard heard[3] = {{0}};
	static const struct store_async_loop loop = {watch, NULL};

	(void)state;
	for (int i = 0; i < 3; i++)
		ask_for(&heard[i], 1);
	store_async_free(async);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(heard[i].count, 1);
		assert_int_equal(heard[i].err, LK_E_STORE_DOWN);
	}
	async = store_async_new(shared, &loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_first_question_of_all_is_answered),
	    TEST(it_answers_as_the_blocking_face_does),
	    TEST(requests_of_one_turn_go_out_together_and_come_back_in_order),
	    TEST(who_is_told_may_ask_again_at_once),
	    TEST(a_cut_connection_costs_no_question),
	    TEST(questions_under_way_when_the_connection_is_cut_are_asked_once_more),
	    TEST(a_hung_server_is_told_at_the_timeout_once_to_everybody),
	    TEST(a_deadline_before_the_timeout_is_kept_and_concerns_nobody_else),
	    TEST(another_life_of_the_server_is_noticed),
	    TEST(who_looks_is_called_once_when_trouble_begins),
	    TEST(a_server_that_is_gone_is_told_and_found_again),
	    TEST(a_touch_moves_the_idle_end),
	    TEST(what_is_to_the_byte_as_it_was_told_before_is_not_read_again),
	    TEST(freeing_tells_everybody_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
