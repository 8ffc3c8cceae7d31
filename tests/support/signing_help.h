/* SPDX-License-Identifier: MIT */
/*
 * Nodes with signing keys, on the directory of a world; we are each one's watcher. Include after
 * cmocka.h.
 */
#ifndef LK_TESTS_SIGNING_HELP_H
#define LK_TESTS_SIGNING_HELP_H

#include "flow/signing_life.h"
#include "flow/signing_order.h"
#include "support/flow_help.h"

#define DAY_S	 86400
#define ROTATE_S (90 * DAY_S)
#define AHEAD_S	 DAY_S
#define KEEP_S	 (2 * DAY_S)
#define RS256	 SIGNING_ALG(CRYPTO_RS256)
#define ES256	 SIGNING_ALG(CRYPTO_ES256)

/* RSA keys cost: every directory begins with the same one, RS256-1. */
extern struct fake_key signing_rsa;

/* As world_begin; keys live as above. */
int
signing_world_begin(void **state);

struct node {
	struct fast fast;
	struct signing_life *life;
	struct lk_arena *arena;
	struct lk_why why;
	struct lk_call call;
	struct dir *dir; /* NULL: it does not answer */
	bool is_patient; /* looks come by time, not because somebody asked */
};
void
node_begin(struct node *node, struct world *world);
void
node_end(struct node *node);
/* One look of its watcher. */
void
node_look(struct node *node);
bool
node_is_ready(const struct node *node);
/* Name of the key that signs, whether it opens here or not; "" for none. */
const char *
node_signs(const struct node *node, enum crypto_alg alg);
/* A token of typ at+jwt with one payload, and whether it is such a one. */
enum lk_err
node_sign(const struct node *node, enum crypto_alg alg, struct lk_arena *arena, struct lk_str *out);
bool
node_verifies(const struct node *node, const char *typ, struct lk_str token);
void
node_jwks(const struct node *node, char out[8192]);
/* A lane gives the order, we carry it out. */
enum lk_err
node_order(struct node *node, struct signing_order *order);

#endif
