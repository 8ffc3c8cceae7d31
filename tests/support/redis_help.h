/* SPDX-License-Identifier: MIT */
/* A Redis of the test's own. Include after cmocka.h. */
#ifndef LK_TESTS_REDIS_HELP_H
#define LK_TESTS_REDIS_HELP_H

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <hiredis/hiredis.h>

#include "support/files_help.h"

struct help_redis {
	char folder[HELP_PATH_BYTES], socket[HELP_PATH_BYTES], url[HELP_PATH_BYTES + 16];
	pid_t pid;
};

static inline void
help_sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

static inline void
help_redis_exec(const struct help_redis *redis, const char *const *extra)
{
	const char *argv[32] = {"redis-server",
				"--port",
				"0",
				"--unixsocket",
				redis->socket,
				"--dir",
				redis->folder,
				"--save",
				"",
				"--maxmemory-policy",
				"noeviction",
				"--loglevel",
				"warning",
				"--repl-diskless-sync-delay",
				"0"};
	size_t count = 15;
	int log = open("/dev/null", O_RDWR);

	for (; extra != NULL && *extra != NULL && count < 31; extra++)
		argv[count++] = *extra;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, 0);
	dup2(log, 1);
	dup2(log, 2);
	execvp(argv[0], (char *const *)argv);
	execv("/usr/sbin/redis-server", (char *const *)argv);
	_exit(127);
}

static inline redisContext *
help_redis_connect(const struct help_redis *redis)
{
	redisContext *there = redisConnectUnix(redis->socket);

	if (there != NULL && there->err != 0) {
		redisFree(there);
		return NULL;
	}
	return there;
}

/* One command as an operator would type it; the reply is yours. */
static inline redisReply *
help_redis_ask(const struct help_redis *redis, const char *command)
{
	redisContext *there = help_redis_connect(redis);
	redisReply *reply;

	assert_non_null(there);
	reply = redisCommand(there, command);
	assert_non_null(reply);
	redisFree(there);
	return reply;
}

static inline void
help_redis_do(const struct help_redis *redis, const char *command)
{
	redisReply *reply = help_redis_ask(redis, command);

	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", command, reply->str);
	freeReplyObject(reply);
}

/* Starts it in its folder, with whatever that folder holds, and waits until it answers. */
static inline void
help_redis_run(struct help_redis *redis, const char *const *extra)
{
	redis->pid = fork();
	assert_true(redis->pid >= 0);
	if (redis->pid == 0)
		help_redis_exec(redis, extra);
	for (int i = 0; i < 1000; i++) {
		redisContext *there = help_redis_connect(redis);
		redisReply *reply = there == NULL ? NULL : redisCommand(there, "PING");
		bool is_up = reply != NULL && reply->type == REDIS_REPLY_STATUS;

		if (reply != NULL)
			freeReplyObject(reply);
		if (there != NULL)
			redisFree(there);
		if (is_up)
			return;
		help_sleep_ms(10);
	}
	fail_msg("redis-server does not answer");
}

static inline void
help_redis_start(struct help_redis *redis, const char *const *extra)
{
	help_folder(redis->folder);
	help_path(redis->socket, redis->folder, "r.sock");
	snprintf(redis->url, sizeof redis->url, "unix://%s?db=1", redis->socket);
	help_redis_run(redis, extra);
}

static inline void
help_redis_kill(struct help_redis *redis)
{
	if (redis->pid > 0) {
		kill(redis->pid, SIGCONT);
		kill(redis->pid, SIGKILL);
		waitpid(redis->pid, NULL, 0);
	}
	redis->pid = 0;
}

static inline void
help_redis_end(struct help_redis *redis)
{
	help_redis_kill(redis);
	help_folder_remove(redis->folder);
}

#endif
