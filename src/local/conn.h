/* SPDX-License-Identifier: MIT */
/*
 * One process that asks: its frames in, its answers out, one at a time. Inside src/local only. In
 * state WORKING the lanes have it; else the loop's thread alone.
 */
#ifndef LK_LOCAL_CONN_H
#define LK_LOCAL_CONN_H

#include <stdbool.h>
#include <sys/socket.h>

#include "client/wire.h"
#include "local/local.h"

enum conn_door { CONN_PAM = 1, CONN_ADMIN };
enum conn_state {
	CONN_READING = 1,
	CONN_WORKING,
	CONN_HELD, /* answered, but refusals take the same time */
	CONN_WRITING,
	CONN_ENDED
};

struct conn {
	struct lane_job job; /* first: a job is its connection */
	struct local *local;
	const struct local_settings *settings;
	enum conn_door door;
	enum conn_state state;
	struct ucred peer;
	int fd;
	int64_t deadline_mono_ms; /* READING, WRITING: its end; HELD: its time to leave */
	int64_t began_mono_ms;	  /* the frame stood whole */
	int64_t not_before_mono_ms;
	struct lk_arena *arena;	 /* NULL before the first byte; wiped after each answer */
	unsigned char *in, *out; /* in the arena, WIRE_FRAME_MAX_BYTES each */
	size_t in_len, out_len, out_sent;
	struct wire_frame frame; /* borrows from in */
	struct lk_why why;
	char reference[CRYPTO_REFERENCE_LEN + 1];
	bool is_run;		/* what done said */
	struct conn *done_next; /* in the list of those the lanes gave back */
};

/* Takes fd over. NULL without memory. */
struct conn *
conn_new(int fd, enum conn_door door, const struct ucred *peer) LK_MUST_CHECK;
/* Closes, wipes and frees. */
void
conn_free(struct conn *conn);

/*
 * Bytes have come. True when a frame stands whole in conn->frame; else wait for more, or the state
 * is ENDED: the peer is gone, or this was no frame of ours.
 */
bool
conn_read(struct conn *conn) LK_MUST_CHECK;
/* Send what is left of the answer; when all of it is sent, READING of the next frame begins. */
void
conn_write(struct conn *conn, int64_t now_ms);

/* An answer that holds no more than this; WRITING begins. reason 0: none. */
void
conn_answer_plain(struct conn *conn, enum wire_verdict verdict, uint32_t reason);
/* conn->job.run: asks the door's flow and leaves the frame in conn->out. On a lane thread. */
void
conn_job_run(struct flow *flow, struct lane_job *job);

#endif
