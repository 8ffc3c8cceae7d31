/* SPDX-License-Identifier: MIT */
/*
 * Applications that know nothing of OAuth, behind a web server that asks us about each request
 * (/forward-auth). To the rest of this service they are applications like any other: their people
 * go through /authorize, and what they hold is a grant and a token of it, kept in a cookie of the
 * application's own host. It lasts as long as their session here, so that nothing somebody wrote
 * for an hour is lost on the way to a new one: each request looks at the session and the grant, and
 * counts as using the session. Whatever ends either ends this at once.
 *
 *   /forward-auth            who is this? 200, 401 or 403, whatever happens
 *   /.latchkey/start         on the application's host, passed on to us: a cookie that ties the way
 *                            there and back to this browser, and on to /authorize
 *   /.latchkey/callback      the same: back with a code, and on to what was wanted
 */
#ifndef LK_FLOW_FORWARD_H
#define LK_FLOW_FORWARD_H

#include "flow/flow.h"
#include "flow/forward_url.h"
#include "policy/application.h"

#define FORWARD_START	 "/.latchkey/start"
#define FORWARD_CALLBACK "/.latchkey/callback"

/* What somebody wants to see, and whose it is. */
struct forward {
	const struct policy_application *application;
	struct forward_url url;
	struct lk_str redirect_uri; /* in the arena */
};
/*
 * Read what the web server says of the request: X-Original-URL, else X-Forwarded-Proto, -Host and
 * -Uri, else Host. Nothing of it is believed but that it names a host of a registered application.
 *
 * Returns: LK_OK
 *          LK_E_APP_UNKNOWN   no address, a host nobody has, or two hosts
 *          LK_E_APP_REDIRECT  out->application's redirect_uris lack the address behind
 * FORWARD_CALLBACK LK_E_MEMORY
 */
enum lk_err
forward_read(const struct fast *fast, const struct req *req, struct forward *out) LK_MUST_CHECK;

/* What ties the way there to the way back: only who has the browser's cookie can make either. */
/* "43 letters.PATH"; in the arena. Nothing without memory. */
struct lk_str
forward_state_make(const struct crypto_ring *ring, struct lk_str cookie, const struct forward *to,
		   struct lk_arena *arena) LK_MUST_CHECK;
/* The path it was made with, for this cookie and origin; nothing: it was not. Borrowed. */
struct lk_str
forward_state_read(const struct crypto_ring *ring, struct lk_str cookie, const struct forward *at,
		   struct lk_str state);
/* The path in it, whoever wrote it; nothing: none. Borrowed. */
struct lk_str
forward_state_path(struct lk_str state);
/* The code_verifier of this way; in the arena. Nothing without memory. */
struct lk_str
forward_verifier(const struct crypto_ring *ring, struct lk_str cookie,
		 struct lk_arena *arena) LK_MUST_CHECK;

#endif
