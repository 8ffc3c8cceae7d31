/* SPDX-License-Identifier: MIT */
/* The service asked over HTTP as an application or a browser would ask it, by libcurl, one question
 * after the other. Cookies are kept; no redirect is followed. */
#ifndef LK_CTL_WEB_H
#define LK_CTL_WEB_H

#include "base/buf.h"
#include "ctl/ctl.h"

struct web;
struct web_question {
	const char *url;
	struct lk_str form; /* sent by POST; {NULL, 0}: a GET */
	const char *basic;  /* "ID:SECRET", both encoded; NULL: none */
	const char *bearer; /* NULL: none */
};
struct web_answer {
	long status;
	struct lk_buf body;
	char location[4096]; /* of a redirect, or of a page that leads on by itself; "": none */
};

/*
 * ca_file: certificates that may have signed the service's; NULL: the system's. NULL without
 * memory.
 */
struct web *
web_new(const char *ca_file) LK_MUST_CHECK;
/* NULL is fine. */
void
web_free(struct web *web);
/* False with words when there was no answer; out->body is yours either way: lk_buf_done. */
bool
web_ask(struct web *web, const struct web_question *question, struct web_answer *out,
	const char **out_words);

#endif
