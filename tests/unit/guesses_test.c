/* SPDX-License-Identifier: MIT */
/* How often somebody was wrong: never less than that, for nobody else, and not for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "flow/guesses.h"

#define PAIR                                                                                       \
	{                                                                                          \
		10, 100                                                                            \
	} /* one more each ten seconds */
#define ADDRESS                                                                                    \
	{                                                                                          \
		100, 100                                                                           \
	} /* each second */
#define NOW_MS 5000

static struct guesses *guesses;

/* Spread as a keyed digest is. */
static struct crypto_digest
digest_of(uint64_t table, uint64_t who)
{
	struct crypto_digest digest = {{0}};
	uint64_t word = who * 4 + table;

	for (size_t i = 0; i < sizeof digest.bytes; i += sizeof word) {
		word = (word + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
		word ^= word >> 29;
		memcpy(digest.bytes + i, &word, sizeof word);
	}
	return digest;
}

static struct guess
guess_of(uint64_t address, uint64_t pair, uint64_t shown)
{
	return (struct guess){.name = pair % 2 == 0 ? LK_STR("even") : LK_STR("odd"),
			      .key = {digest_of(1, address), digest_of(2, pair)},
			      .shown = digest_of(3, shown),
			      .limit = {ADDRESS, PAIR},
			      .now_ms = NOW_MS};
}

static uint64_t next_shown;

static struct guess_result
wrong(uint64_t address, uint64_t pair, int64_t now_ms)
{
	struct guess guess = guess_of(address, pair, ++next_shown);
	struct guess_result result;

	guess.now_ms = now_ms;
	guesses_add(guesses, &guess, &result);
	return result;
}

static int64_t
left_of(enum guesses_table table, uint64_t who, int64_t now_ms)
{
	struct crypto_digest key = digest_of(table == GUESSES_ADDRESS ? 1 : 2, who);

	return guesses_left_ms(guesses, table, &key, now_ms);
}

static bool
is_over(enum guesses_table table, uint64_t who, int64_t now_ms)
{
	static const struct guesses_limit limit[] = {ADDRESS, PAIR};

	return guesses_is_over(left_of(table, who, now_ms), &limit[table]);
}

static int
begin(void **state)
{
	(void)state;
	guesses = guesses_new();
	return guesses == NULL;
}

static int
end(void **state)
{
	(void)state;
	guesses_free(guesses);
	return 0;
}

static void
ten_are_too_many_and_one_of_them_fades_in_ten_seconds(void **state)
{
	(void)state;
	for (int i = 1; i <= 10; i++) {
		assert_false(is_over(GUESSES_PAIR, 1, NOW_MS));
		assert_int_equal(wrong(1, 1, NOW_MS).is_over, i == 10);
		assert_int_equal(guesses_count(guesses), i);
	}
	assert_true(is_over(GUESSES_PAIR, 1, NOW_MS));
	assert_true(is_over(GUESSES_PAIR, 1, NOW_MS + 9999));
	assert_false(is_over(GUESSES_PAIR, 1, NOW_MS + 10000));
	assert_true(wrong(1, 1, NOW_MS + 10000).is_over);
	assert_true(is_over(GUESSES_PAIR, 1, NOW_MS + 19999));
	assert_int_equal(left_of(GUESSES_PAIR, 1, NOW_MS + 109999), 1);
	assert_int_equal(left_of(GUESSES_PAIR, 1, NOW_MS + 110000), 0);
}

static void
nobody_else_is_touched(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		wrong(1, 1, NOW_MS);
	assert_int_equal(left_of(GUESSES_PAIR, 2, NOW_MS), 0);
	assert_int_equal(left_of(GUESSES_ADDRESS, 2, NOW_MS), 0);
	assert_false(is_over(GUESSES_ADDRESS, 1, NOW_MS));
}

static void
one_address_that_tries_many_names_is_over_by_itself(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(wrong(1, 1000 + i, NOW_MS).is_over, i == 99);
	assert_true(is_over(GUESSES_ADDRESS, 1, NOW_MS));
	assert_false(is_over(GUESSES_PAIR, 1000, NOW_MS));
	assert_false(is_over(GUESSES_ADDRESS, 1, NOW_MS + 1000));
}

/* An old secret that is shown for ever leaves those beside it their ten. */
/* What falls into one set has its places, and whoever finds none is counted as new. */
static void
things_that_fall_together_are_each_known_again(void **state)
{
	enum { WAYS = 4 };
	struct guess guess[WAYS + 1];
	struct guess_result result;

	(void)state;
	for (uint64_t i = 0; i <= WAYS; i++) {
		uint64_t tag = 5 + (i << 32);

		guess[i] = guess_of(i, i, i);
		memcpy(guess[i].shown.bytes, &tag, sizeof tag);
		guesses_add(guesses, &guess[i], &result);
		assert_false(result.is_again);
	}
	for (int i = 0; i < WAYS; i++) {
		guesses_add(guesses, &guess[i], &result);
		assert_true(result.is_again);
	}
	guesses_add(guesses, &guess[WAYS], &result);
	assert_false(result.is_again);
	/* Once the others have faded there is room. */
	guess[WAYS].now_ms += 100000;
	guesses_add(guesses, &guess[WAYS], &result);
	assert_false(result.is_again);
	guesses_add(guesses, &guess[WAYS], &result);
	assert_true(result.is_again);
}

static void
the_same_again_is_counted_by_itself(void **state)
{
	struct guess guess = guess_of(1, 1, 7);
	struct guess_result result;

	(void)state;
	for (int i = 0; i < 50; i++) {
		guesses_add(guesses, &guess, &result);
		assert_int_equal(result.is_again, i > 0);
		assert_int_equal(result.is_over, i >= 10);
		assert_false(result.is_to_tell);
	}
	assert_int_equal(left_of(GUESSES_PAIR, 1, NOW_MS), 10000);
	guess.now_ms += 10000;
	guesses_add(guesses, &guess, &result);
	assert_true(result.is_again && !result.is_over);
	guess.now_ms += 200000;
	guesses_add(guesses, &guess, &result);
	assert_false(result.is_again);
}

static void
nothing_counted_is_known_at_a_glance_and_comes_back(void **state)
{
	(void)state;
	assert_true(guesses_are_none(guesses));
	wrong(1, 1, NOW_MS);
	assert_false(guesses_are_none(guesses));
	assert_true(left_of(GUESSES_PAIR, 1, NOW_MS + 9999) > 0);
	assert_false(guesses_are_none(guesses));
	assert_false(guesses_may_be_over(guesses, LK_STR("x"), NOW_MS + 9999));
	assert_false(guesses_are_none(guesses));
	assert_false(guesses_may_be_over(guesses, LK_STR("x"), NOW_MS + 10000));
	assert_true(guesses_are_none(guesses));
}

/* No key is made for those who were never wrong. */
static void
who_cannot_be_over_is_known_before_a_key_is_made(void **state)
{
	(void)state;
	wrong(1, 1, NOW_MS);
	assert_true(guesses_may_be_over(guesses, LK_STR("odd"), NOW_MS));
	assert_false(guesses_may_be_over(guesses, LK_STR("even"), NOW_MS));
	assert_true(guesses_may_be_over(guesses, LK_STR("odd"), NOW_MS + 9999));
	assert_false(guesses_may_be_over(guesses, LK_STR("odd"), NOW_MS + 10000));
	for (uint64_t i = 0; i < 100; i++)
		wrong(2, 1001 + 2 * i, NOW_MS);
	assert_true(guesses_may_be_over(guesses, LK_STR("even"), NOW_MS));
	assert_false(guesses_may_be_over(guesses, LK_STR("even"), NOW_MS + 100000));
}

static void
one_line_a_second_says_how_many_it_leaves_out(void **state)
{
	struct guess_result result;
	unsigned told = 0;

	(void)state;
	for (uint64_t i = 0; i < 300; i++)
		told += wrong(i, i / 10, NOW_MS).is_to_tell;
	assert_int_equal(told, 1);
	for (uint64_t i = 0; i < 10; i++)
		result = wrong(1000 + i, 1000, NOW_MS + 1000);
	assert_true(result.is_to_tell);
	assert_int_equal(result.untold_count, 29);
}

/* A million of others, of as many addresses, at one instant. */
static void
a_spray_makes_nobody_forgotten_and_nobody_guilty(void **state)
{
	unsigned guilty = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		wrong(1, 1, NOW_MS);
	for (uint64_t i = 0; i < 200000; i++) {
		wrong(100 + i, 100 + i, NOW_MS);
		assert_true(i % 1000 != 0 || is_over(GUESSES_PAIR, 1, NOW_MS));
	}
	for (uint64_t i = 0; i < 10000; i++)
		guilty += is_over(GUESSES_PAIR, 5000000 + i, NOW_MS) ||
			  is_over(GUESSES_ADDRESS, 5000000 + i, NOW_MS);
	assert_int_equal(guilty, 0);
	for (uint64_t i = 0; i < 800000; i++)
		wrong(300000 + i, 300000 + i, NOW_MS);
	assert_true(is_over(GUESSES_PAIR, 1, NOW_MS));
	assert_true(left_of(GUESSES_PAIR, 1, NOW_MS) >= 100000);
}

#define THREADS	   4
#define EACH_COUNT 250

static void *
run(void *context)
{
	uint64_t first = *(const uint64_t *)context;
	struct guess_result result;

	for (uint64_t i = 0; i < EACH_COUNT; i++) {
		struct guess guess = guess_of(1, 1, first + i);

		guesses_add(guesses, &guess, &result);
	}
	return NULL;
}

static void
of_many_at_once_none_is_lost(void **state)
{
	pthread_t threads[THREADS];
	uint64_t first[THREADS];

	(void)state;
	for (unsigned i = 0; i < THREADS; i++) {
		first[i] = 1000000 + i * EACH_COUNT;
		assert_int_equal(pthread_create(&threads[i], NULL, run, &first[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(left_of(GUESSES_PAIR, 1, NOW_MS), THREADS * EACH_COUNT * 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ten_are_too_many_and_one_of_them_fades_in_ten_seconds),
	    TEST(nobody_else_is_touched),
	    TEST(one_address_that_tries_many_names_is_over_by_itself),
	    TEST(things_that_fall_together_are_each_known_again),
	    TEST(the_same_again_is_counted_by_itself),
	    TEST(nothing_counted_is_known_at_a_glance_and_comes_back),
	    TEST(who_cannot_be_over_is_known_before_a_key_is_made),
	    TEST(one_line_a_second_says_how_many_it_leaves_out),
	    TEST(a_spray_makes_nobody_forgotten_and_nobody_guilty),
	    TEST(of_many_at_once_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
