/* SPDX-License-Identifier: MIT */
/*
 * What an application asks for at /authorize, read from the parameters and checked against how it
 * is registered. In two halves: where an answer may go at all, and whether it is a request we can
 * answer. Pure.
 */
#ifndef LK_FLOW_AUTHORIZE_ASK_H
#define LK_FLOW_AUTHORIZE_ASK_H

#include "exchange/req.h"
#include "policy/application.h"

enum authorize_prompt {
	AUTHORIZE_PROMPT_NONE = 1,    /* show the person nothing */
	AUTHORIZE_PROMPT_LOGIN = 2,   /* have them sign in, whoever is signed in */
	AUTHORIZE_PROMPT_CONSENT = 4, /* ask them */
};
/* What acr says; applications ask for one of them in acr_values. */
#define AUTHORIZE_ACR_PASSWORD "password"
#define AUTHORIZE_ACR_TWO_STEP "two_step"

/* Everything borrowed from the parameters or in the arena; nothing: not asked for. */
struct authorize_ask {
	const struct policy_application *application;
	struct lk_str redirect_uri, state;
	bool is_form_post;
	struct lk_str nonce, challenge;
	struct lk_str scope;	/* of what was asked, what the application may have */
	struct lk_str audience; /* resources, blank separated */
	struct lk_str login_hint, ui_locales, id_token_hint;
	struct lk_str id_claims, user_claims; /* names, of the claims parameter */
	struct lk_str told; /* scopes of all of it: what people are asked to allow */
	struct lk_str sub;		      /* who it must be */
	unsigned prompt;		      /* enum authorize_prompt */
	int64_t max_age_s;		      /* -1: not asked */
	bool wants_two_step;		      /* it would like a second step */
	bool needs_two_step;		      /* and takes nothing less */
	const char *wrong;		      /* what was not right, for its developer */
};

/*
 * Who asks, and where may the answer go? Nobody is sent anywhere before this says LK_OK.
 *
 *   param, bad  struct req's: parameters, and the first that could not be read
 *
 * Returns: LK_OK · LK_E_APP_UNKNOWN · LK_E_APP_REDIRECT (application is filled)
 * Source:  RFC 6749 s3.1.2.4; RFC 9700 s2.1, s4.1.3.
 */
struct authorize_params {
	const struct policy *policy;
	int64_t now_s;
	struct lk_arena *arena;
	const struct lk_str *param;
	bool is_bad;
	enum param bad;
};
enum lk_err
authorize_target_read(const struct authorize_params *params,
		      struct authorize_ask *out) LK_MUST_CHECK;
/*
 * The rest of it. wrong says which parameter, where that is not plain.
 *
 * Returns: LK_OK · LK_E_OAUTH_* as the application is to be told · LK_E_MEMORY
 * Source:  RFC 6749 s4.1.1; RFC 7636 s4.3; RFC 8707 s2; OpenID Connect Core s3.1.2.1, s5.5, s6.
 */
enum lk_err
authorize_ask_read(const struct authorize_params *params,
		   struct authorize_ask *inout) LK_MUST_CHECK;

#endif
