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

size_t
audit_queue_count(const struct audit_queue *queue)
{
	return taking(queue)->count;
}

void
audit_queue_put(struct audit_queue *queue, struct lk_str fragment, struct audit_waiter *waiter)
{
	struct audit_batch *batch = &queue->batches[queue->taking];
	struct audit_slot *slot;

	assert(batch->count < AUDIT_BATCH_MAX && fragment.len <= sizeof slot->fragment);
	slot = &batch->slots[batch->count++];
	slot->waiter = waiter;
	slot->len = fragment.len;
	memcpy(slot->fragment, fragment.ptr, fragment.len);
}

static struct audit_slot *
slot_find(struct audit_batch *batch, const struct audit_waiter *waiter)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->slots[i].waiter == waiter)
			return &batch->slots[i];
	}
	return NULL;
}

void
audit_queue_leave(struct audit_queue *queue, const struct audit_waiter *waiter)
{
	struct audit_slot *waiting = slot_find(&queue->batches[queue->taking], waiter);
	struct audit_slot *being_written = slot_find(&queue->batches[1 - queue->taking], waiter);

	if (waiting != NULL) {
		waiting->waiter = NULL;
		waiting->len = 0;
	}
	if (being_written != NULL)
		being_written->waiter = NULL;
}

struct audit_batch *
audit_queue_swap(struct audit_queue *queue)
{
	struct audit_batch *batch = &queue->batches[queue->taking];

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

void
audit_batch_end(struct audit_batch *batch, enum lk_err result)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		struct audit_waiter *waiter = batch->slots[i].waiter;

		if (waiter == NULL)
			continue;
		waiter->result = result;
		waiter->is_done = true;
	}
	batch->count = 0;
}
