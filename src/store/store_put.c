/* SPDX-License-Identifier: MIT */
#include "store/store_put.h"

#include <assert.h>

int32_t
store_life_until_s(int64_t ends_at_s, int64_t now_s, int32_t least_s)
{
	int64_t life_s = ends_at_s - now_s;

	if (life_s < least_s)
		return least_s;
	return life_s > INT32_MAX ? INT32_MAX : (int32_t)life_s;
}

enum lk_err
store_put_make(const struct lk_call *call, const struct store_change *change, struct store_put *out)
{
	struct lk_str packed;
	LK_AUTO_BUF record;

	assert(change->kind == STORE_TOKEN_PUT);
	lk_buf_init(&record, STORE_RECORD_MAX_BYTES);
	store_token_pack(&record, change->token);
	if (!lk_buf_is_ok(&record)) {
		lk_why_add(call->why, "store: a token is too large");
		return LK_E_FORMAT;
	}
	packed = lk_arena_dup(call->arena, lk_buf_str(&record));
	if (packed.ptr == NULL)
		return LK_E_MEMORY;
	*out = (struct store_put){
	    .key = change->key,
	    .packed = packed,
	    .life_s = store_life_until_s(change->token->ends_at_s, lk_clock_wall_s(call->clock), 1),
	};
	return LK_OK;
}

/* What is the same of all is written at once. */
void
store_put_write(struct lk_buf *out, const struct store_put *put)
{
	struct store_key key;

	store_key_digest(&key, STORE_KEY_TOKEN, put->key);
	lk_buf_add_str(out, LK_STR("*5\r\n$3\r\nSET\r\n"));
	store_wire_key(out, &key);
	store_wire_str(out, put->packed);
	lk_buf_add_str(out, LK_STR("$2\r\nEX\r\n"));
	store_wire_number(out, put->life_s);
}

void
store_put_write_epoch(struct lk_buf *out)
{
	struct store_key key;

	store_key_plain(&key, STORE_KEY_EPOCH);
	store_wire_command(out, 2);
	store_wire_word(out, "GET");
	store_wire_key(out, &key);
}

enum lk_err
store_put_read_set(const struct store_reading *reading, const redisReply *reply)
{
	if (store_reply_is(reply, REDIS_REPLY_STATUS) && lk_str_is(store_reply_str(reply), "OK"))
		return LK_OK;
	store_shared_refused(reading->shared, reply, reading->call->why);
	return LK_E_STORE_DOWN;
}

enum lk_err
store_put_read_epoch(const struct store_reading *reading, const redisReply *reply)
{
	/* Nothing there is another epoch; what is no text is no answer. */
	if (!store_reply_is(reply, REDIS_REPLY_STRING) && !store_reply_is(reply, REDIS_REPLY_NIL)) {
		store_shared_refused(reading->shared, reply, reading->call->why);
		return LK_E_STORE_DOWN;
	}
	return store_shared_check(reading->shared, reading->epoch, store_reply_str(reply),
				  reading->call->why)
		   ? LK_OK
		   : LK_E_STORE_DOWN;
}
