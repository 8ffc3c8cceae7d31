/* SPDX-License-Identifier: MIT */
#include "store/store_queue.h"

#include <stddef.h>

void
store_queue_init(struct store_queue *queue)
{
	*queue = (struct store_queue){.first = NULL};
	queue->end = &queue->first;
}

void
store_queue_put(struct store_queue *queue, struct store_waiting *one)
{
	one->next = NULL;
	*queue->end = one;
	queue->end = &one->next;
	queue->count++;
}

struct store_waiting *
store_queue_take(struct store_queue *queue)
{
	struct store_waiting *one = queue->first;

	if (one == NULL)
		return NULL;
	queue->first = one->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	queue->count--;
	return one;
}

struct store_waiting *
store_queue_last(const struct store_queue *queue)
{
	if (queue->first == NULL)
		return NULL;
	return (struct store_waiting *)((char *)queue->end - offsetof(struct store_waiting, next));
}

void
store_queue_move(struct store_queue *from, struct store_queue *to)
{
	for (struct store_waiting *one = store_queue_take(from); one != NULL;
	     one = store_queue_take(from))
		store_queue_put(to, one);
}
