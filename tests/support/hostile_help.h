/* SPDX-License-Identifier: MIT */
/* A server that says what it is told to, whatever it is asked. Include after cmocka.h. */
#ifndef LK_TESTS_HOSTILE_HELP_H
#define LK_TESTS_HOSTILE_HELP_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/store_help.h"

struct fake {
	struct help_redis place;
	const char *hello;
	const char *reply; /* to everything else; NULL: ends the connection */
	size_t reply_len;
	bool is_at_once; /* to a loop, whose question comes with its greeting */
	bool is_slow;	 /* one byte in 20 ms */
	bool is_endless; /* the reply again and again */
	bool is_short;	 /* the connection ends behind the reply */
};

static void
drain(int fd)
{
	static char bytes[65536];
	struct pollfd readable = {fd, POLLIN, 0};

	do {
		if (read(fd, bytes, sizeof bytes) <= 0)
			_exit(0);
	} while (poll(&readable, 1, 5) > 0);
}

static void
say(const struct fake *fake, int fd)
{
	size_t piece = fake->is_slow ? 1 : fake->reply_len;

	do {
		for (size_t at = 0; at < fake->reply_len; at += piece) {
			if (send(fd, fake->reply + at, piece, MSG_NOSIGNAL) < 0)
				return;
			if (fake->is_slow)
				help_sleep_ms(20);
		}
	} while (fake->is_endless);
}

/* One byte more in the file "asked" for each question. */
static void
note_question(const struct fake *fake)
{
	char path[HELP_PATH_BYTES];
	int fd =
	    open(help_path(path, fake->place.folder, "asked"), O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd < 0 || write(fd, "?", 1) != 1)
		_exit(1);
	close(fd);
}

static long
question_count(const struct fake *fake)
{
	char path[HELP_PATH_BYTES];
	struct stat status;

	if (stat(help_path(path, fake->place.folder, "asked"), &status) != 0)
		return 0;
	return (long)status.st_size;
}

/* Each connection in a process of its own, for as long as the fake lives. */
static void
serve(const struct fake *fake, int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	drain(fd);
	if (send(fd, fake->hello, strlen(fake->hello), MSG_NOSIGNAL) < 0)
		_exit(0);
	for (bool is_at_once = fake->is_at_once;; is_at_once = false) {
		if (!is_at_once)
			drain(fd);
		note_question(fake);
		if (fake->reply == NULL)
			_exit(0);
		say(fake, fd);
		if (fake->is_short)
			_exit(0);
	}
}

static void
fake_run(const struct fake *fake, int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0)
			serve(fake, fd);
		close(fd);
	}
}

static void
fake_start(struct fake *fake)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	help_folder(fake->place.folder);
	help_path(fake->place.socket, fake->place.folder, "s");
	snprintf(fake->place.url, sizeof fake->place.url, "unix://%s", fake->place.socket);
	assert_true(strlen(fake->place.socket) < sizeof address.sun_path);
	memcpy(address.sun_path, fake->place.socket, strlen(fake->place.socket));
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 16), 0);
	fake->place.pid = fork();
	if (fake->place.pid == 0)
		fake_run(fake, listener);
	close(listener);
}

#endif
