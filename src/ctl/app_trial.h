/* SPDX-License-Identifier: MIT */
/* Inside app test only: one application's sign-in tried step by step against the running daemon. */
#ifndef LK_CTL_APP_TRIAL_H
#define LK_CTL_APP_TRIAL_H

#include "base/json.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "ctl/ctl.h"
#include "ctl/web.h"
#include "ctl/web_form.h"
#include "policy/application.h"

#define TRIAL_WORDS_BYTES 1200

struct trial {
	struct ctl *ctl;
	struct policy *policy;
	const struct policy_application *application;
	struct lk_arena *arena; /* wiped at the end: secrets lie there */
	struct web *web;
	struct lk_buf json;
	size_t wrong_count;
	struct lk_json *metadata; /* discovery; NULL: not there */
	struct lk_str jwks;
	const char *redirect; /* NULL: people do not sign in there */
	struct lk_str state, nonce, verifier;
	struct lk_str secret; /* empty: left out */
};

/* A check and what came of it; fix NULL: all is well. */
void
trial_put(struct trial *trial, const char *name, const char *words, const char *fix);
/* The same with words as printf makes them. */
void
trial_putf(struct trial *trial, const char *name, const char *fix, const char *format, ...)
    LK_PRINTF(4, 5);
/* Endpoint of the metadata; "" when it names none. In the arena. */
const char *
trial_endpoint(const struct trial *trial, const char *name);
/* A line from the terminal without showing it, or the next of standard input; empty: none. */
struct lk_str
trial_line_ask(struct trial *trial, const char *what);
/* A question; false, and told under name, when there was no answer. out->body is yours. */
bool
trial_ask(struct trial *trial, const char *name, const struct web_question *question,
	  struct web_answer *out);
/* The application's own credentials added, as its auth_method sends them. In the arena. */
void
trial_sign(const struct trial *trial, struct web_question *question, struct lk_buf *form);
/* A text member of a JSON answer, in the arena; nothing when it is no JSON or has none. */
struct lk_str
trial_member(const struct trial *trial, const struct web_answer *answer, const char *name);

/* Up to the first page. False: no use going on. The page is yours. */
bool
trial_authorize(struct trial *trial, struct web_answer *page);
/* Through all pages as somebody, then code, tokens, userinfo; signed out at the end, come what may.
 */
void
trial_person(struct trial *trial, struct web_answer *page);

#endif
