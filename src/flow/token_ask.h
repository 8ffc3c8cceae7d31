/* SPDX-License-Identifier: MIT */
/* One request at /token: shared by the grants, each a file of its own. */
#ifndef LK_FLOW_TOKEN_ASK_H
#define LK_FLOW_TOKEN_ASK_H

#include "flow/asker.h"
#include "flow/client_auth.h"
#include "flow/token_text.h"
#include "store/store_grant.h"

struct token_ask {
	struct asker asker;
	const struct req *req;
	struct client client; /* who asks; proven as it is registered */
	struct res *res;
	const char *wrong; /* for error_description; NULL: the row's own words */
	/* By a browser, for a web server's application (forward.h): the token is of no use to
	 * programs, and ends with the grant. */
	bool is_forward;
};

/*
 * One grant type. Answers in res, or says why not.
 *
 * Returns: LK_OK · LK_E_OAUTH_* · what fails
 */
enum lk_err
token_code(struct token_ask *ask) LK_MUST_CHECK;
enum lk_err
token_refresh(struct token_ask *ask) LK_MUST_CHECK;
enum lk_err
token_robot(struct token_ask *ask) LK_MUST_CHECK;
/* The same as far as nothing waits for anything. False: token_robot must do it. */
bool
token_robot_prepare(struct token_ask *ask, struct flow_prepared *out) LK_MUST_CHECK;
enum lk_err
token_device(struct token_ask *ask) LK_MUST_CHECK;

#define TOKEN_FIRST_MAX 4u
/* What is given, and what must happen along with it. */
struct token_give {
	enum metric_grant metric;
	/* Of a person; NULL: a robot's. As it will stand, but for access, which is filled here. */
	struct store_grant *grant;
	const struct subject *subject;
	struct token_selector selector;
	bool is_new;		/* the grant is put; else it moves from revision - 1 */
	struct lk_str nonce;	/* for the id token */
	struct lk_str scope;	/* of this access token: the grant's, or less */
	struct lk_str audience; /* the same; nothing: none was named */
	struct store_change first[TOKEN_FIRST_MAX];
	size_t first_count;
};
/*
 * Make the tokens, change the store in one commit, write the audit line, and only then answer.
 *
 * Time:    one signature with openid, two with access_token = jwt; one commit.
 * Returns: LK_OK · LK_E_USED, LK_E_STORE_CONFLICT somebody else was quicker: nothing was given ·
 *          what fails
 * Source:  RFC 6749 s5.1; OpenID Connect Core s3.1.3.3.
 */
enum lk_err
token_give(struct token_ask *ask, struct token_give *give) LK_MUST_CHECK;
/*
 * The same with nothing changed or written yet: what is to be. Of a robot, whose token is opaque.
 * False: there is no memory.
 */
bool
token_give_prepare(struct token_ask *ask, const struct token_give *give,
		   struct flow_prepared *out) LK_MUST_CHECK;
/*
 * Which resources this access token is for: all the grant has, or those of them that were named.
 * Returns: LK_OK · LK_E_OAUTH_TARGET
 */
enum lk_err
token_audience(const struct token_ask *ask, struct lk_str granted,
	       struct lk_str *out) LK_MUST_CHECK;
/*
 * End a grant whose code or refresh token came twice, and tell it. LK_E_OAUTH_GRANT, or what fails.
 */
enum lk_err
token_reused(struct token_ask *ask, const struct token_selector *selector,
	     enum audit_event event) LK_MUST_CHECK;

#endif
