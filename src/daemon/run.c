/* SPDX-License-Identifier: MIT */
/* Main's own loop: signals come by descriptor, so that no handler runs anywhere. */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "flow/signing_order.h"

static int
signals_open(void)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
hang_up(struct daemon *daemon)
{
	notify_reloading(lk_clock_mono_ms(daemon->clock) * 1000);
	lk_why_clear(&daemon->why);
	if (audit_reopen(daemon->audit, &daemon->why) != LK_OK)
		lk_log(&daemon->log, LK_LOG_ERROR, "audit", LK_STR(""),
		       "the audit log could not be reopened: %s", daemon->why.text);
	daemon_reload(daemon);
	daemon->wants_keys = true;
	notify_ready();
}

static void
signals_read(struct daemon *daemon, int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP)
			hang_up(daemon);
		else
			daemon->must_stop = true;
	}
}

static void
status_tell(const struct daemon *daemon)
{
	if (!daemon->is_audit_up)
		notify_alive("The audit log cannot be written.");
	else if (daemon->store_health != STORE_HEALTH_OK)
		notify_alive("The store does not answer.");
	else if (daemon->lacks_replicas)
		notify_alive("The store lacks its replicas.");
	else if (!daemon->is_directory_up)
		notify_alive("The directory does not answer.");
	else
		notify_alive("People can sign in.");
}

/* Signals, orders, trouble, or the time is over. True: look again at once. */
static bool
happened(struct daemon *daemon, int signals_fd, int wait_ms)
{
	struct pollfd wakers[] = {
	    {signals_fd, POLLIN, 0},
	    {signing_orders_fd(signing_orders(daemon->signing)), POLLIN, 0},
	    {store_shared_trouble_fd(daemon->store_shared), POLLIN, 0},
	};

	if (poll(wakers, sizeof wakers / sizeof *wakers, wait_ms) < 0)
		return false;
	signals_read(daemon, signals_fd);
	return daemon->wants_keys || wakers[1].revents != 0 || wakers[2].revents != 0;
}

void
daemon_run(struct daemon *daemon)
{
	int signals_fd = signals_open();
	int64_t due_mono_ms = 0;

	while (!daemon->must_stop && signals_fd >= 0) {
		int64_t now_mono_ms = lk_clock_mono_ms(daemon->clock);

		if (now_mono_ms >= due_mono_ms) {
			due_mono_ms = now_mono_ms + daemon_watch(daemon);
			status_tell(daemon);
			now_mono_ms = lk_clock_mono_ms(daemon->clock);
		}
		if (happened(daemon, signals_fd,
			     due_mono_ms > now_mono_ms ? (int)(due_mono_ms - now_mono_ms) : 0))
			due_mono_ms = 0;
	}
	if (signals_fd >= 0)
		close(signals_fd);
}
