/* SPDX-License-Identifier: MIT */
#include "store/store_cache.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX_BYTES 24u
#define BUCKETS	      16384u /* a power of two */

struct entry {
	struct entry *next; /* of its bucket */
	struct entry *newer, *older;
	uint64_t ticket; /* of a placeholder; 0: value stands */
	char *value;
	size_t value_len;
	size_t key_len;
	char key[KEY_MAX_BYTES];
};

struct store_cache {
	struct store_cache_limits limits;
	size_t count, bytes;
	uint64_t last_ticket, gone_count;
	struct entry *newest, *oldest;
	struct entry *buckets[BUCKETS];
};

/* Keys end with digests under our own key: nobody can choose where they fall. */
static struct entry **
bucket_of(struct store_cache *cache, struct lk_str key)
{
	uint32_t hash = 0;

	if (key.len >= sizeof hash)
		memcpy(&hash, key.ptr + key.len - sizeof hash, sizeof hash);
	return &cache->buckets[hash & (BUCKETS - 1)];
}

static struct lk_str
key_of(const struct entry *entry)
{
	return lk_str_n(entry->key, entry->key_len);
}

static struct entry *
find(struct store_cache *cache, struct lk_str key)
{
	struct entry *entry = *bucket_of(cache, key);

	while (entry != NULL && !lk_str_is_equal(key_of(entry), key))
		entry = entry->next;
	return entry;
}

/* --- from least to most used */

static void
line_leave(struct store_cache *cache, struct entry *entry)
{
	if (entry->newer == NULL)
		cache->newest = entry->older;
	else
		entry->newer->older = entry->older;
	if (entry->older == NULL)
		cache->oldest = entry->newer;
	else
		entry->older->newer = entry->newer;
}

static void
line_join(struct store_cache *cache, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	if (cache->newest == NULL)
		cache->oldest = entry;
	else
		cache->newest->newer = entry;
	cache->newest = entry;
}

static void
forget(struct store_cache *cache, struct entry *entry)
{
	struct entry **at = bucket_of(cache, key_of(entry));

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	line_leave(cache, entry);
	cache->count--;
	cache->bytes -= sizeof *entry + entry->value_len;
	cache->gone_count += entry->ticket == 0;
	free(entry->value);
	free(entry);
}

static void
make_room(struct store_cache *cache)
{
	while (cache->oldest != NULL &&
	       (cache->count > cache->limits.count || cache->bytes > cache->limits.bytes))
		forget(cache, cache->oldest);
}

/* --- verbs */

struct store_cache *
store_cache_new(const struct store_cache_limits *limits)
{
	struct store_cache *cache = calloc(1, sizeof *cache);

	if (cache != NULL)
		cache->limits = *limits;
	return cache;
}

void
store_cache_free(struct store_cache *cache)
{
	if (cache == NULL)
		return;
	store_cache_clear(cache);
	free(cache);
}

struct lk_str
store_cache_find(struct store_cache *cache, struct lk_str key)
{
	struct entry *entry = find(cache, key);

	if (entry == NULL || entry->ticket != 0)
		return lk_str_n(NULL, 0);
	line_leave(cache, entry);
	line_join(cache, entry);
	return lk_str_n(entry->value, entry->value_len);
}

static struct entry *
entry_new(struct store_cache *cache, struct lk_str key)
{
	struct entry **bucket = bucket_of(cache, key), *entry;

	if (key.len > KEY_MAX_BYTES)
		return NULL;
	entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	memcpy(entry->key, key.ptr, key.len);
	entry->key_len = key.len;
	entry->ticket = ++cache->last_ticket;
	entry->next = *bucket;
	*bucket = entry;
	line_join(cache, entry);
	cache->count++;
	cache->bytes += sizeof *entry;
	return entry;
}

uint64_t
store_cache_expect(struct store_cache *cache, struct lk_str key)
{
	struct entry *entry = find(cache, key);
	uint64_t ticket;

	if (entry == NULL)
		entry = entry_new(cache, key);
	if (entry == NULL)
		return 0;
	ticket = entry->ticket;
	make_room(cache);
	return ticket;
}

void
store_cache_keep(struct store_cache *cache, struct lk_str key, uint64_t ticket, struct lk_str value)
{
	struct entry *entry = ticket == 0 ? NULL : find(cache, key);
	char *copy;

	if (entry == NULL || entry->ticket != ticket)
		return;
	copy = value.len == 0 ? NULL : malloc(value.len);
	if (copy == NULL) {
		forget(cache, entry);
		return;
	}
	memcpy(copy, value.ptr, value.len);
	entry->value = copy;
	entry->value_len = value.len;
	entry->ticket = 0;
	cache->bytes += value.len;
	make_room(cache);
}

void
store_cache_drop(struct store_cache *cache, struct lk_str key)
{
	struct entry *entry = find(cache, key);

	if (entry != NULL)
		forget(cache, entry);
}

void
store_cache_clear(struct store_cache *cache)
{
	while (cache->oldest != NULL)
		forget(cache, cache->oldest);
}

size_t
store_cache_count(const struct store_cache *cache)
{
	return cache->count;
}

uint64_t
store_cache_gone(const struct store_cache *cache)
{
	return cache->gone_count;
}
