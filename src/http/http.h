/* SPDX-License-Identifier: MIT */
/*
 * The door for browsers: so many event loops, each with its own listening socket, its own
 * connections and its own asynchronous store. What a flow answers is sent from here, with the
 * headers every answer carries. The only home of libmicrohttpd.
 *
 * Promises: an ambiguous request is refused before anything else sees it (framing.h); a request's
 * memory is wiped when it ends; a head, a body and an answer each have a deadline; a loop never
 * waits for anything but all of its sockets at once. Knows nothing of people.
 */
#ifndef LK_HTTP_HTTP_H
#define LK_HTTP_HTTP_H

#include <stdint.h>

#include "flow/live.h"
#include "lane/lane.h"

struct http;

struct http_setup {
	struct live *live;	 /* borrowed until http_free */
	struct lane_pool *lanes; /* the same */
	struct lane_pool *quick; /* the same; for QUICK rows */
	const struct conf *conf; /* where to listen, limits, certificate: borrowed for the call */
};

/*
 * Listen and answer, from now on. Raises the limit of open files as far as it may and keeps the
 * number of connections below it.
 *
 * Returns: LK_OK · LK_E_BUSY something else listens there · LK_E_FORMAT certificate or key cannot
 * be used · LK_E_MEMORY · LK_E_BROKEN; why says more.
 */
enum lk_err
http_new(const struct http_setup *setup, struct lk_why *why, struct http **out) LK_MUST_CHECK;
/*
 * Take no new connections, answer what is being asked with Connection: close, and return when
 * nothing is being asked any more or at the deadline. After it no job goes to the lanes.
 */
void
http_drain(struct http *http, int64_t deadline_mono_ms);
/* Answers what is left at once, closes every connection, ends the loops. NULL is fine. */
void
http_free(struct http *http);

/*
 * Certificate and key as conf names them: can they be read, the key only by us, and do they fit?
 *
 *   out  yours: http_certificate_free or http_certificate_put; NULL when conf names none
 *
 * Returns: LK_OK · LK_E_FORMAT why says what is wrong with which file · LK_E_MEMORY
 */
struct certificate;
enum lk_err
http_certificate_read(const struct conf *conf, struct lk_why *why,
		      struct certificate **out) LK_MUST_CHECK;
/* Not given away. NULL is fine. */
void
http_certificate_free(struct certificate *certificate);
/* Does it count now? NULL does. Returns: LK_OK · LK_E_FORMAT why says since or until when not */
enum lk_err
http_certificate_time_check(const struct certificate *certificate, int64_t now_s,
			    struct lk_why *why) LK_MUST_CHECK;
/* The same of the one that new connections are shown. */
enum lk_err
http_time_check(struct http *http, int64_t now_s, struct lk_why *why) LK_MUST_CHECK;
/*
 * New connections are shown this one from now on; those that are open stay as they are. False: it
 * is shown already, or this http speaks no TLS.
 *
 * Threads: any.
 */
bool
http_certificate_put(struct http *http, struct certificate *owned);

/* Where it listens, when the settings asked for port 0. */
uint16_t
http_port(const struct http *http);
/* The same of metrics_listen; 0: it does not. */
uint16_t
http_metrics_port(const struct http *http);

#endif
