/* SPDX-License-Identifier: MIT */
/*
 * What the HTTP library can do at its best, for tests/bench: one epoll loop, one answer with the
 * same bytes, head and body, for every request.
 * usage: bare_server PORT ANSWER-FILE each|once|get [REDIS-PORT]
 *
 *   each  a response is made for every request, as an answer meant for one person must be
 *   once  one response for all
 *   get   as each, and one GET is asked of Redis before it
 */
#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define ANSWER_MAX_BYTES 131072
#define HEADERS_MAX	 32

struct bare {
	char answer[ANSWER_MAX_BYTES];
	char *names[HEADERS_MAX], *values[HEADERS_MAX];
	int header_count;
	char *body;
	size_t body_len;
	struct MHD_Response *once; /* NULL: made for each */
	redisContext *redis;	   /* NULL: not asked */
};

/* Lines of the head are cut into names and values; the body is what follows the blank line. */
static bool
answer_read(struct bare *bare, const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len;
	char *line, *end, *colon;

	if (file == NULL)
		return false;
	len = fread(bare->answer, 1, sizeof bare->answer - 1, file);
	fclose(file);
	for (line = bare->answer; (end = strstr(line, "\r\n")) != NULL; line = end + 2) {
		*end = '\0';
		if (end == line)
			break;
		colon = strstr(line, ": ");
		if (colon == NULL || bare->header_count == HEADERS_MAX)
			return false;
		*colon = '\0';
		bare->names[bare->header_count] = line;
		bare->values[bare->header_count++] = colon + 2;
	}
	if (end == NULL)
		return false;
	bare->body = end + 2;
	bare->body_len = len - (size_t)(bare->body - bare->answer);
	return true;
}

static struct MHD_Response *
response_make(const struct bare *bare)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(bare->body_len, bare->body, MHD_RESPMEM_PERSISTENT);

	for (int i = 0; i < bare->header_count; i++)
		(void)MHD_add_response_header(response, bare->names[i], bare->values[i]);
	return response;
}

static enum MHD_Result
bare_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	     const char *version, const char *upload, size_t *upload_len, void **request)
{
	static int seen;
	const struct bare *bare = context;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)url, (void)method, (void)version, (void)upload;
	if (*request == NULL) {
		*request = &seen;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		*upload_len = 0;
		return MHD_YES;
	}
	if (bare->once != NULL)
		return MHD_queue_response(connection, 200, bare->once);
	if (bare->redis != NULL)
		freeReplyObject(redisCommand(bare->redis, "GET at:0123456789abcdef"));
	response = response_make(bare);
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
	static struct bare bare;
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct MHD_Daemon *daemon;

	if (argc < 4 || !answer_read(&bare, argv[2]))
		return 2;
	if (strcmp(argv[3], "get") == 0) {
		bare.redis = redisConnect("127.0.0.1", argc > 4 ? atoi(argv[4]) : 6379);
		if (bare.redis == NULL || bare.redis->err != 0)
			return 1;
	}
	if (strcmp(argv[3], "once") == 0)
		bare.once = response_make(&bare);
	address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	daemon = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, bare_request, &bare, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	serve(daemon);
}
