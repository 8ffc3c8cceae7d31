/* SPDX-License-Identifier: MIT */
/*
 * How a function says how it ended. Rows are in tables/errors.def; LK_OK is 0 and always checked.
 * No errno, LDAP or Redis number leaves its home: it is mapped to a row there, and the detail goes
 * into the why-list, which reaches the log and the audit, never a page.
 */
#ifndef LK_BASE_ERR_H
#define LK_BASE_ERR_H

#include <stddef.h>

#define LK_MUST_CHECK __attribute__((warn_unused_result))
#define LK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define LK_NONNULL __attribute__((nonnull))

enum lk_err {
	LK_OK = 0,
#define LK_ERR(name, number, http, oauth, audience, fault, retry, shown, text) LK_E_##name,
#include "tables/errors.def"
	LK_ERR_COUNT
};

enum lk_audience { LK_AUDIENCE_PERSON = 1, LK_AUDIENCE_DEVELOPER, LK_AUDIENCE_OPERATOR };
enum lk_fault { LK_FAULT_THEIRS = 1, LK_FAULT_OURS, LK_FAULT_NOBODY };
enum lk_retry { LK_RETRY_NOW = 1, LK_RETRY_LATER, LK_RETRY_NEVER };

struct lk_err_row {
	const char *name;     /* "SIGNIN_WRONG" */
	int number;           /* 1003; 0 for LK_OK */
	int http_status;      /* of the page that tells it */
	const char *oauth;    /* "access_denied" */
	enum lk_audience audience;
	enum lk_fault fault;
	enum lk_retry retry;
	const char *shown;    /* field name, or "page_…" */
	const char *text_key; /* "signin_wrong" */
};

/* The row of an error; a number that is no row gives the row of LK_E_BROKEN. Never NULL. */
const struct lk_err_row *lk_err_row(enum lk_err err);

/* Reasons for operators, newest last, cut when full. In the caller's storage. */
struct lk_why {
	char text[480];
	size_t len;
};

void lk_why_clear(struct lk_why *why);

/*
 * Add one reason; "; " stands between two. Bytes outside printable ASCII become '?', so that no
 * reason can make a second log line. why may be NULL. Never give it a secret.
 */
void lk_why_add(struct lk_why *why, const char *format, ...) LK_PRINTF(2, 3);

#endif
