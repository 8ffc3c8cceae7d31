/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: tokens put by a loop, in plain commands where a commit runs a script. All
 * that leave together first and then the epoch, once: when its answer is the one in force, they
 * stood in the store while it was. One put into another epoch is nobody's and ends by itself.
 */
#ifndef LK_STORE_STORE_PUT_H
#define LK_STORE_STORE_PUT_H

#include "store/store_fetch.h"

struct store_put {
	const struct crypto_digest *key;
	struct lk_str packed; /* the record */
	int32_t life_s;
};
/*
 * Of a change of kind STORE_TOKEN_PUT; the record is packed into the call's arena.
 * Returns: LK_OK · LK_E_FORMAT it is too large · LK_E_MEMORY
 */
enum lk_err
store_put_make(const struct lk_call *call, const struct store_change *change,
	       struct store_put *out) LK_MUST_CHECK;
void
store_put_write(struct lk_buf *out, const struct store_put *put);
void
store_put_write_epoch(struct lk_buf *out);
/* Either answer: to the put, and to the epoch behind it. LK_OK · LK_E_STORE_DOWN */
enum lk_err
store_put_read_set(const struct store_reading *reading, const redisReply *reply) LK_MUST_CHECK;
enum lk_err
store_put_read_epoch(const struct store_reading *reading, const redisReply *reply) LK_MUST_CHECK;

/* How long to keep what ends then: not less than that, for who has a copy looks at that alone. */
int32_t
store_life_until_s(int64_t ends_at_s, int64_t now_s, int32_t least_s);

#endif
