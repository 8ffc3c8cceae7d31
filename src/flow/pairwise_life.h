/* SPDX-License-Identifier: MIT */
/*
 * The watcher's side of the pairwise secret: read from the directory, made where there is none,
 * sealed again when the key file has a newer key, and shown to everybody else (pairwise.h). Many
 * nodes do the same on one directory: the entry's name decides who was first.
 *
 * A seal is never changed: the secret is sealed once more under a name of its own, and the seals
 * of before go when that one has stood for as long as an old signing key is kept, so that a node
 * whose key file is not new yet can start meanwhile.
 *
 * Promises: no node works with a secret it did not read from the directory; one it works with is
 * never exchanged for another; one that does not open is never replaced.
 */
#ifndef LK_FLOW_PAIRWISE_LIFE_H
#define LK_FLOW_PAIRWISE_LIFE_H

#include "flow/pairwise.h"
#include "flow/signing_life.h"

struct pairwise_life;

/* pairwise: borrowed. NULL without memory. */
struct pairwise_life *
pairwise_life_new(struct pairwise *pairwise) LK_MUST_CHECK;
/* NULL is fine. */
void
pairwise_life_free(struct pairwise_life *life);

/*
 * One look, as signing_life_look.
 *
 * Time:    1 round trip every 10 s, every other second while something is wrong; 3 more at the
 *          start of a new service.
 * Threads: the watcher's alone.
 */
void
pairwise_life_look(struct pairwise_life *life, const struct signing_tools *tools, bool is_asked);

#endif
