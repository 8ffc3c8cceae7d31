/* SPDX-License-Identifier: MIT */
/*
 * Something nobody may see: a password, a code, a key. The type has no way to print it. Only the
 * files listed in tests/lint/secret-readers may include base/secret_bytes.h, which shows the bytes.
 */
#ifndef LK_BASE_SECRET_H
#define LK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct lk_secret;

/*
 * In the arena, wiped with it. bytes are copied; wiping the source is the caller's. NULL without
 * memory.
 */
struct lk_secret *lk_secret_make(struct lk_arena *arena, struct lk_str bytes) LK_MUST_CHECK;
/*
 * For the process's life (keys, the service password): guarded, locked memory. NULL without memory.
 */
struct lk_secret *lk_secret_new(struct lk_str bytes) LK_MUST_CHECK;
/* A copy of one that an arena holds, as lk_secret_new gives. */
struct lk_secret *lk_secret_keep(const struct lk_secret *secret) LK_MUST_CHECK;
/* Only for what those two gave. NULL is fine. */
void lk_secret_free(struct lk_secret *secret);

size_t lk_secret_len(const struct lk_secret *secret);
/* In constant time for equal lengths; a different length is different. NULL equals nothing. */
bool lk_secret_is_equal(const struct lk_secret *a, const struct lk_secret *b);

#endif
