/* SPDX-License-Identifier: MIT */
/* Argon2id, as many at once as there are cores. For this folder and its tests. */
#ifndef LK_CRYPTO_PWHASH_H
#define LK_CRYPTO_PWHASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define PWHASH_SALT_BYTES 16u
#define PWHASH_BYTES      32u

/* Once, from crypto_init. */
enum lk_err crypto_pwhash_init(void) LK_MUST_CHECK;
/* How many may run at once. */
int crypto_pwhash_places(void);
/* A place to run one; false when none came free within wait_ms. Give it back. */
bool crypto_pwhash_enter(int wait_ms) LK_MUST_CHECK;
void crypto_pwhash_leave(void);

/* Returns: LK_OK · LK_E_BUSY no place within CRYPTO_SLOW_WAIT_MS · LK_E_MEMORY */
enum lk_err crypto_pwhash_make(struct lk_str text, const uint8_t salt[PWHASH_SALT_BYTES],
    uint8_t out[PWHASH_BYTES]) LK_MUST_CHECK;

#endif
