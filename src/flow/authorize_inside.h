/* SPDX-License-Identifier: MIT */
/* One authorization on its way: shared by the files authorize*.c and nobody else. */
#ifndef LK_FLOW_AUTHORIZE_INSIDE_H
#define LK_FLOW_AUTHORIZE_INSIDE_H

#include "flow/authorize_pending.h"
#include "flow/gate.h"
#include "flow/show.h"

struct authorizing {
	struct flow *flow;
	const struct req *req;
	const struct store_answer *stored; /* session, and the journey of a sign-in */
	struct asker asker;
	struct show show;
	struct authorize_ask ask;
	bool is_waiting; /* pending is filled */
	struct authorize_pending pending;
	bool is_allowed; /* the person said yes just now */
	struct subject subject;
	bool is_kept; /* the directory does not answer: the person as their session knows them */
	unsigned has; /* proofs they could show */
	struct gate_answer pass;
};

/* --- authorize_who.c: is this person, signed in like this, enough? -----------------------------
 */

/*
 * Returns: LK_OK            they are, and pass says so
 *          LK_E_OAUTH_LOGIN        somebody must sign in first
 *          LK_E_OAUTH_INTERACTION  they must show more, or set a new password
 *          LK_E_OAUTH_CONSENT      they must be asked
 *          LK_E_OAUTH_DENIED       the application wants somebody else, or more than there is
 *          LK_E_ACCESS_NONE · LK_E_ACCOUNT_* · and what fails
 */
enum lk_err
authorize_who_check(struct authorizing *on) LK_MUST_CHECK;

/* --- authorize_way.c: where people are led in between ------------------------------------------
 */

enum lk_err
authorize_way_signin(struct authorizing *on) LK_MUST_CHECK;
enum lk_err
authorize_way_step(struct authorizing *on) LK_MUST_CHECK;
enum lk_err
authorize_way_consent(struct authorizing *on) LK_MUST_CHECK;
/* Journeys hang on the browser's cookie: it gets one now if it has none. */
enum lk_err
authorize_way_browser(struct authorizing *on) LK_MUST_CHECK;
/* A POST from another site, which brings no cookies: on to a GET, which does. */
enum lk_err
authorize_way_again(struct authorizing *on) LK_MUST_CHECK;

/* --- authorize_give.c: the end of it -----------------------------------------------------------
 */

/* A code, once pass was given. */
enum lk_err
authorize_give(struct authorizing *on) LK_MUST_CHECK;
/* No, said by the person. */
enum lk_err
authorize_deny(struct authorizing *on) LK_MUST_CHECK;
/* What was answered a moment ago. */
enum lk_err
authorize_repeat(struct authorizing *on) LK_MUST_CHECK;

/* --- authorize_reply.c: back to the application -------------------------------------------------
 */

enum lk_err
authorize_reply_code(struct authorizing *on, struct lk_str code) LK_MUST_CHECK;
/* With the row's word. Source: RFC 6749 s4.1.2.1; RFC 9207; OpenID Connect Core s3.1.2.6. */
enum lk_err
authorize_reply_error(struct authorizing *on, enum lk_err err) LK_MUST_CHECK;

#endif
