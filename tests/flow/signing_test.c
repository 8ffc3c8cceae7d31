/* SPDX-License-Identifier: MIT */
/* The life of the keys that sign tokens, on one node and on two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "support/crypto_help.h"
#include "support/signing_help.h"

static void
a_new_service_makes_the_keys_it_needs_and_shows_their_public_halves(void **state)
{
	static const char *const private[] = {"\"d\"",	"\"p\"",  "\"q\"",   "\"dp\"",
					      "\"dq\"", "\"qi\"", "\"oth\"", "\"k\""};
	struct world *world = *state;
	struct crypto_jwks set = {.count = 0};
	char jwks[8192];
	struct node node;

	node_begin(&node, world);
	assert_false(node_is_ready(&node));
	node_look(&node);
	assert_true(node_is_ready(&node));
	assert_int_equal(world->dir.key_count, 2);
	assert_int_equal(audited(world, "key_made", NULL), 1);
	node_jwks(&node, jwks);
	for (size_t i = 0; i < sizeof private / sizeof *private; i++)
		assert_null(strstr(jwks, private[i]));
	assert_int_equal(crypto_jwks_read(lk_str_c(jwks), NULL, &set), LK_OK);
	assert_int_equal(set.count, 2);
	crypto_jwks_done(&set);
	node_end(&node);
}

static void
nothing_is_signed_before_there_is_a_key(void **state)
{
	struct node node;
	struct lk_str token;

	node_begin(&node, *state);
	node.dir = NULL;
	node_look(&node);
	assert_false(node_is_ready(&node));
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_E_KEYS_DOWN);
	assert_int_equal(signing_verify(&node.fast, "JWT", LK_STR("a.b.c"), node.arena, &token),
			 LK_E_KEYS_DOWN);
	node.dir = &((struct world *)*state)->dir;
	node_look(&node);
	assert_true(node_is_ready(&node));
	assert_int_equal(node_sign(&node, CRYPTO_PS256, node.arena, &token), LK_E_KEYS_DOWN);
	assert_int_equal(node_sign(&node, CRYPTO_ALG_COUNT, node.arena, &token), LK_E_KEYS_DOWN);
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_OK);
	assert_true(node_verifies(&node, "at+jwt", token));
	assert_false(node_verifies(&node, "logout+jwt", token));
	node_end(&node);
}

static void
two_nodes_on_one_directory_sign_with_the_same_key(void **state)
{
	struct node one, two;
	struct lk_str token;

	node_begin(&one, *state);
	node_begin(&two, *state);
	node_look(&one);
	node_look(&two);
	assert_int_equal(((struct world *)*state)->dir.key_count, 2);
	assert_int_equal(node_sign(&one, CRYPTO_RS256, one.arena, &token), LK_OK);
	assert_true(node_verifies(&two, "at+jwt", token));
	assert_int_equal(node_sign(&two, CRYPTO_ES256, two.arena, &token), LK_OK);
	assert_true(node_verifies(&one, "at+jwt", token));
	node_end(&one);
	node_end(&two);
}

struct overtaken {
	struct world *world;
	struct fake_key theirs;
};

/* Between our plan and our add, the other node's key is there. */
static enum lk_err
other_is_first(void *context, const char *verb)
{
	struct overtaken *overtaken = context;
	struct dir *dir = &overtaken->world->dir;

	if (strcmp(verb, "key_add") == 0 && dir->key_count == 1)
		dir->keys[dir->key_count++] = overtaken->theirs;
	return LK_OK;
}

static void
of_two_nodes_that_make_the_same_key_the_second_takes_the_firsts(void **state)
{
	struct world *world = *state;
	struct overtaken overtaken = {.world = world};
	struct node node;
	char jwks[8192];

	node_begin(&node, world);
	node_look(&node);
	overtaken.theirs = world->dir.keys[1];
	node_end(&node);
	world->dir.key_count = 1;
	world->dir.hook = other_is_first;
	world->dir.context = &overtaken;
	node_begin(&node, world);
	node_look(&node);
	assert_int_equal(world->dir.key_count, 2);
	node_jwks(&node, jwks);
	assert_non_null(strstr(jwks, overtaken.theirs.kid));
	assert_true(node_is_ready(&node));
	node_end(&node);
}

static void
a_directory_that_went_away_changes_nothing_but_the_time_does(void **state)
{
	struct world *world = *state;
	struct lk_str token;
	struct node node;

	node_begin(&node, world);
	node_look(&node);
	world_pass(world, ROTATE_S - AHEAD_S);
	node_look(&node);
	assert_string_equal(node_signs(&node, CRYPTO_ES256), "ES256-1");
	assert_int_equal(world->dir.key_count, 4);
	assert_int_equal(
	    node_sign(&node, CRYPTO_ES256, world->arena = lk_arena_new(4096, 65536), &token),
	    LK_OK);
	node.dir = NULL;
	world_pass(world, AHEAD_S);
	node_look(&node);
	assert_string_equal(node_signs(&node, CRYPTO_ES256), "ES256-2");
	assert_true(node_verifies(&node, "at+jwt", token));
	node.dir = &world->dir;
	world_pass(world, KEEP_S);
	node_look(&node);
	assert_int_equal(world->dir.key_count, 2);
	assert_int_equal(audited(world, "key_removed", NULL), 2);
	assert_false(node_verifies(&node, "at+jwt", token));
	lk_arena_free(world->arena);
	node_end(&node);
}

static void
a_directory_that_lost_its_keys_is_not_believed(void **state)
{
	struct world *world = *state;
	struct node node;
	struct lk_str token;

	node_begin(&node, world);
	node_look(&node);
	world->dir.key_count = 0;
	node_look(&node);
	node_look(&node);
	assert_int_equal(world->dir.key_count, 0);
	assert_true(node_is_ready(&node));
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_OK);
	node_end(&node);
}

static void
with_another_key_file_nothing_is_signed_shown_or_outbid(void **state)
{
	struct world *world = *state;
	struct crypto_ring *other = help_ring("1 " KEY_B "\n");
	char jwks[8192];
	struct lk_str token;
	struct node node;

	node_begin(&node, world);
	node_look(&node);
	node_end(&node);
	node_begin(&node, world);
	node.fast.ring = other;
	node_look(&node);
	assert_false(node_is_ready(&node));
	assert_int_equal(node_sign(&node, CRYPTO_RS256, node.arena, &token), LK_E_KEYS_DOWN);
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_E_KEYS_DOWN);
	node_jwks(&node, jwks);
	assert_string_equal(jwks, "");
	assert_int_equal(world->dir.key_count, 2);
	node_end(&node);
	crypto_ring_free(other);
}

static void
a_key_under_a_wrong_name_is_never_signed_with(void **state)
{
	struct world *world = *state;
	struct lk_str token;
	struct node node;

	node_begin(&node, world);
	node_look(&node);
	/* The newest of ES256, as somebody who may write there could make believe. */
	world->dir.keys[2] = world->dir.keys[0];
	snprintf(world->dir.keys[2].name, sizeof world->dir.keys[2].name, "ES256-9");
	world->dir.key_count = 3;
	node_look(&node);
	assert_string_equal(node_signs(&node, CRYPTO_ES256), "ES256-9");
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_E_KEYS_DOWN);
	assert_false(node_is_ready(&node));
	/* Nor is the same key under two names. */
	world->dir.keys[2] = world->dir.keys[1];
	snprintf(world->dir.keys[2].name, sizeof world->dir.keys[2].name, "ES256-9");
	node_look(&node);
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_E_KEYS_DOWN);
	node_end(&node);
}

static void
what_is_no_key_of_ours_is_passed_over(void **state)
{
	struct world *world = *state;
	struct node node;

	world->dir.keys[1] = signing_rsa;
	snprintf(world->dir.keys[1].name, sizeof world->dir.keys[1].name, "ML-DSA-44-1");
	world->dir.keys[2] = signing_rsa;
	snprintf(world->dir.keys[2].name, sizeof world->dir.keys[2].name, "RS256-2");
	world->dir.keys[2].sealed_len = 0;
	world->dir.key_count = 3;
	node_begin(&node, world);
	node_look(&node);
	assert_true(node_is_ready(&node));
	assert_string_equal(node_signs(&node, CRYPTO_RS256), "RS256-1");
	node_end(&node);
}

static void
without_the_audit_no_key_is_made(void **state)
{
	struct world *world = *state;
	struct node node;

	node_begin(&node, world);
	world_audit_breaks(world, true);
	assert_int_not_equal(audit_append(world->audit,
					  &(struct audit_line){.event = AUDIT_STARTED},
					  lk_clock_mono_ms(node.fast.clock) + 1000),
			     LK_OK);
	node_look(&node);
	assert_int_equal(world->dir.key_count, 1);
	assert_false(node_is_ready(&node));
	world_audit_breaks(world, false);
	node_look(&node);
	assert_true(node_is_ready(&node));
	node_end(&node);
}

struct counted {
	int adds;
};

static enum lk_err
no_rights(void *context, const char *verb)
{
	struct counted *counted = context;

	if (strcmp(verb, "key_add") != 0)
		return LK_OK;
	counted->adds++;
	return LK_E_BROKEN;
}

static void
a_key_that_cannot_be_kept_is_not_made_again_at_once(void **state)
{
	struct world *world = *state;
	struct counted counted = {0};
	struct node node;

	node_begin(&node, world);
	world->dir.hook = no_rights;
	world->dir.context = &counted;
	node.is_patient = true;
	for (int i = 0; i < 5; i++)
		node_look(&node);
	assert_int_equal(counted.adds, 1);
	assert_false(node_is_ready(&node));
	world_pass(world, 10);
	node_look(&node);
	assert_int_equal(counted.adds, 2);
	world->dir.hook = NULL;
	world_pass(world, 10);
	node_look(&node);
	assert_true(node_is_ready(&node));
	node_end(&node);
}

static void
an_algorithm_gets_a_key_when_an_application_asks_for_it(void **state)
{
	struct world *world = *state;
	char before[8192], after[8192];
	struct lk_str token;
	struct node node;

	node_begin(&node, world);
	node_look(&node);
	assert_int_equal(node_sign(&node, CRYPTO_EDDSA, node.arena, &token), LK_E_KEYS_DOWN);
	node_jwks(&node, before);
	world_policy(world, "applications/a.conf",
		     "[application]\nclient_id = a\nname = A\nkind = web\ngroups = everyone\n"
		     "id_token_alg = EdDSA\n");
	node.fast.policy = world->policy;
	/* As long as it cannot be made, everybody else goes on. */
	node.dir = NULL;
	node_look(&node);
	assert_false(node_is_ready(&node));
	assert_int_equal(node_sign(&node, CRYPTO_EDDSA, node.arena, &token), LK_E_KEYS_DOWN);
	assert_int_equal(node_sign(&node, CRYPTO_ES256, node.arena, &token), LK_OK);
	node_jwks(&node, after);
	assert_string_equal(after, before);
	node.dir = &world->dir;
	node_look(&node);
	assert_true(node_is_ready(&node));
	assert_string_equal(node_signs(&node, CRYPTO_EDDSA), "EdDSA-1");
	assert_string_equal(node_signs(&node, CRYPTO_PS256), "");
	assert_int_equal(node_sign(&node, CRYPTO_EDDSA, node.arena, &token), LK_OK);
	assert_true(node_verifies(&node, "at+jwt", token));
	node_end(&node);
}

/* --- orders ---------------------------------------------------------------------------------- */

/* An order's keys sign by now. */
static void
lead_pass(struct world *world, struct node *node)
{
	world->clock.wall_s += SIGNING_LEAD_S;
	node_look(node);
}

/* Shown at both before either signs with it. */
static void
a_rotated_key_signs_once_every_node_shows_it(void **state)
{
	struct world *world = *state;
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	char shown[8192];
	struct node one, two;

	node_begin(&one, world);
	node_begin(&two, world);
	node_look(&one);
	node_look(&two);
	assert_int_equal(node_order(&one, &order), LK_OK);
	node_jwks(&one, shown);
	assert_non_null(strstr(shown, order.done[0].kid));
	assert_string_equal(node_signs(&one, CRYPTO_ES256), "ES256-1");
	world->clock.wall_s += SIGNING_LEAD_S - 1;
	node_look(&one);
	node_look(&two);
	node_jwks(&two, shown);
	assert_non_null(strstr(shown, order.done[0].kid));
	assert_string_equal(node_signs(&one, CRYPTO_ES256), "ES256-1");
	assert_string_equal(node_signs(&two, CRYPTO_ES256), "ES256-1");
	world->clock.wall_s += 1;
	node_look(&one);
	node_look(&two);
	assert_string_equal(node_signs(&one, CRYPTO_ES256), "ES256-2");
	assert_string_equal(node_signs(&two, CRYPTO_ES256), "ES256-2");
	node_end(&one);
	node_end(&two);
}

static void
rotating_signs_soon_and_what_was_signed_still_counts(void **state)
{
	struct world *world = *state;
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str before, after;
	struct node one, two;

	node_begin(&one, world);
	node_begin(&two, world);
	node_look(&one);
	node_look(&two);
	assert_int_equal(node_sign(&one, CRYPTO_ES256, arena, &before), LK_OK);
	assert_int_equal(node_order(&one, &order), LK_OK);
	assert_int_equal(order.count, 1);
	assert_string_equal(order.done[0].name, "ES256-2");
	lead_pass(world, &one);
	assert_string_equal(node_signs(&one, CRYPTO_ES256), "ES256-2");
	assert_string_equal(node_signs(&one, CRYPTO_RS256), "RS256-1");
	assert_int_equal(node_sign(&one, CRYPTO_ES256, arena, &after), LK_OK);
	assert_true(node_verifies(&one, "at+jwt", before));
	node_look(&two);
	assert_true(node_verifies(&two, "at+jwt", before));
	assert_true(node_verifies(&two, "at+jwt", after));
	lk_arena_free(arena);
	node_end(&one);
	node_end(&two);
}

static void
what_signs_is_not_retired_and_what_is_retired_counts_no_more(void **state)
{
	struct world *world = *state;
	struct signing_order rotate = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	struct signing_order retire = {.kind = SIGNING_ORDER_RETIRE, .which = "ES256-1"};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str token;
	struct node node;
	uint64_t before;

	node_begin(&node, world);
	node_look(&node);
	assert_int_equal(node_sign(&node, CRYPTO_ES256, arena, &token), LK_OK);
	assert_int_equal(node_order(&node, &retire), LK_E_USED);
	assert_int_equal(node_order(&node, &rotate), LK_OK);
	assert_int_equal(node_order(&node, &retire), LK_E_USED);
	lead_pass(world, &node);
	before = signing_count(node.fast.signing);
	assert_int_equal(node_order(&node, &retire), LK_OK);
	assert_int_not_equal(signing_count(node.fast.signing), before);
	assert_false(node_verifies(&node, "at+jwt", token));
	assert_int_equal(node_order(&node, &retire), LK_E_NOT_FOUND);
	lk_arena_free(arena);
	node_end(&node);
}

static void
rotating_again_and_again_ends_before_the_set_is_too_large(void **state)
{
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	struct node node;
	int count = 0;

	node_begin(&node, *state);
	node_look(&node);
	while (node_order(&node, &order) == LK_OK) {
		order = (struct signing_order){.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
		assert_true(++count < 20);
	}
	assert_int_equal(order.err, LK_E_BUSY);
	assert_true(node_is_ready(&node));
	assert_int_equal(count, SIGNING_KEYS_MAX - 3);
	node_end(&node);
}

static void
an_order_nobody_takes_does_nothing(void **state)
{
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	struct world *world = *state;
	struct lk_call call = {.clock = &world->clock.clock};
	struct node node;

	node_begin(&node, world);
	assert_int_equal(signing_order_run(signing_orders(node.fast.signing), &call, &order),
			 LK_E_BUSY);
	node_look(&node);
	assert_string_equal(node_signs(&node, CRYPTO_ES256), "ES256-1");
	node.dir = NULL;
	assert_int_equal(node_order(&node, &order), LK_E_DIRECTORY_DOWN);
	node_end(&node);
}

static void
a_directory_without_keys_gets_new_ones_when_it_is_said(void **state)
{
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
	struct world *world = *state;
	struct node node;

	node_begin(&node, world);
	node_look(&node);
	world->dir.key_count = 0;
	node_look(&node);
	assert_int_equal(node_order(&node, &order), LK_OK);
	assert_string_equal(world->dir.keys[0].name, "ES256-2");
	assert_string_equal(node_signs(&node, CRYPTO_ES256), "ES256-2");
	node_end(&node);
}

/* --- many at once ---------------------------------------------------------------------------- */

#define THREADS 4

struct hammer {
	const struct node *node;
	atomic_bool must_end;
	atomic_int signed_count, refused_count;
};

static void *
hammer_run(void *context)
{
	struct hammer *hammer = context;
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str token;

	while (!atomic_load(&hammer->must_end)) {
		if (node_sign(hammer->node, CRYPTO_ES256, arena, &token) == LK_OK &&
		    node_verifies(hammer->node, "at+jwt", token))
			hammer->signed_count++;
		else
			hammer->refused_count++;
		lk_arena_reset(arena);
	}
	lk_arena_free(arena);
	return NULL;
}

static void
rotating_under_load_refuses_nobody(void **state)
{
	struct signing_order order;
	struct hammer hammer = {.signed_count = 0};
	pthread_t threads[THREADS];
	struct node node;

	node_begin(&node, *state);
	node_look(&node);
	hammer.node = &node;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer_run, &hammer), 0);
	for (int i = 0; i < 10; i++) {
		order = (struct signing_order){.kind = SIGNING_ORDER_ROTATE, .algs = ES256};
		assert_int_equal(node_order(&node, &order), LK_OK);
		lead_pass(*state, &node);
	}
	atomic_store(&hammer.must_end, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(hammer.refused_count, 0);
	assert_true(hammer.signed_count > 0);
	node_end(&node);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define LIFE(name) cmocka_unit_test_setup_teardown(name, signing_world_begin, world_end)
	    LIFE(a_new_service_makes_the_keys_it_needs_and_shows_their_public_halves),
	    LIFE(nothing_is_signed_before_there_is_a_key),
	    LIFE(two_nodes_on_one_directory_sign_with_the_same_key),
	    LIFE(of_two_nodes_that_make_the_same_key_the_second_takes_the_firsts),
	    LIFE(a_directory_that_went_away_changes_nothing_but_the_time_does),
	    LIFE(a_directory_that_lost_its_keys_is_not_believed),
	    LIFE(with_another_key_file_nothing_is_signed_shown_or_outbid),
	    LIFE(a_key_under_a_wrong_name_is_never_signed_with),
	    LIFE(what_is_no_key_of_ours_is_passed_over),
	    LIFE(without_the_audit_no_key_is_made),
	    LIFE(a_key_that_cannot_be_kept_is_not_made_again_at_once),
	    LIFE(an_algorithm_gets_a_key_when_an_application_asks_for_it),
	    LIFE(a_rotated_key_signs_once_every_node_shows_it),
	    LIFE(rotating_signs_soon_and_what_was_signed_still_counts),
	    LIFE(what_signs_is_not_retired_and_what_is_retired_counts_no_more),
	    LIFE(rotating_again_and_again_ends_before_the_set_is_too_large),
	    LIFE(an_order_nobody_takes_does_nothing),
	    LIFE(a_directory_without_keys_gets_new_ones_when_it_is_said),
	    LIFE(rotating_under_load_refuses_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
