/* SPDX-License-Identifier: MIT */
/*
 * The configuration in force. A reload makes a whole new struct fast and puts it here at once; who
 * began with the old one keeps it until done. The only lock is held for a pointer's length.
 */
#ifndef LK_FLOW_LIVE_H
#define LK_FLOW_LIVE_H

#include "flow/flow.h"

struct live;

/* How to free a struct fast nobody uses any more, with what is its own. */
typedef void
live_release(struct fast *fast, void *context);

/* NULL without memory; first is taken over. */
struct live *
live_new(struct fast *first, live_release *release, void *context) LK_MUST_CHECK;
/* Nobody may hold one any more. NULL is fine. */
void
live_free(struct live *live);

/* What holds now; give it back with live_drop. Never NULL. Any thread. */
const struct fast *
live_hold(struct live *live);
void
live_drop(struct live *live, const struct fast *fast);
/* How many came before the one that holds now. Any thread. */
uint64_t
live_count(struct live *live);
/* From now on next holds; taken over. Any thread. LK_E_MEMORY: the old one goes on holding. */
enum lk_err
live_put(struct live *live, struct fast *next) LK_MUST_CHECK;

#endif
