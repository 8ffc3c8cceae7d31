/* SPDX-License-Identifier: MIT */
#include "store/store_wire.h"

#include <string.h>

/* RESP: a letter that says what follows, a count, and the end of the line. */
static void
count_add(struct lk_buf *out, char what, size_t count)
{
	lk_buf_add_byte(out, what);
	lk_buf_add_number(out, (int64_t)count);
	lk_buf_add(out, "\r\n", 2);
}

void
store_wire_command(struct lk_buf *out, size_t pieces)
{
	count_add(out, '*', pieces);
}

void
store_wire_bytes(struct lk_buf *out, const void *bytes, size_t len)
{
	count_add(out, '$', len);
	if (len > 0)
		lk_buf_add(out, bytes, len);
	lk_buf_add(out, "\r\n", 2);
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
	char digits[LK_I64_DIGITS];

	store_wire_str(out, lk_str_of_i64(number, digits));
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
