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
	return taking(queue)->count == 0 && queue->line.first == NULL;
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

static void
notes_add(struct audit_notes *notes, struct audit_note *note)
{
	note->next = NULL;
	if (notes->first == NULL)
		notes->first = note;
	else
		notes->last->next = note;
	notes->last = note;
}

void
audit_queue_add(struct audit_queue *queue, struct audit_note *note)
{
	notes_add(&queue->line, note);
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
	struct audit_note *before = NULL, *one = queue->line.first;

	while (one != NULL && one != note) {
		before = one;
		one = one->next;
	}
	if (one == NULL)
		return;
	if (before == NULL)
		queue->line.first = one->next;
	else
		before->next = one->next;
	if (queue->line.last == one)
		queue->line.last = before;
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
	while (queue->line.first != NULL && !audit_queue_is_full(queue)) {
		struct audit_note *note = queue->line.first;

		queue->line.first = note->next;
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

static void
hand_over(struct audit_notes *notes)
{
	if (notes->first != NULL)
		notes->first->done(notes->first);
	*notes = (struct audit_notes){NULL, NULL};
}

static bool
is_anothers(const struct audit_notes *notes, const struct audit_note *note)
{
	return notes->first != NULL &&
	       (notes->first->done != note->done || notes->first->owner != note->owner);
}

/* Those of one owner that stand together go in one call. */
void
audit_batch_end(struct audit_batch *batch, enum lk_err result)
{
	struct audit_notes together = {NULL, NULL};
	size_t i;

	for (i = 0; i < batch->count; i++) {
		struct audit_note *note = batch->slots[i].note;

		if (note == NULL)
			continue;
		note->result = result;
		note->is_done = true;
		if (note->done == NULL)
			continue;
		if (is_anothers(&together, note))
			hand_over(&together);
		notes_add(&together, note);
	}
	hand_over(&together);
	batch->count = 0;
}
