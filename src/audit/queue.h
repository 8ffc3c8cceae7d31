/* SPDX-License-Identifier: MIT */
/*
 * Lines on their way to the disk. Two batches: one takes lines of threads while the other is
 * written; notes of who does not wait stand in a line of their own and get the places left over, so
 * that many of them hold no thread up. Who waits for a line may leave before it is written. Plain
 * data, no lock of its own: audit.c's. For this folder.
 */
#ifndef LK_AUDIT_QUEUE_H
#define LK_AUDIT_QUEUE_H

#include "audit/file.h"

struct audit_slot {
	struct audit_note *note; /* NULL: it left */
	size_t len;              /* 0: it left in time, do not write */
	char fragment[AUDIT_FRAGMENT_MAX_BYTES];
};

struct audit_batch {
	size_t count;
	struct audit_slot slots[AUDIT_BATCH_MAX];
};

/* Notes in their order, linked by next. */
struct audit_notes {
	struct audit_note *first, *last;
};

struct audit_queue {
	struct audit_batch batches[2];
	unsigned taking; /* which one takes lines */
	struct audit_notes line; /* in no batch yet */
	size_t note_count;
};

bool audit_queue_is_full(const struct audit_queue *queue);
bool audit_queue_is_empty(const struct audit_queue *queue);
/* How many notes stand in line; 0 as soon as a thread waits as well. */
size_t audit_queue_alone_count(const struct audit_queue *queue);
/* A thread's; its fragment is copied. There must be room. */
void audit_queue_put(struct audit_queue *queue, struct audit_note *note);
/* Nobody's thread waits: there is always room, and the fragment stays where it is. */
void audit_queue_add(struct audit_queue *queue, struct audit_note *note);
/* note goes: a line that is not yet being written is not written any more. */
void audit_queue_leave(struct audit_queue *queue, const struct audit_note *note);
/* The lines that wait, to be written; the other batch takes now. End with audit_batch_end. */
struct audit_batch *audit_queue_swap(struct audit_queue *queue);

/* Its fragments, in order, without those whose note left; returns how many. */
size_t audit_batch_list(const struct audit_batch *batch, struct lk_str fragments[AUDIT_BATCH_MAX]);
/* Tell all who still wait, and empty it. */
void audit_batch_end(struct audit_batch *batch, enum lk_err result);

#endif
