/* SPDX-License-Identifier: MIT */
#include "base/secret.h"
#include "base/secret_bytes.h"

#include <string.h>
#include <sodium.h>

struct lk_secret {
	size_t len;
	char bytes[];
};

static struct lk_secret *
fill(void *memory, struct lk_str bytes)
{
	struct lk_secret *secret = memory;

	if (secret == NULL)
		return NULL;
	secret->len = bytes.len;
	if (bytes.len > 0)
		memcpy(secret->bytes, bytes.ptr, bytes.len);
	secret->bytes[bytes.len] = '\0';
	return secret;
}

struct lk_secret *
lk_secret_make(struct lk_arena *arena, struct lk_str bytes)
{
	return fill(lk_arena_alloc(arena, sizeof(struct lk_secret) + bytes.len + 1), bytes);
}

/* sodium_malloc puts a guard page right behind the block: round up, so that len stays aligned. */
struct lk_secret *
lk_secret_new(struct lk_str bytes)
{
	size_t size = (sizeof(struct lk_secret) + bytes.len + 1 + 15) & ~(size_t)15;

	return fill(sodium_malloc(size), bytes);
}

struct lk_secret *
lk_secret_keep(const struct lk_secret *secret)
{
	return lk_secret_new(lk_secret_bytes(secret));
}

void
lk_secret_free(struct lk_secret *secret)
{
	sodium_free(secret);
}

size_t
lk_secret_len(const struct lk_secret *secret)
{
	return secret->len;
}

struct lk_str
lk_secret_bytes(const struct lk_secret *secret)
{
	return lk_str_n(secret->bytes, secret->len);
}

bool
lk_secret_is_equal(const struct lk_secret *a, const struct lk_secret *b)
{
	if (a == NULL || b == NULL || a->len != b->len)
		return false;
	return a->len == 0 || sodium_memcmp(a->bytes, b->bytes, a->len) == 0;
}
