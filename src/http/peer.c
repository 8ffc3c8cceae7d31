/* SPDX-License-Identifier: MIT */
#include "http/visit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The library's own time-out starts anew with every byte; this one does not. */
static void
deadline_passed(struct timer *timer)
{
	struct peer *peer = (struct peer *)((char *)timer - offsetof(struct peer, deadline));
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(peer->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (info != NULL)
		(void)shutdown(info->connect_fd, SHUT_RDWR);
}

struct peer *
peer_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

void
peer_expect(struct peer *peer, int timeout_ms)
{
	timer_set(&peer->worker->timers, &peer->deadline, peer->worker->turn_mono_ms + timeout_ms);
}

void
peer_rest(struct peer *peer)
{
	timer_set(&peer->worker->timers, &peer->deadline, INT64_MAX);
}

/* Two timers a connection: its own, and the one of the request on it. */
static bool
timers_make_room(struct timers *timers)
{
	if (!timers_reserve(timers))
		return false;
	if (timers_reserve(timers))
		return true;
	timers_release(timers);
	return false;
}

static void
ipv4_write(const struct sockaddr *from, char *text, socklen_t room)
{
	struct sockaddr_in address;

	memcpy(&address, from, sizeof address);
	(void)inet_ntop(AF_INET, &address.sin_addr, text, room);
}

static void
ipv6_write(const struct sockaddr *from, char *text, socklen_t room)
{
	struct sockaddr_in6 address;

	memcpy(&address, from, sizeof address);
	(void)inet_ntop(AF_INET6, &address.sin6_addr, text, room);
}

static void
address_write(struct peer *peer)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(peer->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (info != NULL && info->client_addr->sa_family == AF_INET)
		ipv4_write(info->client_addr, peer->address, sizeof peer->address);
	else if (info != NULL && info->client_addr->sa_family == AF_INET6)
		ipv6_write(info->client_addr, peer->address, sizeof peer->address);
}

/* Without memory for the peer nobody gives the certificate back: it stays until the end. */
static struct peer *
peer_open(struct worker *worker, struct MHD_Connection *connection)
{
	struct certificates *certificates = worker->http->certificates;
	struct certificate *certificate =
	    certificates == NULL ? NULL : certificates_hold(certificates);
	struct peer *peer = calloc(1, sizeof *peer);

	if (peer == NULL || !timers_make_room(&worker->timers)) {
		free(peer);
		return NULL;
	}
	peer->worker = worker;
	peer->certificate = certificate;
	peer->connection = connection;
	address_write(peer);
	peer->deadline.fire = deadline_passed;
	peer_expect(peer, worker->http->head_timeout_ms);
	metric_move_http_connections(worker->http->metrics, METRIC_NONE, METRIC_NONE, 1);
	return peer;
}

static void
peer_close(struct peer *peer)
{
	struct worker *worker = peer->worker;

	if (peer->visit != NULL)
		visit_end(peer->visit);
	if (peer->certificate != NULL)
		certificates_drop(worker->http->certificates, peer->certificate);
	timer_clear(&worker->timers, &peer->deadline);
	timers_release(&worker->timers);
	timers_release(&worker->timers);
	metric_move_http_connections(worker->http->metrics, METRIC_NONE, METRIC_NONE, -1);
	free(peer);
}

void
peer_notify(void *context, struct MHD_Connection *connection, void **socket_context,
	    enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context = peer_open(context, connection);
	else if (*socket_context != NULL)
		peer_close(*socket_context);
}
