/* SPDX-License-Identifier: MIT */
/*
 * A worker's memory of tokens. Whatever is cut, stopped or silent: nobody is told that a token is
 * good after its end was acknowledged more than a second ago, and the memory comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "metric/metric.h"
#include "support/loop_help.h"
#include "support/store_help.h"
#include "support/wire_help.h"

#define TIMEOUT_MS  1000
#define PATIENCE_MS 15000
#define SEEN_MS	    1000
#define TOKENS	    120
#define GRANT	    250 /* of all tokens of a person; names below are tokens */

static struct help_redis redis;
static struct help_wire wire;
static struct store_shared *shared;  /* on the wire, for the worker */
static struct store_shared *writers; /* straight, for who writes */
static struct help_store h, worker;
static struct metrics *metrics;
static int64_t ended_at_ms[256]; /* when the end of this token was acknowledged; 0: it is alive */

/* --- the worker */

static struct store_ask
ask_for(uint8_t name)
{
	static struct crypto_digest token, grant;

	token = help_digest(name);
	grant = help_digest(GRANT);
	return (struct store_ask){.token = &token, .grant = &grant};
}

/* What is told of a token that ended must have been asked soon enough. */
static void
check(uint8_t name, int64_t asked_ms, bool is_told_good)
{
	if (is_told_good && ended_at_ms[name] != 0 && asked_ms - ended_at_ms[name] > SEEN_MS)
		fail_msg("token %d was good %d ms after its end", name,
			 (int)(asked_ms - ended_at_ms[name]));
}

static bool
find(uint8_t name, struct store_answer *out)
{
	struct store_ask ask = ask_for(name);
	int64_t asked_ms = now_ms();
	bool is_known;

	help_begin(&worker, 5000);
	is_known = store_async_find(async, &worker.call, ask.token, out);
	check(name, asked_ms, is_known);
	assert_true(!is_known || out->has_token);
	return is_known;
}

static bool
knows(uint8_t name)
{
	struct store_answer answer;

	return find(name, &answer);
}

struct heard {
	int count;
	enum lk_err err;
	bool has_token;
	struct store_answer answer;
};

static void
done(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct heard *heard = context;

	heard->count++;
	heard->err = err;
	heard->has_token = answer != NULL && answer->has_token;
	if (answer != NULL)
		heard->answer = *answer;
}

static void
ask_server(uint8_t name, struct heard *heard)
{
	struct store_ask ask = ask_for(name);

	*heard = (struct heard){0};
	help_begin(&worker, 5000);
	heard->err = store_async_fetch(async, &worker.call, &ask, done, heard);
	heard->count = heard->err != LK_OK;
}

static struct heard
ask_and_wait(uint8_t name)
{
	struct heard heard;
	int64_t asked_ms = now_ms();

	ask_server(name, &heard);
	while (heard.count == 0) {
		assert_true(now_ms() - asked_ms < PATIENCE_MS);
		turn();
	}
	check(name, asked_ms, heard.has_token);
	return heard;
}

static bool
knows_and_holds(uint8_t name)
{
	held_ms = now_ms();
	return knows(name);
}

/* Asks as the worker does, until this token is answered for from memory. The clock is held. */
static void
learn(uint8_t name)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (!knows_and_holds(name)) {
		assert_true(now_ms() < until);
		(void)ask_and_wait(name);
		if (store_shared_health(shared) != STORE_HEALTH_OK)
			help_take_over(&worker);
		turn();
	}
}

/* Turns until this token is not known any more; every look checks that it may still be. */
static void
unlearn(uint8_t name)
{
	int64_t until = now_ms() + PATIENCE_MS;

	held_ms = 0;
	while (knows(name)) {
		assert_true(now_ms() < until);
		turn();
	}
}

/* --- who writes */

static void
commit(const struct store_change *change)
{
	help_begin(&h, 5000);
	assert_int_equal(store_commit(h.store, change, 1, NULL), LK_OK);
}

static void
put_grant(void)
{
	int64_t now = lk_clock_wall_s(&h.clock.clock);
	struct crypto_digest key = help_digest(GRANT);
	struct store_grant grant = {.auth_at_s = now,
				    .began_at_s = now,
				    .ends_at_s = now + 3600,
				    .person_id = LK_STR("person-a"),
				    .sub = LK_STR("sub-1"),
				    .claims = LK_STR("{\"email\":\"asha@example.org\"}")};

	commit(&(struct store_change){
	    .kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60});
}

static void
put_token(uint8_t name, bool has_grant, int32_t life_s)
{
	int64_t now = lk_clock_wall_s(&h.clock.clock);
	struct crypto_digest key = help_digest(name);
	struct store_token token = {
	    .made_at_s = now, .ends_at_s = now + life_s, .has_grant = has_grant};

	commit(&(struct store_change){.kind = STORE_TOKEN_PUT, .key = &key, .token = &token});
	ended_at_ms[name] = 0;
}

static void
end_token(uint8_t name)
{
	struct crypto_digest key = help_digest(name);

	held_ms = 0;
	commit(&(struct store_change){.kind = STORE_TOKEN_END, .key = &key});
	ended_at_ms[name] = now_ms();
}

static int
begin(void **state)
{
	static const struct store_async_loop loop = {watch, NULL};

	(void)state;
	held_ms = 0;
	memset(ended_at_ms, 0, sizeof ended_at_ms);
	help_redis_start(&redis, NULL);
	wire = (struct help_wire){.redis = NULL};
	help_wire_start(&wire, &redis);
	metrics = metrics_new("test");
	shared = store_shared_new(&(struct store_settings){.url = wire.end.url,
							   .timeout_ms = TIMEOUT_MS,
							   .metrics = metrics},
				  &held_clock);
	assert_non_null(shared);
	writers = help_shared(&redis, TIMEOUT_MS, 0);
	help_store_on(&h, writers);
	help_take_over(&h);
	help_store_on(&worker, shared);
	help_take_over(&worker); /* its connection on the wire is 0 */
	put_grant();
	for (uint8_t name = 1; name < 5; name++)
		put_token(name, true, 300);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	async = store_async_new(shared, &loop);
	return async == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	store_async_free(async);
	close(epoll_fd);
	help_store_off(&worker);
	help_store_off(&h);
	store_shared_free(writers);
	store_shared_free(shared);
	metrics_free(metrics);
	help_wire_end(&wire);
	help_redis_end(&redis);
	return 0;
}

/* --- while all is well */

static void
what_was_asked_for_once_is_known_and_the_server_is_not_asked_again(void **state)
{
	struct store_answer answer;
	struct heard heard;

	(void)state;
	assert_false(knows(1));
	heard = ask_and_wait(1);
	assert_true(heard.has_token);
	learn(1);
	help_redis_do(&redis, "CONFIG RESETSTAT");
	assert_true(find(1, &answer));
	assert_int_equal(help_redis_stat(&redis, "INFO commandstats", "cmdstat_mget:calls="), 0);
	assert_true(answer.has_grant && lk_str_is(answer.grant.sub, "sub-1"));
	assert_true(
	    lk_str_is_equal(answer.grant.claims, LK_STR("{\"email\":\"asha@example.org\"}")));
	assert_int_equal(answer.token.ends_at_s, heard.answer.token.ends_at_s);
	assert_int_equal(answer.epoch, heard.answer.epoch);
	assert_int_equal(answer.epoch_began_at_s, heard.answer.epoch_began_at_s);
}

static bool
is_counted(const char *line)
{
	LK_AUTO_BUF text;

	lk_buf_init(&text, METRIC_TEXT_MAX_BYTES);
	metrics_write(metrics, &text);
	return strstr(text.bytes, line) != NULL;
}

static void
it_is_counted_who_hears_and_what_was_forgotten(void **state)
{
	(void)state;
	assert_true(is_counted("\nlatchkey_token_news_connections 0\n"));
	learn(1);
	assert_true(is_counted("\nlatchkey_token_news_connections 1\n"));
	assert_true(is_counted("\nlatchkey_token_cache_hits_total 1\n"));
	help_redis_do(&redis, "CLIENT KILL TYPE pubsub");
	while (!is_counted("\nlatchkey_token_news_connections 0\n"))
		turn();
	assert_false(is_counted("\nlatchkey_token_cache_flushes_total 0\n"));
}

static void
a_sign_of_life_does_not_stay(void **state)
{
	redisContext *there = help_redis_connect(&redis);
	redisReply *keys, *life;

	(void)state;
	assert_non_null(there);
	learn(1);
	freeReplyObject(redisCommand(there, "SELECT 1"));
	keys = redisCommand(there, "KEYS hb:*");
	assert_in_range(keys->elements, 1, 1000);
	life = redisCommand(there, "TTL %b", keys->element[0]->str, keys->element[0]->len);
	assert_in_range(life->integer, 0, 10);
	freeReplyObject(life);
	freeReplyObject(keys);
	redisFree(there);
}

static void
a_grant_is_not_taken_for_a_token(void **state)
{
	struct store_ask ask = ask_for(1);
	struct store_answer answer;

	(void)state;
	learn(1);
	assert_false(store_async_find(async, &worker.call, ask.grant, &answer));
	assert_true(store_async_find(async, &worker.call, ask.token, &answer));
}

static void
the_end_of_a_token_and_of_a_grant_is_heard(void **state)
{
	struct crypto_digest key = help_digest(GRANT);

	(void)state;
	learn(1);
	learn(2);
	end_token(1);
	unlearn(1);
	assert_false(ask_and_wait(1).has_token);
	learn(2);
	commit(&(struct store_change){.kind = STORE_GRANT_END, .key = &key});
	ended_at_ms[2] = now_ms();
	unlearn(2);
	assert_false(ask_and_wait(2).has_token);
	assert_false(knows(2));
}

static void
a_changed_grant_is_read_again(void **state)
{
	struct store_answer answer;
	struct crypto_digest key = help_digest(GRANT);
	struct store_grant grant;

	(void)state;
	learn(1);
	assert_true(find(1, &answer));
	grant = answer.grant;
	grant.revision = 1;
	commit(&(struct store_change){
	    .kind = STORE_GRANT_MOVE, .key = &key, .grant = &grant, .life_s = 60});
	unlearn(1);
	learn(1);
	assert_true(find(1, &answer));
	assert_int_equal(answer.grant.revision, 1);
}

static void
a_token_ends_by_the_clock_without_a_word_from_the_server(void **state)
{
	struct crypto_digest key = help_digest(9);
	struct store_ask ask = {.token = &key};
	struct store_answer answer;

	(void)state;
	put_token(9, false, 600);
	learn(9);
	worker.clock.ahead_s = 500;
	assert_true(store_async_find(async, &worker.call, ask.token, &answer));
	worker.clock.ahead_s = 600;
	assert_false(store_async_find(async, &worker.call, ask.token, &answer));
	worker.clock.ahead_s = 0;
}

static void
a_token_that_is_not_there_is_never_known(void **state)
{
	(void)state;
	learn(1);
	assert_false(ask_and_wait(99).has_token);
	assert_false(knows(99));
	put_token(99, true, 300);
	assert_true(ask_and_wait(99).has_token);
}

/* --- the answer that was on its way */

static void
wait_for_mget(void)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (help_redis_stat(&redis, "INFO commandstats", "cmdstat_mget:calls=") == 0) {
		assert_true(now_ms() < until);
		turn();
	}
}

static void
an_answer_older_than_the_end_it_met_is_not_remembered(void **state)
{
	struct heard old, newer;
	pid_t down;

	(void)state;
	learn(1);
	down = help_wire_carrier(&wire, 1, false); /* data; tracking is 2 */
	assert_true(down != 0);
	help_redis_do(&redis, "CONFIG RESETSTAT");
	kill(down, SIGSTOP);
	ask_server(2, &old);
	wait_for_mget(); /* read by the server, and held on its way back */
	end_token(2);
	for (int i = 0; i < 5; i++)
		turn(); /* the news come on the other connection */
	ask_server(2, &newer);
	kill(down, SIGCONT);
	while (old.count == 0 || newer.count == 0)
		turn();
	assert_false(newer.has_token);
	assert_false(knows(2));
}

/* --- when something breaks */

static void
all_is_forgotten_when_the_server_forgets_all(void **state)
{
	(void)state;
	learn(1);
	help_redis_do(&redis, "FLUSHALL");
	for (int name = 0; name < 256; name++)
		ended_at_ms[name] = now_ms();
	unlearn(1);
	assert_int_equal(ask_and_wait(1).err, LK_E_STORE_DOWN);
	assert_false(knows(1));
}

static void
another_epoch_is_another_memory(void **state)
{
	(void)state;
	learn(1);
	help_redis_kill(&redis);
	unlearn(1);
	help_redis_run(&redis, NULL);
	help_take_over(&h);
	assert_false(knows(1));
	put_grant();
	put_token(1, true, 300);
	learn(1);
}

/* Again and again something is cut just before a token ends, while all are asked for. */
static void
storm(const char *cut)
{
	int64_t last_ms = 0;

	for (uint8_t name = 10; name < 10 + TOKENS; name++)
		put_token(name, true, 300);
	for (uint8_t name = 10; name < 10 + TOKENS; name++)
		learn(name);
	for (uint8_t name = 10; name < 10 + TOKENS; name++) {
		if (name % 12 == 0)
			help_redis_do(&redis, cut);
		end_token(name);
		last_ms = ended_at_ms[name];
		for (uint8_t other = 10; other < 10 + TOKENS; other++)
			(void)knows(other);
		assert_false(ask_and_wait(name).has_token);
	}
	while (now_ms() - last_ms <= SEEN_MS + 100) {
		for (uint8_t name = 10; name < 10 + TOKENS; name++)
			(void)knows(name);
		turn();
	}
	for (uint8_t name = 10; name < 10 + TOKENS; name++)
		assert_false(knows(name));
	learn(1);
}

static void
no_end_is_missed_while_the_news_are_cut_again_and_again(void **state)
{
	(void)state;
	storm("CLIENT KILL TYPE pubsub");
}

static void
no_end_is_missed_while_the_questions_are_cut_again_and_again(void **state)
{
	(void)state;
	storm("CLIENT KILL TYPE normal SKIPME yes");
}

static void
a_stopped_server_is_not_spoken_for(void **state)
{
	int64_t stopped_ms;

	(void)state;
	learn(1);
	held_ms = 0;
	kill(redis.pid, SIGSTOP);
	stopped_ms = now_ms();
	ended_at_ms[1] = stopped_ms; /* nobody knows what another node is told meanwhile */
	unlearn(1);
	assert_int_equal(ask_and_wait(1).err, LK_E_STORE_DOWN);
	assert_false(knows(1));
	kill(redis.pid, SIGCONT);
	ended_at_ms[1] = 0;
	learn(1);
}

/* Nothing is cut: the news just do not come any more. */
static void
a_silent_connection_is_not_trusted_and_is_left(void **state)
{
	pid_t down;

	(void)state;
	learn(1);
	learn(2);
	down = help_wire_carrier(&wire, 2, false);
	assert_true(down != 0);
	kill(down, SIGSTOP);
	end_token(1);
	while (now_ms() - ended_at_ms[1] <= SEEN_MS + 100) {
		(void)knows(1);
		(void)knows(2);
		turn();
	}
	assert_false(knows(1) || knows(2));
	assert_false(ask_and_wait(1).has_token);
	learn(2); /* on another connection: nobody woke this one */
	kill(down, SIGCONT);
	assert_false(knows(1));
}

/* The loop itself stood still: what it would have heard lies unread before it. */
static void
a_worker_that_slept_asks_before_it_tells(void **state)
{
	(void)state;
	learn(1);
	end_token(1);
	help_sleep_ms(SEEN_MS + 100);
	assert_false(knows(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_asked_for_once_is_known_and_the_server_is_not_asked_again),
	    TEST(it_is_counted_who_hears_and_what_was_forgotten),
	    TEST(a_sign_of_life_does_not_stay),
	    TEST(a_grant_is_not_taken_for_a_token),
	    TEST(the_end_of_a_token_and_of_a_grant_is_heard),
	    TEST(a_changed_grant_is_read_again),
	    TEST(a_token_ends_by_the_clock_without_a_word_from_the_server),
	    TEST(a_token_that_is_not_there_is_never_known),
	    TEST(an_answer_older_than_the_end_it_met_is_not_remembered),
	    TEST(all_is_forgotten_when_the_server_forgets_all),
	    TEST(another_epoch_is_another_memory),
	    TEST(no_end_is_missed_while_the_news_are_cut_again_and_again),
	    TEST(no_end_is_missed_while_the_questions_are_cut_again_and_again),
	    TEST(a_stopped_server_is_not_spoken_for),
	    TEST(a_silent_connection_is_not_trusted_and_is_left),
	    TEST(a_worker_that_slept_asks_before_it_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
