/* SPDX-License-Identifier: MIT */
/* Inside src/store only: those who wait for a loop's connection to answer, in their order. */
#ifndef LK_STORE_STORE_QUEUE_H
#define LK_STORE_STORE_QUEUE_H

#include "store/store_link.h"
#include "store/store_put.h"
#include "store/store_track.h"

/* One answer to come. Of a touch nobody waits for it: done is NULL. */
struct store_waiting {
	struct store_waiting *next;
	const struct lk_call *call;
	store_async_done *done; /* NULL once it was called */
	void *context;
	struct crypto_digest session, journey, address, token, grant;
	struct store_ask ask; /* into the five above */
	struct store_put put; /* key, into token above: NULL: it is no put */
	enum lk_err set_err;  /* of a put that was answered */
	bool is_before_epoch; /* the answer behind this one's is the epoch's, for all puts so far */
	struct store_track_ticket ticket;
	struct store_epoch epoch;
	int64_t began_mono_ms, until_mono_ms;
	bool is_full; /* until is all of the timeout, not just what the call's deadline left */
	bool is_late, was_sent_again;
	bool has_time_again; /* its loop stood still when its time ended */
};

struct store_queue {
	struct store_waiting *first, **end;
	size_t count;
};

void
store_queue_init(struct store_queue *queue);
void
store_queue_put(struct store_queue *queue, struct store_waiting *one);
/* NULL: nobody waits. */
struct store_waiting *
store_queue_take(struct store_queue *queue);
/* NULL: nobody waits. It stays. */
struct store_waiting *
store_queue_last(const struct store_queue *queue);
/* All of from, behind those of to. */
void
store_queue_move(struct store_queue *from, struct store_queue *to);

#endif
