/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>

#define ALIGN 16u
#define BLOCK_BYTES 16384u

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(ALIGN) char bytes[];
};

struct lk_arena {
	struct block *first; /* kept over resets */
	struct block *last;
	size_t total_bytes; /* of all blocks */
	size_t max_bytes;
};

static struct block *
block_new(size_t size)
{
	struct block *block = calloc(1, sizeof *block + size);

	if (block != NULL)
		block->size = size;
	return block;
}

static void
block_wipe(struct block *block)
{
	sodium_memzero(block->bytes, block->used);
	block->used = 0;
}

struct lk_arena *
lk_arena_new(size_t first_bytes, size_t max_bytes)
{
	struct lk_arena *arena = calloc(1, sizeof *arena);

	if (arena == NULL)
		return NULL;
	arena->first = block_new(first_bytes);
	if (arena->first == NULL) {
		free(arena);
		return NULL;
	}
	/* Best effort: over the lock limit the wipe at the end still holds. */
	(void)sodium_mlock(arena->first, sizeof *arena->first + first_bytes);
	arena->last = arena->first;
	arena->total_bytes = first_bytes;
	arena->max_bytes = max_bytes;
	return arena;
}

void
lk_arena_reset(struct lk_arena *arena)
{
	struct block *block = arena->first->next;

	while (block != NULL) {
		struct block *next = block->next;

		block_wipe(block);
		free(block);
		block = next;
	}
	block_wipe(arena->first);
	arena->first->next = NULL;
	arena->last = arena->first;
	arena->total_bytes = arena->first->size;
}

void
lk_arena_free(struct lk_arena *arena)
{
	if (arena == NULL)
		return;
	lk_arena_reset(arena);
	(void)sodium_munlock(arena->first, sizeof *arena->first + arena->first->size);
	free(arena->first);
	free(arena);
}

static struct block *
block_with_room(struct lk_arena *arena, size_t bytes)
{
	struct block *block = arena->last;
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

	if (block->size - block->used >= bytes)
		return block;
	if (size > arena->max_bytes || arena->total_bytes > arena->max_bytes - size)
		return NULL;
	block = block_new(size);
	if (block == NULL)
		return NULL;
	arena->last->next = block;
	arena->last = block;
	arena->total_bytes += size;
	return block;
}

void *
lk_arena_alloc(struct lk_arena *arena, size_t bytes)
{
	struct block *block;
	void *piece;

	if (bytes > arena->max_bytes)
		return NULL;
	bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	block = block_with_room(arena, bytes);
	if (block == NULL)
		return NULL;
	piece = block->bytes + block->used;
	block->used += bytes;
	return piece;
}

struct lk_str
lk_arena_dup(struct lk_arena *arena, struct lk_str s)
{
	char *copy = lk_arena_alloc(arena, s.len + 1);

	if (copy == NULL)
		return (struct lk_str){NULL, 0};
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return lk_str_n(copy, s.len);
}

const char *
lk_arena_c(struct lk_arena *arena, struct lk_str s)
{
	if (lk_str_find(s, '\0') != s.len)
		return NULL;
	return lk_arena_dup(arena, s).ptr;
}

struct lk_str
lk_arena_printf(struct lk_arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return (struct lk_str){NULL, 0};
	text = lk_arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		return (struct lk_str){NULL, 0};
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return lk_str_n(text, (size_t)len);
}

struct lk_str
lk_arena_join(struct lk_arena *arena, const struct lk_str *pieces, size_t count)
{
	size_t len = 0, at = 0;
	char *text;

	for (size_t i = 0; i < count; i++)
		len += pieces[i].len;
	text = lk_arena_alloc(arena, len + 1);
	if (text == NULL)
		return (struct lk_str){NULL, 0};
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].len > 0)
			memcpy(text + at, pieces[i].ptr, pieces[i].len);
		at += pieces[i].len;
	}
	return lk_str_n(text, len);
}

size_t
lk_arena_used_bytes(const struct lk_arena *arena)
{
	const struct block *block;
	size_t used = 0;

	for (block = arena->first; block != NULL; block = block->next)
		used += block->used;
	return used;
}
