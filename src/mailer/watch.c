/* SPDX-License-Identifier: MIT */
#include "mailer/watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"

struct watch {
	int signal_fd;
	int folder_fd; /* -1: only time tells */
};

static int
signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return -1;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* A mail comes by being renamed to its name. */
static int
folder_open(const char *dir, struct lk_why *why)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, dir, IN_MOVED_TO | IN_ONLYDIR) >= 0)
		return fd;
	lk_why_add(why, "spool cannot be watched, it is looked at once a minute: %s",
		   strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

enum lk_err
watch_new(const char *dir, struct lk_why *why, struct watch **out)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (watch == NULL)
		return LK_E_MEMORY;
	watch->folder_fd = folder_open(dir, why);
	watch->signal_fd = signals_open();
	if (watch->signal_fd < 0) {
		lk_why_add(why, "signals cannot be heard: %s", strerrordesc_np(errno));
		watch_free(watch);
		return LK_E_BROKEN;
	}
	*out = watch;
	return LK_OK;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->folder_fd >= 0)
		close(watch->folder_fd);
	if (watch->signal_fd >= 0)
		close(watch->signal_fd);
	free(watch);
}

/* The signal is left where it waits, so that every watch sees it. */
bool
watch_is_stopped(const struct watch *watch)
{
	struct pollfd signal = {watch->signal_fd, POLLIN, 0};

	return poll(&signal, 1, 0) == 1;
}

void
watch_fds(const struct watch *watch, int out[2])
{
	out[0] = watch->signal_fd;
	out[1] = watch->folder_fd;
}

/* What came, came: the folder is looked at whole. */
bool
watch_take(struct watch *watch)
{
	bool has_come = false;
	char events[4096];

	while (watch->folder_fd >= 0 && read(watch->folder_fd, events, sizeof events) > 0)
		has_come = true;
	return has_come;
}

/* True when something may have come; folder_fd -1 waits for signals and time only. */
static bool
wait_until(const struct watch *watch, int folder_fd, int64_t until_mono_ms)
{
	struct pollfd fds[] = {{watch->signal_fd, POLLIN, 0}, {folder_fd, POLLIN, 0}};
	int64_t left_ms = until_mono_ms - lk_clock_mono_ms(lk_clock_system());

	if (left_ms <= 0 || watch_is_stopped(watch))
		return true;
	(void)poll(fds, 2, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
	return watch_is_stopped(watch) || fds[1].revents != 0;
}

void
watch_wait(struct watch *watch, int64_t least_ms, int64_t most_ms)
{
	int64_t now_mono_ms = lk_clock_mono_ms(lk_clock_system());

	while (!wait_until(watch, -1, now_mono_ms + least_ms))
		;
	while (!wait_until(watch, watch->folder_fd, now_mono_ms + most_ms))
		;
	(void)watch_take(watch);
}
