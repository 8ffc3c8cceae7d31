/* SPDX-License-Identifier: MIT */
/*
 * The keys that sign tokens, as this node has them now. Whoever signs, verifies or shows them holds
 * one whole picture of them for the length of a request; a new picture never changes one that is
 * held. Without the right key nothing is signed: there is no other, older or empty one instead.
 * Knows nothing of the directory (signing_life.h) or of what a token says.
 */
#ifndef LK_FLOW_SIGNING_H
#define LK_FLOW_SIGNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "flow/signing_plan.h"

struct fast;
struct signing;
struct signing_orders;

struct signing_keys {
	size_t count;
	struct signing_entry each[SIGNING_KEYS_MAX];	  /* those that sign first */
	const struct crypto_jwk *jwk[SIGNING_KEYS_MAX];	  /* NULL: it does not open here */
	const struct crypto_jwk *signs[CRYPTO_ALG_COUNT]; /* NULL: not with this one */
	const struct signing_entry
	    *signer[CRYPTO_ALG_COUNT]; /* whether it opens or not; NULL: none */
	unsigned needed;	       /* SIGNING_ALG(alg) of those there must be */
	bool is_ready;		       /* every needed one can be signed with */
	struct lk_str jwks; /* the body of /jwks.json, public halves alone; empty: show none */
	int64_t at_s;	    /* who signs was decided then */
	char fault[160];    /* what stands in the way, for operators; "" for nothing */
	/* Inside. */
	struct crypto_jwk *owned[SIGNING_KEYS_MAX];
	struct lk_buf body;
	size_t slot;
};

/* Without any key: nothing is signed. NULL without memory. */
struct signing *
signing_new(void) LK_MUST_CHECK;
/* Nobody may hold anything any more. NULL is fine. */
void
signing_free(struct signing *signing);

/*
 * What holds now; give it back with signing_drop. Never NULL.
 *
 * Time:    one atomic addition, no lock.
 * Threads: any.
 */
const struct signing_keys *
signing_hold(struct signing *signing);
void
signing_drop(struct signing *signing, const struct signing_keys *keys);

/* How many held before: while it is the same, so is what signing_hold gives. Threads: any. */
uint64_t
signing_count(const struct signing *signing);

/* The key that signs by alg now; NULL: none, refuse. Borrowed from keys. */
const struct crypto_jwk *
signing_key(const struct signing_keys *keys, enum crypto_alg alg);

struct signing_what {
	enum crypto_alg alg;
	const char *typ; /* as crypto_jws_sign has it */
	struct lk_str payload;
};
/*
 * A token, signed with the key that signs by this algorithm now.
 *
 *   what  borrowed
 *   out   in arena
 *
 * Time:    as crypto_jws_sign: RS256 and PS256 on a lane only.
 * Returns: LK_OK
 *          LK_E_KEYS_DOWN  there is no such key here: nothing was signed
 *          LK_E_FORMAT · LK_E_MEMORY · LK_E_BROKEN as crypto_jws_sign
 */
enum lk_err
signing_sign(const struct fast *fast, const struct signing_what *what, struct lk_arena *arena,
	     struct lk_str *out) LK_MUST_CHECK;
/*
 * Is token one of ours, of this typ, by any key that is published, each with its own algorithm?
 *
 *   out_payload  in arena; crypto_claims_read is next
 *
 * Returns: LK_OK · LK_E_KEYS_DOWN there are no keys here: nothing is known of it
 *          LK_E_NOT_FOUND · LK_E_FORMAT · LK_E_MEMORY as crypto_jws_verify
 * Source:  RFC 8725 s3.1, s3.11.
 */
enum lk_err
signing_verify(const struct fast *fast, const char *typ, struct lk_str token,
	       struct lk_arena *arena, struct lk_str *out_payload) LK_MUST_CHECK;

/* What a new picture is made of. */
struct signing_make {
	const struct signing_plan *plan;
	struct crypto_jwk **owned_keys; /* one for each entry of plan; NULL: it does not open */
};
/*
 * From now on this holds. owned_keys are taken over, whatever comes of it.
 *
 * Threads: the watcher's alone.
 * Returns: LK_OK · LK_E_MEMORY · LK_E_BUSY pictures of before are still held: again later
 */
enum lk_err
signing_put(struct signing *signing, const struct signing_make *make) LK_MUST_CHECK;
/* What operators ask for (signing_order.h). */
struct signing_orders *
signing_orders(struct signing *signing);

#endif
