/* SPDX-License-Identifier: MIT */
/*
 * The face for event loops: the same questions, answered by a call back in the loop's own thread.
 * One struct store_async a worker. Requests of the same turn go out in one write. Its timers are
 * the loop's.
 */
#ifndef LK_STORE_STORE_ASYNC_H
#define LK_STORE_STORE_ASYNC_H

#include "store/store.h"

struct store_async;

/* The loop's side: watch fd for events (EPOLLIN, EPOLLOUT; 0: none any more). */
struct store_async_loop {
	void (*watch)(void *context, int fd, uint32_t events);
	void *context;
};
struct store_async *
store_async_new(struct store_shared *shared, const struct store_async_loop *loop) LK_MUST_CHECK;
void
store_async_free(struct store_async *async);

/* err as store_fetch returns it; answer lives in the call's arena. NULL unless LK_OK, or of a put.
 */
typedef void
store_async_done(void *context, enum lk_err err, const struct store_answer *answer);
/*
 * ask and the digests it points to are copied; call must stay until done, which is called exactly
 * once, never from inside this function. LK_OK: done will come · LK_E_STORE_DOWN, LK_E_MEMORY: it
 * will not.
 */
enum lk_err
store_async_fetch(struct store_async *async, const struct lk_call *call,
		  const struct store_ask *ask, store_async_done *done, void *context) LK_MUST_CHECK;
/*
 * Puts a token: change is of kind STORE_TOKEN_PUT and what it points to is copied. done comes as of
 * a fetch, with no answer: LK_OK only when it stands there and the epoch in force did.
 * Returns: as store_async_fetch · LK_E_FORMAT it is too large: done will not come
 */
enum lk_err
store_async_put(struct store_async *async, const struct lk_call *call,
		const struct store_change *change, store_async_done *done,
		void *context) LK_MUST_CHECK;
/*
 * What is known of a token and its grant, from memory, at once: true only when nothing that was
 * changed more than a second ago can be unknown. False: ask the server.
 */
bool
store_async_find(struct store_async *async, const struct lk_call *call,
		 const struct crypto_digest *token, struct store_answer *out);
/*
 * A number for what store_async_find would tell now: as long as it is the same, whatever was told
 * under it would be told again. 0: nothing is told from memory.
 */
uint64_t
store_async_state(struct store_async *async);
/* As store_session_touch, without an answer. */
void
store_async_touch(struct store_async *async, const struct crypto_digest *key,
		  const struct store_session *session);

/* A watched fd is ready; any other is nothing to us. */
void
store_async_ready(struct store_async *async, int fd, uint32_t events);
/*
 * Deadlines, reconnection with back-off. Returns ms until it wants the next tick (≤ 1000). One that
 * comes long after that says that the loop stood still, and not that the server hangs.
 */
int
store_async_tick(struct store_async *async);

#endif
