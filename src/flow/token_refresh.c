/* SPDX-License-Identifier: MIT */
/*
 * A refresh token becomes new tokens and a new refresh token. Whoever shows one that was used
 * before may have stolen it, or had it stolen: nobody can tell, so all of it ends (RFC 9700
 * s4.14.2).
 */
#include "flow/grant.h"
#include "flow/scope.h"
#include "flow/token_ask.h"

static enum lk_err
grant_find(struct token_ask *ask, const struct token_refresh *refresh, struct store_grant *out)
{
	struct crypto_digest key;
	enum lk_err err;

	token_grant_key(ask->asker.flow->fast->ring, &refresh->selector, &key);
	err = store_grant_get(ask->asker.flow->store, &key, out);
	if (err == LK_E_NOT_FOUND)
		return LK_E_OAUTH_GRANT;
	if (err != LK_OK)
		return err;
	if (!lk_str_is(out->client_id, ask->client.application->client_id))
		return LK_E_OAUTH_GRANT; /* another's: it ends nothing */
	if (out->ends_at_s <= ask->asker.now_s)
		return LK_E_OAUTH_GRANT;
	return refresh->revision == out->revision ? LK_OK : LK_E_USED;
}

/* All of it, or what of it was named: never more (RFC 6749 s6). */
static enum lk_err
scope_of(const struct token_ask *ask, const struct store_grant *grant, struct lk_str *out)
{
	struct lk_str asked = ask->req->param[PARAM_scope];

	*out = grant->scope;
	if (asked.len == 0)
		return LK_OK;
	if (!scope_is_within(asked, grant->scope))
		return LK_E_OAUTH_SCOPE;
	*out = scope_shared(asked, grant->scope, ask->asker.arena);
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
give(struct token_ask *ask, const struct token_refresh *refresh, struct store_grant *grant)
{
	struct grant_check check = {ask->client.application, false};
	struct subject subject;
	struct token_give giving = {
	    .metric = METRIC_GRANT_refresh,
	    .grant = grant,
	    .subject = &subject,
	    .selector = refresh->selector,
	};
	enum lk_err err = scope_of(ask, grant, &giving.scope);

	if (err == LK_OK)
		err = token_audience(ask, grant->audience, &giving.audience);
	if (err == LK_OK)
		err = grant_renew(&ask->asker, &check, grant, &subject);
	grant->revision++;
	return err == LK_OK ? token_give(ask, &giving) : err;
}

enum lk_err
token_refresh(struct token_ask *ask)
{
	struct lk_str text = ask->req->param[PARAM_refresh_token];
	struct token_refresh refresh;
	struct store_grant grant;
	enum lk_err err;

	if (text.len == 0)
		return LK_E_OAUTH_REQUEST;
	if (!token_refresh_read(ask->asker.flow->fast->ring, text, &refresh))
		return LK_E_OAUTH_GRANT;
	err = grant_find(ask, &refresh, &grant);
	if (err == LK_OK)
		err = give(ask, &refresh, &grant);
	if (err == LK_E_USED || err == LK_E_STORE_CONFLICT)
		return token_reused(ask, &refresh.selector, AUDIT_REFRESH_REUSED);
	return err;
}
