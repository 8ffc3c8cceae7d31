/* SPDX-License-Identifier: MIT */
#include "flow/alive.h"

static bool
may_act(const struct policy_application *application, int64_t now_s)
{
	if (application == NULL || !policy_application_life_check(application, now_s))
		return false;
	return application->kind != POLICY_ROBOT ||
	       policy_application_hours_check(application, now_s);
}

/* What the token says itself counts; where it says nothing, its grant. */
static struct lk_str
first(struct lk_str own, const struct lk_str *granted)
{
	return own.len > 0 || granted == NULL ? own : *granted;
}

bool
alive_find(const struct fast *fast, const struct store_answer *stored, struct alive *out)
{
	const struct store_token *token = &stored->token;
	const struct store_grant *grant = token->has_grant ? &stored->grant : NULL;
	struct alive alive = {.grant = grant, .token = token};

	if (!stored->has_token || (token->has_grant && !stored->has_grant))
		return false;
	alive.scope = first(token->scope, grant == NULL ? NULL : &grant->scope);
	alive.audience = first(token->audience, grant == NULL ? NULL : &grant->audience);
	alive.application = policy_application_find(fast->policy, grant == NULL ? token->client_id
										: grant->client_id);
	if (!may_act(alive.application, lk_clock_wall_s(fast->clock)))
		return false;
	*out = alive;
	return true;
}
