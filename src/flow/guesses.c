/* SPDX-License-Identifier: MIT */
#include "flow/guesses.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A key's place in each row is two bytes of it. */
#define ROWS	      4u
#define CELLS	      65536u
#define AGAIN_SETS    1024u
#define AGAIN_WAYS    4u /* things that fall into one set */
#define NAMES	      1024u
#define TELL_EVERY_MS 1000

/* When what was counted will have faded: a thing counts as often as the time to then has room. */
struct table {
	atomic_int_fast64_t until_ms[ROWS][CELLS];
};

/* Something wrong that was shown, and how often since. */
struct again {
	uint64_t tag;
	int64_t until_ms;
};

struct guesses {
	atomic_int_fast64_t busy_until_ms;	  /* 0: nothing is counted */
	atomic_int_fast64_t address_until_ms;	  /* no address is over after this */
	atomic_int_fast64_t name_until_ms[NAMES]; /* nothing is counted of such a name after this */
	atomic_uint_fast64_t count;		  /* in all */
	pthread_mutex_t lock;			  /* whoever counts; looking takes none */
	int64_t tell_from_ms;
	uint32_t untold_count;
	struct again again[AGAIN_SETS][AGAIN_WAYS];
	struct table table[GUESSES_TABLE_COUNT];
};

struct guesses *
guesses_new(void)
{
	struct guesses *guesses = calloc(1, sizeof *guesses);

	if (guesses != NULL)
		pthread_mutex_init(&guesses->lock, NULL);
	return guesses;
}

void
guesses_free(struct guesses *guesses)
{
	if (guesses == NULL)
		return;
	pthread_mutex_destroy(&guesses->lock);
	free(guesses);
}

/* --- looked at ------------------------------------------------------------------------------ */

static atomic_int_fast64_t *
cell_of(struct guesses *guesses, enum guesses_table table, const struct crypto_digest *key,
	unsigned row)
{
	unsigned at = (unsigned)key->bytes[2 * row] << 8 | key->bytes[2 * row + 1];

	return &guesses->table[table].until_ms[row][at];
}

bool
guesses_are_none(const struct guesses *guesses)
{
	return atomic_load_explicit(&guesses->busy_until_ms, memory_order_relaxed) == 0;
}

uint64_t
guesses_count(const struct guesses *guesses)
{
	return atomic_load_explicit(&guesses->count, memory_order_relaxed);
}

/* FNV-1a: whoever makes theirs meet another's costs that one a look. */
static unsigned
place_of(struct lk_str name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (uint8_t)name.ptr[i]) * 16777619u;
	return (hash ^ hash >> 16) % NAMES;
}

/* All has faded: the next need not look. Whoever counts meanwhile wins. */
static void
rest(struct guesses *guesses, int64_t now_ms)
{
	int_fast64_t busy_until_ms = atomic_load(&guesses->busy_until_ms);

	if (busy_until_ms != 0 && busy_until_ms <= now_ms)
		(void)atomic_compare_exchange_strong(&guesses->busy_until_ms, &busy_until_ms, 0);
}

bool
guesses_may_be_over(struct guesses *guesses, struct lk_str name, int64_t now_ms)
{
	const atomic_int_fast64_t *until_ms = &guesses->name_until_ms[place_of(name)];

	rest(guesses, now_ms);
	return atomic_load_explicit(&guesses->address_until_ms, memory_order_relaxed) > now_ms ||
	       atomic_load_explicit(until_ms, memory_order_relaxed) > now_ms;
}

int64_t
guesses_left_ms(struct guesses *guesses, enum guesses_table table, const struct crypto_digest *key,
		int64_t now_ms)
{
	int64_t least_ms = INT64_MAX;

	for (unsigned row = 0; row < ROWS; row++) {
		int64_t until_ms =
		    atomic_load_explicit(cell_of(guesses, table, key, row), memory_order_relaxed);

		if (until_ms < least_ms)
			least_ms = until_ms;
	}
	return least_ms > now_ms ? least_ms - now_ms : 0;
}

static int64_t
one_ms(const struct guesses_limit *limit)
{
	return (int64_t)limit->window_s * 1000 / limit->count;
}

bool
guesses_is_over(int64_t left_ms, const struct guesses_limit *limit)
{
	return left_ms > (limit->count - 1) * one_ms(limit);
}

/* --- counted -------------------------------------------------------------------------------- */

/* No cell need say more than the least one, which is what counts. */
static int64_t
count(struct guesses *guesses, enum guesses_table table, const struct guess *guess)
{
	const struct crypto_digest *key = &guess->key[table];
	int64_t left_ms =
	    guesses_left_ms(guesses, table, key, guess->now_ms) + one_ms(&guess->limit[table]);

	for (unsigned row = 0; row < ROWS; row++) {
		atomic_int_fast64_t *cell = cell_of(guesses, table, key, row);

		if (atomic_load_explicit(cell, memory_order_relaxed) < guess->now_ms + left_ms)
			atomic_store_explicit(cell, guess->now_ms + left_ms, memory_order_relaxed);
	}
	return left_ms;
}

static void
lift(atomic_int_fast64_t *cell, int64_t until_ms)
{
	if (atomic_load(cell) < until_ms)
		atomic_store(cell, until_ms);
}

/* Where it is remembered, or could be. NULL: nowhere, as a place in use stays so. */
static struct again *
again_find(struct guesses *guesses, uint64_t tag, int64_t now_ms)
{
	struct again *set = guesses->again[tag % AGAIN_SETS], *unused = NULL;

	for (unsigned way = 0; way < AGAIN_WAYS; way++) {
		if (set[way].until_ms <= now_ms)
			unused = &set[way];
		else if (set[way].tag == tag)
			return &set[way];
	}
	return unused;
}

/* Is it known as wrong, and too often too? What there is no place for is new each time. */
static bool
is_again(struct guesses *guesses, const struct guess *guess, bool *out_is_over)
{
	const struct guesses_limit *limit = &guess->limit[GUESSES_PAIR];
	struct again *again;
	uint64_t tag;
	int64_t left_ms;

	memcpy(&tag, guess->shown.bytes, sizeof tag);
	again = again_find(guesses, tag, guess->now_ms);
	if (again == NULL)
		return false;
	left_ms = again->until_ms - guess->now_ms;
	if (left_ms <= 0) {
		*again = (struct again){tag, guess->now_ms + one_ms(limit)};
		return false;
	}
	*out_is_over = guesses_is_over(left_ms, limit);
	if (!*out_is_over)
		again->until_ms += one_ms(limit);
	return true;
}

/* True: this one was the last there was room for. */
static bool
count_both(struct guesses *guesses, const struct guess *guess)
{
	int64_t address_ms = count(guesses, GUESSES_ADDRESS, guess);
	int64_t pair_ms = count(guesses, GUESSES_PAIR, guess);
	bool is_address_over = guesses_is_over(address_ms, &guess->limit[GUESSES_ADDRESS]);

	lift(&guesses->name_until_ms[place_of(guess->name)], guess->now_ms + pair_ms);
	if (is_address_over)
		lift(&guesses->address_until_ms, guess->now_ms + address_ms);
	lift(&guesses->busy_until_ms, guess->now_ms + pair_ms);
	lift(&guesses->busy_until_ms, guess->now_ms + address_ms);
	return is_address_over || guesses_is_over(pair_ms, &guess->limit[GUESSES_PAIR]);
}

static void
tell(struct guesses *guesses, int64_t now_ms, struct guess_result *out)
{
	out->is_to_tell = now_ms >= guesses->tell_from_ms;
	if (!out->is_to_tell) {
		guesses->untold_count++;
		return;
	}
	out->untold_count = guesses->untold_count;
	guesses->untold_count = 0;
	guesses->tell_from_ms = now_ms + TELL_EVERY_MS;
}

void
guesses_add(struct guesses *guesses, const struct guess *guess, struct guess_result *out)
{
	struct guess_result result = {.is_again = false};

	pthread_mutex_lock(&guesses->lock);
	result.is_again = is_again(guesses, guess, &result.is_over);
	if (!result.is_again)
		result.is_over = count_both(guesses, guess);
	if (!result.is_again && result.is_over)
		tell(guesses, guess->now_ms, &result);
	pthread_mutex_unlock(&guesses->lock);
	atomic_fetch_add_explicit(&guesses->count, 1, memory_order_relaxed);
	*out = result;
}
