/* SPDX-License-Identifier: MIT */
/*
 * What the HTTP library can do at its best, for tests/bench: one epoll loop, one answer, the same
 * bytes for every request. usage: bare_server PORT BODY-FILE
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define BODY_MAX_BYTES 131072

static char body[BODY_MAX_BYTES];
static size_t body_len;

/* Headers as many as a page of ours has. */
static const char *const headers[][2] = {
    {"Content-Type", "text/html; charset=utf-8"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "
				"img-src 'self'; form-action 'self'; base-uri 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Language", "en"},
};

static enum MHD_Result
bare_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	     const char *version, const char *upload, size_t *upload_len, void **request)
{
	static int seen;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)context, (void)url, (void)method, (void)version, (void)upload;
	if (*request == NULL) {
		*request = &seen;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		*upload_len = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(body_len, body, MHD_RESPMEM_MUST_COPY);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		(void)MHD_add_response_header(response, headers[i][0], headers[i][1]);
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return result;
}

static void
serve(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct epoll_event event = {.events = EPOLLIN};
	int loop = epoll_create1(EPOLL_CLOEXEC);

	(void)epoll_ctl(loop, EPOLL_CTL_ADD, info->epoll_fd, &event);
	for (;;) {
		MHD_UNSIGNED_LONG_LONG wait_ms = 1000;

		if (MHD_get_timeout(daemon, &wait_ms) != MHD_YES || wait_ms > 1000)
			wait_ms = 1000;
		(void)epoll_wait(loop, &event, 1, (int)wait_ms);
		(void)MHD_run(daemon);
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct MHD_Daemon *daemon;
	FILE *file;

	if (argc != 3 || (file = fopen(argv[2], "rb")) == NULL)
		return 2;
	body_len = fread(body, 1, sizeof(body), file);
	fclose(file);
	address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	daemon = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, bare_request, NULL, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	serve(daemon);
}
