/* SPDX-License-Identifier: MIT */
/* Inside src/store only: questions and answers, alike for the blocking and the other face. */
#ifndef LK_STORE_STORE_FETCH_H
#define LK_STORE_STORE_FETCH_H

#include "store/store_inside.h"

void
store_fetch_write(struct lk_buf *out, const struct store_ask *ask);
struct store_reading {
	struct store_shared *shared;
	const struct store_epoch *epoch;
	const struct store_ask *ask;
	const struct lk_call *call;
};
enum lk_err
store_fetch_read(const struct store_reading *reading, const redisReply *reply,
		 struct store_answer *out) LK_MUST_CHECK;
/* The records of a token and a grant as they came; nothing where there is none. */
void
store_fetch_values(const struct store_ask *ask, const redisReply *reply, struct lk_str *out_token,
		   struct lk_str *out_grant);
/*
 * What a token's record and a grant's say, those that are alive; whichever was not asked, or is not
 * there, is nothing. The rest of out stays. LK_OK · LK_E_MEMORY
 */
enum lk_err
store_token_read(const struct lk_call *call, struct lk_str token, struct lk_str grant,
		 struct store_answer *out) LK_MUST_CHECK;
/* Was it touched long enough ago? */
bool
store_touch_is_due(const struct store_session *session, int64_t now_s);
/* The touched record, and the record it may replace. False: not yet time for it. */
bool
store_touch_write(struct store_script_call *call, const struct crypto_digest *key,
		  const struct store_session *session, int64_t now_s) LK_MUST_CHECK;
int32_t
store_session_life_s(const struct store_session *session, int64_t now_s);
/* Does what begins with the epoch's value come from the epoch in force? LK_OK · LK_E_STORE_DOWN */
enum lk_err
store_epoch_read(const struct store_reading *reading, const redisReply *reply) LK_MUST_CHECK;

#endif
