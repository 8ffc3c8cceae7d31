/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "support/crypto_help.h"
#include "support/signing_help.h"

struct fake_key signing_rsa;

static void
rsa_fill(const struct crypto_ring *ring, struct fake_key *out)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct crypto_jwk *key = NULL;
	struct lk_str sealed = {NULL, 0};

	assert_int_equal(crypto_jwk_make(CRYPTO_RS256, CRYPTO_RSA_MIN_BITS, &key), LK_OK);
	assert_int_equal(crypto_jwk_seal(key, ring, arena, &sealed), LK_OK);
	snprintf(out->name, sizeof out->name, "RS256-1");
	snprintf(out->kid, sizeof out->kid, "%.*s", LK_STR_ARGS(crypto_jwk_kid(key)));
	memcpy(out->sealed, sealed.ptr, sealed.len);
	out->sealed_len = sealed.len;
	out->made_at_s = out->signs_at_s = HELP_START_S;
	crypto_jwk_free(key);
	lk_arena_free(arena);
}

void
node_begin(struct node *node, struct world *world)
{
	*node = (struct node){.fast = world->fast, .dir = &world->dir};
	node->fast.signing = signing_new();
	assert_non_null(node->fast.signing);
	node->life = signing_life_new(node->fast.signing);
	node->arena = lk_arena_new(65536, 1u << 22);
	assert_true(node->life != NULL && node->arena != NULL);
}

void
node_end(struct node *node)
{
	signing_life_free(node->life);
	signing_free(node->fast.signing);
	lk_arena_free(node->arena);
}

void
node_look(struct node *node)
{
	struct signing_tools tools = {&node->fast, node->dir, &node->call};

	lk_arena_reset(node->arena);
	lk_why_clear(&node->why);
	node->call = (struct lk_call){node->fast.clock, node->arena, &node->why,
				      lk_clock_mono_ms(node->fast.clock) + 5000};
	if (node->dir != NULL)
		dir_begin(node->dir, &node->call);
	signing_life_look(node->life, &tools, !node->is_patient);
}

bool
node_is_ready(const struct node *node)
{
	const struct signing_keys *keys = signing_hold(node->fast.signing);
	bool is_ready = keys->is_ready;

	assert_true(keys->jwks.len > 0 || !is_ready);
	signing_drop(node->fast.signing, keys);
	return is_ready;
}

const char *
node_signs(const struct node *node, enum crypto_alg alg)
{
	static char name[SIGNING_NAME_BYTES];
	const struct signing_keys *keys = signing_hold(node->fast.signing);
	const struct signing_entry *entry = keys->signer[alg];

	snprintf(name, sizeof name, "%s", entry == NULL ? "" : entry->name);
	signing_drop(node->fast.signing, keys);
	return name;
}

enum lk_err
node_sign(const struct node *node, enum crypto_alg alg, struct lk_arena *arena, struct lk_str *out)
{
	const struct signing_what what = {alg, "at+jwt", LK_STR("{\"sub\":\"x\"}")};

	return signing_sign(&node->fast, &what, arena, out);
}

bool
node_verifies(const struct node *node, const char *typ, struct lk_str token)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str payload;
	enum lk_err err = signing_verify(&node->fast, typ, token, arena, &payload);

	if (err == LK_OK)
		assert_true(lk_str_is(payload, "{\"sub\":\"x\"}"));
	lk_arena_free(arena);
	return err == LK_OK;
}

void
node_jwks(const struct node *node, char out[8192])
{
	const struct signing_keys *keys = signing_hold(node->fast.signing);

	snprintf(out, 8192, "%.*s", LK_STR_ARGS(keys->jwks));
	signing_drop(node->fast.signing, keys);
}

int
signing_world_begin(void **state)
{
	struct world *world;

	if (world_begin(state) != 0)
		return -1;
	world = *state;
	world->logger.fd = -1;
	world->conf.key_rotate_s = ROTATE_S;
	world->conf.key_ahead_s = AHEAD_S;
	world->conf.key_keep_s = KEEP_S;
	if (signing_rsa.sealed_len == 0)
		rsa_fill(world->ring, &signing_rsa);
	world->dir.keys[world->dir.key_count++] = signing_rsa;
	return 0;
}

struct lane {
	struct signing_orders *orders;
	struct signing_order *order;
	struct lk_call call;
	enum lk_err err;
};

static void *
lane_run(void *context)
{
	struct lane *lane = context;

	lane->err = signing_order_run(lane->orders, &lane->call, lane->order);
	return NULL;
}

/* A lane gives the order, we are the watcher. */
enum lk_err
node_order(struct node *node, struct signing_order *order)
{
	struct lane lane = {.orders = signing_orders(node->fast.signing), .order = order};
	uint64_t count;
	pthread_t thread;

	lane.call.clock = node->fast.clock;
	lane.call.deadline_mono_ms = lk_clock_mono_ms(lk_clock_system()) + 10000;
	assert_int_equal(pthread_create(&thread, NULL, lane_run, &lane), 0);
	while (read(signing_orders_fd(lane.orders), &count, sizeof count) < 0)
		sched_yield();
	node_look(node);
	pthread_join(thread, NULL);
	return lane.err == LK_OK ? order->err : lane.err;
}
