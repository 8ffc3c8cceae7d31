/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: one non-blocking connection of a loop. It connects, greets, sends what
 * stands in out and gives the replies one by one; hiredis connects and reads. Knows nothing of what
 * is asked, tells nobody, and marks nothing: whoever owns it decides what a lost one means.
 */
#ifndef LK_STORE_STORE_LINK_H
#define LK_STORE_STORE_LINK_H

#include "store/store_async.h"
#include "store/store_inside.h"

struct store_link {
	struct store_shared *shared;
	struct store_async_loop loop;
	redisContext *redis; /* NULL: not connected */
	struct store_bounds bounds;
	struct store_server server;
	size_t hello_count, hello_at; /* replies to our greeting: all, and come so far */
	int64_t hello_until_mono_ms;
	bool has_time_again; /* for the greeting: its loop stood still */
	struct lk_buf out;
	size_t sent_bytes; /* of out */
	uint32_t watched;
	int64_t retry_at_mono_ms;
	int backoff_ms;
	struct lk_why why; /* how the last connection ended */
};

#define STORE_LINK_OUT_MAX_BYTES 4194304u
#define STORE_BACKOFF_FIRST_MS	 50

void
store_link_init(struct store_link *link, struct store_shared *shared,
		const struct store_async_loop *loop);
void
store_link_done(struct store_link *link);
int64_t
store_link_now_ms(const struct store_link *link);

/* Begins to connect, and writes the greeting. False with a reason, backed off. */
bool
store_link_open(struct store_link *link) LK_MUST_CHECK;
/* Forgets what was not sent. */
void
store_link_close(struct store_link *link);
/* The next attempt waits longer than this one, and not as long as everybody else's. */
void
store_link_back_off(struct store_link *link);
/* Says to the loop what it waits for; after anything was written or sent. */
void
store_link_watch(struct store_link *link);

/* All of these: false with a reason when the connection is of no use any more. */
bool
store_link_send(struct store_link *link) LK_MUST_CHECK;
bool
store_link_read(struct store_link *link) LK_MUST_CHECK;
/* Of what was read, the next whole reply, to be freed; NULL: there is no more now. */
bool
store_link_take(struct store_link *link, redisReply **out) LK_MUST_CHECK;

bool
store_link_is_greeted(const struct store_link *link);
/* Takes a reply to the greeting; *out_health is OK while it goes on, and says how it ended. */
bool
store_link_hello(struct store_link *link, const redisReply *reply,
		 enum store_health *out_health) LK_MUST_CHECK;

#endif
