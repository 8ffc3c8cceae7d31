/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: a worker is one event loop with its own thread, which alone touches it but
 * for what says otherwise.
 */
#ifndef LK_HTTP_WORKER_H
#define LK_HTTP_WORKER_H

#include <pthread.h>
#include <microhttpd.h>

#include "base/log.h"
#include "crypto/reference.h"
#include "http/certificate.h"
#include "http/http.h"
#include "http/timer.h"
#include "store/store_async.h"

/* What main asks of a worker, and what it has done. In this order. */
enum worker_stage {
	WORKER_SERVES = 1,
	WORKER_DRAINS, /* takes no connections; answers end theirs */
	WORKER_QUIET,  /* gives nothing to the lanes any more */
	WORKER_ENDS,   /* answers what is left without waiting */
};

struct worker {
	struct http *http;
	pthread_t thread;
	bool has_thread;
	int epoll_fd, wake_fd;
	struct MHD_Daemon *daemon;
	struct MHD_Daemon *metrics_daemon; /* NULL: another worker has it, or nobody */
	struct store_async *store; /* NULL: the loop is over, and nothing is begun any more */
	struct timers timers;
	struct visit *idle; /* visits to be used again */
	size_t idle_count;
	struct visit *to_suspend; /* who began to wait while the library runs */
	size_t visit_count; /* that are being read, answered or sent */
	struct audit *noted; /* has notes of this turn; NULL: it has none */
	struct crypto_references references;
	struct again_memory *again; /* answers that are given again */
	struct client_memory *clients; /* secrets of applications that were right */
	int64_t turn_mono_ms;	       /* when this turn began */
	struct lk_log_lines log_lines; /* of this turn */
	bool has_resumed;	       /* the library must run before anybody sleeps */
	enum worker_stage stage;
	int64_t ends_mono_ms; /* once it ends */
	pthread_mutex_t lock; /* of what other threads touch: */
	pthread_cond_t has_moved;
	struct visit *finished; /* come back from the lanes */
	enum worker_stage wanted, reached;
};

struct http {
	struct live *live;
	struct lane_pool *lanes, *quick;
	const struct lk_clock *clock;
	struct metrics *metrics;
	int head_timeout_ms, body_timeout_ms, idle_timeout_ms;
	unsigned connection_max_count, connection_per_address_count;
	struct certificates *certificates; /* NULL: plain HTTP */
	uint16_t port, metrics_port;
	int worker_count;
	struct worker workers[];
};

/* loop.c */
void
worker_run(struct worker *worker);
void
worker_wake(struct worker *worker); /* any thread */
void
worker_want(struct worker *worker, enum worker_stage stage); /* any thread */
int64_t
worker_now(const struct worker *worker);
void
worker_watch(void *context, int fd, uint32_t events); /* struct store_async_loop */

/* metrics.c: what the library calls for metrics_listen. */
enum MHD_Result
metrics_request(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_len,
		void **slot);

#endif
