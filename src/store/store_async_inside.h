/* SPDX-License-Identifier: MIT */
/* Inside src/store only: one loop's connection, as its two files share it. */
#ifndef LK_STORE_STORE_ASYNC_INSIDE_H
#define LK_STORE_STORE_ASYNC_INSIDE_H

#include "store/store_queue.h"

struct store_async {
	struct store_shared *shared;
	struct store_link link;
	struct store_track *track;
	struct store_queue queue;
	struct store_queue set; /* puts that stand; the epoch's answer is still to come */
	struct store_queue idle; /* nobody's, to be used again */
	bool has_open_puts;	/* the epoch was not asked for behind them yet */
	bool is_epoch_next;	/* its answer comes next */
	int64_t next_mono_ms;	/* nobody's time is over before this */
};

enum store_end { STORE_END_CUT = 1, STORE_END_LATE, STORE_END_REFUSED };
/*
 * The connection is over. Cut while all was well: what was only read, and what is the same however
 * often it is put, is asked once more on a new one. Nobody is told before everything stands as it
 * shall, for who is told may ask again.
 */
void
store_async_lose(struct store_async *async, enum store_end end);
/* The one place that calls done: the next time it is NULL. */
void
store_async_tell(struct store_async *async, struct store_waiting *one, enum lk_err err,
		 const struct store_answer *answer);

/* Nobody waits as one any more. */
void
store_async_forget(struct store_async *async, struct store_waiting *one);

/* store_async_take.c: reads, and takes all that has come whole. */
void
store_async_take(struct store_async *async);

#endif
