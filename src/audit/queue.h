/* SPDX-License-Identifier: MIT */
/*
 * Lines on their way to the disk. Two batches: one takes lines while the other is written. Who
 * waits for a line may leave before it is written. Plain data, no lock of its own: audit.c's. For
 * this folder.
 */
#ifndef LK_AUDIT_QUEUE_H
#define LK_AUDIT_QUEUE_H

#include "audit/file.h"

/* One thread waiting, on its own stack. */
struct audit_waiter {
	bool is_done;
	enum lk_err result;
};

struct audit_slot {
	struct audit_waiter *waiter; /* NULL: it left */
	size_t len;                  /* 0: it left in time, do not write */
	char fragment[AUDIT_FRAGMENT_MAX_BYTES];
};

struct audit_batch {
	size_t count;
	struct audit_slot slots[AUDIT_BATCH_MAX];
};

struct audit_queue {
	struct audit_batch batches[2];
	unsigned taking; /* which one takes lines */
};

bool audit_queue_is_full(const struct audit_queue *queue);
/* How many lines wait. */
size_t audit_queue_count(const struct audit_queue *queue);
/* There must be room. */
void audit_queue_put(
    struct audit_queue *queue, struct lk_str fragment, struct audit_waiter *waiter);
/* waiter goes: a line that is not yet being written is not written any more. */
void audit_queue_leave(struct audit_queue *queue, const struct audit_waiter *waiter);
/* The lines that wait, to be written; the other batch takes now. End with audit_batch_end. */
struct audit_batch *audit_queue_swap(struct audit_queue *queue);

/* Its fragments, in order, without those whose waiter left; returns how many. */
size_t audit_batch_list(const struct audit_batch *batch, struct lk_str fragments[AUDIT_BATCH_MAX]);
/* Tell all who still wait, and empty it. */
void audit_batch_end(struct audit_batch *batch, enum lk_err result);

#endif
