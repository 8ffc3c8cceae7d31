/* SPDX-License-Identifier: MIT */
/*
 * A wire between a store and its Redis, each way of each connection carried by a process of its
 * own: stop one, and that way falls silent without anything being cut. Include after cmocka.h.
 */
#ifndef LK_TESTS_WIRE_HELP_H
#define LK_TESTS_WIRE_HELP_H

#include <sys/socket.h>
#include <sys/un.h>

#include "support/redis_help.h"

struct help_wire {
	struct help_redis end; /* its url is for the store; its socket is the wire's */
	const struct help_redis *redis;
};

static inline int
help_wire_socket(const char *path, bool is_listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct sockaddr *where = (struct sockaddr *)&address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	if (is_listener ? bind(fd, where, sizeof address) : connect(fd, where, sizeof address))
		return -1;
	return is_listener && listen(fd, 16) != 0 ? -1 : fd;
}

/* From one to the other until either ends; then both do. */
static inline pid_t
help_wire_carry(int from, int to)
{
	static char bytes[65536];
	pid_t pid = fork();
	ssize_t n;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((n = read(from, bytes, sizeof bytes)) > 0)
		if (send(to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	shutdown(from, SHUT_RDWR);
	shutdown(to, SHUT_RDWR);
	_exit(0);
}

/* The file that says who carries it: "up down". Written whole, or not there. */
static inline void
help_wire_note(const struct help_wire *wire, int connection, pid_t up, pid_t down)
{
	char name[32], half[HELP_PATH_BYTES], whole[HELP_PATH_BYTES], text[64];
	int fd, len = snprintf(text, sizeof text, "%d %d", (int)up, (int)down);

	fd = open(help_path(half, wire->end.folder, "half"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	snprintf(name, sizeof name, "connection%d", connection);
	if (fd < 0 || write(fd, text, (size_t)len) != len ||
	    rename(half, help_path(whole, wire->end.folder, name)) != 0)
		_exit(1);
	close(fd);
}

static inline void
help_wire_run(const struct help_wire *wire, int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (int connection = 0;; connection++) {
		int near = accept(listener, NULL, NULL);
		int far = help_wire_socket(wire->redis->socket, false);

		if (near >= 0 && far >= 0)
			help_wire_note(wire, connection, help_wire_carry(near, far),
				       help_wire_carry(far, near));
		close(near);
		close(far);
	}
}

static inline void
help_wire_start(struct help_wire *wire, const struct help_redis *redis)
{
	int listener;

	wire->redis = redis;
	help_folder(wire->end.folder);
	help_path(wire->end.socket, wire->end.folder, "w");
	snprintf(wire->end.url, sizeof wire->end.url, "unix://%s?db=1", wire->end.socket);
	listener = help_wire_socket(wire->end.socket, true);
	assert_true(listener >= 0);
	wire->end.pid = fork();
	if (wire->end.pid == 0)
		help_wire_run(wire, listener);
	close(listener);
}

/* Who carries this connection, counted from 0, up or down; 0: there is no such connection yet. */
static inline pid_t
help_wire_carrier(const struct help_wire *wire, int connection, bool is_up)
{
	char name[32], path[HELP_PATH_BYTES], text[64] = "";
	int up = 0, down = 0, fd;

	snprintf(name, sizeof name, "connection%d", connection);
	fd = open(help_path(path, wire->end.folder, name), O_RDONLY);
	if (fd < 0)
		return 0;
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	assert_int_equal(sscanf(text, "%d %d", &up, &down), 2);
	return is_up ? up : down;
}

static inline void
help_wire_end(struct help_wire *wire)
{
	help_redis_end(&wire->end);
}

#endif
