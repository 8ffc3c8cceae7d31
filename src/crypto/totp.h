/* SPDX-License-Identifier: MIT */
/*
 * The six digits of an authenticator app: RFC 6238 with SHA-1, 30 seconds. Knows nothing of codes
 * already used.
 */
#ifndef LK_CRYPTO_TOTP_H
#define LK_CRYPTO_TOTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

#define CRYPTO_TOTP_SEED_BYTES 20u
#define CRYPTO_TOTP_STEP_S     30
#define CRYPTO_TOTP_DIGITS     6u
/* A code of this many steps away tells that the phone's clock is wrong. */
#define CRYPTO_TOTP_FAR_STEPS 20

/* 20 random bytes, in the arena. Returns: LK_OK · LK_E_MEMORY. Source: RFC 4226 R6. */
enum lk_err crypto_totp_seed_make(struct lk_arena *arena, struct lk_secret **out) LK_MUST_CHECK;
/* 32 characters of base32, in the arena, to be shown once. Returns: LK_OK · LK_E_MEMORY. */
enum lk_err crypto_totp_seed_show(
    const struct lk_secret *seed, struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

/*
 * Is code right at now_s, one step earlier or one later?
 *
 *   seed  16 to 64 bytes; NULL, or any other length: does the work on a seed of nobody
 *   code  exactly six ASCII digits: blanks, signs, eight digits, a byte 0 are never looked past;
 *         may be NULL
 *
 * Time:    25 µs; walks the whole window whatever is given, same work for every answer.
 * Returns: LK_OK            *out_step is the absolute step that matched: spend it before
 *                           believing it
 *          LK_E_CODE_CLOCK  *out_off_s is how far the phone is off, positive when it is fast:
 *                           the code fits within 10 minutes but not within a step
 *          LK_E_CODE_WRONG  anything else
 * Source:  RFC 6238 s4, s5.2; RFC 4226 s5.
 */
enum lk_err crypto_totp_check(const struct lk_secret *seed, const struct lk_secret *code,
    int64_t now_s, int64_t *out_step, int64_t *out_off_s) LK_MUST_CHECK;

#endif
