/* SPDX-License-Identifier: MIT */
#include "local/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "local/peer.h"

/* Room for both frames and what a flow usually needs. */
#define ARENA_FIRST_BYTES (4u * WIRE_FRAME_MAX_BYTES)

struct conn *
conn_new(int fd, enum conn_door door, const struct ucred *peer)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->fd = fd;
	conn->door = door;
	conn->peer = *peer;
	conn->state = CONN_READING;
	return conn;
}

void
conn_free(struct conn *conn)
{
	(void)close(conn->fd);
	lk_arena_free(conn->arena);
	free(conn);
}

static bool
buffers_make(struct conn *conn)
{
	if (conn->in != NULL)
		return true;
	if (conn->arena == NULL)
		conn->arena = lk_arena_new(ARENA_FIRST_BYTES, LOCAL_ARENA_MAX_BYTES);
	if (conn->arena == NULL)
		return false;
	conn->in = lk_arena_alloc(conn->arena, WIRE_FRAME_MAX_BYTES);
	conn->out = lk_arena_alloc(conn->arena, WIRE_FRAME_MAX_BYTES);
	return conn->in != NULL && conn->out != NULL;
}

/* Up to want bytes in all; false: not there yet, or the end. */
static bool
read_up_to(struct conn *conn, size_t want)
{
	while (conn->in_len < want) {
		ssize_t got = recv(conn->fd, conn->in + conn->in_len, want - conn->in_len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return false;
		if (got <= 0) {
			conn->state = CONN_ENDED;
			return false;
		}
		conn->in_len += (size_t)got;
	}
	return true;
}

static bool
frame_is_asked(const struct conn *conn)
{
	return conn->frame.kind == WIRE_AUTH || conn->frame.kind == WIRE_ACCOUNT ||
	       conn->frame.kind == WIRE_CHANGE || conn->frame.kind == WIRE_ADMIN;
}

bool
conn_read(struct conn *conn)
{
	size_t len;

	if (!buffers_make(conn)) {
		conn->state = CONN_ENDED;
		return false;
	}
	if (!read_up_to(conn, WIRE_HEAD_BYTES))
		return false;
	len = wire_frame_len(conn->in);
	if (len != 0 && !read_up_to(conn, len))
		return false;
	if (len == 0 || !wire_read(conn->in, len, &conn->frame) || !frame_is_asked(conn)) {
		conn->state = CONN_ENDED;
		return false;
	}
	return true;
}

/* Everything of the last question goes; buffers are made anew with the next byte. */
static void
next_begin(struct conn *conn, int64_t now_ms)
{
	lk_arena_reset(conn->arena);
	conn->in = conn->out = NULL;
	conn->in_len = conn->out_len = conn->out_sent = 0;
	conn->state = CONN_READING;
	conn->deadline_mono_ms = now_ms + LOCAL_FRAME_MS;
}

void
conn_write(struct conn *conn, int64_t now_ms)
{
	while (conn->out_sent < conn->out_len) {
		ssize_t sent = send(conn->fd, conn->out + conn->out_sent,
				    conn->out_len - conn->out_sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0) {
			conn->state = CONN_ENDED;
			return;
		}
		conn->out_sent += (size_t)sent;
	}
	next_begin(conn, now_ms);
}

void
conn_answer_plain(struct conn *conn, enum wire_verdict verdict, uint32_t reason)
{
	struct wire_out out;

	wire_begin(&out, conn->out, WIRE_FRAME_MAX_BYTES, WIRE_ANSWER);
	wire_put_number(&out, WIRE_VERDICT, verdict);
	if (reason != 0)
		wire_put_number(&out, WIRE_REASON, reason);
	conn->out_len = wire_end(&out);
}

static struct lk_str
reference_of(const struct conn *conn)
{
	return lk_str_n(conn->reference, CRYPTO_REFERENCE_LEN);
}

static void
pam_run(struct flow *flow, struct conn *conn)
{
	const struct pam_question question = {
	    .frame = &conn->frame,
	    .peer_uid = conn->peer.uid,
	    .peer_pid = conn->peer.pid,
	    .reference = reference_of(conn),
	};
	struct wire_frame answered;
	struct wire_out out;

	wire_begin(&out, conn->out, WIRE_FRAME_MAX_BYTES, WIRE_ANSWER);
	flow->began_mono_ms = conn->began_mono_ms;
	flow->not_before_mono_ms = 0;
	conn->settings->pam_answer(flow, &question, &out);
	conn->not_before_mono_ms = flow->not_before_mono_ms;
	conn->out_len = wire_end(&out);
	if (conn->out_len == 0 || !wire_read(conn->out, conn->out_len, &answered) ||
	    answered.value[WIRE_VERDICT].ptr == NULL)
		conn_answer_plain(conn, WIRE_VERDICT_UNAVAILABLE, 0);
}

static void
admin_answer_put(struct conn *conn, const struct lk_buf *json)
{
	struct lk_str text = lk_buf_str(json);
	struct wire_out out;

	wire_begin(&out, conn->out, WIRE_FRAME_MAX_BYTES, WIRE_ANSWER);
	wire_put_number(&out, WIRE_VERDICT, WIRE_VERDICT_DONE);
	wire_put(&out, WIRE_JSON, text.ptr, text.len);
	conn->out_len = lk_buf_is_ok(json) && text.len > 0 ? wire_end(&out) : 0;
	if (conn->out_len == 0)
		conn_answer_plain(conn, WIRE_VERDICT_UNAVAILABLE, 0);
}

static void
admin_ask(struct flow *flow, struct conn *conn, const char *user, const struct lk_json *asked)
{
	const struct admin_question question = {
	    .asked = asked,
	    .peer_uid = conn->peer.uid,
	    .peer_user = lk_str_c(user),
	    .reference = reference_of(conn),
	};
	LK_AUTO_BUF json;

	lk_buf_init(&json, ADMIN_ANSWER_MAX_BYTES);
	conn->settings->admin_answer(flow, &question, &json);
	admin_answer_put(conn, &json);
}

static void
admin_run(struct flow *flow, struct conn *conn)
{
	struct wire_value text = conn->frame.value[WIRE_JSON];
	struct lk_json *asked = NULL;
	char user[PEER_NAME_BYTES];

	peer_name(conn->peer.uid, user);
	if (!peer_is_admin(flow->fast->conf, conn->peer.uid, user)) {
		lk_log(flow->fast->log, LK_LOG_WARNING, "admin_refused", reference_of(conn),
		       "uid %u is not one of admin_users", (unsigned)conn->peer.uid);
		conn_answer_plain(conn, WIRE_VERDICT_REFUSED, WIRE_REASON_NOT_ALLOWED);
		return;
	}
	if (lk_json_read(lk_str_n(text.ptr, text.len), ADMIN_ANSWER_MAX_BYTES, &asked) != LK_OK ||
	    !lk_json_is_object(asked))
		conn_answer_plain(conn, WIRE_VERDICT_REFUSED, 0);
	else
		admin_ask(flow, conn, user, asked);
	lk_json_free(asked);
}

void
conn_job_run(struct flow *flow, struct lane_job *job)
{
	struct conn *conn = (struct conn *)job;

	if (conn->door == CONN_PAM)
		pam_run(flow, conn);
	else
		admin_run(flow, conn);
}
