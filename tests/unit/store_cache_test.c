/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "store/store_cache.h"

static struct store_cache *cache;

static int
begin(void **state)
{
	(void)state;
	cache = store_cache_new(&(struct store_cache_limits){100, 1u << 20});
	return cache == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	store_cache_free(cache);
	return 0;
}

static bool
holds(const char *key, const char *value)
{
	return lk_str_is(store_cache_find(cache, lk_str_c(key)), value);
}

static bool
has(const char *key)
{
	return store_cache_find(cache, lk_str_c(key)).len > 0;
}

static void
put(const char *key, const char *value)
{
	uint64_t ticket = store_cache_expect(cache, lk_str_c(key));

	assert_true(ticket != 0);
	assert_false(has(key));
	store_cache_keep(cache, lk_str_c(key), ticket, lk_str_c(value));
}

static void
what_was_expected_and_came_is_found(void **state)
{
	(void)state;
	assert_false(has("at:one-key"));
	put("at:one-key", "one");
	put("at:two-key", "two");
	assert_true(holds("at:one-key", "one") && holds("at:two-key", "two"));
	assert_int_equal(store_cache_expect(cache, LK_STR("at:one-key")), 0);
	assert_true(holds("at:one-key", "one"));
	store_cache_drop(cache, LK_STR("at:one-key"));
	assert_false(has("at:one-key"));
	assert_true(has("at:two-key"));
}

static void
what_changed_while_it_was_asked_for_is_not_kept(void **state)
{
	struct lk_str key = LK_STR("at:one-key");
	uint64_t first = store_cache_expect(cache, key);

	(void)state;
	store_cache_drop(cache, key);
	store_cache_keep(cache, key, first, LK_STR("old"));
	assert_false(has("at:one-key"));
}

/* The second question stands where the first one stood; the first one's answer is not its own. */
static void
an_old_answer_does_not_take_a_new_place(void **state)
{
	struct lk_str key = LK_STR("at:one-key");
	uint64_t first = store_cache_expect(cache, key), second;

	(void)state;
	store_cache_drop(cache, key);
	second = store_cache_expect(cache, key);
	store_cache_keep(cache, key, first, LK_STR("old"));
	assert_false(has("at:one-key"));
	store_cache_keep(cache, key, second, LK_STR("new"));
	assert_true(holds("at:one-key", "new"));
	store_cache_keep(cache, key, first, LK_STR("old"));
	assert_true(holds("at:one-key", "new"));
}

static void
many_who_ask_for_the_same_share_its_place(void **state)
{
	struct lk_str key = LK_STR("at:one-key");
	uint64_t first = store_cache_expect(cache, key);

	(void)state;
	assert_true(store_cache_expect(cache, key) == first);
	assert_int_equal(store_cache_count(cache), 1);
	store_cache_keep(cache, key, first, LK_STR("one"));
	store_cache_keep(cache, key, first, LK_STR("two"));
	assert_true(holds("at:one-key", "one"));
}

static void
nothing_takes_no_place(void **state)
{
	struct lk_str key = LK_STR("at:one-key");
	uint64_t ticket = store_cache_expect(cache, key);

	(void)state;
	store_cache_keep(cache, key, ticket, lk_str_n(NULL, 0));
	assert_int_equal(store_cache_count(cache), 0);
	store_cache_keep(cache, key, 0, LK_STR("one"));
	assert_int_equal(store_cache_count(cache), 0);
}

static void
all_is_forgotten_at_once_places_too(void **state)
{
	uint64_t ticket = store_cache_expect(cache, LK_STR("at:two-key"));

	(void)state;
	put("at:one-key", "one");
	store_cache_clear(cache);
	store_cache_keep(cache, LK_STR("at:two-key"), ticket, LK_STR("two"));
	assert_int_equal(store_cache_count(cache), 0);
	assert_false(has("at:one-key") || has("at:two-key"));
}

static void
there_are_never_more_than_so_many_and_the_least_used_go_first(void **state)
{
	char key[24];

	(void)state;
	put("at:often-used", "x");
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "at:%010d", i);
		put(key, "value");
		assert_true(holds("at:often-used", "x"));
		assert_in_range(store_cache_count(cache), 1, 100);
	}
	assert_true(holds("at:0000000999", "value") && holds("at:0000000901", "value"));
	assert_false(has("at:0000000900"));
}

static void
all_they_take_is_bounded(void **state)
{
	static char large[300000];
	char key[24];

	(void)state;
	for (int i = 0; i < 10; i++) {
		uint64_t ticket;

		snprintf(key, sizeof key, "at:%010d", i);
		ticket = store_cache_expect(cache, lk_str_c(key));
		store_cache_keep(cache, lk_str_c(key), ticket, lk_str_n(large, sizeof large));
		assert_in_range(store_cache_count(cache), 1, 3);
	}
	assert_true(has("at:0000000009") && has("at:0000000007"));
	assert_false(has("at:0000000006"));
}

/* What was never told cannot have changed. */
static void
only_values_that_go_are_counted(void **state)
{
	uint64_t before = store_cache_gone(cache);

	(void)state;
	put("at:one", "1");
	put("at:two", "2");
	(void)store_cache_expect(cache, LK_STR("at:three"));
	store_cache_drop(cache, LK_STR("at:three"));
	store_cache_drop(cache, LK_STR("at:nothing"));
	assert_int_equal(store_cache_gone(cache), before);
	store_cache_drop(cache, LK_STR("at:one"));
	assert_int_equal(store_cache_gone(cache), before + 1);
	store_cache_clear(cache);
	assert_int_equal(store_cache_gone(cache), before + 2);
}

static void
a_key_that_is_none_of_ours_is_not_taken(void **state)
{
	static const char longer[] = "at:012345678901234567890123456789";

	(void)state;
	assert_int_equal(store_cache_expect(cache, lk_str_c(longer)), 0);
	store_cache_drop(cache, lk_str_c(longer));
	store_cache_drop(cache, lk_str_n(NULL, 0));
	assert_int_equal(store_cache_count(cache), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_expected_and_came_is_found),
	    TEST(what_changed_while_it_was_asked_for_is_not_kept),
	    TEST(an_old_answer_does_not_take_a_new_place),
	    TEST(many_who_ask_for_the_same_share_its_place),
	    TEST(nothing_takes_no_place),
	    TEST(all_is_forgotten_at_once_places_too),
	    TEST(there_are_never_more_than_so_many_and_the_least_used_go_first),
	    TEST(all_they_take_is_bounded),
	    TEST(only_values_that_go_are_counted),
	    TEST(a_key_that_is_none_of_ours_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
