/* SPDX-License-Identifier: MIT */
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

struct place {
	struct sockaddr_storage address;
	socklen_t len;
};

static bool
place_find(const struct conf_address *address, struct place *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(address->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, address->host, &v4.sin_addr) == 1) {
		memcpy(&out->address, &v4, sizeof v4);
		out->len = sizeof v4;
		return true;
	}
	if (inet_pton(AF_INET6, address->host, &v6.sin6_addr) != 1)
		return false;
	memcpy(&out->address, &v6, sizeof v6);
	out->len = sizeof v6;
	return true;
}

/* -1 with errno. is_shared: others of ours may listen beside it. */
static int
socket_bind(const struct place *place, bool is_shared)
{
	const struct sockaddr *address = (const struct sockaddr *)&place->address;
	int yes = 1, why;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    (!is_shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0) &&
	    bind(fd, address, place->len) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in6 bound = {0}; /* the port stands at the same place in both families */
	socklen_t len = sizeof bound;

	if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
		return 0;
	return ntohs(bound.sin6_port);
}

static void
port_set(struct place *place, uint16_t port)
{
	struct sockaddr_in6 address;

	memcpy(&address, &place->address, sizeof address);
	address.sin6_port = htons(port);
	memcpy(&place->address, &address, sizeof address);
}

/* Sharing a port must not go as far as sharing it with a stranger: who has it alone, has it. */
static bool
is_free(const struct place *place)
{
	int fd = socket_bind(place, false);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static enum lk_err
refused(const struct conf_address *address, struct lk_why *why)
{
	int fault = errno;

	lk_why_add(why, "cannot listen on %s: %s", address->text, strerror(fault));
	return fault == EADDRINUSE ? LK_E_BUSY : LK_E_BROKEN;
}

enum lk_err
listen_open(const struct conf_address *address, struct lk_why *why, int *out_fds, int count,
	    uint16_t *out_port)
{
	struct place place;
	int i;

	if (!place_find(address, &place)) {
		lk_why_add(why, "cannot listen on %s: no address", address->text);
		return LK_E_BROKEN;
	}
	if (!is_free(&place))
		return refused(address, why);
	for (i = 0; i < count; i++) {
		out_fds[i] = socket_bind(&place, count > 1);
		if (out_fds[i] < 0 || listen(out_fds[i], BACKLOG) != 0)
			break;
		*out_port = port_of(out_fds[i]);
		port_set(&place, *out_port);
	}
	if (i == count)
		return LK_OK;
	(void)refused(address, why);
	while (i >= 0) {
		if (out_fds[i] >= 0)
			close(out_fds[i]);
		i--;
	}
	return LK_E_BROKEN;
}
