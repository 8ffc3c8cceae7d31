/* SPDX-License-Identifier: MIT */
/*
 * What a browser's journey of ENROL keeps between its pages, sealed for the person: the new seed,
 * then the codes to be saved. A blob of one person, or moved from here into the directory, does not
 * open. Pure, fuzzed.
 */
#ifndef LK_FLOW_ENROL_KEPT_H
#define LK_FLOW_ENROL_KEPT_H

#include "crypto/crypto.h"

struct enrol_kept {
	const struct lk_secret *seed; /* NULL: none any more */
	size_t code_count;	      /* 0 or CRYPTO_RECOVERY_COUNT, of both arrays */
	struct lk_str codes[CRYPTO_RECOVERY_COUNT];
	struct lk_str hashes[CRYPTO_RECOVERY_COUNT];
};

/* out in arena. Returns: LK_OK · LK_E_MEMORY · LK_E_FORMAT too long */
enum lk_err
enrol_kept_seal(const struct crypto_ring *ring, struct lk_str person_id,
		const struct enrol_kept *kept, struct lk_arena *arena,
		struct lk_str *out) LK_MUST_CHECK;
/* Returns: LK_OK · LK_E_FORMAT not sealed here for this person · LK_E_MEMORY */
enum lk_err
enrol_kept_open(const struct crypto_ring *ring, struct lk_str person_id, struct lk_str sealed,
		struct lk_arena *arena, struct enrol_kept *out) LK_MUST_CHECK;

/* The text inside the seal: SEED, CODE and HASH in turns, a line each. LK_E_FORMAT: it is not. */
enum lk_err
enrol_kept_read(struct lk_str text, struct lk_arena *arena, struct enrol_kept *out) LK_MUST_CHECK;

#endif
