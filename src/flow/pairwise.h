/* SPDX-License-Identifier: MIT */
/*
 * The secret of which the names are made that applications with subject = pairwise know people by.
 * Made once for all nodes, kept sealed in the directory beside the signing keys, and the same for
 * ever: with another one every such application would lose all its people. So nothing ever takes
 * its place: while it is not here, or not certain, there is no such name.
 * Signs nothing, is shown to nobody. Knows nothing of the directory (pairwise_life.h).
 */
#ifndef LK_FLOW_PAIRWISE_H
#define LK_FLOW_PAIRWISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

struct fast;
struct policy;
struct pairwise;

/* Its seals all carry this name and a number: "pairwise-2". */
#define PAIRWISE_NAME	    "pairwise"
#define PAIRWISE_NAME_BYTES 24u
#define PAIRWISE_SEALS_MAX  4u

/* The one secret under one key of the key file; sealed anew where that is not the newest. */
struct pairwise_seal {
	char name[PAIRWISE_NAME_BYTES];
	uint32_t generation; /* from 1 */
	uint32_t key_id;     /* of the key file; 0: it does not look like a seal */
	int64_t made_at_s;
	bool is_open; /* this node's key file opens it */
};
/* As the directory had it last. */
struct pairwise_seen {
	size_t count;
	struct pairwise_seal each[PAIRWISE_SEALS_MAX]; /* the newest first */
	bool is_here;				       /* names can be made */
	char fault[160]; /* what stands in the way or soon will, for operators; "" for nothing */
};

/* Without the secret: no name is made. NULL without memory. */
struct pairwise *
pairwise_new(void) LK_MUST_CHECK;
/* Nobody may use it any more. Wipes. NULL is fine. */
void
pairwise_free(struct pairwise *pairwise);

/*
 * What an application calls a person.
 *
 *   pairwise  NULL: there is none
 *   out       in arena; 32 characters of base64url
 *
 * Time:    1 µs, no lock.
 * Threads: any.
 * Returns: LK_OK · LK_E_KEYS_DOWN the secret is not here: there is no name · LK_E_MEMORY
 * Source:  OpenID Connect Core s8.1; an application is a sector of its own.
 */
enum lk_err
pairwise_sub(const struct pairwise *pairwise, struct lk_str client_id, struct lk_str person_id,
	     struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

/* Is there an application it is needed for? */
bool
pairwise_is_needed(const struct policy *policy);
/* False: it is needed and not here. */
bool
pairwise_is_ready(const struct fast *fast);
/*
 * Has every node had the newest key of the key file for long? The seal of before is kept for those
 * that have not. Threads: any.
 */
bool
pairwise_newest_is_known(const struct fast *fast);
/* What is known of it; pairwise NULL: nothing. Threads: any. */
void
pairwise_look(struct pairwise *pairwise, struct pairwise_seen *out);

/* --- the watcher's ---------------------------------------------------------------------------- */

/* The one this node works with, whether it is certain now or not; NULL: none yet. */
const struct lk_secret *
pairwise_held(const struct pairwise *pairwise);
/*
 * From now on this is known of it.
 *
 *   secret  borrowed; of CRYPTO_KEY_BYTES; kept where none is held, never instead of one. NULL:
 *           there is none to keep
 *
 * Returns: LK_OK · LK_E_MEMORY
 */
enum lk_err
pairwise_put(struct pairwise *pairwise, const struct lk_secret *secret,
	     const struct pairwise_seen *seen) LK_MUST_CHECK;

#endif
