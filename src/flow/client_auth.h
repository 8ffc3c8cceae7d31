/* SPDX-License-Identifier: MIT */
/*
 * Which application is asking, at the endpoints for programs. Each proves itself in the one way it
 * is registered for; what was sent empty was not sent. A name nobody has, another application's
 * secret and the right secret shown in another way are refused alike.
 */
#ifndef LK_FLOW_CLIENT_AUTH_H
#define LK_FLOW_CLIENT_AUTH_H

#include "flow/flow.h"
#include "policy/application.h"

struct client {
	const struct policy_application *application;
	bool is_key_unknown; /* an assertion by a key that is not read yet: nothing was tried */
	bool was_basic;	     /* asked in the Authorization header, right or not */
	/* Of a signed assertion: it counts once (client_spend). */
	bool has_assertion;
	uint64_t assertion;
	struct lk_str assertion_id; /* the rest of it */
	int32_t assertion_life_s;
	int64_t assertion_from_s; /* before this nobody can have taken it */
};

/*
 * Who is it? An application that can prove nothing (auth_method = none) is believed to be the one
 * it says: whoever goes on wants PKCE or a token of its own.
 *
 *   req  of guard API or TOKEN
 *   out  was_basic is filled whatever comes of it
 *
 * Time:    a digest or two; an assertion one verification, 20 to 100 µs. Never waits; who takes
 *          assertions goes on to client_spend.
 * Returns: LK_OK · LK_E_OAUTH_CLIENT · LK_E_OAUTH_GUESSED wrong too often from this address:
 *          nothing was looked at · LK_E_OAUTH_REQUEST two ways at once, or two names ·
 *          LK_E_MEMORY
 * Source:  RFC 6749 s2.3, s2.3.1, s3.2.1; RFC 7521 s4.2; RFC 7523 s3; OpenID Connect Core s9.
 */
enum lk_err
client_authenticate(const struct fast *fast, const struct req *req,
		    struct client *out) LK_MUST_CHECK;
/*
 * Spend the signed assertion it was proven with, before anything else is done and whatever comes of
 * that. Without one nothing happens. One that may have been taken before the store's memory begins
 * is not taken: for half a minute none is, and as long as it may live one that does not say when it
 * was made.
 *
 * Time:    one commit.
 * Returns: LK_OK · LK_E_OAUTH_CLIENT it was taken before, or may have been · LK_E_OAUTH_GUESSED it
 *          was, again and again · LK_E_STORE_DOWN
 * Source:  RFC 7523 s3; OpenID Connect Core s9.
 */
enum lk_err
client_spend(struct flow *flow, const struct req *req, const struct client *client) LK_MUST_CHECK;

/*
 * The same for who shows a right secret, and with nothing counted, written or left to spend.
 * False: client_authenticate must say. out is then of no use.
 */
bool
client_secret_check(const struct fast *fast, const struct req *req, struct client *out);

/* --- for client_auth.c ---------------------------------------------------------------------- */

/* What was shown, in which way. */
struct client_shown {
	enum policy_auth way;
	struct lk_str id;     /* whose it is to be */
	struct lk_str secret; /* or the assertion */
};
/* Whom an assertion says it is of, which counts for nothing yet; nothing when it does not say. */
struct lk_str
client_assertion_issuer(const struct req *req);
enum lk_err
client_assertion_check(const struct fast *fast, const struct req *req, struct lk_str issuer,
		       struct client *out) LK_MUST_CHECK;
/* Before it is looked at. LK_OK · LK_E_OAUTH_GUESSED too many were wrong */
enum lk_err
client_guess_check(const struct fast *fast, const struct req *req,
		   const struct client_shown *shown) LK_MUST_CHECK;
/* It was wrong. LK_E_OAUTH_CLIENT, or LK_E_OAUTH_GUESSED when this very thing was too often. */
enum lk_err
client_guess_wrong(const struct fast *fast, const struct req *req,
		   const struct client_shown *shown) LK_MUST_CHECK;

#endif
