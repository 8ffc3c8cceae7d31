/* SPDX-License-Identifier: MIT */
/*
 * Ten codes on paper for the day the phone is gone: "4K7T-9XQM", 40 bits each, kept as a slow hash.
 * One salt for the set, so that one try costs one hash.
 */
#ifndef LK_CRYPTO_RECOVERY_H
#define LK_CRYPTO_RECOVERY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

#define CRYPTO_RECOVERY_COUNT 10u
/*
 * Argon2id holds 19 MiB while it runs: no more run at once than there are cores, and nobody waits
 * longer than this for a place.
 */
#define CRYPTO_SLOW_WAIT_MS 2000

/*
 * Ten codes and their hashes "1$SALT$HASH" (argon2id, 19 MiB, t=2; salt 16, hash 32 bytes,
 * base64url). Both arrays have CRYPTO_RECOVERY_COUNT places, contents in the arena.
 *
 * Time:    ten slow hashes, 0.2 s.
 * Returns: LK_OK · LK_E_BUSY no place within CRYPTO_SLOW_WAIT_MS · LK_E_MEMORY
 */
enum lk_err crypto_recovery_make(
    struct lk_arena *arena, struct lk_str *out_codes, struct lk_str *out_hashes) LK_MUST_CHECK;
/*
 * Which hash does code fit?
 *
 *   code    as crypto_recovery_normalise gave it; NULL (it was no code): same work, wrong
 *   hashes  of one set; one that is no hash, or has another salt than the first that is one, fits
 *           nothing
 *   count   0: same work on nothing; at most CRYPTO_RECOVERY_COUNT are looked at
 *
 * Time:    one slow hash, 18 ms, for every answer but LK_E_BUSY and LK_E_MEMORY.
 * Returns: LK_OK with *out_index
 *          LK_E_RECOVERY_WRONG
 *          LK_E_BUSY    no place within CRYPTO_SLOW_WAIT_MS: too many slow hashes at once
 *          LK_E_MEMORY
 */
enum lk_err crypto_recovery_check(const struct lk_secret *code, const struct lk_str *hashes,
    size_t count, size_t *out_index) LK_MUST_CHECK;
/*
 * What was typed as the eight letters and digits of a code, in the arena: blanks and dashes of any
 * kind go, small letters become capitals, look-alikes what they look like (O→0, I L→1, U→V). NULL
 * when it cannot be a code, or without memory.
 */
struct lk_secret *crypto_recovery_normalise(
    struct lk_arena *arena, const struct lk_secret *typed) LK_MUST_CHECK;

#endif
