/* SPDX-License-Identifier: MIT */
/*
 * The mail server, spoken to by libcurl, whose only home this is. One connection for as long as it
 * lasts; every wait ends.
 */
#ifndef LK_MAILER_SMTP_H
#define LK_MAILER_SMTP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"

enum smtp_end {
	SMTP_SENT = 1, /* the server said yes to all of it */
	SMTP_LATER,    /* it will not take this one now (4xx) */
	SMTP_NEVER,    /* it will never take this one (5xx) */
	SMTP_DOWN,     /* no server, no TLS, or no answer: says nothing of the mail */
	SMTP_UNSURE,   /* as SMTP_DOWN, after all of it was sent: it may have been taken */
	SMTP_STOPPED   /* should_stop said so; not taken */
};
struct smtp_stop {
	bool (*should_stop)(void *context); /* asked at least once a second */
	void *context;
};
struct smtp_letter {
	const char *from, *to; /* plain addresses */
	struct lk_str message; /* headers and text, lines with CR LF */
};
struct smtp_said {
	long code;	   /* the server's last, 0: none */
	const char *words; /* for the log; no address, nothing of the mail. Static */
};
struct smtp;

/* Once in main. LK_E_BROKEN: libcurl says no. */
enum lk_err
smtp_init(void) LK_MUST_CHECK;
/* conf and stop are borrowed. NULL without memory. Connects with the first letter. */
struct smtp *
smtp_new(const struct conf *conf, const struct smtp_stop *stop) LK_MUST_CHECK;
/* Says goodbye. NULL is fine. */
void
smtp_free(struct smtp *smtp);
/*
 * Send one letter.
 *
 * Time:   conf's smtp_timeout for each answer, five times that in all.
 * Source: RFC 5321 s4.2.1, s4.5.4.
 */
enum smtp_end
smtp_send(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_said *out) LK_MUST_CHECK;

#endif
