/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: values of Redis in one thread's memory, by their keys; the least used go
 * first. It does not know whether they are still true: store_track.c does.
 *
 * Whoever is about to ask the server leaves a placeholder, and its answer is kept only where that
 * very placeholder still stands: what was dropped meanwhile was changed meanwhile.
 */
#ifndef LK_STORE_STORE_CACHE_H
#define LK_STORE_STORE_CACHE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store_cache;
struct store_cache_limits {
	size_t count; /* of values and placeholders */
	size_t bytes; /* of all they take */
};

/* NULL without memory. */
struct store_cache *
store_cache_new(const struct store_cache_limits *limits) LK_MUST_CHECK;
void
store_cache_free(struct store_cache *cache);

/* Borrowed until the next other verb; nothing when there is none. */
struct lk_str
store_cache_find(struct store_cache *cache, struct lk_str key);
/* The ticket of the placeholder that stands there now; 0: none, the answer is not to be kept. */
uint64_t
store_cache_expect(struct store_cache *cache, struct lk_str key);
/* value nothing: takes the placeholder away. A ticket of 0 does nothing. */
void
store_cache_keep(struct store_cache *cache, struct lk_str key, uint64_t ticket,
		 struct lk_str value);
void
store_cache_drop(struct store_cache *cache, struct lk_str key);
void
store_cache_clear(struct store_cache *cache);
size_t
store_cache_count(const struct store_cache *cache);
/* How many values were let go of so far, for whatever reason: while it is the same, all are here
 * that were. */
uint64_t
store_cache_gone(const struct store_cache *cache);

#endif
