/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: commands as bytes, and replies with bounds. A command is made of counted
 * pieces; nothing is ever formatted into it. What a server may say is limited in pieces and bytes,
 * and no reply is taken for what it is not.
 */
#ifndef LK_STORE_STORE_WIRE_H
#define LK_STORE_STORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/store_keys.h"

#define STORE_SEND_MAX_BYTES   524288u
#define STORE_REPLY_MAX_BYTES  4194304u
#define STORE_REPLY_MAX_PIECES 1024u

/* The head of a command of so many pieces; each is then added by one of the others. */
void
store_wire_command(struct lk_buf *out, size_t pieces);
void
store_wire_bytes(struct lk_buf *out, const void *bytes, size_t len);
void
store_wire_str(struct lk_buf *out, struct lk_str piece);
void
store_wire_word(struct lk_buf *out, const char *word);
void
store_wire_number(struct lk_buf *out, int64_t number);
void
store_wire_key(struct lk_buf *out, const struct store_key *key);

/* hiredis' own maker of replies, kept in bounds. */
struct store_bounds {
	redisReplyObjectFunctions fn;
	const redisReplyObjectFunctions *theirs;
	size_t piece_max;
	size_t piece_count, byte_count; /* of the reply being read */
};
void
store_bounds_set(struct store_bounds *bounds, redisContext *redis);
/* Has the server said more than any reply may hold? */
bool
store_bounds_are_passed(const redisContext *redis);

/* NULL-safe looks at a reply. */
bool
store_reply_is(const redisReply *reply, int type);
bool
store_reply_is_error(const redisReply *reply, const char *code);
/* Text of a STRING or STATUS; nothing for others. */
struct lk_str
store_reply_str(const redisReply *reply);
/* The element, NULL when reply is no array or has no such element. */
const redisReply *
store_reply_at(const redisReply *reply, size_t index);
/* False when it is no integer. */
bool
store_reply_int(const redisReply *reply, int64_t *out) LK_MUST_CHECK;

#endif
