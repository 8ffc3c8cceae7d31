/* SPDX-License-Identifier: MIT */
/* The form of one of our own pages, found in its text. Pure, fuzzed; what is no such page has none.
 */
#ifndef LK_CTL_WEB_FORM_H
#define LK_CTL_WEB_FORM_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct web_form {
	struct lk_str action; /* a path, borrowed from the page */
	bool has_username, has_password, has_code, has_allow, has_signout;
	struct lk_buf sent; /* its hidden fields as a form sends them; web_form_done */
};

/* The first form that asks for a name, a password, a code or a consent. False: none does. */
bool
web_form_find(struct lk_str page, struct web_form *out);
/* The first form that signs out. False: none does. */
bool
web_form_find_signout(struct lk_str page, struct web_form *out);
void
web_form_done(struct web_form *form);
/* Without the escapes of lk_buf_add_percent; what is no escape stays as it is. */
void
web_form_decode(struct lk_buf *out, struct lk_str text);
/* "&name=value", or without '&' at the start, percent-encoded. */
void
web_form_put(struct lk_buf *sent, const char *name, struct lk_str value);
/* What stands in the page's h1; nothing when there is none. */
struct lk_str
web_form_title(struct lk_str page);

#endif
