/* SPDX-License-Identifier: MIT */
/* Random bytes, and the strings made of them that let a browser or a program back in. The only
 * source of randomness. */
#ifndef LK_CRYPTO_TOKEN_H
#define LK_CRYPTO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Once, from crypto_init. Returns: LK_OK · LK_E_MEMORY */
enum lk_err crypto_random_init(void) LK_MUST_CHECK;
void crypto_random(void *out, size_t len);
/* Without modulo bias, 0 ≤ result < below; 0 when below is 0. */
uint32_t crypto_random_below(uint32_t below);

#define CRYPTO_TOKEN_BYTES 32u
/* Characters behind the prefix. */
#define CRYPTO_TOKEN_LEN 43u
/* prefix ("lk_ws_") and 256 random bits in base64url; in the arena. Nothing without memory. */
struct lk_str crypto_token_make(const char *prefix, struct lk_arena *arena) LK_MUST_CHECK;
/* Does text have this prefix and exactly 43 base64url characters behind it, spare bits zero? */
bool crypto_token_check(const char *prefix, struct lk_str text);

#endif
