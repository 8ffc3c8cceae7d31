/* SPDX-License-Identifier: MIT */
#include "flow/authorize_claims.h"

#include "base/json.h"
#include "flow/scope.h"
#include "policy/claims.h"

#define CLAIMS_PARAM_MAX_BYTES 4096u

/* "address.locality" is a part of address, which is asked for as a whole. */
static struct lk_str
name_of(const struct policy_claim *claim)
{
	struct lk_str name = lk_str_c(claim->name);

	return lk_str_n(name.ptr, lk_str_find(name, '.'));
}

static bool
may_have(const struct authorize_ask *ask, const struct policy_claim *claim)
{
	return policy_application_scope_check(ask->application, lk_str_c(claim->scope));
}

/* Names of the claims we have that object asks for. */
static enum lk_err
names_read(const struct authorize_params *params, const struct lk_json *object,
	   const struct authorize_ask *ask, struct lk_str *out)
{
	size_t count;
	const struct policy_claim *claims = policy_claims(params->policy, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = lk_arena_c(params->arena, name_of(&claims[i]));

		if (name == NULL)
			return LK_E_MEMORY;
		if (lk_json_find(object, name) == NULL || !may_have(ask, &claims[i]))
			continue;
		*out = scope_with(*out, lk_str_c(name), params->arena);
		if (out->ptr == NULL)
			return LK_E_MEMORY;
	}
	return LK_OK;
}

/* What of ours is among the values of acr. */
struct acr_wish {
	size_t count;
	bool has_password, has_two_step;
};

static void
acr_value_read(const struct lk_json *json, struct acr_wish *wish)
{
	struct lk_str value;

	if (!lk_json_to_str(json, &value))
		return;
	wish->count++;
	wish->has_password = wish->has_password || lk_str_is(value, AUTHORIZE_ACR_PASSWORD);
	wish->has_two_step = wish->has_two_step || lk_str_is(value, AUTHORIZE_ACR_TWO_STEP);
}

/*
 * {"essential": true, "values": ["two_step"]}: nothing else will do. Where we have none of them,
 * nobody can be signed in well enough (OpenID Connect Core s5.5.1.1).
 */
static enum lk_err
acr_read(const struct lk_json *acr, struct authorize_ask *ask)
{
	const struct lk_json *values = lk_json_find(acr, "values");
	struct acr_wish wish = {.count = 0};
	bool is_essential = false;

	if (!lk_json_to_bool(lk_json_find(acr, "essential"), &is_essential) || !is_essential)
		return LK_OK;
	acr_value_read(lk_json_find(acr, "value"), &wish);
	for (size_t i = 0; lk_json_is_array(values) && i < lk_json_count(values); i++)
		acr_value_read(lk_json_at(values, i), &wish);
	if (wish.count > 0 && !wish.has_password && !wish.has_two_step)
		return LK_E_OAUTH_DENIED;
	ask->needs_two_step = wish.has_two_step && !wish.has_password;
	ask->wants_two_step = ask->needs_two_step;
	return LK_OK;
}

static enum lk_err
id_read(const struct lk_json *object, struct lk_arena *arena, struct authorize_ask *ask)
{
	const struct lk_json *sub = lk_json_find(object, "sub");
	struct lk_str value;
	enum lk_err err = acr_read(lk_json_find(object, "acr"), ask);

	if (err != LK_OK)
		return err;
	if (lk_json_to_str(lk_json_find(sub, "value"), &value)) {
		ask->sub = lk_arena_dup(arena, value);
		if (ask->sub.ptr == NULL)
			return LK_E_MEMORY;
	}
	if (lk_json_find(object, "auth_time") == NULL)
		return LK_OK;
	ask->id_claims = scope_with(ask->id_claims, LK_STR("auth_time"), arena);
	return ask->id_claims.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
document_read(const struct authorize_params *params, const struct lk_json *document,
	      struct authorize_ask *ask)
{
	const struct lk_json *id = lk_json_find(document, "id_token");
	const struct lk_json *user = lk_json_find(document, "userinfo");
	enum lk_err err;

	if (!lk_json_is_object(document))
		return LK_E_FORMAT;
	err = names_read(params, id, ask, &ask->id_claims);
	if (err == LK_OK)
		err = names_read(params, user, ask, &ask->user_claims);
	return err == LK_OK ? id_read(id, params->arena, ask) : err;
}

/* One claim more tells of somebody as the scope does that holds it. */
static enum lk_err
told_make(const struct authorize_params *params, struct authorize_ask *ask)
{
	size_t count;
	const struct policy_claim *claims = policy_claims(params->policy, &count);

	for (size_t i = 0; i < count; i++) {
		struct lk_str name = name_of(&claims[i]);

		if (!scope_has(ask->id_claims, name) && !scope_has(ask->user_claims, name))
			continue;
		ask->told = scope_with(ask->told, lk_str_c(claims[i].scope), params->arena);
		if (ask->told.ptr == NULL)
			return LK_E_MEMORY;
	}
	return LK_OK;
}

enum lk_err
authorize_claims_read(const struct authorize_params *params, struct authorize_ask *ask)
{
	struct lk_json *document;
	enum lk_err err;

	ask->told = ask->scope;
	if (params->param[PARAM_claims].len == 0)
		return LK_OK;
	err = lk_json_read(params->param[PARAM_claims], CLAIMS_PARAM_MAX_BYTES, &document);
	if (err != LK_OK)
		return err;
	err = document_read(params, document, ask);
	lk_json_free(document);
	return err == LK_OK ? told_make(params, ask) : err;
}
