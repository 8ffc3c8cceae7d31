/* SPDX-License-Identifier: MIT */
#include "client/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "client/wire.h"

static int64_t
now_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns true when fd is ready; false past the deadline. */
static bool
wait_for(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd place = {.fd = fd, .events = events};
		int64_t left = deadline_ms - now_ms();
		int ready;

		if (left <= 0)
			return false;
		ready = poll(&place, 1, (int)left);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
}

/* A full queue of the daemon is EAGAIN, which no poll waits for: look again until the deadline. */
static bool
connect_by(int fd, const struct sockaddr_un *where, int64_t deadline_ms)
{
	while (connect(fd, (const struct sockaddr *)where, sizeof(*where)) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return errno == EISCONN;
		if (now_ms() >= deadline_ms)
			return false;
		(void)poll(NULL, 0, 20);
	}
	return true;
}

static bool
peer_is_right(int fd, uid_t daemon_uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof(peer))
		return false;
	return peer.uid == 0 || peer.uid == daemon_uid;
}

static bool
send_all(int fd, const unsigned char *bytes, size_t len, int64_t deadline_ms)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (sent < 0 && errno == EAGAIN && !wait_for(fd, POLLOUT, deadline_ms))
			return false;
		if (sent > 0) {
			bytes += sent;
			len -= (size_t)sent;
		}
	}
	return true;
}

static bool
receive_all(int fd, unsigned char *bytes, size_t len, int64_t deadline_ms)
{
	while (len > 0) {
		ssize_t got;

		if (!wait_for(fd, POLLIN, deadline_ms))
			return false;
		got = recv(fd, bytes, len, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (got > 0) {
			bytes += got;
			len -= (size_t)got;
		}
	}
	return true;
}

static bool
receive_frame(int fd, unsigned char *answer, int64_t deadline_ms, size_t *out_len)
{
	size_t len;

	if (!receive_all(fd, answer, WIRE_HEAD_BYTES, deadline_ms))
		return false;
	len = wire_frame_len(answer);
	if (len == 0 ||
	    !receive_all(fd, answer + WIRE_HEAD_BYTES, len - WIRE_HEAD_BYTES, deadline_ms))
		return false;
	*out_len = len;
	return true;
}

/* A descriptor 0, 1 or 2 would be taken for standard input or output by the program we live in. */
static int
socket_make(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)close(fd);
	return higher;
}

/* What goes each way in one exchange. */
struct exchange {
	const void *bytes;
	size_t len;
	void *answer;
	size_t *out_len;
};

static enum transport_end
exchange_on(int fd, const struct latchkey *latchkey, const struct exchange *exchange,
	    int64_t deadline_ms)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	size_t path_len = strlen(latchkey->socket_path);

	if (path_len == 0 || path_len >= sizeof(where.sun_path))
		return TRANSPORT_DOWN;
	memcpy(where.sun_path, latchkey->socket_path, path_len);
	if (!connect_by(fd, &where, deadline_ms))
		return errno == EACCES ? TRANSPORT_WRONG_PEER : TRANSPORT_DOWN;
	if (!peer_is_right(fd, latchkey->daemon_uid))
		return TRANSPORT_WRONG_PEER;
	if (!send_all(fd, exchange->bytes, exchange->len, deadline_ms))
		return TRANSPORT_DOWN;
	if (!receive_frame(fd, exchange->answer, deadline_ms, exchange->out_len))
		return TRANSPORT_DOWN;
	return TRANSPORT_OK;
}

enum transport_end
transport_unix_exchange(struct latchkey *latchkey, const void *bytes, size_t len, void *answer,
			size_t *out_len)
{
	const struct exchange exchange = {bytes, len, answer, out_len};
	int64_t began_ms = now_ms(), took_ms;
	enum transport_end end;
	int fd;

	if (latchkey->budget_ms <= 0)
		return TRANSPORT_DOWN;
	fd = socket_make();
	if (fd < 0)
		return TRANSPORT_DOWN;
	end = exchange_on(fd, latchkey, &exchange, began_ms + latchkey->budget_ms);
	(void)close(fd);
	took_ms = now_ms() - began_ms;
	latchkey->budget_ms =
	    took_ms >= latchkey->budget_ms ? 0 : latchkey->budget_ms - (int)took_ms;
	return end;
}
