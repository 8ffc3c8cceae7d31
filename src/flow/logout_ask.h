/* SPDX-License-Identifier: MIT */
/*
 * What an application asks for when it sends somebody here to sign out, and how much of it may be
 * believed. Nothing here redirects or ends anything.
 */
#ifndef LK_FLOW_LOGOUT_ASK_H
#define LK_FLOW_LOGOUT_ASK_H

#include "flow/flow.h"
#include "policy/application.h"

enum logout_hint {
	LOGOUT_HINT_NONE = 1,
	LOGOUT_HINT_GOOD, /* an id token of ours, for that application; it may be over */
	LOGOUT_HINT_BAD	  /* anything else: nothing the request says counts any more */
};
struct logout_ask {
	enum logout_hint hint;
	struct lk_str sid;			      /* of a good hint */
	const struct policy_application *application; /* NULL: none that is known */
	struct lk_str uri; /* one that application registered, or nothing */
	struct lk_str state;			      /* to go back with it */
	const char *wrong;			      /* for developers; NULL: nothing */
};
/*
 * Read the request's parameters.
 *
 * Time:    a signature's check at most.
 * Source:  OpenID Connect RP-Initiated Logout 1.0 s2, s3, s4.
 */
void
logout_ask_read(const struct fast *fast, const struct req *req, struct logout_ask *out);
/* Of a hint that is good, is it about the session that was fetched? */
bool
logout_ask_is_of(const struct fast *fast, const struct req *req, const struct logout_ask *ask,
		 const struct store_answer *stored);
/* uri with the state behind it, in the arena; nothing: without uri, or no memory. */
struct lk_str
logout_ask_to(const struct logout_ask *ask, struct lk_arena *arena);

#endif
