/* SPDX-License-Identifier: MIT */
#include "local/local.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "local/conn.h"
#include "local/listener.h"

#define ACCEPT_A_TURN	64
#define ACCEPT_PAUSE_MS 100
#define WAKE_PLACE	0
#define PAM_PLACE	1
#define ADMIN_PLACE	2
#define CONN_PLACE	3

enum stage { STAGE_OPEN = 1, STAGE_QUIET, STAGE_ENDING };

struct local {
	struct local_settings settings;
	struct listener pam, admin;
	pthread_t thread;
	int wake_fd;
	pthread_mutex_t stage_lock; /* held while a job is handed to the lanes */
	enum stage stage;
	bool is_closed; /* both doors; told by doors_closed */
	pthread_cond_t doors_closed;
	int64_t end_mono_ms; /* ENDING: at the latest */
	pthread_mutex_t done_lock;
	struct conn *done; /* given back by the lanes */
	/* The loop's own. */
	struct conn *conns[LOCAL_CONNECTIONS_MAX];
	size_t conn_count;
	struct pollfd places[CONN_PLACE + LOCAL_CONNECTIONS_MAX];
	int64_t accept_after_mono_ms; /* no descriptors left: do not ask for more before */
};

static void
wake(struct local *local)
{
	const uint64_t one = 1;

	while (write(local->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* --- jobs ------------------------------------------------------------------------------------ */

/* On a lane thread. */
static void
job_done(struct lane_job *job, bool is_run)
{
	struct conn *conn = (struct conn *)job;
	struct local *local = conn->local;

	conn->is_run = is_run;
	(void)pthread_mutex_lock(&local->done_lock);
	conn->done_next = local->done;
	local->done = conn;
	(void)pthread_mutex_unlock(&local->done_lock);
	wake(local);
}

static void
writing_begin(struct conn *conn, int64_t now_ms)
{
	conn->state = CONN_WRITING;
	conn->deadline_mono_ms = now_ms + LOCAL_FRAME_MS;
	conn_write(conn, now_ms);
}

/* Given back by a lane: to be sent now, or when every other refusal would be. */
static void
answered(struct conn *conn, int64_t now_ms)
{
	if (!conn->is_run)
		conn_answer_plain(conn, WIRE_VERDICT_UNAVAILABLE, 0);
	if (!conn->is_run || conn->not_before_mono_ms <= now_ms) {
		writing_begin(conn, now_ms);
		return;
	}
	conn->state = CONN_HELD;
	conn->deadline_mono_ms = conn->not_before_mono_ms;
}

static void
job_fill(struct conn *conn, int64_t now_ms)
{
	const struct local_settings *settings = conn->settings;
	int64_t answer_ms = conn->door == CONN_PAM ? LOCAL_PAM_MS : LOCAL_ADMIN_MS;

	conn->began_mono_ms = now_ms;
	conn->not_before_mono_ms = 0;
	lk_why_clear(&conn->why);
	crypto_reference_make(conn->reference);
	conn->job = (struct lane_job){
	    .run = conn_job_run,
	    .done = job_done,
	    .fast = live_hold(settings->live),
	    .call = {.clock = settings->clock,
		     .arena = conn->arena,
		     .why = &conn->why,
		     .deadline_mono_ms = now_ms + answer_ms},
	};
}

/* A whole frame: to the lanes, or answered at once. */
static void
frame_take(struct local *local, struct conn *conn, int64_t now_ms)
{
	bool is_admin = conn->frame.kind == WIRE_ADMIN;
	enum lk_err err = LK_E_BUSY;

	if (is_admin != (conn->door == CONN_ADMIN)) {
		conn_answer_plain(conn, WIRE_VERDICT_REFUSED, WIRE_REASON_NOT_ALLOWED);
		writing_begin(conn, now_ms);
		return;
	}
	job_fill(conn, now_ms);
	conn->state = CONN_WORKING;
	(void)pthread_mutex_lock(&local->stage_lock);
	if (local->stage == STAGE_OPEN)
		err = lane_submit(local->settings.lanes, &conn->job);
	(void)pthread_mutex_unlock(&local->stage_lock);
	if (err == LK_OK)
		return;
	live_drop(local->settings.live, conn->job.fast);
	conn_answer_plain(conn, WIRE_VERDICT_UNAVAILABLE, 0);
	writing_begin(conn, now_ms);
}

static void
done_take(struct local *local, int64_t now_ms)
{
	uint64_t count;
	struct conn *conn;

	while (read(local->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	(void)pthread_mutex_lock(&local->done_lock);
	conn = local->done;
	local->done = NULL;
	(void)pthread_mutex_unlock(&local->done_lock);
	while (conn != NULL) {
		struct conn *next = conn->done_next;

		live_drop(local->settings.live, conn->job.fast);
		answered(conn, now_ms);
		conn = next;
	}
}

/* --- connections ----------------------------------------------------------------------------- */

/* One user must not keep sshd's people out, nor all users together. */
static bool
has_room_for(const struct local *local, enum conn_door door, uid_t uid)
{
	size_t own = 0, users = 0, admin = 0;

	for (size_t i = 0; i < local->conn_count; i++) {
		const struct conn *conn = local->conns[i];

		own += conn->peer.uid == uid;
		users += conn->peer.uid != 0;
		admin += conn->door == CONN_ADMIN;
	}
	if (local->conn_count >= LOCAL_CONNECTIONS_MAX)
		return false;
	if (door == CONN_ADMIN && admin >= LOCAL_CONNECTIONS_ADMIN)
		return false;
	return uid == 0 || (own < LOCAL_CONNECTIONS_A_USER && users < LOCAL_CONNECTIONS_USERS);
}

static void
conn_add(struct local *local, int fd, enum conn_door door, int64_t now_ms)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct conn *conn = NULL;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && len == sizeof(peer) &&
	    has_room_for(local, door, peer.uid))
		conn = conn_new(fd, door, &peer);
	if (conn == NULL) {
		(void)close(fd);
		return;
	}
	conn->local = local;
	conn->settings = &local->settings;
	conn->deadline_mono_ms = now_ms + LOCAL_FRAME_MS;
	local->conns[local->conn_count++] = conn;
}

static void
accept_some(struct local *local, const struct listener *listener, enum conn_door door,
	    int64_t now_ms)
{
	for (int i = 0; i < ACCEPT_A_TURN; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			conn_add(local, fd, door, now_ms);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			local->accept_after_mono_ms = now_ms + ACCEPT_PAUSE_MS;
		return;
	}
}

static void
conn_turn(struct local *local, struct conn *conn, short events, int64_t now_ms)
{
	if (conn->state == CONN_READING && events != 0 && conn_read(conn))
		frame_take(local, conn, now_ms);
	else if (conn->state == CONN_WRITING && events != 0)
		conn_write(conn, now_ms);
	else if (conn->state == CONN_HELD && now_ms >= conn->deadline_mono_ms)
		writing_begin(conn, now_ms);
	if ((conn->state == CONN_READING || conn->state == CONN_WRITING) &&
	    now_ms >= conn->deadline_mono_ms)
		conn->state = CONN_ENDED;
}

static void
ended_free(struct local *local)
{
	size_t kept = 0;

	for (size_t i = 0; i < local->conn_count; i++) {
		if (local->conns[i]->state == CONN_ENDED)
			conn_free(local->conns[i]);
		else
			local->conns[kept++] = local->conns[i];
	}
	local->conn_count = kept;
}

/* --- the loop -------------------------------------------------------------------------------- */

static short
events_of(const struct conn *conn)
{
	if (conn->state == CONN_READING)
		return POLLIN;
	return conn->state == CONN_WRITING ? POLLOUT : 0;
}

/* Fills the places; how long to wait for them. */
static int
places_fill(struct local *local, enum stage stage, int64_t now_ms)
{
	bool is_accepting = stage == STAGE_OPEN && now_ms >= local->accept_after_mono_ms;
	int64_t until_ms =
	    stage == STAGE_OPEN && !is_accepting ? local->accept_after_mono_ms : now_ms + 60000;

	if (stage == STAGE_ENDING && local->end_mono_ms < until_ms)
		until_ms = local->end_mono_ms;
	local->places[WAKE_PLACE] = (struct pollfd){.fd = local->wake_fd, .events = POLLIN};
	local->places[PAM_PLACE] =
	    (struct pollfd){.fd = is_accepting ? local->pam.fd : -1, .events = POLLIN};
	local->places[ADMIN_PLACE] =
	    (struct pollfd){.fd = is_accepting ? local->admin.fd : -1, .events = POLLIN};
	for (size_t i = 0; i < local->conn_count; i++) {
		const struct conn *conn = local->conns[i];
		short events = events_of(conn);

		/* At work: a peer that hangs up is found out when its answer is sent. */
		local->places[CONN_PLACE + i] =
		    (struct pollfd){.fd = events == 0 ? -1 : conn->fd, .events = events};
		if (conn->state != CONN_WORKING && conn->deadline_mono_ms < until_ms)
			until_ms = conn->deadline_mono_ms;
	}
	return until_ms <= now_ms ? 0 : (int)(until_ms - now_ms);
}

static void
turn(struct local *local, enum stage stage, int timeout_ms)
{
	size_t count = local->conn_count; /* those that have a place */
	int64_t now_ms;

	if (poll(local->places, CONN_PLACE + count, timeout_ms) < 0)
		return;
	now_ms = lk_clock_mono_ms(local->settings.clock);
	if (local->places[WAKE_PLACE].revents != 0)
		done_take(local, now_ms);
	for (size_t i = 0; i < count; i++)
		conn_turn(local, local->conns[i], local->places[CONN_PLACE + i].revents, now_ms);
	if (stage == STAGE_OPEN && local->places[PAM_PLACE].revents != 0)
		accept_some(local, &local->pam, CONN_PAM, now_ms);
	if (stage == STAGE_OPEN && local->places[ADMIN_PLACE].revents != 0)
		accept_some(local, &local->admin, CONN_ADMIN, now_ms);
	ended_free(local);
}

/* What nobody is answered on any more is given up; what is being written may go out. */
static bool
is_over(struct local *local, int64_t now_ms)
{
	for (size_t i = 0; i < local->conn_count; i++)
		if (local->conns[i]->state == CONN_READING)
			local->conns[i]->state = CONN_ENDED;
	ended_free(local);
	return local->conn_count == 0 || now_ms >= local->end_mono_ms;
}

static void
doors_close(struct local *local)
{
	listener_close(&local->pam);
	listener_close(&local->admin);
	(void)pthread_mutex_lock(&local->stage_lock);
	local->is_closed = true;
	(void)pthread_cond_signal(&local->doors_closed);
	(void)pthread_mutex_unlock(&local->stage_lock);
}

static void *
loop_run(void *context)
{
	struct local *local = context;

	for (;;) {
		int64_t now_ms = lk_clock_mono_ms(local->settings.clock);
		enum stage stage;

		(void)pthread_mutex_lock(&local->stage_lock);
		stage = local->stage;
		(void)pthread_mutex_unlock(&local->stage_lock);
		if (stage != STAGE_OPEN)
			doors_close(local);
		if (stage == STAGE_ENDING && is_over(local, now_ms))
			return NULL;
		turn(local, stage, places_fill(local, stage, now_ms));
	}
}

/* --- start and stop -------------------------------------------------------------------------- */

static enum lk_err
thread_start(struct local *local, struct lk_why *why)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&local->thread, NULL, loop_run, local);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0)
		lk_why_add(why, "no thread for the local sockets");
	return failed == 0 ? LK_OK : LK_E_BROKEN;
}

static void
local_free(struct local *local)
{
	listener_close(&local->pam);
	listener_close(&local->admin);
	for (size_t i = 0; i < local->conn_count; i++)
		conn_free(local->conns[i]);
	if (local->wake_fd >= 0)
		(void)close(local->wake_fd);
	(void)pthread_cond_destroy(&local->doors_closed);
	(void)pthread_mutex_destroy(&local->stage_lock);
	(void)pthread_mutex_destroy(&local->done_lock);
	free(local);
}

static enum lk_err
doors_open(struct local *local, struct lk_why *why)
{
	const struct local_settings *settings = &local->settings;
	enum lk_err err = LK_OK;

	if (settings->pam_path != NULL)
		err = listener_open(&local->pam, settings->pam_path, 0666, why);
	if (err == LK_OK && settings->admin_path != NULL)
		err = listener_open(&local->admin, settings->admin_path, 0660, why);
	return err;
}

enum lk_err
local_start(const struct local_settings *settings, struct lk_why *why, struct local **out)
{
	struct local *local = calloc(1, sizeof(*local));
	enum lk_err err;

	if (local == NULL)
		return LK_E_MEMORY;
	local->settings = *settings;
	local->stage = STAGE_OPEN;
	local->pam.fd = local->admin.fd = -1;
	(void)pthread_mutex_init(&local->stage_lock, NULL);
	(void)pthread_cond_init(&local->doors_closed, NULL);
	(void)pthread_mutex_init(&local->done_lock, NULL);
	local->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = local->wake_fd < 0 ? LK_E_BROKEN : doors_open(local, why);
	if (err == LK_OK)
		err = thread_start(local, why);
	if (err != LK_OK) {
		local_free(local);
		return err;
	}
	*out = local;
	return LK_OK;
}

static void
stage_set(struct local *local, enum stage stage, int64_t end_mono_ms)
{
	(void)pthread_mutex_lock(&local->stage_lock);
	local->stage = stage;
	local->end_mono_ms = end_mono_ms;
	(void)pthread_mutex_unlock(&local->stage_lock);
	wake(local);
}

void
local_quiesce(struct local *local)
{
	stage_set(local, STAGE_QUIET, 0);
	(void)pthread_mutex_lock(&local->stage_lock);
	while (!local->is_closed)
		(void)pthread_cond_wait(&local->doors_closed, &local->stage_lock);
	(void)pthread_mutex_unlock(&local->stage_lock);
}

void
local_stop(struct local *local, int64_t deadline_mono_ms)
{
	if (local == NULL)
		return;
	stage_set(local, STAGE_ENDING, deadline_mono_ms);
	(void)pthread_join(local->thread, NULL);
	local_free(local);
}
