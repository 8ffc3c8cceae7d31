/* SPDX-License-Identifier: MIT */
/* Whatever a process sends in whatever pieces, its connection waits, ends, or holds one good frame,
 * and the frame behind it is read from its own first byte. */
/* Folders: local/conn.c local/peer.c client crypto base */
/* Libraries: libsodium liboath jansson */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "local/conn.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* How many frames stand one behind the other from the start. */
static size_t
frames_count(const uint8_t *bytes, size_t len)
{
	size_t count = 0;

	while (len >= WIRE_HEAD_BYTES) {
		size_t one = wire_frame_len(bytes);
		struct wire_frame frame;

		if (one == 0 || one > len || !wire_read(bytes, one, &frame) ||
		    frame.kind == WIRE_ANSWER)
			return count;
		count++;
		bytes += one;
		len -= one;
	}
	return count;
}

static size_t
conn_read_all(struct conn *conn)
{
	size_t count = 0;

	while (conn->state == CONN_READING && conn_read(conn)) {
		count++;
		conn_answer_plain(conn, WIRE_VERDICT_UNAVAILABLE, 0);
		must(conn->out_len > 0);
		conn->state = CONN_WRITING;
		conn_write(conn, 0);
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct ucred peer = {0};
	struct conn *conn;
	size_t seen = 0, half = len / 2;
	int fds[2];

	if (len > 65536)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	conn = conn_new(fds[0], CONN_PAM, &peer);
	must(conn != NULL);
	must(send(fds[1], bytes, half, MSG_NOSIGNAL) == (ssize_t)half);
	seen += conn_read_all(conn);
	if (conn->state != CONN_ENDED) {
		must(send(fds[1], bytes + half, len - half, MSG_NOSIGNAL) == (ssize_t)(len - half));
		seen += conn_read_all(conn);
	}
	must(seen == frames_count(bytes, len));
	conn_free(conn);
	(void)close(fds[1]);
	return 0;
}
