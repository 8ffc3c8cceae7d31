/* SPDX-License-Identifier: MIT */
/*
 * An application gives back what it holds. An access token ends alone; a refresh token ends the
 * grant, and every access token of it. Of a token of somebody else, or of nobody, the answer is the
 * same as of its own.
 *
 * Time:   of the store one read and one commit, one more for a signed assertion.
 * Source: RFC 7009 s2.
 */
#include "exchange/reply.h"
#include "flow/asker.h"
#include "flow/client_auth.h"
#include "flow/handlers.h"
#include "flow/token_text.h"
#include "flow/trail.h"
#include "store/store_grant.h"

struct revoking {
	struct asker asker;
	struct client client;
	struct lk_str token;
	struct store_grant grant; /* whose it was; zero: a robot's */
	bool is_known;		  /* the client's own, and alive */
	struct crypto_digest key;
	struct store_change change;
};

static bool
is_own(const struct revoking *on, struct lk_str client_id)
{
	return lk_str_is(client_id, on->client.application->client_id);
}

static enum lk_err
access_find(struct revoking *on)
{
	const struct fast *fast = on->asker.flow->fast;
	struct store_answer stored = {0};
	struct token_selector selector;
	struct crypto_digest grant_key;
	struct store_ask ask = {.token = &on->key, .grant = &grant_key};
	enum lk_err err;

	if (!token_access_read(on->token, on->asker.arena, &selector))
		return LK_OK;
	token_key(fast->ring, on->token, &on->key);
	token_grant_key(fast->ring, &selector, &grant_key);
	err = store_fetch(on->asker.flow->store, &ask, &stored);
	if (err != LK_OK || !stored.has_token)
		return err;
	if (stored.token.has_grant)
		on->grant = stored.grant;
	on->is_known =
	    is_own(on, stored.token.has_grant ? stored.grant.client_id : stored.token.client_id);
	on->change = (struct store_change){.kind = STORE_TOKEN_END, .key = &on->key};
	return LK_OK;
}

static enum lk_err
refresh_find(struct revoking *on)
{
	const struct fast *fast = on->asker.flow->fast;
	struct token_refresh refresh;
	enum lk_err err;

	if (!token_refresh_read(fast->ring, on->token, &refresh))
		return LK_OK;
	token_grant_key(fast->ring, &refresh.selector, &on->key);
	err = store_grant_get(on->asker.flow->store, &on->key, &on->grant);
	if (err == LK_E_NOT_FOUND)
		return LK_OK;
	on->is_known = err == LK_OK && is_own(on, on->grant.client_id);
	/* Who gives it back knows; STORE_GRANT_END would have them told. */
	on->change = (struct store_change){
	    .kind = STORE_GRANT_END, .key = &on->key, .is_quiet = true};
	return err;
}

static enum lk_err
find(struct revoking *on)
{
	if (lk_str_starts(on->token, TOKEN_REFRESH_PREFIX))
		return refresh_find(on);
	if (lk_str_starts(on->token, TOKEN_CODE_PREFIX) ||
	    lk_str_starts(on->token, TOKEN_DEVICE_PREFIX))
		return LK_E_OAUTH_TOKEN_TYPE;
	return access_find(on);
}

/* A robot's token is named by its key, so that its end can be told to the store again. */
static struct lk_str
what(const struct revoking *on)
{
	struct lk_str key;

	if (on->change.kind == STORE_GRANT_END)
		return LK_STR("refresh_token");
	if (on->grant.person_id.len > 0)
		return LK_STR("access_token");
	key = token_key_write(&on->key, on->asker.arena);
	if (key.ptr == NULL)
		return key;
	return lk_arena_printf(on->asker.arena, "access_token %.*s", LK_STR_ARGS(key));
}

static enum lk_err
audit(const struct revoking *on)
{
	struct subject subject = {
	    .is_known = true,
	    .person = {.id = on->grant.person_id, .username = on->grant.username}};
	struct trail trail = {
	    .event = AUDIT_TOKEN_REVOKED,
	    .actor = lk_str_c(on->client.application->client_id),
	    .detail = what(on),
	};

	if (trail.detail.ptr == NULL)
		return LK_E_MEMORY;
	return trail_write(&on->asker, on->grant.person_id.len > 0 ? &subject : NULL, &trail);
}

static enum lk_err
end(struct revoking *on)
{
	struct store_result result;
	enum lk_err err;

	if (!on->is_known)
		return LK_OK;
	err = store_commit(on->asker.flow->store, &on->change, 1, &result);
	return err == LK_OK ? audit(on) : err;
}

enum lk_err
revoke_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   struct res *res)
{
	struct revoking on = {.token = req->param[PARAM_token]};
	enum lk_err err = client_authenticate(flow->fast, req, &on.client);

	(void)stored;
	if (err == LK_OK)
		err = client_spend(flow, req, &on.client);
	if (err != LK_OK)
		return err;
	if (on.token.len == 0 && !req->is_param_bad)
		return LK_E_OAUTH_REQUEST;
	asker_of_req(flow, req, &on.asker);
	err = find(&on);
	if (err == LK_OK)
		err = end(&on);
	if (err != LK_OK)
		return err;
	lk_buf_add_c(&res->body, "{}");
	reply_json(res, 200);
	return LK_OK;
}
