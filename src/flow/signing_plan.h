/* SPDX-License-Identifier: MIT */
/*
 * A signing key's life, by time alone: made and published ahead of use, signs, verifies only,
 * removed. Of an algorithm's keys the one of the highest generation whose time has come signs, so
 * that every node sees the same one without asking another. Pure.
 */
#ifndef LK_FLOW_SIGNING_PLAN_H
#define LK_FLOW_SIGNING_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "crypto/jose_key.h"

/* Of all algorithms together: as many as a set of keys may hold. */
#define SIGNING_KEYS_MAX   CRYPTO_JWKS_KEYS_MAX
#define SIGNING_NAME_BYTES 24u
#define SIGNING_ALG(alg)   (1u << (alg))
/*
 * A key made at once is published at every node before it signs at any: each reads the directory
 * every other second, may be held up by servers that are slow, and its clock may be ahead.
 */
#define SIGNING_LEAD_S 10

struct signing_entry {
	char name[SIGNING_NAME_BYTES]; /* "RS256-7" */
	char kid[CRYPTO_KID_MAX_BYTES + 1];
	enum crypto_alg alg;
	uint32_t generation; /* from 1 */
	int64_t made_at_s, signs_at_s;
	bool is_open; /* this node's key file opens it */
};

/* SIGNING_AHEAD: published and does not sign yet. SIGNING_VERIFIES: another signs by now. */
enum signing_state { SIGNING_AHEAD = 1, SIGNING_SIGNS, SIGNING_VERIFIES, SIGNING_STATE_COUNT };

struct signing_plan {
	const struct signing_entry *entries; /* borrowed */
	size_t count;
	unsigned needed;  /* SIGNING_ALG(…) of those there must be */
	int64_t rotate_s; /* how long a key signs */
	int64_t ahead_s;  /* and is published before it does */
	int64_t keep_s;	  /* and after: no token lives longer */
	int64_t now_s;
};

/* "RS256-7" of its parts, and back. False: no algorithm of ours, or no generation. */
void
signing_name_write(enum crypto_alg alg, uint32_t generation, char out[SIGNING_NAME_BYTES]);
bool
signing_name_read(struct lk_str name, enum crypto_alg *out_alg, uint32_t *out_generation);

/*
 * The one that signs, whether it opens here or not; NULL: there is none. Where nobody's time has
 * come (the clock of the node that made the first was ahead of ours) the oldest signs.
 */
const struct signing_entry *
signing_plan_signer(const struct signing_plan *plan, enum crypto_alg alg);
/* The newest, that will sign last; NULL: there is none. */
const struct signing_entry *
signing_plan_newest(const struct signing_plan *plan, enum crypto_alg alg);
enum signing_state
signing_plan_state(const struct signing_plan *plan, const struct signing_entry *entry);
/* When it is removed, by what is known now; 0: its successor is not made yet. */
int64_t
signing_plan_ends_at(const struct signing_plan *plan, const struct signing_entry *entry);
/* Is its algorithm needed and is it the one that signs? Then it must not go. */
bool
signing_plan_is_needed(const struct signing_plan *plan, const struct signing_entry *entry);

enum signing_step_kind { SIGNING_REST = 0, SIGNING_REMOVE, SIGNING_MAKE };
struct signing_step {
	enum signing_step_kind kind;
	const struct signing_entry *entry; /* REMOVE: this one */
	enum crypto_alg alg;		   /* MAKE: */
	uint32_t generation;
	int64_t signs_at_s;
};
/*
 * The next thing to do. Removals come first: they make room. An algorithm whose newest key does not
 * open here is left alone: another node has a key file we do not have, and must not be outbid.
 */
struct signing_step
signing_plan_next(const struct signing_plan *plan);

#endif
