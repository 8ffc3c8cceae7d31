/* SPDX-License-Identifier: MIT */
/* The life of a key that signs tokens, by time alone; and pictures of them that many hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "flow/signing.h"
#include "support/crypto_help.h"

#define START_S	 1795800000 /* Friday 27 November 2026, 5pm */
#define DAY_S	 86400
#define ROTATE_S (90 * DAY_S)
#define AHEAD_S	 DAY_S
#define KEEP_S	 (2 * DAY_S)
#define RS256	 SIGNING_ALG(CRYPTO_RS256)
#define ES256	 SIGNING_ALG(CRYPTO_ES256)

struct pure {
	struct signing_entry entries[SIGNING_KEYS_MAX];
	struct signing_plan plan;
};

static void
pure_begin(struct pure *pure, unsigned needed)
{
	memset(pure, 0, sizeof *pure);
	pure->plan =
	    (struct signing_plan){pure->entries, 0, needed, ROTATE_S, AHEAD_S, KEEP_S, START_S};
}

static void
pure_add(struct pure *pure, uint32_t generation, int64_t signs_at_s)
{
	struct signing_entry *entry = &pure->entries[pure->plan.count++];

	*entry = (struct signing_entry){.alg = CRYPTO_ES256,
					.generation = generation,
					.made_at_s = pure->plan.now_s,
					.signs_at_s = signs_at_s,
					.is_open = true};
	signing_name_write(entry->alg, generation, entry->name);
	snprintf(entry->kid, sizeof entry->kid, "kid-%u", (unsigned)generation);
}

static uint32_t
signer(const struct pure *pure)
{
	const struct signing_entry *entry = signing_plan_signer(&pure->plan, CRYPTO_ES256);

	return entry == NULL ? 0 : entry->generation;
}

static void
names_have_one_spelling(void **state)
{
	static const char *const wrong[] = {"",		"RS256",    "RS256-",		"RS256-0",
					    "RS256-01", "rs256-1",  "HS256-1",		"none-1",
					    "RS256-1 ", "RS256--1", "RS256-4294967297", "-1"};
	char name[SIGNING_NAME_BYTES];
	enum crypto_alg alg;
	uint32_t generation;

	(void)state;
	for (int i = CRYPTO_RS256; i < CRYPTO_ALG_COUNT; i++) {
		signing_name_write((enum crypto_alg)i, INT32_MAX, name);
		assert_true(signing_name_read(lk_str_c(name), &alg, &generation));
		assert_int_equal(alg, i);
		assert_int_equal(generation, INT32_MAX);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(signing_name_read(lk_str_c(wrong[i]), &alg, &generation));
}

static void
the_first_key_signs_at_once(void **state)
{
	struct signing_step step;
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	step = signing_plan_next(&pure.plan);
	assert_int_equal(step.kind, SIGNING_MAKE);
	assert_int_equal(step.generation, 1);
	assert_int_equal(step.signs_at_s, START_S);
}

static void
a_key_is_published_then_signs_then_verifies_then_goes(void **state)
{
	struct signing_step step;
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 1, START_S);
	pure.plan.now_s = START_S + ROTATE_S - AHEAD_S - 1;
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
	assert_int_equal(signing_plan_ends_at(&pure.plan, &pure.entries[0]), 0);
	pure.plan.now_s++;
	step = signing_plan_next(&pure.plan);
	assert_int_equal(step.kind, SIGNING_MAKE);
	assert_int_equal(step.generation, 2);
	assert_int_equal(step.signs_at_s, START_S + ROTATE_S);
	pure_add(&pure, 2, step.signs_at_s);
	assert_int_equal(signer(&pure), 1);
	assert_int_equal(signing_plan_state(&pure.plan, &pure.entries[1]), SIGNING_AHEAD);
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
	pure.plan.now_s = START_S + ROTATE_S;
	assert_int_equal(signer(&pure), 2);
	assert_int_equal(signing_plan_state(&pure.plan, &pure.entries[0]), SIGNING_VERIFIES);
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
	pure.plan.now_s += KEEP_S;
	step = signing_plan_next(&pure.plan);
	assert_int_equal(step.kind, SIGNING_REMOVE);
	assert_ptr_equal(step.entry, &pure.entries[0]);
	assert_int_equal(signing_plan_ends_at(&pure.plan, &pure.entries[0]), pure.plan.now_s);
}

static void
after_a_long_sleep_the_next_key_is_still_published_ahead(void **state)
{
	struct signing_step step;
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 1, START_S);
	pure.plan.now_s = START_S + 3 * ROTATE_S;
	step = signing_plan_next(&pure.plan);
	assert_int_equal(step.kind, SIGNING_MAKE);
	assert_int_equal(step.signs_at_s, pure.plan.now_s + AHEAD_S);
}

static void
one_rotated_at_once_signs_even_when_the_one_ahead_has_its_time(void **state)
{
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 5, START_S - ROTATE_S);
	pure_add(&pure, 6, START_S + DAY_S);
	pure_add(&pure, 7, START_S);
	assert_int_equal(signer(&pure), 7);
	pure.plan.now_s += DAY_S + 1;
	assert_int_equal(signer(&pure), 7);
	assert_int_equal(signing_plan_ends_at(&pure.plan, &pure.entries[0]), START_S + KEEP_S);
	assert_int_equal(signing_plan_ends_at(&pure.plan, &pure.entries[1]), START_S + KEEP_S);
}

static void
where_nobodys_time_has_come_the_oldest_signs(void **state)
{
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 2, START_S + DAY_S);
	pure_add(&pure, 1, START_S + 3);
	assert_int_equal(signer(&pure), 1);
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
}

static void
what_does_not_open_here_is_not_outbid(void **state)
{
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 1, START_S - 2 * ROTATE_S);
	pure.entries[0].is_open = false;
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
}

static void
the_set_is_never_too_large(void **state)
{
	struct pure pure;

	(void)state;
	pure_begin(&pure, ES256 | RS256);
	for (uint32_t i = 1; i <= SIGNING_KEYS_MAX; i++)
		pure_add(&pure, i, START_S);
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REST);
	pure.plan.now_s += KEEP_S;
	assert_int_equal(signing_plan_next(&pure.plan).kind, SIGNING_REMOVE);
}

/* --- pictures --------------------------------------------------------------------------------- */

static void
a_picture_that_is_held_stays_as_it_is(void **state)
{
	const struct signing_keys *held[16];
	struct pure pure;
	struct crypto_jwk *keys[1];
	struct signing_make make = {&pure.plan, keys};
	struct signing *signing = signing_new();
	enum lk_err err = LK_OK;
	size_t count = 0;

	(void)state;
	pure_begin(&pure, ES256);
	pure_add(&pure, 1, START_S);
	while (err == LK_OK && count < 16) {
		held[count] = signing_hold(signing);
		assert_int_equal(held[count]->count, count == 0 ? 0 : 1);
		if (count > 0)
			assert_int_equal(held[count]->each[0].generation,
					 pure.entries[0].generation);
		count++;
		pure.entries[0].generation++;
		assert_int_equal(crypto_jwk_make(CRYPTO_ES256, 0, &keys[0]), LK_OK);
		err = signing_put(signing, &make);
	}
	assert_int_equal(err, LK_E_BUSY);
	signing_drop(signing, held[0]);
	assert_int_equal(crypto_jwk_make(CRYPTO_ES256, 0, &keys[0]), LK_OK);
	assert_int_equal(signing_put(signing, &make), LK_OK);
	while (count-- > 1)
		signing_drop(signing, held[count]);
	signing_free(signing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_have_one_spelling),
	    cmocka_unit_test(the_first_key_signs_at_once),
	    cmocka_unit_test(a_key_is_published_then_signs_then_verifies_then_goes),
	    cmocka_unit_test(after_a_long_sleep_the_next_key_is_still_published_ahead),
	    cmocka_unit_test(one_rotated_at_once_signs_even_when_the_one_ahead_has_its_time),
	    cmocka_unit_test(where_nobodys_time_has_come_the_oldest_signs),
	    cmocka_unit_test(what_does_not_open_here_is_not_outbid),
	    cmocka_unit_test(the_set_is_never_too_large),
	    cmocka_unit_test(a_picture_that_is_held_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
