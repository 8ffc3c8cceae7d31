/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: answers of one worker that are given again, as they were made, to whoever
 * asks the very same while nothing has changed of what they follow from. That is a question as far
 * as a program's handler sees it, from the same address, in the same second, in the same
 * configuration and state of what this node knows (flow_state); and what the store tells: either
 * nothing that its memory told has gone since (store_async_state), or it is asked, and tells the
 * same to the byte. And only an answer whose handler says so (res.is_repeatable).
 *
 * Promises: a question leaves nothing but its fingerprint, an answer no more than itself and the
 * records it follows from; no answer is given that would not be made now. The memory is bounded,
 * and nothing is kept for who asks once.
 */
#ifndef LK_HTTP_AGAIN_H
#define LK_HTTP_AGAIN_H

#include "http/visit.h"

enum again {
	AGAIN_NOT = 1, /* it is answered by itself */
	AGAIN_GIVEN,   /* visit->again is its answer */
	AGAIN_ASKS,    /* visit->again may be: ask the store for visit->ask, then again_is_still */
};

/* The whole request is there, its body unread. */
enum again
again_find(struct visit *visit);
/* What the store told is what it told before, and all else is too: visit->again is its answer. */
bool
again_is_still(struct visit *visit, const struct store_answer *answer);
/* The store told this, asked for visit->ask. */
void
again_told(struct visit *visit, const struct store_answer *answer);
/* It is sent, or will not be. */
void
again_drop(struct visit *visit);
/* Takes the response over. False: it does not. */
bool
again_keep(struct visit *visit, struct MHD_Response *response);
/* NULL without memory. */
struct again_memory *
again_new(void) LK_MUST_CHECK;
/* NULL is fine. */
void
again_free(struct again_memory *again);

#endif
