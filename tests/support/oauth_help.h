/* SPDX-License-Identifier: MIT */
/*
 * Applications in a world of flows (flow_help.h), and what they and their browsers send. Include
 * after cmocka.h.
 */
#ifndef LK_TESTS_OAUTH_HELP_H
#define LK_TESTS_OAUTH_HELP_H

#include "support/flow_help.h"

#define ISSUER	 "https://signin.example"
#define SECRET	 "a long secret: with signs & colons"
#define CALLBACK "https://payroll.example/cb"
#define OWN_SCHEME "com.example.phone:/done" /* phone's; all others': CALLBACK */
/* RFC 7636 appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define PKCE	  "&code_challenge=" CHALLENGE "&code_challenge_method=S256"

/*
 * As world_begin, with applications: payroll and shop (web, basic), page (spa), phone (spa with a
 * scheme of its own), mail (password_only), posts (web, post), keyed (private_key_jwt), outside
 * (asks people), secret (for nobody), robot, files (resource server of https://files.example); and
 * keys that sign.
 */
int
oauth_begin(void **state);
int
oauth_end(void **state);
/* The file of one of them again, with these lines behind it. */
void
oauth_application(struct world *world, const char *name, const char *more);

/* "/authorize?client_id=…&redirect_uri=…&response_type=code&scope=openid&state=st" and more. */
const char *
authorize_path(const char *client_id, const char *more);
void
authorize(struct world *world, struct browser *browser, const char *client_id, const char *more,
	  struct reply *out);
/* From the sign-in page the reply leads to, with the code where it is asked for, to its end: what
 * the application is answered. */
void
sign_in_on_the_way(struct world *world, struct browser *browser, const char *name,
		   struct reply *inout);
/* A parameter of the address a reply leads to; "" when it is not there. In one of four rooms. */
const char *
answered(const struct reply *reply, const char *name);
/* A code for somebody who is signed in. */
const char *
code_get(struct world *world, struct browser *browser, const char *client_id, const char *more);

/* POST /token as this application proves itself (payroll, shop: SECRET in the header). */
void
token_post(struct world *world, const char *client_id, const char *body, struct reply *out);
/* "grant_type=authorization_code&redirect_uri=…&code=" code more. */
void
code_post(struct world *world, const char *client_id, const char *code, const char *more,
	  struct reply *out);
void
refresh_post(struct world *world, const char *client_id, const char *refresh_token,
	     const char *more, struct reply *out);
/* Authorization: Basic of these, percent-encoded first. */
const char *
basic_of(const char *client_id, const char *secret);
/* A text member of a JSON answer, "" when it is not there; a room of its own. */
const char *
told(const struct reply *reply, const char *name);
/* The payload of a signed token. */
const char *
payload_of(const char *token);
/* Its sid, in out. */
void
sid_of(const char *token, char out[64]);
/* Does an access token still stand in the store, and its grant? */
bool
is_alive(struct world *world, const char *access_token);
/* A signed assertion of keyed, with these claims (' for ", EXP for this instant). */
const char *
assertion_of(const char *claims, int64_t exp_at_s);

#endif
