/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "store/store_try.h"
#include "support/store_help.h"

#define LIMIT 5u

static struct help_redis redis;
static struct store_shared *shared;
static struct help_store h;
/* Whom the same tests are made for: somebody, and a name nobody has. */
static struct lk_str person_id;

static int
begin(void **state)
{
	(void)state;
	person_id = LK_STR("0b1f3f0e-0000-1041-8000-000000000001");
	help_redis_start(&redis, NULL);
	shared = help_shared(&redis, 1000, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	return 0;
}

static int
begin_nobody(void **state)
{
	int failed = begin(state);

	person_id = lk_str_n("?\0\1\2%s\r\n$\xff 16 bytes here", 24);
	return failed;
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

static struct store_try
make_try(enum store_scope scope, uint8_t answer)
{
	return (struct store_try){.scope = scope,
				  .person_id = person_id,
				  .answer = help_digest(answer),
				  .address = help_digest(200),
				  .limit_count = LIMIT,
				  .window_s = 600,
				  .lock_s = 300};
}

static struct store_try_state
try_begin(enum store_scope scope, uint8_t answer)
{
	struct store_try attempt = make_try(scope, answer);
	struct store_try_state out;

	help_begin(&h, 2000);
	assert_int_equal(store_try_begin(h.store, &attempt, &out), LK_OK);
	return out;
}

static struct store_try_state
try_end(enum store_scope scope, uint8_t answer, enum store_try_outcome outcome)
{
	struct store_try attempt = make_try(scope, answer);
	struct store_try_state out;

	help_begin(&h, 2000);
	assert_int_equal(store_try_end(h.store, &attempt, outcome, &out), LK_OK);
	return out;
}

static bool
is_free(struct store_try_state out)
{
	return !out.is_locked && !out.is_known_wrong;
}

static struct store_try_state
wrong(enum store_scope scope, uint8_t answer)
{
	assert_true(is_free(try_begin(scope, answer)));
	return try_end(scope, answer, STORE_TRY_WRONG);
}

static void
lock_up(enum store_scope scope)
{
	for (uint8_t i = 1; i <= LIMIT; i++)
		(void)wrong(scope, i);
}

static void
the_limit_locks_and_says_from_when_until_when(void **state)
{
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct store_try_state out;

	(void)state;
	for (uint8_t i = 1; i < LIMIT; i++) {
		out = wrong(STORE_SCOPE_STRANGER, i);
		assert_false(out.is_locked);
		assert_int_equal(out.wrong_count, i);
	}
	out = wrong(STORE_SCOPE_STRANGER, LIMIT);
	assert_true(out.is_locked);
	assert_int_equal(out.wrong_count, LIMIT);
	assert_in_range(out.locked_at_s, now, now + 2);
	assert_int_equal(out.locked_until_s, out.locked_at_s + 300);
	out = try_begin(STORE_SCOPE_STRANGER, 99);
	assert_true(out.is_locked && !out.is_known_wrong);
	assert_int_equal(out.locked_until_s, out.locked_at_s + 300);
}

static void
the_same_wrong_answer_counts_once_and_is_known(void **state)
{
	struct store_try_state out;

	(void)state;
	assert_int_equal(wrong(STORE_SCOPE_STRANGER, 1).wrong_count, 1);
	for (int i = 0; i < 20; i++) {
		out = try_begin(STORE_SCOPE_STRANGER, 1);
		assert_true(out.is_known_wrong && !out.is_locked);
		assert_int_equal(out.wrong_count, 1);
		out = try_end(STORE_SCOPE_STRANGER, 1, STORE_TRY_WRONG);
		assert_int_equal(out.wrong_count, 1);
		assert_false(out.is_locked);
	}
}

static void
right_and_undecided_tries_are_given_back(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 20; i++) {
		assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, i)));
		(void)try_end(STORE_SCOPE_STRANGER, i,
			      i % 2 == 0 ? STORE_TRY_RIGHT : STORE_TRY_UNDECIDED);
	}
	assert_int_equal(wrong(STORE_SCOPE_STRANGER, 77).wrong_count, 1);
}

static void
an_answer_that_turned_right_is_not_known_as_wrong(void **state)
{
	(void)state;
	assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, 1)));
	assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, 1)));
	(void)try_end(STORE_SCOPE_STRANGER, 1, STORE_TRY_WRONG);
	(void)try_end(STORE_SCOPE_STRANGER, 1, STORE_TRY_RIGHT);
	assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, 1)));
}

static void
a_right_answer_gives_back_the_places_of_tries_that_never_ended(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, 1)));
	(void)try_end(STORE_SCOPE_STRANGER, 1, STORE_TRY_RIGHT);
	for (uint8_t i = 2; i < 2 + LIMIT; i++)
		assert_true(is_free(try_begin(STORE_SCOPE_STRANGER, i)));
	assert_true(try_begin(STORE_SCOPE_STRANGER, 90).is_locked);
}

static void
scopes_do_not_touch_each_other(void **state)
{
	struct store_try_state out[STORE_SCOPE_COUNT];

	(void)state;
	lock_up(STORE_SCOPE_STRANGER);
	assert_true(is_free(try_begin(STORE_SCOPE_DEVICE, 1)));
	(void)wrong(STORE_SCOPE_CODE, 1);
	help_begin(&h, 2000);
	assert_int_equal(store_try_get(h.store, person_id, out), LK_OK);
	assert_true(out[STORE_SCOPE_STRANGER].is_locked);
	assert_int_equal(out[STORE_SCOPE_STRANGER].wrong_count, LIMIT);
	assert_int_equal(out[STORE_SCOPE_STRANGER].locked_until_s,
			 out[STORE_SCOPE_STRANGER].locked_at_s + 300);
	assert_false(out[STORE_SCOPE_DEVICE].is_locked);
	assert_int_equal(out[STORE_SCOPE_CODE].wrong_count, 1);
	assert_int_equal(out[STORE_SCOPE_CODE_SECOND].wrong_count, 0);
}

static void
commit_one(const struct store_change *change)
{
	help_begin(&h, 2000);
	assert_int_equal(store_commit(h.store, change, 1, NULL), LK_OK);
}

static void
unlocking_clears_every_scope(void **state)
{
	struct store_change change = {.kind = STORE_UNLOCK, .person_id = person_id};

	(void)state;
	for (int scope = 1; scope < STORE_SCOPE_COUNT; scope++)
		lock_up((enum store_scope)scope);
	commit_one(&change);
	for (int scope = 1; scope < STORE_SCOPE_COUNT; scope++)
		assert_int_equal(wrong((enum store_scope)scope, 1).wrong_count, 1);
}

static void
forgetting_clears_the_tries_of_one_scope_and_no_lock(void **state)
{
	struct store_change change = {
	    .kind = STORE_TRY_FORGET, .person_id = person_id, .scope = STORE_SCOPE_CODE};

	(void)state;
	(void)wrong(STORE_SCOPE_CODE, 1);
	(void)wrong(STORE_SCOPE_DEVICE, 1);
	commit_one(&change);
	assert_int_equal(wrong(STORE_SCOPE_CODE, 1).wrong_count, 1);
	assert_true(try_begin(STORE_SCOPE_DEVICE, 1).is_known_wrong);
	change.scope = STORE_SCOPE_STRANGER;
	lock_up(STORE_SCOPE_STRANGER);
	commit_one(&change);
	assert_true(try_begin(STORE_SCOPE_STRANGER, 50).is_locked);
}

static void
after_a_lock_all_of_the_limit_is_there_again(void **state)
{
	struct store_try attempt;
	struct store_try_state out = {0};

	(void)state;
	for (uint8_t i = 1; i <= LIMIT; i++) {
		attempt = make_try(STORE_SCOPE_STRANGER, i);
		attempt.lock_s = 1;
		help_begin(&h, 2000);
		assert_int_equal(store_try_begin(h.store, &attempt, &out), LK_OK);
		assert_int_equal(store_try_end(h.store, &attempt, STORE_TRY_WRONG, &out), LK_OK);
	}
	assert_true(out.is_locked);
	help_sleep_ms(1100);
	assert_int_equal(wrong(STORE_SCOPE_STRANGER, 1).wrong_count, 1);
}

static void
wrong_answers_count_for_their_address(void **state)
{
	struct crypto_digest address = help_digest(200), other = help_digest(201);
	struct store_ask ask = {.address = &address};
	struct store_answer answer;

	(void)state;
	(void)wrong(STORE_SCOPE_STRANGER, 1);
	(void)wrong(STORE_SCOPE_CODE, 1);
	(void)try_begin(STORE_SCOPE_STRANGER, 2);
	(void)try_end(STORE_SCOPE_STRANGER, 2, STORE_TRY_RIGHT);
	help_begin(&h, 2000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_int_equal(answer.address_wrong_count, 2);
	ask.address = &other;
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_int_equal(answer.address_wrong_count, 0);
}

/* --- at once */

#define THREADS 200
static pthread_barrier_t barrier;
static atomic_int passed_count;

struct one {
	struct store_shared *shared;
	uint8_t answer;
};

static void *
try_at_once(void *context)
{
	const struct one *one = context;
	struct store_try attempt = make_try(STORE_SCOPE_STRANGER, one->answer);
	struct store_try_state out;
	struct help_store mine;
	intptr_t err;

	help_store_on(&mine, one->shared);
	pthread_barrier_wait(&barrier);
	help_begin(&mine, 20000);
	err = store_try_begin(mine.store, &attempt, &out);
	if (err == LK_OK && is_free(out)) {
		atomic_fetch_add(&passed_count, 1);
		help_begin(&mine, 20000);
		err = store_try_end(mine.store, &attempt, STORE_TRY_WRONG, &out);
	}
	help_store_off(&mine);
	return (void *)err;
}

static void
of_200_different_answers_at_once_on_two_nodes_no_more_than_the_limit_pass(void **state)
{
	struct store_shared *node[2] = {help_shared(&redis, 15000, 0),
					help_shared(&redis, 15000, 0)};
	static pthread_t thread[THREADS];
	static struct one one[THREADS];
	struct help_store main_store[2];
	void *err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		help_store_on(&main_store[i], node[i]);
		help_take_over(&main_store[i]);
	}
	atomic_store(&passed_count, 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		one[i] = (struct one){node[i % 2], (uint8_t)i};
		assert_int_equal(pthread_create(&thread[i], NULL, try_at_once, &one[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &err);
		assert_int_equal((intptr_t)err, LK_OK);
	}
	assert_int_equal(atomic_load(&passed_count), LIMIT);
	assert_true(try_begin(STORE_SCOPE_STRANGER, 255).is_locked);
	pthread_barrier_destroy(&barrier);
	for (int i = 0; i < 2; i++) {
		help_store_off(&main_store[i]);
		store_shared_free(node[i]);
	}
}

#define SPENDERS 50

static void *
spend_same_step(void *context)
{
	struct store_change change = {.kind = STORE_SPEND,
				      .mark = STORE_MARK_TOTP,
				      .value = 57823411,
				      .person_id = LK_STR("person-a"),
				      .life_s = 120};
	struct help_store mine;
	intptr_t err;

	help_store_on(&mine, context);
	pthread_barrier_wait(&barrier);
	help_begin(&mine, 10000);
	err = store_commit(mine.store, &change, 1, NULL);
	help_store_off(&mine);
	return (void *)err;
}

static void
of_50_threads_on_two_nodes_that_spend_one_step_one_wins(void **state)
{
	struct store_shared *other = help_shared(&redis, 5000, 0);
	struct help_store node;
	pthread_t thread[SPENDERS];
	int won = 0, used = 0;
	void *err;

	(void)state;
	help_store_on(&node, other);
	help_take_over(&node);
	pthread_barrier_init(&barrier, NULL, SPENDERS);
	for (int i = 0; i < SPENDERS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, spend_same_step, i % 2 == 0 ? shared : other),
		    0);
	for (int i = 0; i < SPENDERS; i++) {
		pthread_join(thread[i], &err);
		won += (intptr_t)err == LK_OK;
		used += (intptr_t)err == LK_E_USED;
	}
	assert_int_equal(won, 1);
	assert_int_equal(used, SPENDERS - 1);
	pthread_barrier_destroy(&barrier);
	help_store_off(&node);
	store_shared_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define TEST_NOBODY(name)                                                                          \
	{                                                                                          \
#name "_for_nobody", name, begin_nobody, end, NULL                                 \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_limit_locks_and_says_from_when_until_when),
	    TEST(the_same_wrong_answer_counts_once_and_is_known),
	    TEST(right_and_undecided_tries_are_given_back),
	    TEST(an_answer_that_turned_right_is_not_known_as_wrong),
	    TEST(a_right_answer_gives_back_the_places_of_tries_that_never_ended),
	    TEST(scopes_do_not_touch_each_other),
	    TEST(unlocking_clears_every_scope),
	    TEST(forgetting_clears_the_tries_of_one_scope_and_no_lock),
	    TEST(after_a_lock_all_of_the_limit_is_there_again),
	    TEST(wrong_answers_count_for_their_address),
	    TEST(of_200_different_answers_at_once_on_two_nodes_no_more_than_the_limit_pass),
	    TEST(of_50_threads_on_two_nodes_that_spend_one_step_one_wins),
	    TEST_NOBODY(the_limit_locks_and_says_from_when_until_when),
	    TEST_NOBODY(the_same_wrong_answer_counts_once_and_is_known),
	    TEST_NOBODY(right_and_undecided_tries_are_given_back),
	    TEST_NOBODY(scopes_do_not_touch_each_other),
	    TEST_NOBODY(unlocking_clears_every_scope),
	    TEST_NOBODY(after_a_lock_all_of_the_limit_is_there_again),
	    TEST_NOBODY(of_200_different_answers_at_once_on_two_nodes_no_more_than_the_limit_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
