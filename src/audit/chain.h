/* SPDX-License-Identifier: MIT */
/*
 * How one line holds on to the one before. Pure; for this folder, its tests and its fuzz harness.
 *
 *	{"n":12,FRAGMENT,"key":1,"mac":"…"}\n
 *
 * mac is the keyed digest (CRYPTO_AUDIT) of the mac before it and of everything in the line up to
 * itself. FRAGMENT is JSON members; that of the first line of a continued file begins with "prev",
 * the mac it goes on from; that of the last line of a file that was put away ends with "end":true.
 * Nothing a person wrote can look like either: quotes are escaped.
 */
#ifndef LK_AUDIT_CHAIN_H
#define LK_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "crypto/digest.h"

#define AUDIT_LINE_MAX_BYTES     4096u /* with its end of line */
#define AUDIT_FRAGMENT_MAX_BYTES 3968u
#define AUDIT_MAC_LEN            43u

/* The last line so far; number 0, mac all zero: none yet. */
struct audit_chain {
	uint64_t number;
	struct crypto_digest mac;
};

/*
 * Make the next line from fragment, at most AUDIT_FRAGMENT_MAX_BYTES, and move chain on to it.
 * Returns its length; the end of line is in it, no NUL.
 */
size_t audit_chain_add(const struct crypto_ring *ring, struct audit_chain *chain,
    struct lk_str fragment, char out[AUDIT_LINE_MAX_BYTES]);

/* A line taken apart, not yet believed. */
struct audit_link {
	uint64_t number;
	uint32_t key_id;
	bool is_end;
	bool has_prev;
	struct crypto_digest prev;
	struct crypto_digest mac;
	struct lk_str body; /* borrowed from the line: what mac is over */
};
/* line without its end. False when it has another form. */
bool audit_link_read(struct lk_str line, struct audit_link *out);

enum audit_fit {
	AUDIT_FIT_YES = 1,
	AUDIT_FIT_NUMBER, /* not the number that comes next */
	AUDIT_FIT_KEY,    /* of a key the ring does not hold */
	AUDIT_FIT_MAC     /* changed, or after another line than this */
};
/* Is link the next of chain? Moves chain on when it is. */
enum audit_fit audit_link_check(
    const struct crypto_ring *ring, struct audit_chain *chain, const struct audit_link *link);

/* A mac as 43 letters and a NUL, and back. */
void audit_mac_show(const struct crypto_digest *mac, char out[AUDIT_MAC_LEN + 1]);
bool audit_mac_read(struct lk_str text, struct crypto_digest *out);

#endif
