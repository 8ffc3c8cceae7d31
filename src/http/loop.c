/* SPDX-License-Identifier: MIT */
/*
 * One worker's loop. The library is told to run each time round, after everything that may have
 * resumed a connection; its own threads are not used (they stall at 128 ready sockets), and only
 * this thread resumes (from another, wake-ups are lost).
 */
#include "http/visit.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_MAX 64
/* The longest any request may take: by then the store and the lanes have answered. */
#define END_MS 6000

int64_t
worker_now(const struct worker *worker)
{
	return lk_clock_mono_ms(worker->http->clock);
}

void
worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	/* Full means that it will wake anyway. */
	if (write(worker->wake_fd, &one, sizeof one) < 0)
		return;
}

void
worker_want(struct worker *worker, enum worker_stage stage)
{
	pthread_mutex_lock(&worker->lock);
	worker->wanted = stage;
	pthread_mutex_unlock(&worker->lock);
	worker_wake(worker);
}

void
worker_watch(void *context, int fd, uint32_t events)
{
	struct worker *worker = context;
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (events == 0)
		(void)epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(worker->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
		(void)epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
woken(struct worker *worker)
{
	uint64_t count;

	if (read(worker->wake_fd, &count, sizeof count) < 0)
		return;
}

static bool
is_library(const struct worker *worker, int fd)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(worker->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (info->epoll_fd == fd)
		return true;
	if (worker->metrics_daemon == NULL)
		return false;
	info = MHD_get_daemon_info(worker->metrics_daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return info->epoll_fd == fd;
}

static void
happened(struct worker *worker, const struct epoll_event *event)
{
	if (event->data.fd == worker->wake_fd)
		woken(worker);
	else if (!is_library(worker, event->data.fd))
		store_async_ready(worker->store, event->data.fd, event->events);
}

/* What the lanes gave back, oldest first. */
static struct visit *
finished_take(struct worker *worker, enum worker_stage *out_wanted)
{
	struct visit *newest, *oldest = NULL;

	pthread_mutex_lock(&worker->lock);
	newest = worker->finished;
	worker->finished = NULL;
	*out_wanted = worker->wanted;
	pthread_mutex_unlock(&worker->lock);
	while (newest != NULL) {
		struct visit *visit = newest;

		newest = visit->next;
		visit->next = oldest;
		oldest = visit;
	}
	return oldest;
}

static void
finished_answer(struct visit *visit)
{
	while (visit != NULL) {
		struct visit *next = visit->next;

		answer_finished(visit);
		visit = next;
	}
}

/* The disk works while the library does. */
static void
notes_go(struct worker *worker)
{
	if (worker->noted != NULL)
		audit_notes_go(worker->noted);
	worker->noted = NULL;
}

static void
library_run(struct worker *worker)
{
	MHD_run(worker->daemon);
	answers_suspend(worker);
}

/* Who knocked before is let in; nobody after. */
static void
listener_close(struct worker *worker)
{
	int fd;

	library_run(worker);
	fd = MHD_quiesce_daemon(worker->daemon);
	if (fd >= 0)
		close(fd);
}

static void
stage_reach(struct worker *worker, enum worker_stage stage)
{
	worker->stage = stage;
	pthread_mutex_lock(&worker->lock);
	worker->reached = stage;
	pthread_cond_broadcast(&worker->has_moved);
	pthread_mutex_unlock(&worker->lock);
}

static void
stage_move(struct worker *worker, enum worker_stage wanted)
{
	if (worker->stage == WORKER_SERVES && wanted > WORKER_SERVES) {
		listener_close(worker);
		stage_reach(worker, WORKER_DRAINS);
	}
	if (worker->stage == WORKER_DRAINS && (wanted > WORKER_DRAINS || worker->visit_count == 0))
		stage_reach(worker, WORKER_QUIET);
	if (worker->stage == WORKER_QUIET && wanted == WORKER_ENDS) {
		worker->ends_mono_ms = worker_now(worker) + END_MS;
		stage_reach(worker, WORKER_ENDS);
		answers_hurry(worker);
	}
}

static int
library_wait_ms(struct MHD_Daemon *daemon, int most_ms)
{
	MHD_UNSIGNED_LONG_LONG wanted_ms;

	if (daemon == NULL || MHD_get_timeout(daemon, &wanted_ms) != MHD_YES)
		return most_ms;
	return wanted_ms < (MHD_UNSIGNED_LONG_LONG)most_ms ? (int)wanted_ms : most_ms;
}

static int
wait_ms(struct worker *worker)
{
	int store_ms = store_async_tick(worker->store);
	int most_ms = timers_next_ms(&worker->timers, worker_now(worker));

	if (worker->has_resumed)
		return 0;
	if (store_ms < most_ms)
		most_ms = store_ms;
	most_ms = library_wait_ms(worker->daemon, most_ms);
	return library_wait_ms(worker->metrics_daemon, most_ms);
}

static void
turn(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];
	enum worker_stage wanted;
	int i, count = epoll_wait(worker->epoll_fd, events, EVENTS_MAX, wait_ms(worker));

	worker->turn_mono_ms = worker_now(worker);
	for (i = 0; i < count; i++)
		happened(worker, &events[i]);
	notes_go(worker);
	finished_answer(finished_take(worker, &wanted));
	timers_run(&worker->timers, worker->turn_mono_ms);
	stage_move(worker, wanted);
	worker->has_resumed = false;
	library_run(worker);
	if (worker->metrics_daemon != NULL)
		MHD_run(worker->metrics_daemon);
	lk_log_lines_write(&worker->log_lines);
}

static bool
has_ended(const struct worker *worker)
{
	return worker->stage == WORKER_ENDS &&
	       (worker->visit_count == 0 || worker_now(worker) > worker->ends_mono_ms);
}

void
worker_run(struct worker *worker)
{
	while (!has_ended(worker))
		turn(worker);
}
