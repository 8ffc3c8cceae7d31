/* SPDX-License-Identifier: MIT */
#include "store/store_wire.h"

#include <stdio.h>
#include <string.h>

void
store_wire_command(struct lk_buf *out, size_t pieces)
{
	lk_buf_printf(out, "*%zu\r\n", pieces);
}

void
store_wire_bytes(struct lk_buf *out, const void *bytes, size_t len)
{
	lk_buf_printf(out, "$%zu\r\n", len);
	if (len > 0)
		lk_buf_add(out, bytes, len);
	lk_buf_add_c(out, "\r\n");
}

void
store_wire_str(struct lk_buf *out, struct lk_str piece)
{
	store_wire_bytes(out, piece.ptr, piece.len);
}

void
store_wire_word(struct lk_buf *out, const char *word)
{
	store_wire_bytes(out, word, strlen(word));
}

void
store_wire_number(struct lk_buf *out, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%lld", (long long)number);

	store_wire_bytes(out, digits, (size_t)len);
}

void
store_wire_key(struct lk_buf *out, const struct store_key *key)
{
	store_wire_bytes(out, key->bytes, key->len);
}

/*
 * NULL ends the connection. Without these a server could have any amount of memory taken with few
 * bytes. A task without parent begins a reply.
 */
static void *
make_array(const redisReadTask *task, int elements)
{
	struct store_bounds *bounds = task->privdata;

	if (task->parent == NULL)
		bounds->piece_count = bounds->byte_count = 0;
	if (elements < 0 || bounds->piece_count + (size_t)elements > bounds->piece_max)
		return NULL;
	bounds->piece_count += (size_t)elements;
	return bounds->theirs->createArray(task, elements);
}

static void *
make_string(const redisReadTask *task, char *text, size_t len)
{
	struct store_bounds *bounds = task->privdata;

	if (task->parent == NULL)
		bounds->piece_count = bounds->byte_count = 0;
	if (bounds->byte_count + len > STORE_REPLY_MAX_BYTES)
		return NULL;
	bounds->byte_count += len;
	return bounds->theirs->createString(task, text, len);
}

void
store_bounds_set(struct store_bounds *bounds, redisContext *redis)
{
	*bounds =
	    (struct store_bounds){.theirs = redis->reader->fn, .piece_max = STORE_REPLY_MAX_PIECES};
	bounds->fn = *bounds->theirs;
	bounds->fn.createArray = make_array;
	bounds->fn.createString = make_string;
	redis->reader->fn = &bounds->fn;
	redis->reader->privdata = bounds;
}

bool
store_bounds_are_passed(const redisContext *redis)
{
	return redis->reader->len - redis->reader->pos > STORE_REPLY_MAX_BYTES;
}

bool
store_reply_is(const redisReply *reply, int type)
{
	return reply != NULL && reply->type == type;
}

bool
store_reply_is_error(const redisReply *reply, const char *code)
{
	return store_reply_is(reply, REDIS_REPLY_ERROR) &&
	       lk_str_starts(lk_str_n(reply->str, reply->len), code);
}

struct lk_str
store_reply_str(const redisReply *reply)
{
	if (store_reply_is(reply, REDIS_REPLY_STRING) || store_reply_is(reply, REDIS_REPLY_STATUS))
		return lk_str_n(reply->str, reply->len);
	return lk_str_n(NULL, 0);
}

const redisReply *
store_reply_at(const redisReply *reply, size_t index)
{
	if (!store_reply_is(reply, REDIS_REPLY_ARRAY) || index >= reply->elements)
		return NULL;
	return reply->element[index];
}

bool
store_reply_int(const redisReply *reply, int64_t *out)
{
	if (!store_reply_is(reply, REDIS_REPLY_INTEGER))
		return false;
	*out = reply->integer;
	return true;
}
