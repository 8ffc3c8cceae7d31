/* SPDX-License-Identifier: MIT */
/* What an application reads of a sign-in: the id token, and access tokens it can read itself. */
#ifndef LK_FLOW_ID_TOKEN_H
#define LK_FLOW_ID_TOKEN_H

#include "flow/flow.h"
#include "policy/application.h"

struct id_token {
	const struct policy_application *application;
	const struct store_grant *grant;
	struct lk_str nonce;	    /* of the authorization; nothing when renewed */
	struct lk_str access_token; /* given along with it: at_hash */
	int64_t now_s;
};
/*
 * iss sub aud exp iat acr amr sid at_hash; auth_time and single claims when they were asked for;
 * nonce when there was one. Nothing else: the rest is told at userinfo.
 *
 * Time:    one signature by the application's algorithm: lanes only.
 * Returns: LK_OK · as signing_sign
 * Source:  OpenID Connect Core s2, s3.1.3.6, s5.4.
 */
enum lk_err
id_token_make(const struct fast *fast, const struct id_token *token, struct lk_arena *arena,
	      struct lk_str *out) LK_MUST_CHECK;

struct access_token {
	const struct policy_application *application;
	const struct store_grant *grant; /* NULL: a robot's */
	struct lk_str jti, scope, audience;
	int64_t now_s, ends_at_s;
};
/* As above. Source: RFC 9068. */
enum lk_err
access_token_make(const struct fast *fast, const struct access_token *token, struct lk_arena *arena,
		  struct lk_str *out) LK_MUST_CHECK;

#endif
