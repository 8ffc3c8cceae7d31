/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: one worker's memory of tokens and grants, kept honest by the server, which
 * tells on a connection of its own what changed of them (CLIENT TRACKING with itself as the
 * receiver: either it is up, or we notice).
 *
 * Promises: what store_track_find tells was true at some time within the last second. A key of our
 * own is written through the data connection again and again; only while the news of one sent less
 * than BEAT_TRUST_MS ago has come back is anything told from memory. For everything changed before
 * that key had been told before. In any doubt all is forgotten: the server is asked.
 *
 * The memory is bounded, and knows nothing of tokens that are not there. Nothing is connected
 * before the first token is asked for.
 */
#ifndef LK_STORE_STORE_TRACK_H
#define LK_STORE_STORE_TRACK_H

#include "store/store_async.h"
#include "store/store_fetch.h"

struct store_track;
struct store_track *
store_track_new(struct store_shared *shared, const struct store_async_loop *loop) LK_MUST_CHECK;
void
store_track_free(struct store_track *track);

/* True: out is what the server would have said, its texts in the call's arena. */
bool
store_track_find(struct store_track *track, const struct lk_call *call,
		 const struct crypto_digest *token, struct store_answer *out);

/*
 * A number for what can be told now; nothing that was told under it has changed as long as it is
 * the same. 0: nothing can be told.
 */
uint64_t
store_track_state(struct store_track *track);

/* What a question leaves behind and its answer brings back; zero: nothing. */
struct store_track_ticket {
	uint64_t token, grant;
};
struct store_track_ticket
store_track_expect(struct store_track *track, const struct store_ask *ask);
/* values: as they came, whole and alive; NULL: the answer is not to be kept. */
struct store_track_values {
	struct lk_str token, grant;
};
void
store_track_keep(struct store_track *track, const struct store_ask *ask,
		 struct store_track_ticket ticket, const struct store_track_values *values);

/* Is it time for a sign of life, on the data connection? Asked again a while later when not. */
bool
store_track_wants_beat(struct store_track *track);
void
store_track_beat_write(struct store_track *track, struct lk_buf *out);
/* The data connection was lost: the next one may lead to another server. */
void
store_track_doubt(struct store_track *track);

/* As those of store_async.h. */
bool
store_track_has(const struct store_track *track, int fd);
void
store_track_ready(struct store_track *track, uint32_t events);
int
store_track_tick(struct store_track *track);

#endif
