/* SPDX-License-Identifier: MIT */
#include "audit/queue.h"

#include <assert.h>
#include <string.h>

static const struct audit_batch *
taking(const struct audit_queue *queue)
{
	return &queue->batches[queue->taking];
}

bool
audit_queue_is_full(const struct audit_queue *queue)
{
	return taking(queue)->count == AUDIT_BATCH_MAX;
}

bool
audit_queue_is_empty(const struct audit_queue *queue)
{
	return taking(queue)->count == 0 && queue->first == NULL;
}

size_t
audit_queue_alone_count(const struct audit_queue *queue)
{
	return taking(queue)->count > 0 ? 0 : queue->note_count;
}

void
audit_queue_put(struct audit_queue *queue, struct audit_note *note)
{
	struct audit_batch *batch = &queue->batches[queue->taking];
	struct audit_slot *slot;

	assert(batch->count < AUDIT_BATCH_MAX && note->fragment.len <= sizeof slot->fragment);
	slot = &batch->slots[batch->count++];
	slot->note = note;
	slot->len = note->fragment.len;
	memcpy(slot->fragment, note->fragment.ptr, note->fragment.len);
}

void
audit_queue_add(struct audit_queue *queue, struct audit_note *note)
{
	note->next = NULL;
	if (queue->first == NULL)
		queue->first = note;
	else
		queue->last->next = note;
	queue->last = note;
	queue->note_count++;
}

static struct audit_slot *
slot_find(struct audit_batch *batch, const struct audit_note *note)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->slots[i].note == note)
			return &batch->slots[i];
	}
	return NULL;
}

static void
unlink_note(struct audit_queue *queue, const struct audit_note *note)
{
	struct audit_note *before = NULL, *one = queue->first;

	while (one != NULL && one != note) {
		before = one;
		one = one->next;
	}
	if (one == NULL)
		return;
	if (before == NULL)
		queue->first = one->next;
	else
		before->next = one->next;
	if (queue->last == one)
		queue->last = before;
	queue->note_count--;
}

void
audit_queue_leave(struct audit_queue *queue, const struct audit_note *note)
{
	struct audit_slot *waiting = slot_find(&queue->batches[queue->taking], note);
	struct audit_slot *being_written = slot_find(&queue->batches[1 - queue->taking], note);

	if (waiting != NULL) {
		waiting->note = NULL;
		waiting->len = 0;
	} else if (being_written != NULL) {
		being_written->note = NULL;
	} else {
		unlink_note(queue, note);
	}
}

/* Those in the line, as far as there is room. */
static void
let_in(struct audit_queue *queue)
{
	while (queue->first != NULL && !audit_queue_is_full(queue)) {
		struct audit_note *note = queue->first;

		queue->first = note->next;
		queue->note_count--;
		audit_queue_put(queue, note);
	}
}

struct audit_batch *
audit_queue_swap(struct audit_queue *queue)
{
	struct audit_batch *batch = &queue->batches[queue->taking];

	let_in(queue);
	queue->taking = 1 - queue->taking;
	assert(queue->batches[queue->taking].count == 0);
	return batch;
}

size_t
audit_batch_list(const struct audit_batch *batch, struct lk_str fragments[AUDIT_BATCH_MAX])
{
	size_t i, count = 0;

	for (i = 0; i < batch->count; i++) {
		const struct audit_slot *slot = &batch->slots[i];

		if (slot->len > 0)
			fragments[count++] = lk_str_n(slot->fragment, slot->len);
	}
	return count;
}

/* Those of one owner that stand together, in one call. */
struct hand {
	struct audit_note *first, *last;
};

static void
hand_over(struct hand *hand)
{
	if (hand->first != NULL)
		hand->first->done(hand->first);
	*hand = (struct hand){NULL, NULL};
}

static void
hand_add(struct hand *hand, struct audit_note *note)
{
	if (hand->first != NULL &&
	    (hand->last->done != note->done || hand->last->owner != note->owner))
		hand_over(hand);
	note->next = NULL;
	if (hand->first == NULL)
		hand->first = note;
	else
		hand->last->next = note;
	hand->last = note;
}

void
audit_batch_end(struct audit_batch *batch, enum lk_err result)
{
	struct hand hand = {NULL, NULL};
	size_t i;

	for (i = 0; i < batch->count; i++) {
		struct audit_note *note = batch->slots[i].note;

		if (note == NULL)
			continue;
		note->result = result;
		note->is_done = true;
		if (note->done != NULL)
			hand_add(&hand, note);
	}
	hand_over(&hand);
	batch->count = 0;
}
