/* SPDX-License-Identifier: MIT */
/*
 * One request's memory. Pieces are never freed one by one: the whole is wiped and given back when
 * the request ends, so a secret copied into it by mistake does not outlive the request.
 *
 * Good for: flows, forms, pages. Not for: anything that lives longer than its request.
 */
#ifndef LK_BASE_ARENA_H
#define LK_BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct lk_arena;

/*
 * first_bytes are taken now and kept over resets; more is taken as needed, up to max_bytes in all.
 * Returns NULL without memory. The first block is kept out of swap and core dumps where the
 * system allows it.
 */
struct lk_arena *lk_arena_new(size_t first_bytes, size_t max_bytes) LK_MUST_CHECK;
/* Wipes everything and gives all but the first block back. */
void lk_arena_reset(struct lk_arena *arena);
/* Wipes and frees. NULL is fine. */
void lk_arena_free(struct lk_arena *arena);

/* Zeroed, aligned for any type; NULL when max_bytes would be passed or memory is out. */
void *lk_arena_alloc(struct lk_arena *arena, size_t bytes) LK_MUST_CHECK;
/* A copy, with a NUL behind it that len does not count. {NULL, 0} when memory is out. */
struct lk_str lk_arena_dup(struct lk_arena *arena, struct lk_str s) LK_MUST_CHECK;
/* The same as a C string; NULL when memory is out or s holds a byte 0. */
const char *lk_arena_c(struct lk_arena *arena, struct lk_str s) LK_MUST_CHECK;
struct lk_str lk_arena_printf(struct lk_arena *arena, const char *format, ...) LK_PRINTF(2, 3)
    LK_MUST_CHECK;
/* All of them, one behind the other; as lk_arena_dup. */
struct lk_str lk_arena_join(
    struct lk_arena *arena, const struct lk_str *pieces, size_t count) LK_MUST_CHECK;
/* Bytes handed out since the last reset. */
size_t lk_arena_used_bytes(const struct lk_arena *arena);

#endif
