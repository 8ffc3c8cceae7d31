/* SPDX-License-Identifier: MIT */
#include "flow/authorize_ask.h"

#include "exchange/res.h"
#include "flow/authorize_claims.h"
#include "flow/pkce.h"
#include "flow/scope.h"

/* --- where to ------------------------------------------------------------------------------- */

static bool
is_bad(const struct authorize_params *params, enum param param)
{
	return params->is_bad && params->bad == param;
}

/* No form leads to an application's own scheme, nor past a form-action that can name no [::1]. */
static bool
may_end_form(struct lk_str uri)
{
	return res_origin_is_source(res_origin(uri));
}

enum lk_err
authorize_target_read(const struct authorize_params *params, struct authorize_ask *out)
{
	const struct lk_str *param = params->param;

	*out = (struct authorize_ask){.max_age_s = -1};
	if (is_bad(params, PARAM_client_id))
		return LK_E_APP_UNKNOWN;
	out->application = policy_application_find(params->policy, param[PARAM_client_id]);
	if (out->application == NULL ||
	    !policy_application_life_check(out->application, params->now_s))
		return LK_E_APP_UNKNOWN;
	out->redirect_uri = param[PARAM_redirect_uri];
	if (is_bad(params, PARAM_redirect_uri) || out->redirect_uri.len == 0 ||
	    !policy_application_redirect_check(out->application, out->redirect_uri))
		return LK_E_APP_REDIRECT;
	out->state = param[PARAM_state];
	out->is_form_post =
	    lk_str_is(param[PARAM_response_mode], "form_post") && may_end_form(out->redirect_uri);
	return LK_OK;
}

/* --- what ----------------------------------------------------------------------------------- */

static enum lk_err
wrong(struct authorize_ask *ask, enum lk_err err, const char *words)
{
	ask->wrong = words;
	return err;
}

static enum lk_err
shape_read(const struct lk_str *param, struct authorize_ask *ask)
{
	struct lk_str mode = param[PARAM_response_mode];
	int kind = ask->application->kind;

	if (param[PARAM_request].len > 0)
		return LK_E_OAUTH_REQUEST_OBJECT;
	if (param[PARAM_request_uri].len > 0)
		return LK_E_OAUTH_REQUEST_URI;
	if (kind == POLICY_ROBOT || kind == POLICY_RESOURCE_SERVER)
		return LK_E_OAUTH_UNAUTHORIZED;
	if (param[PARAM_response_type].len == 0)
		return wrong(ask, LK_E_OAUTH_REQUEST, "response_type is missing.");
	if (!lk_str_is(param[PARAM_response_type], "code"))
		return LK_E_OAUTH_RESPONSE_TYPE;
	if (mode.len > 0 && !lk_str_is(mode, "query") && !ask->is_form_post)
		return wrong(ask, LK_E_OAUTH_REQUEST,
			     may_end_form(ask->redirect_uri)
				 ? "response_mode must be query or form_post."
				 : "response_mode must be query with this redirect_uri.");
	return LK_OK;
}

static enum lk_err
pkce_read(const struct lk_str *param, struct authorize_ask *ask)
{
	const struct policy_application *application = ask->application;

	ask->challenge = param[PARAM_code_challenge];
	if (!pkce_asked_check(ask->challenge, param[PARAM_code_challenge_method]))
		return wrong(ask, LK_E_OAUTH_REQUEST,
			     "code_challenge must be 43 letters and its method S256.");
	if (ask->challenge.len == 0 &&
	    (application->is_public || application->pkce == POLICY_PKCE_REQUIRED))
		return wrong(ask, LK_E_OAUTH_REQUEST, "code_challenge is missing.");
	return LK_OK;
}

static enum lk_err
scope_read(const struct authorize_params *params, struct authorize_ask *ask)
{
	struct lk_str rest = params->param[PARAM_resource], one;
	enum lk_err err = policy_application_scopes_narrow(
	    ask->application, params->param[PARAM_scope], params->arena, &ask->scope);

	if (err == LK_E_FORMAT)
		return LK_E_OAUTH_SCOPE;
	ask->audience = rest;
	while (err == LK_OK && scope_next(&rest, &one)) {
		if (!policy_resource_check(params->policy, one))
			return LK_E_OAUTH_TARGET;
	}
	return err;
}

/* Unknown words are passed over, as OpenID Connect Core s3.1.2.1 allows. */
static enum lk_err
prompt_read(const struct lk_str *param, struct authorize_ask *ask)
{
	struct lk_str rest = param[PARAM_prompt], word;
	uint64_t age;

	while (scope_next(&rest, &word)) {
		if (lk_str_is(word, "none"))
			ask->prompt |= AUTHORIZE_PROMPT_NONE;
		if (lk_str_is(word, "login") || lk_str_is(word, "select_account"))
			ask->prompt |= AUTHORIZE_PROMPT_LOGIN;
		if (lk_str_is(word, "consent"))
			ask->prompt |= AUTHORIZE_PROMPT_CONSENT;
	}
	if (scope_has_c(param[PARAM_prompt], "none") && ask->prompt != AUTHORIZE_PROMPT_NONE)
		return wrong(ask, LK_E_OAUTH_REQUEST, "prompt=none must stand alone.");
	if (param[PARAM_max_age].len == 0)
		return LK_OK;
	if (!lk_str_to_u64(param[PARAM_max_age], &age) || age > INT32_MAX)
		return wrong(ask, LK_E_OAUTH_REQUEST, "max_age must be a number of seconds.");
	ask->max_age_s = (int64_t)age;
	return LK_OK;
}

static enum lk_err
rest_read(const struct authorize_params *params, struct authorize_ask *ask)
{
	const struct lk_str *param = params->param;
	enum lk_err err = authorize_claims_read(params, ask);

	ask->nonce = param[PARAM_nonce];
	ask->login_hint = param[PARAM_login_hint];
	ask->ui_locales = param[PARAM_ui_locales];
	ask->id_token_hint = param[PARAM_id_token_hint];
	/* The first one asked for is the one that is liked best. */
	if (scope_has_c(param[PARAM_acr_values], AUTHORIZE_ACR_TWO_STEP) &&
	    !lk_str_starts(param[PARAM_acr_values], AUTHORIZE_ACR_PASSWORD))
		ask->wants_two_step = true;
	if (err == LK_E_FORMAT)
		return wrong(ask, LK_E_OAUTH_REQUEST, "claims cannot be read.");
	if (err == LK_OK && ask->max_age_s >= 0) {
		ask->id_claims = scope_with(ask->id_claims, LK_STR("auth_time"), params->arena);
		err = ask->id_claims.ptr == NULL ? LK_E_MEMORY : LK_OK;
	}
	return err;
}

enum lk_err
authorize_ask_read(const struct authorize_params *params, struct authorize_ask *ask)
{
	enum lk_err err = shape_read(params->param, ask);

	if (err == LK_OK && params->is_bad)
		return LK_E_OAUTH_REQUEST;
	if (err == LK_OK)
		err = pkce_read(params->param, ask);
	if (err == LK_OK)
		err = scope_read(params, ask);
	if (err == LK_OK)
		err = prompt_read(params->param, ask);
	return err == LK_OK ? rest_read(params, ask) : err;
}
