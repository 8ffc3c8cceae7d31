/* SPDX-License-Identifier: MIT */
/*
 * The bytes between a client on this machine and latchkeyd: one frame each way, then the connection
 * ends or the next frame follows. Pure: no sockets, no memory of its own, no library but libc's
 * string functions, because it also runs inside sshd and sudo.
 *
 *   frame   'L' 'K' version(1) kind(1) length(4, of all that follows) field…
 *   field   tag(1) length(2) bytes
 *
 * Numbers are big-endian. Fields stand in any order, each at most once. Rows: tables/wire.def.
 * Promises: a frame that reads well holds only what its rows allow; anything else is refused as a
 * whole.
 */
#ifndef LK_CLIENT_WIRE_H
#define LK_CLIENT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_FRAME_MAX_BYTES 16384u
#define WIRE_HEAD_BYTES	     8u
#define WIRE_VERSION	     1u

enum wire_kind {
	WIRE_AUTH = 1,	   /* prove who this is */
	WIRE_ACCOUNT = 2,  /* may this person be let in now? */
	WIRE_CHANGE = 3,   /* a new password */
	WIRE_ADMIN = 16,   /* latchkeyctl */
	WIRE_ANSWER = 128, /* to any of these */
};

enum wire_field {
	WIRE_NONE = 0,
#define LK_WIRE(name, tag, kind, max_bytes, note) WIRE_##name,
#include "tables/wire.def"
	WIRE_FIELD_COUNT
};

enum wire_flag {
	WIRE_FLAG_ROOT = 1,   /* CHANGE: root asks, for someone else */
	WIRE_FLAG_PRELIM = 2, /* CHANGE: find out first whether it can be done */
	WIRE_FLAG_FORCED = 4, /* CHANGE: because the password must be changed */
};

/* Far apart on purpose; whatever else arrives is a refusal. */
enum wire_verdict {
	WIRE_VERDICT_DONE = 0x444f4e45, /* yes */
	WIRE_VERDICT_ASK = 0x41534b3f,	/* one more answer is needed: PROMPT_KIND, PROMPT, HANDLE */
	WIRE_VERDICT_REFUSED = 0x4e4f5421, /* REASON, SENTENCE */
	WIRE_VERDICT_NEW_PASSWORD =
	    0x4e455750, /* who it is stands, but the password must be changed first */
	WIRE_VERDICT_UNAVAILABLE =
	    0x4f555421, /* nothing is known: a part of ours does not answer */
};

enum wire_prompt {
	WIRE_PROMPT_PASSWORD = 1,
	WIRE_PROMPT_CODE,
	WIRE_PROMPT_CURRENT_PASSWORD,
	WIRE_PROMPT_NEW_PASSWORD, /* asked twice with PROMPT and PROMPT_AGAIN */
};

enum wire_reason {
	WIRE_REASON_WRONG = 1, /* password or code, or nobody of that name */
	WIRE_REASON_TOO_FAST,
	WIRE_REASON_LOCKED,
	WIRE_REASON_LEFT,
	WIRE_REASON_NOT_STARTED,
	WIRE_REASON_BLOCKED,
	WIRE_REASON_UNKNOWN, /* nobody of that name: only where no stranger asks (ACCOUNT, CHANGE by
				root) */
	WIRE_REASON_PASSWORD, /* the new password breaks a rule */
	WIRE_REASON_UNSURE,   /* it may have been changed */
	WIRE_REASON_NOT_HERE, /* this is not the way to do it; SENTENCE names the way */
	WIRE_REASON_NOT_ALLOWED,
};

/* One field as read: borrowed from the frame's bytes, no NUL behind it. ptr NULL: the field was not
 * there. */
struct wire_value {
	const char *ptr;
	size_t len;
};
struct wire_frame {
	enum wire_kind kind;
	struct wire_value value[WIRE_FIELD_COUNT];
};

/* How many bytes the frame that begins with these has in all; 0: no frame of ours, or a too long
 * one. */
size_t
wire_frame_len(const unsigned char head[WIRE_HEAD_BYTES]);
/* False: not exactly one good frame. out borrows from bytes. */
bool
wire_read(const void *bytes, size_t len, struct wire_frame *out)
    __attribute__((warn_unused_result));
/* fallback when the field was not there. */
uint32_t
wire_number(const struct wire_frame *frame, enum wire_field field, uint32_t fallback);
/* A copy with its NUL; false (and out empty) when the field was not there or does not fit. */
bool
wire_copy(const struct wire_frame *frame, enum wire_field field, char *out, size_t room);

/* Writing into the caller's bytes. One put too large or not allowed spoils the frame; wire_end says
 * so. */
struct wire_out {
	unsigned char *bytes;
	size_t room, len;
	bool is_spoilt;
};
void
wire_begin(struct wire_out *out, void *bytes, size_t room, enum wire_kind kind);
/* ptr NULL: the field is left out. */
void
wire_put(struct wire_out *out, enum wire_field field, const char *ptr, size_t len);
void
wire_put_c(struct wire_out *out, enum wire_field field, const char *text);
void
wire_put_number(struct wire_out *out, enum wire_field field, uint32_t number);
/* Length of the whole frame; 0: it did not fit or held what no frame may hold. */
size_t
wire_end(struct wire_out *out) __attribute__((warn_unused_result));

#endif
