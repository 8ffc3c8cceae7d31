/* SPDX-License-Identifier: MIT */
/* What goes over the wire: a mail of the spool with the headers every message has. Pure, fuzzed. */
#ifndef LK_MAILER_MESSAGE_H
#define LK_MAILER_MESSAGE_H

#include "base/buf.h"
#include "spool/waiting.h"

/* Twice the mail, for line ends, and the headers. */
#define MESSAGE_MAX_BYTES (2u * SPOOL_MAIL_MAX_BYTES + 4096u)

struct message_from {
	const char *address; /* plain, with one '@' */
	const char *name;    /* as people read it, UTF-8 */
};
/*
 * From, To, Date (when it was put) and Message-ID (NAME@ the sender's domain: the same at every
 * try, so that a second copy is known as one), then the mail; every line ends with CR LF.
 *
 * Source: RFC 5322 s3.6; RFC 2047 s4.2.
 */
void
message_make(struct lk_buf *out, const struct message_from *from, const struct spool_mail *mail);

#endif
