/* SPDX-License-Identifier: MIT */
/* The secret of pairwise names: one for all nodes, whatever becomes of the key file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/grant.h"
#include "flow/health.h"
#include "flow/pairwise_life.h"
#include "support/crypto_help.h"
#include "support/flow_help.h"

#define KEEP_S	(2 * 86400)
#define PERSON	LK_STR("asha")
#define EVERY_S 10 /* as often as a node that is well looks */

struct node {
	struct fast fast;
	struct pairwise *pairwise;
	struct pairwise_life *life;
	struct lk_arena *arena;
	struct lk_why why;
	struct lk_call call;
	struct dir *dir;
	struct pairwise_seen seen;
	char sub[64]; /* "" none */
};

static void
node_begin(struct node *node, struct world *world, const struct crypto_ring *ring)
{
	*node = (struct node){.fast = world->fast, .dir = &world->dir};
	world->conf.key_keep_s = KEEP_S;
	world->logger.fd = -1;
	node->fast.ring = ring;
	node->fast.pairwise = node->pairwise = pairwise_new();
	node->life = pairwise_life_new(node->pairwise);
	node->arena = lk_arena_new(65536, 1u << 20);
	assert_true(node->pairwise != NULL && node->life != NULL && node->arena != NULL);
}

static void
node_end(struct node *node)
{
	pairwise_life_free(node->life);
	pairwise_free(node->pairwise);
	lk_arena_free(node->arena);
}

static const char *
sub_at(struct node *node, const char *client_id, struct lk_str person)
{
	struct lk_str sub = {NULL, 0};

	node->sub[0] = '\0';
	if (pairwise_sub(node->pairwise, lk_str_c(client_id), person, node->arena, &sub) == LK_OK)
		snprintf(node->sub, sizeof node->sub, "%.*s", LK_STR_ARGS(sub));
	else
		assert_null(sub.ptr);
	return node->sub;
}

static void
node_look(struct node *node, bool is_asked)
{
	struct signing_tools tools = {&node->fast, node->dir, &node->call};

	lk_arena_reset(node->arena);
	lk_why_clear(&node->why);
	node->call = (struct lk_call){node->fast.clock, node->arena, &node->why,
				      lk_clock_mono_ms(node->fast.clock) + 5000};
	if (node->dir != NULL)
		dir_begin(node->dir, &node->call);
	pairwise_life_look(node->life, &tools, is_asked);
	pairwise_look(node->pairwise, &node->seen);
	(void)sub_at(node, "shop", PERSON);
}

/* A node with this key file that starts, looks once and goes: what it called asha. */
static void
look_once(struct world *world, const char *keys, struct node *out)
{
	struct crypto_ring *ring = help_ring(keys);

	node_begin(out, world, ring);
	node_look(out, true);
	node_end(out);
	crypto_ring_free(ring);
}

/* --- made ------------------------------------------------------------------------------------ */

static void
a_new_service_makes_it_once_and_keeps_it_sealed(void **state)
{
	struct world *world = *state;
	struct node one, two;

	node_begin(&one, world, world->ring);
	assert_string_equal(sub_at(&one, "shop", PERSON), "");
	assert_int_equal(pairwise_sub(one.pairwise, LK_STR("shop"), PERSON, one.arena,
				      &(struct lk_str){NULL, 0}),
			 LK_E_KEYS_DOWN);
	node_look(&one, true);
	assert_int_equal(strlen(one.sub), 32);
	assert_int_equal(world->dir.secret_count, 1);
	assert_string_equal(world->dir.secrets[0].name, "pairwise-1");
	assert_int_equal(world->dir.secrets[0].sealed_len,
			 CRYPTO_KEY_BYTES + CRYPTO_SEAL_EXTRA_BYTES);
	assert_int_equal(world->dir.key_count, 0);
	assert_true(one.seen.is_here);
	assert_string_equal(one.seen.fault, "");
	assert_int_equal(audited(world, "pairwise_sealed", NULL), 1);
	node_begin(&two, world, world->ring);
	node_look(&two, true);
	assert_string_equal(two.sub, one.sub);
	assert_int_equal(world->dir.secret_count, 1);
	assert_int_equal(audited(world, "pairwise_sealed", NULL), 1);
	node_end(&one);
	node_end(&two);
}

static void
two_services_never_call_anybody_the_same(void **state)
{
	struct world *world = *state;
	struct node one, two;

	look_once(world, "1 " KEY_A "\n", &one);
	world->dir.secret_count = 0;
	look_once(world, "1 " KEY_A "\n", &two);
	assert_string_not_equal(one.sub, two.sub);
}

static void
people_are_others_at_each_application_and_the_same_at_one(void **state)
{
	struct world *world = *state;
	struct node node;
	char shop[64], till[64], other[64];

	node_begin(&node, world, world->ring);
	node_look(&node, true);
	snprintf(shop, sizeof shop, "%s", sub_at(&node, "shop", PERSON));
	snprintf(till, sizeof till, "%s", sub_at(&node, "till", PERSON));
	snprintf(other, sizeof other, "%s", sub_at(&node, "shop", LK_STR("bronwen")));
	assert_string_not_equal(shop, till);
	assert_string_not_equal(shop, other);
	assert_string_equal(shop, sub_at(&node, "shop", PERSON));
	assert_string_not_equal(sub_at(&node, "sh", LK_STR("opasha")), shop);
	node_end(&node);
}

struct overtaken {
	struct world *world;
	struct fake_secret theirs;
};

/* Between our look and our add, the other node's seal is there. */
static enum lk_err
other_is_first(void *context, const char *verb)
{
	struct overtaken *overtaken = context;
	struct dir *dir = &overtaken->world->dir;

	if (strcmp(verb, "secret_add") == 0 && dir->secret_count == 0)
		dir->secrets[dir->secret_count++] = overtaken->theirs;
	return LK_OK;
}

static void
of_two_nodes_that_start_at_once_the_add_that_wins_counts(void **state)
{
	struct world *world = *state;
	struct overtaken overtaken = {.world = world};
	struct node one, two;

	look_once(world, "1 " KEY_A "\n", &one);
	overtaken.theirs = world->dir.secrets[0];
	world->dir.secret_count = 0;
	world->dir.hook = other_is_first;
	world->dir.context = &overtaken;
	look_once(world, "1 " KEY_A "\n", &two);
	assert_int_equal(world->dir.secret_count, 1);
	assert_string_equal(two.sub, one.sub);
	assert_true(two.seen.is_here);
}

static enum lk_err
no_answer(void *context, const char *verb)
{
	int *adds = context;

	if (strcmp(verb, "secret_add") != 0)
		return LK_OK;
	(*adds)++;
	return LK_E_DIRECTORY_UNSURE;
}

/* It may be there or not: nobody is called by it before it was read back. */
static void
one_whose_keeping_is_unsure_names_nobody_before_it_is_read_back(void **state)
{
	struct world *world = *state;
	struct node node;
	int adds = 0;

	node_begin(&node, world, world->ring);
	world->dir.hook = no_answer;
	world->dir.context = &adds;
	world->dir.is_done_first = true;
	node_look(&node, true);
	assert_int_equal(adds, 1);
	assert_string_equal(node.sub, "");
	assert_false(node.seen.is_here);
	world_pass(world, 2);
	node_look(&node, false);
	assert_true(node.seen.is_here);
	assert_int_equal(adds, 1);
	assert_int_equal(world->dir.secret_count, 1);
	node_end(&node);
}

static void
without_the_audit_it_is_neither_made_nor_sealed_again(void **state)
{
	struct world *world = *state;
	struct node node;

	world_audit_breaks(world, true);
	assert_int_not_equal(audit_append(world->audit,
					  &(struct audit_line){.event = AUDIT_STARTED},
					  lk_clock_mono_ms(world->fast.clock) + 1000),
			     LK_OK);
	look_once(world, "1 " KEY_A "\n", &node);
	assert_int_equal(world->dir.secret_count, 0);
	assert_string_equal(node.sub, "");
	world_audit_breaks(world, false);
	look_once(world, "1 " KEY_A "\n", &node);
	assert_int_equal(world->dir.secret_count, 1);
}

/* --- the key file ---------------------------------------------------------------------------- */

/* Every application with pairwise subjects would know nobody any more. */
static void
names_stay_when_the_oldest_key_leaves_the_key_file(void **state)
{
	struct world *world = *state;
	struct node before, both, after;

	look_once(world, "1 " KEY_A "\n", &before);
	look_once(world, "1 " KEY_A "\n2 " KEY_B "\n", &both);
	assert_string_equal(both.sub, before.sub);
	assert_int_equal(both.seen.count, 2);
	assert_int_equal(both.seen.each[0].key_id, 2);
	assert_string_equal(both.seen.each[0].name, "pairwise-2");
	look_once(world, "2 " KEY_B "\n", &after);
	assert_string_equal(after.sub, before.sub);
	assert_true(after.seen.is_here);
	assert_false(after.seen.each[1].is_open);
}

static void
a_seal_of_before_goes_when_the_new_one_has_stood_for_a_while(void **state)
{
	struct world *world = *state;
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n2 " KEY_B "\n");
	struct node node;
	char sub[64];

	look_once(world, "1 " KEY_A "\n", &node);
	snprintf(sub, sizeof sub, "%s", node.sub);
	node_begin(&node, world, ring);
	node_look(&node, true);
	world_pass(world, KEEP_S - 1);
	node_look(&node, false);
	assert_int_equal(world->dir.secret_count, 2);
	assert_int_equal(audited(world, "pairwise_removed", NULL), 0);
	world_pass(world, EVERY_S);
	node_look(&node, false);
	assert_int_equal(world->dir.secret_count, 1);
	assert_string_equal(world->dir.secrets[0].name, "pairwise-2");
	assert_int_equal(audited(world, "pairwise_removed", NULL), 1);
	assert_string_equal(node.sub, sub);
	assert_int_equal(node.seen.count, 1);
	node_end(&node);
	crypto_ring_free(ring);
}

/* A rolling change of the key file: the new key is not everywhere yet. */
static void
a_node_without_the_new_key_starts_and_outbids_nobody(void **state)
{
	struct world *world = *state;
	struct node first, late;

	look_once(world, "1 " KEY_A "\n2 " KEY_B "\n", &first);
	assert_int_equal(world->dir.secret_count, 1);
	world->dir.secret_count = 0;
	look_once(world, "1 " KEY_A "\n", &first);
	look_once(world, "1 " KEY_A "\n2 " KEY_B "\n", &late);
	look_once(world, "1 " KEY_A "\n", &late);
	assert_string_equal(late.sub, first.sub);
	assert_true(late.seen.is_here);
	assert_string_equal(late.seen.fault,
			    "pairwise-2 does not open with this node's key file, pairwise-1 still "
			    "does");
	assert_int_equal(world->dir.secret_count, 2);
}

/* Two key files that disagree on which key is the newest must not fill the directory. */
static void
nodes_that_disagree_on_the_newest_key_do_not_seal_for_ever(void **state)
{
	struct world *world = *state;
	struct node node;

	for (int i = 0; i < 20; i++) {
		look_once(world, "1 " KEY_A "\n2 " KEY_B "\n", &node);
		look_once(world, "2 " KEY_B "\n1 " KEY_A "\n", &node);
		world_pass(world, 60);
	}
	assert_true(world->dir.secret_count <= PAIRWISE_SEALS_MAX);
	assert_true(node.seen.is_here);
}

static void
one_that_does_not_open_names_nobody_and_is_never_replaced(void **state)
{
	struct world *world = *state;
	struct node node, other;
	struct fake_secret kept;

	look_once(world, "1 " KEY_A "\n", &node);
	kept = world->dir.secrets[0];
	look_once(world, "7 " KEY_B "\n", &other);
	assert_string_equal(other.sub, "");
	assert_false(other.seen.is_here);
	assert_false(other.seen.each[0].is_open);
	assert_string_equal(other.seen.fault,
			    "pairwise-1 does not open with this node's key file");
	assert_int_equal(world->dir.secret_count, 1);
	assert_memory_equal(&world->dir.secrets[0], &kept, sizeof kept);
	look_once(world, "1 " KEY_A "\n", &other);
	assert_string_equal(other.sub, node.sub);
}

static void
a_running_node_goes_on_when_it_does_not_open_any_more(void **state)
{
	struct world *world = *state;
	struct node node;
	char sub[64];

	node_begin(&node, world, world->ring);
	node_look(&node, true);
	snprintf(sub, sizeof sub, "%s", node.sub);
	world->dir.secrets[0].sealed[20] ^= 1;
	world_pass(world, EVERY_S);
	node_look(&node, false);
	assert_string_equal(node.sub, sub);
	assert_non_null(strstr(node.seen.fault, "until it is restarted"));
	assert_int_equal(world->dir.secret_count, 1);
	node_end(&node);
}

/* --- somebody's hands in the directory -------------------------------------------------------- */

static void
another_secret_than_before_names_nobody(void **state)
{
	struct world *world = *state;
	struct fake_secret first;
	struct node node, start;
	char sub[64];

	node_begin(&node, world, world->ring);
	node_look(&node, true);
	snprintf(sub, sizeof sub, "%s", node.sub);
	first = world->dir.secrets[0];
	world->dir.secret_count = 0;
	look_once(world, "1 " KEY_A "\n", &start);
	assert_string_not_equal(start.sub, sub);
	world_pass(world, EVERY_S);
	node_look(&node, false);
	assert_string_equal(node.sub, "");
	assert_string_equal(node.seen.fault,
			    "pairwise-1 is another secret than the one this node works with");
	/* Nor does one that starts choose between two. */
	snprintf(first.name, sizeof first.name, "pairwise-2");
	world->dir.secrets[world->dir.secret_count++] = first;
	look_once(world, "1 " KEY_A "\n", &start);
	assert_string_equal(start.sub, "");
	assert_string_equal(start.seen.fault, "pairwise-1 is another secret than pairwise-2");
	/* Put right, it goes on. */
	world->dir.secrets[0] = first;
	world->dir.secret_count = 1;
	world_pass(world, EVERY_S);
	node_look(&node, false);
	assert_string_equal(node.sub, sub);
	node_end(&node);
}

static void
a_directory_that_lost_it_gets_the_same_back(void **state)
{
	struct world *world = *state;
	struct node node, start;

	node_begin(&node, world, world->ring);
	node_look(&node, true);
	world->dir.secret_count = 0;
	world_pass(world, EVERY_S);
	node_look(&node, false);
	assert_int_equal(world->dir.secret_count, 1);
	look_once(world, "1 " KEY_A "\n", &start);
	assert_string_equal(start.sub, node.sub);
	node_end(&node);
}

static void
a_directory_that_does_not_answer_changes_nothing(void **state)
{
	struct world *world = *state;
	struct node node, late;
	char sub[64];

	node_begin(&node, world, world->ring);
	node_look(&node, true);
	snprintf(sub, sizeof sub, "%s", node.sub);
	node.dir = NULL;
	world_pass(world, EVERY_S);
	node_look(&node, true);
	assert_string_equal(node.sub, sub);
	node_begin(&late, world, world->ring);
	late.dir = NULL;
	node_look(&late, true);
	assert_string_equal(late.sub, "");
	late.dir = &world->dir;
	node_look(&late, false);
	assert_string_equal(late.sub, sub);
	node_end(&node);
	node_end(&late);
}

static void
what_is_no_seal_of_ours_is_passed_over_and_too_many_are_refused(void **state)
{
	static const char *const names[] = {"pairwise-0", "pairwise-01", "pairwise", "RS256-1",
					    "pairwise-99999999999", "pairwise-1x"};
	struct world *world = *state;
	struct node node, again;
	struct fake_secret good;

	look_once(world, "1 " KEY_A "\n", &node);
	good = world->dir.secrets[0];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		world->dir.secrets[world->dir.secret_count] = good;
		snprintf(world->dir.secrets[world->dir.secret_count++].name, sizeof good.name,
			 "%s", names[i]);
	}
	look_once(world, "1 " KEY_A "\n", &again);
	assert_int_equal(again.seen.count, 1);
	assert_string_equal(again.sub, node.sub);
	world->dir.secret_count = 1;
	for (unsigned i = 2; i <= PAIRWISE_SEALS_MAX + 1; i++) {
		world->dir.secrets[world->dir.secret_count] = good;
		snprintf(world->dir.secrets[world->dir.secret_count++].name, sizeof good.name,
			 "pairwise-%u", i);
	}
	look_once(world, "1 " KEY_A "\n", &again);
	assert_string_equal(again.sub, "");
}

/* Sealed for something else, or of another length, it is not it. */
static void
a_seal_of_something_else_is_not_taken(void **state)
{
	static const struct {
		const char *context, *plain;
	} cases[] = {{"signing key x", "thirty-two bytes of no real use."},
		     {"pairwise secret", "short"}};
	struct world *world = *state;
	struct lk_arena *arena = lk_arena_new(4096, 65536);

	for (size_t i = 0; i < 2; i++) {
		struct fake_secret *fake = &world->dir.secrets[0];
		struct lk_str blob;
		struct node node;

		assert_int_equal(crypto_seal(world->ring, lk_str_c(cases[i].context),
					     lk_str_c(cases[i].plain), arena, &blob),
				 LK_OK);
		snprintf(fake->name, sizeof fake->name, "pairwise-1");
		memcpy(fake->sealed, blob.ptr, blob.len);
		fake->sealed_len = blob.len;
		world->dir.secret_count = 1;
		node_begin(&node, world, world->ring);
		node_look(&node, true);
		assert_string_equal(node.sub, "");
		node_end(&node);
	}
	lk_arena_free(arena);
}

/* --- what depends on it ---------------------------------------------------------------------- */

static void
application_put(struct world *world, const char *subject)
{
	char text[200];

	snprintf(text, sizeof text,
		 "[application]\nclient_id = a\nname = A\nkind = web\ngroups = everyone\n"
		 "subject = %s\n", subject);
	world_policy(world, "applications/a.conf", text);
}

static enum lk_err
sub_of(const struct world *world, struct node *node, struct lk_str *out)
{
	return grant_sub(&node->fast, policy_application_find(world->policy, LK_STR("a")), PERSON,
			 node->arena, out);
}

static void
without_it_only_pairwise_applications_wait(void **state)
{
	struct world *world = *state;
	struct health health;
	struct lk_str sub;
	struct node node;

	application_put(world, "public");
	node_begin(&node, world, world->ring);
	node.fast.policy = world->policy;
	assert_int_equal(sub_of(world, &node, &sub), LK_OK);
	assert_true(lk_str_is_equal(sub, PERSON));
	assert_true(pairwise_is_ready(&node.fast));
	application_put(world, "pairwise");
	node.fast.policy = world->policy;
	assert_int_equal(sub_of(world, &node, &sub), LK_E_KEYS_DOWN);
	assert_false(pairwise_is_ready(&node.fast));
	health_look(&node.fast, &health);
	assert_false(health.pairwise || health.is_ready);
	assert_non_null(strstr(health.pairwise_fault, "has not told"));
	node_look(&node, true);
	assert_true(pairwise_is_ready(&node.fast));
	assert_int_equal(sub_of(world, &node, &sub), LK_OK);
	assert_string_equal(sub_at(&node, "a", PERSON), lk_arena_c(node.arena, sub));
	node.fast.pairwise = NULL;
	assert_int_equal(sub_of(world, &node, &sub), LK_E_KEYS_DOWN);
	assert_false(pairwise_is_ready(&node.fast));
	node_end(&node);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define LIFE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    LIFE(a_new_service_makes_it_once_and_keeps_it_sealed),
	    LIFE(two_services_never_call_anybody_the_same),
	    LIFE(people_are_others_at_each_application_and_the_same_at_one),
	    LIFE(of_two_nodes_that_start_at_once_the_add_that_wins_counts),
	    LIFE(one_whose_keeping_is_unsure_names_nobody_before_it_is_read_back),
	    LIFE(without_the_audit_it_is_neither_made_nor_sealed_again),
	    LIFE(names_stay_when_the_oldest_key_leaves_the_key_file),
	    LIFE(a_seal_of_before_goes_when_the_new_one_has_stood_for_a_while),
	    LIFE(a_node_without_the_new_key_starts_and_outbids_nobody),
	    LIFE(nodes_that_disagree_on_the_newest_key_do_not_seal_for_ever),
	    LIFE(one_that_does_not_open_names_nobody_and_is_never_replaced),
	    LIFE(a_running_node_goes_on_when_it_does_not_open_any_more),
	    LIFE(another_secret_than_before_names_nobody),
	    LIFE(a_directory_that_lost_it_gets_the_same_back),
	    LIFE(a_directory_that_does_not_answer_changes_nothing),
	    LIFE(what_is_no_seal_of_ours_is_passed_over_and_too_many_are_refused),
	    LIFE(a_seal_of_something_else_is_not_taken),
	    LIFE(without_it_only_pairwise_applications_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
