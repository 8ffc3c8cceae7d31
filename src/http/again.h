/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: answers of one worker that are given again, as they were made, to whoever
 * asks the very same while nothing has changed of what they follow from. That is a question as far
 * as a program's handler sees it, from the same address, in the same second, in the same
 * configuration, with no token's or key's life changed in between (flow_state, store_async_state);
 * and only an answer whose handler says so (res.is_repeatable).
 *
 * Promises: a question leaves nothing but its fingerprint; no answer is given that would not be
 * made now. The memory is bounded, and a question is looked at twice before its answer is kept.
 */
#ifndef LK_HTTP_AGAIN_H
#define LK_HTTP_AGAIN_H

#include "http/visit.h"

/* The whole request is there. True: it is answered. */
bool
again_find(struct visit *visit);
/* Takes the response over. False: it does not. */
bool
again_keep(struct visit *visit, struct MHD_Response *response);
/* NULL without memory. */
struct again *
again_new(void) LK_MUST_CHECK;
/* NULL is fine. */
void
again_free(struct again *again);

#endif
