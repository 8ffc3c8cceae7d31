/* SPDX-License-Identifier: MIT */
/* Making the workers, and ending them. */
#include "http/again.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "flow/client_memory.h"
#include "http/listen.h"

#define WORKERS_MAX		64
#define WORKERS_BY_DEFAULT	4
/*
 * The request's head and that of its answer lie in it, with 56 bytes for each header: past it the
 * library forgets what it read and says 431 or 414 by itself. A head that fits and leaves no room
 * for its answer's, the last 500 bytes or so, is closed upon without one: measured with 0.9.75, one
 * header of 15,648 to 16,127 bytes; with more memory the gap only moves.
 */
#define CONNECTION_MEMORY_BYTES 16384u
#define METRICS_CONNECTIONS_MAX 16u
#define METRICS_TIMEOUT_S	10u
/* Files kept back for everything that is no connection of a browser's, and for each lane. */
#define OTHER_FILES    64u
#define FILES_PER_LANE 4u
#define PRIORITIES     "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

/* Escapes are read by framing_target_read, which also says no. */
static size_t
unescape_nothing(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static int
worker_count(const struct conf *conf)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (conf->worker_count > 0)
		return conf->worker_count > WORKERS_MAX ? WORKERS_MAX : conf->worker_count;
	if (cores < 1)
		return 1;
	return cores > WORKERS_BY_DEFAULT ? WORKERS_BY_DEFAULT : (int)cores;
}

/* Below the limit, so that accepting never fails: who is too many waits to be let in. */
static unsigned
connections_fit(const struct conf *conf)
{
	unsigned wanted = (unsigned)conf->connection_max_count;
	unsigned kept = OTHER_FILES + FILES_PER_LANE * (unsigned)conf->lane_count;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= (rlim_t)wanted + kept)
		return wanted;
	return limit.rlim_cur < kept * 2 ? (unsigned)limit.rlim_cur / 2
					 : (unsigned)limit.rlim_cur - kept;
}

static unsigned
share(unsigned total, int count)
{
	return (total + (unsigned)count - 1) / (unsigned)count;
}

static struct MHD_Daemon *
daemon_start(struct worker *worker, int listen_fd)
{
	struct http *http = worker->http;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)certificates_retrieve},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0, (char *)(uintptr_t)PRIORITIES},
	    {MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem *more = &tls[2];

	if (http->certificates != NULL) {
		flags |= MHD_USE_TLS;
		more = tls;
	}
	return MHD_start_daemon(
	    flags, 0, NULL, NULL, server_request, worker, MHD_OPTION_LISTEN_SOCKET, listen_fd,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
	    MHD_OPTION_CONNECTION_LIMIT, share(http->connection_max_count, http->worker_count),
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    share(http->connection_per_address_count, http->worker_count),
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(http->idle_timeout_ms / 1000),
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL, MHD_OPTION_URI_LOG_CALLBACK,
	    server_target, worker, MHD_OPTION_NOTIFY_CONNECTION, peer_notify, worker,
	    MHD_OPTION_NOTIFY_COMPLETED, server_completed, worker, MHD_OPTION_ARRAY, more,
	    MHD_OPTION_END);
}

static struct MHD_Daemon *
metrics_start(struct worker *worker, int listen_fd)
{
	return MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, metrics_request, worker, MHD_OPTION_LISTEN_SOCKET,
	    listen_fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
	    MHD_OPTION_CONNECTION_LIMIT, METRICS_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	    METRICS_TIMEOUT_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
	    1, MHD_OPTION_END);
}

static bool
watch(struct worker *worker, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
daemon_watch(struct worker *worker, struct MHD_Daemon *daemon)
{
	return watch(worker, MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
}

static void
worker_init(struct worker *worker, struct http *http)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->has_moved, &attributes);
	pthread_condattr_destroy(&attributes);
	worker->http = http;
	lk_log_lines_init(&worker->log_lines);
	worker->stage = worker->wanted = worker->reached = WORKER_SERVES;
	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	worker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* The listening sockets belong to the library once it has taken them. */
static bool
worker_open(struct worker *worker, int *listen_fd, int *metrics_fd)
{
	const struct fast *fast = live_hold(worker->http->live);
	struct store_async_loop loop = {worker_watch, worker};

	worker->again = again_new();
	worker->clients = client_memory_new();
	worker->store = store_async_new(fast->store_shared, &loop);
	live_drop(worker->http->live, fast);
	worker->daemon = daemon_start(worker, *listen_fd);
	if (worker->again == NULL || worker->clients == NULL || worker->store == NULL ||
	    worker->daemon == NULL)
		return false;
	*listen_fd = -1;
	if (*metrics_fd >= 0) {
		worker->metrics_daemon = metrics_start(worker, *metrics_fd);
		if (worker->metrics_daemon == NULL)
			return false;
		*metrics_fd = -1;
	}
	return watch(worker, worker->wake_fd) && daemon_watch(worker, worker->daemon) &&
	       (worker->metrics_daemon == NULL || daemon_watch(worker, worker->metrics_daemon));
}

static void *
worker_main(void *context)
{
	struct worker *worker = context;

	certificates_use(worker->http->certificates);
	worker_run(worker);
	return NULL;
}

static bool
worker_start(struct worker *worker)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	worker->has_thread = pthread_create(&worker->thread, NULL, worker_main, worker) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return worker->has_thread;
}

static void
worker_done(struct worker *worker)
{
	if (worker->has_thread)
		pthread_join(worker->thread, NULL);
	if (worker->store != NULL)
		store_async_free(worker->store);
	worker->store = NULL;
	if (worker->daemon != NULL) {
		MHD_run(worker->daemon);
		MHD_stop_daemon(worker->daemon);
	}
	if (worker->metrics_daemon != NULL)
		MHD_stop_daemon(worker->metrics_daemon);
	lk_log_lines_write(&worker->log_lines);
	visits_free(worker);
	client_memory_free(worker->clients);
	again_free(worker->again);
	timers_done(&worker->timers);
	close(worker->wake_fd);
	close(worker->epoll_fd);
	pthread_cond_destroy(&worker->has_moved);
	pthread_mutex_destroy(&worker->lock);
}

static enum lk_err
listeners_open(struct http *http, const struct conf *conf, struct lk_why *why, int *fds)
{
	enum lk_err err;
	int i;

	for (i = 0; i <= http->worker_count; i++)
		fds[i] = -1;
	err = listen_open(&conf->listen, why, fds, http->worker_count, &http->port);
	if (err != LK_OK || conf->metrics_listen.host == NULL)
		return err;
	return listen_open(&conf->metrics_listen, why, &fds[http->worker_count], 1,
			   &http->metrics_port);
}

/* The last of fds is for metrics: the first worker has it. */
static enum lk_err
workers_start(struct http *http, int *fds, struct lk_why *why)
{
	int none = -1, i;

	for (i = 0; i < http->worker_count; i++) {
		if (!worker_open(&http->workers[i], &fds[i],
				 i == 0 ? &fds[http->worker_count] : &none)) {
			lk_why_add(why, "the HTTP library does not start");
			return LK_E_BROKEN;
		}
	}
	for (i = 0; i < http->worker_count; i++) {
		if (!worker_start(&http->workers[i]))
			return LK_E_MEMORY;
	}
	return LK_OK;
}

static enum lk_err
certificates_start(struct http *http, const struct conf *conf, struct lk_why *why)
{
	struct certificate *first = NULL;
	enum lk_err err = http_certificate_read(conf, why, &first);

	if (err != LK_OK || first == NULL)
		return err;
	http->certificates = certificates_new(first);
	return http->certificates == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
http_start(struct http *http, const struct conf *conf, struct lk_why *why)
{
	int fds[WORKERS_MAX + 1], i;
	enum lk_err err = certificates_start(http, conf, why);

	if (err != LK_OK)
		return err;
	err = listeners_open(http, conf, why, fds);
	if (err == LK_OK)
		err = workers_start(http, fds, why);
	for (i = 0; i <= http->worker_count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return err;
}

enum lk_err
http_new(const struct http_setup *setup, struct lk_why *why, struct http **out)
{
	const struct conf *conf = setup->conf;
	const struct fast *fast;
	int i, count = worker_count(conf);
	struct http *http = calloc(1, sizeof *http + (size_t)count * sizeof(struct worker));
	enum lk_err err;

	if (http == NULL)
		return LK_E_MEMORY;
	fast = live_hold(setup->live);
	http->clock = fast->clock;
	http->metrics = fast->metrics;
	live_drop(setup->live, fast);
	http->live = setup->live;
	http->lanes = setup->lanes;
	http->quick = setup->quick;
	http->head_timeout_ms = conf->request_head_timeout_s * 1000;
	http->body_timeout_ms = conf->request_body_timeout_s * 1000;
	http->idle_timeout_ms = conf->idle_timeout_s * 1000;
	http->connection_max_count = connections_fit(conf);
	http->connection_per_address_count = (unsigned)conf->connection_per_address_count;
	http->worker_count = count;
	for (i = 0; i < count; i++)
		worker_init(&http->workers[i], http);
	err = http_start(http, conf, why);
	if (err != LK_OK) {
		http_free(http);
		return err;
	}
	*out = http;
	return LK_OK;
}

static void
wait_until_quiet(struct worker *worker, int64_t deadline_mono_ms)
{
	struct timespec until = {deadline_mono_ms / 1000, deadline_mono_ms % 1000 * 1000000};

	pthread_mutex_lock(&worker->lock);
	while (worker->reached < WORKER_QUIET &&
	       pthread_cond_timedwait(&worker->has_moved, &worker->lock, &until) != ETIMEDOUT)
		continue;
	pthread_mutex_unlock(&worker->lock);
}

void
http_drain(struct http *http, int64_t deadline_mono_ms)
{
	int i;

	for (i = 0; i < http->worker_count; i++)
		worker_want(&http->workers[i], WORKER_DRAINS);
	for (i = 0; i < http->worker_count; i++)
		wait_until_quiet(&http->workers[i], deadline_mono_ms);
	for (i = 0; i < http->worker_count; i++) {
		worker_want(&http->workers[i], WORKER_QUIET);
		wait_until_quiet(&http->workers[i], INT64_MAX / 2);
	}
}

void
http_free(struct http *http)
{
	int i;

	if (http == NULL)
		return;
	for (i = 0; i < http->worker_count; i++)
		worker_want(&http->workers[i], WORKER_ENDS);
	for (i = 0; i < http->worker_count; i++)
		worker_done(&http->workers[i]);
	certificates_free(http->certificates);
	free(http);
}

uint16_t
http_port(const struct http *http)
{
	return http->port;
}

uint16_t
http_metrics_port(const struct http *http)
{
	return http->metrics_port;
}

/* --- a renewed certificate ------------------------------------------------------------------- */

enum lk_err
http_certificate_read(const struct conf *conf, struct lk_why *why, struct certificate **out)
{
	*out = NULL;
	return conf->tls_certificate_file == NULL ? LK_OK : certificate_read(conf, why, out);
}

void
http_certificate_free(struct certificate *certificate)
{
	certificate_free(certificate);
}

enum lk_err
http_certificate_time_check(const struct certificate *certificate, int64_t now_s,
			    struct lk_why *why)
{
	return certificate == NULL ? LK_OK : certificate_time_check(certificate, now_s, why);
}

enum lk_err
http_time_check(struct http *http, int64_t now_s, struct lk_why *why)
{
	return http->certificates == NULL
		   ? LK_OK
		   : certificates_time_check(http->certificates, now_s, why);
}

bool
http_certificate_put(struct http *http, struct certificate *owned)
{
	if (http->certificates != NULL && owned != NULL)
		return certificates_put(http->certificates, owned);
	certificate_free(owned);
	return false;
}
