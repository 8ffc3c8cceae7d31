/* SPDX-License-Identifier: MIT */
/*
 * The watcher's side of the signing keys: reads what the directory holds, makes, publishes and
 * removes keys as signing_plan.h says, carries out what operators order, and shows all of it to
 * everybody else (signing.h). Many nodes do the same on one directory: the entry's name decides who
 * was first.
 *
 * Promises: a directory that does not answer changes nothing, and one that suddenly holds no key at
 * all is not believed. A key that does not open here is never signed with and never replaced.
 */
#ifndef LK_FLOW_SIGNING_LIFE_H
#define LK_FLOW_SIGNING_LIFE_H

#include "flow/flow.h"
#include "flow/signing.h"

/*
 * SIGNING_ALG(alg) of those there must be a key of: what some application has its tokens signed
 * with, and the two everybody is promised.
 */
unsigned
signing_needed(const struct policy *policy);

struct signing_life;

/* signing: borrowed. NULL without memory. */
struct signing_life *
signing_life_new(struct signing *signing) LK_MUST_CHECK;
/* NULL is fine. */
void
signing_life_free(struct signing_life *life);

struct signing_tools {
	const struct fast *fast;
	struct dir *dir; /* begun with call; NULL: the directory does not answer */
	const struct lk_call *call;
};
/*
 * One look. Goes on where the last one could not: to be called each second, at once when
 * signing_orders_fd is readable.
 *
 *   is_asked  read the directory even if that was a moment ago
 *
 * Time:    1 round trip every other second; a key that is made: 1 more, and for RSA up to a second
 *          of work.
 * Threads: the watcher's alone.
 */
void
signing_life_look(struct signing_life *life, const struct signing_tools *tools, bool is_asked);

#endif
