/* SPDX-License-Identifier: MIT */
/*
 * Calls to applications over HTTPS (over HTTP to this machine alone), several at once, by libcurl.
 * Every wait ends; no redirect is followed; nothing of what an application says back is kept but
 * its status, and what a fetch reads.
 */
#ifndef LK_MAILER_WEB_H
#define LK_MAILER_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"

#define WEB_AT_ONCE	   16u
#define WEB_BODY_MAX_BYTES 65536u

enum web_end {
	WEB_DONE = 1, /* 2xx */
	WEB_LATER,    /* it cannot now: 5xx, 408, 425, 429 */
	WEB_NEVER,    /* it will never: any other status, a redirect too */
	WEB_CLOSED,   /* an address we may not call */
	WEB_DOWN      /* no server, no TLS, or no answer */
};
struct web_said {
	size_t slot; /* which call */
	enum web_end end;
	long status;	   /* 0: none */
	const char *words; /* for the log. Static */
	struct lk_str body; /* of a fetch that is WEB_DONE; until the slot is used again */
};
struct web;

/* conf is borrowed. NULL without memory. */
struct web *
web_new(const struct conf *conf) LK_MUST_CHECK;
/* Calls on their way are cut. NULL is fine. */
void
web_free(struct web *web);
/*
 * Send body as application/x-www-form-urlencoded to url; both are copied.
 *
 *   slot  below WEB_AT_ONCE; none on its way under it
 *
 * Time:    never waits; what it began ends after conf's call_timeout.
 * Returns: LK_OK · LK_E_MEMORY · LK_E_FORMAT libcurl does not take url
 */
enum lk_err
web_begin(struct web *web, size_t slot, const char *url, struct lk_str body) LK_MUST_CHECK;
/* The same to read what stands at url, of at most WEB_BODY_MAX_BYTES; a longer one is WEB_NEVER. */
enum lk_err
web_begin_fetch(struct web *web, size_t slot, const char *url) LK_MUST_CHECK;
/* The next call that ended; its slot is free again. False: none. */
bool
web_take(struct web *web, struct web_said *out);
/* Waits until something goes on, one of fds can be read (-1: not looked at), or time is over. */
void
web_wait(struct web *web, const int fds[2], int most_ms);

#endif
