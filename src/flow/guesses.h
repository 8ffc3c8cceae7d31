/* SPDX-License-Identifier: MIT */
/*
 * How often somebody was wrong lately, by keys nobody else can make: this node's own memory, of one
 * size whatever is thrown at it. Two tables of cells, of addresses and of pairs; a key has a few
 * cells in its table and counts what the least of them says. So nothing is ever put out to make
 * room, and no key counts less than it was wrong. It may count more, when very many others were
 * wrong as well: nearly every cell must then be near its limit. What is counted fades by itself.
 *
 * The same thing shown again is known for what it is as long as there is room to remember it, and
 * is counted by itself: whoever goes on with an old secret does not use up what others of their
 * address have. Nothing here is a secret, and nothing outlives the process.
 */
#ifndef LK_FLOW_GUESSES_H
#define LK_FLOW_GUESSES_H

#include "base/clock.h"
#include "crypto/crypto.h"

struct guesses;
/* NULL without memory: four megabytes, of which the machine gives what is used. */
struct guesses *
guesses_new(void) LK_MUST_CHECK;
/* NULL is fine. */
void
guesses_free(struct guesses *guesses);

enum guesses_table { GUESSES_ADDRESS = 0, GUESSES_PAIR, GUESSES_TABLE_COUNT };
/* So many at once; after that one more each time the window's like part has passed. */
struct guesses_limit {
	int count;
	int window_s;
};

/*
 * Has nobody been wrong lately? The usual case, and one comparison.
 * Threads: any, as with all of these.
 */
bool
guesses_are_none(const struct guesses *guesses);
/* How many were counted so far: while it is the same, nobody is over who was not. */
uint64_t
guesses_count(const struct guesses *guesses);
/*
 * The next question, before any key is made: can it be that this name, or the address it comes
 * from, is over? No address is, and nobody of that name was wrong lately, nor of another that
 * falls into its place.
 */
bool
guesses_may_be_over(struct guesses *guesses, struct lk_str name, int64_t now_ms);
/* How long until this key counts nothing; 0: now. */
int64_t
guesses_left_ms(struct guesses *guesses, enum guesses_table table, const struct crypto_digest *key,
		int64_t now_ms);
/* Is that too often to be looked at again? */
bool
guesses_is_over(int64_t left_ms, const struct guesses_limit *limit);

/* One that was wrong. */
struct guess {
	struct lk_str name;
	struct crypto_digest key[GUESSES_TABLE_COUNT];
	struct crypto_digest shown; /* with the pair's: what was wrong */
	struct guesses_limit limit[GUESSES_TABLE_COUNT];
	int64_t now_ms;
};
struct guess_result {
	bool is_again; /* known already, and counted by itself */
	/* That was shown too often; of a new one: with it there are as many as there may be. */
	bool is_over;
	bool is_to_tell;       /* a new one that is over; no more than one a second */
	uint32_t untold_count; /* others between the last that was told and this */
};
void
guesses_add(struct guesses *guesses, const struct guess *guess, struct guess_result *out);

#endif
