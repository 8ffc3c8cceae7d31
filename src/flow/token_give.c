/* SPDX-License-Identifier: MIT */
#include "exchange/reply.h"
#include "flow/id_token.h"
#include "flow/payload.h"
#include "flow/scope.h"
#include "flow/token_ask.h"
#include "flow/trail.h"

#define CHANGES_MAX (TOKEN_FIRST_MAX + 3u)

/* What is made before anything is changed. */
struct made {
	struct lk_str access, refresh, id;
	struct store_token token;
	struct crypto_digest access_key, old_key, grant_key;
};

/* --- made ----------------------------------------------------------------------------------- */

static int64_t
ends_at(const struct token_ask *ask, const struct token_give *give)
{
	int64_t ends_at_s = ask->asker.now_s + ask->client.application->access_token_life_s;

	if (give->grant != NULL && (ask->is_forward || give->grant->ends_at_s < ends_at_s))
		return give->grant->ends_at_s;
	return ends_at_s;
}

static enum lk_err
signed_make(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	struct access_token token = {
	    .application = ask->client.application,
	    .grant = give->grant,
	    .jti = token_jti_make(&give->selector, ask->asker.arena),
	    .scope = give->scope,
	    .audience = give->audience,
	    .now_s = ask->asker.now_s,
	    .ends_at_s = made->token.ends_at_s,
	};

	if (token.jti.ptr == NULL)
		return LK_E_MEMORY;
	return access_token_make(ask->asker.flow->fast, &token, ask->asker.arena, &made->access);
}

/* What stands beside the grant is only what differs from it. */
static void
record_fill(const struct token_ask *ask, const struct token_give *give, struct store_token *out)
{
	const struct store_grant *grant = give->grant;

	*out = (struct store_token){
	    .made_at_s = ask->asker.now_s,
	    .ends_at_s = ends_at(ask, give),
	    .has_grant = grant != NULL,
	};
	if (grant == NULL)
		out->client_id = lk_str_c(ask->client.application->client_id);
	if (grant == NULL || !lk_str_is_equal(give->scope, grant->scope))
		out->scope = give->scope;
	if (grant == NULL || !lk_str_is_equal(give->audience, grant->audience))
		out->audience = give->audience;
}

static enum lk_err
access_make(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	const struct fast *fast = ask->asker.flow->fast;
	enum lk_err err = LK_OK;

	record_fill(ask, give, &made->token);
	if (ask->is_forward)
		made->access = token_make(TOKEN_FORWARD_PREFIX, &give->selector, ask->asker.arena);
	else if (ask->client.application->access_token == POLICY_TOKEN_JWT)
		err = signed_make(ask, give, made);
	else if (give->grant == NULL)
		made->access = crypto_token_make(TOKEN_ACCESS_PREFIX, ask->asker.arena);
	else
		made->access = token_make(TOKEN_ACCESS_PREFIX, &give->selector, ask->asker.arena);
	if (err != LK_OK || made->access.ptr == NULL)
		return err == LK_OK ? LK_E_MEMORY : err;
	token_key(fast->ring, made->access, &made->access_key);
	return LK_OK;
}

static enum lk_err
refresh_make(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	struct token_refresh refresh = {give->selector, give->grant->revision};

	made->refresh = token_refresh_make(ask->asker.flow->fast->ring, &refresh, ask->asker.arena);
	return made->refresh.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
id_make(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	struct id_token token = {
	    .application = ask->client.application,
	    .grant = give->grant,
	    .nonce = give->nonce,
	    .access_token = made->access,
	    .now_s = ask->asker.now_s,
	};

	if (!scope_has_c(give->scope, "openid"))
		return LK_OK;
	return id_token_make(ask->asker.flow->fast, &token, ask->asker.arena, &made->id);
}

static enum lk_err
make(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	enum lk_err err = access_make(ask, give, made);

	if (err == LK_OK && give->grant != NULL)
		err = refresh_make(ask, give, made);
	if (err == LK_OK && give->grant != NULL)
		err = id_make(ask, give, made);
	return err;
}

/* --- kept ----------------------------------------------------------------------------------- */

static bool
is_zero(const struct crypto_digest *digest)
{
	static const struct crypto_digest zero;

	return crypto_digest_is_equal(digest, &zero);
}

/* The one before it ends: an application holds one at a time. */
static size_t
grant_changes(const struct token_ask *ask, const struct token_give *give, struct made *made,
	      struct store_change *out)
{
	struct store_grant *grant = give->grant;
	size_t count = 0;

	made->old_key = grant->access;
	grant->access = made->access_key;
	token_grant_key(ask->asker.flow->fast->ring, &give->selector, &made->grant_key);
	out[count++] = (struct store_change){
	    .kind = give->is_new ? STORE_GRANT_PUT : STORE_GRANT_MOVE,
	    .key = &made->grant_key,
	    .grant = grant,
	    .revision = grant->revision - 1,
	    .life_s = (int32_t)(grant->ends_at_s - ask->asker.now_s),
	};
	if (!give->is_new && !is_zero(&made->old_key))
		out[count++] =
		    (struct store_change){.kind = STORE_TOKEN_END, .key = &made->old_key};
	return count;
}

static enum lk_err
keep(const struct token_ask *ask, const struct token_give *give, struct made *made)
{
	struct store_change changes[CHANGES_MAX];
	struct store_result result;
	size_t count = 0;

	for (size_t i = 0; i < give->first_count; i++)
		changes[count++] = give->first[i];
	if (give->grant != NULL)
		count += grant_changes(ask, give, made, &changes[count]);
	changes[count++] = (struct store_change){
	    .kind = STORE_TOKEN_PUT, .key = &made->access_key, .token = &made->token};
	return store_commit(ask->asker.flow->store, changes, count, &result);
}

/* What is renewed is named by its key, so that the store can be told again how often it was. */
static struct lk_str
what(const struct token_ask *ask, const struct token_give *give)
{
	struct lk_arena *arena = ask->asker.arena;
	struct lk_str type = ask->req->param[PARAM_grant_type], key;
	struct lk_str simple[] = {type, LK_STR("; scope: "), give->scope};
	struct crypto_digest digest;

	if (give->grant == NULL || give->is_new)
		return lk_arena_join(arena, simple, sizeof simple / sizeof *simple);
	token_grant_key(ask->asker.flow->fast->ring, &give->selector, &digest);
	key = token_key_write(&digest, arena);
	if (key.ptr == NULL)
		return key;
	return lk_arena_printf(arena, "%.*s %.*s %lu; scope: %.*s", LK_STR_ARGS(type),
			       LK_STR_ARGS(key), (unsigned long)give->grant->revision,
			       LK_STR_ARGS(give->scope));
}

static void
trail_fill(const struct token_ask *ask, const struct token_give *give, struct trail *out)
{
	*out = (struct trail){
	    .event = AUDIT_TOKEN_ISSUED,
	    .actor = lk_str_c(ask->client.application->client_id),
	    .detail = what(ask, give),
	};
}

static enum lk_err
audit(const struct token_ask *ask, const struct token_give *give)
{
	struct trail trail;

	trail_fill(ask, give, &trail);
	if (trail.detail.ptr == NULL)
		return LK_E_MEMORY;
	return trail_write(&ask->asker, give->subject, &trail);
}

/* --- answered ------------------------------------------------------------------------------- */

static enum lk_err
answer(struct token_ask *ask, const struct token_give *give, const struct made *made)
{
	struct lk_buf *body = &ask->res->body;

	lk_buf_clear(body);
	payload_begin(body);
	payload_text(body, "access_token", made->access);
	payload_text(body, "token_type", LK_STR("Bearer"));
	payload_number(body, "expires_in", made->token.ends_at_s - ask->asker.now_s);
	payload_text(body, "refresh_token", made->refresh);
	payload_text(body, "scope", give->scope);
	payload_text(body, "id_token", made->id);
	payload_end(body);
	reply_json(ask->res, 200);
	return lk_buf_is_ok(body) ? LK_OK : LK_E_MEMORY;
}

enum lk_err
token_give(struct token_ask *ask, struct token_give *give)
{
	struct made made = {.access = {NULL, 0}};
	enum lk_err err = make(ask, give, &made);

	if (err == LK_OK)
		err = keep(ask, give, &made);
	if (err == LK_OK)
		err = audit(ask, give);
	if (err != LK_OK)
		return err;
	metric_count_tokens_issued_total(ask->asker.flow->fast->metrics, give->metric, METRIC_NONE);
	return answer(ask, give, &made);
}

bool
token_give_prepare(struct token_ask *ask, const struct token_give *give, struct flow_prepared *out)
{
	struct made made = {.access = {NULL, 0}};
	struct trail trail;

	if (make(ask, give, &made) != LK_OK)
		return false;
	out->key = made.access_key;
	out->token = made.token;
	out->change =
	    (struct store_change){.kind = STORE_TOKEN_PUT, .key = &out->key, .token = &out->token};
	out->grant = give->metric;
	trail_fill(ask, give, &trail);
	trail_line(&ask->asker, NULL, &trail, &out->line);
	return trail.detail.ptr != NULL && answer(ask, give, &made) == LK_OK;
}

enum lk_err
token_audience(const struct token_ask *ask, struct lk_str granted, struct lk_str *out)
{
	struct lk_str asked = ask->req->param[PARAM_resource];

	*out = granted;
	if (asked.len == 0)
		return LK_OK;
	if (!scope_is_within(asked, granted))
		return LK_E_OAUTH_TARGET;
	*out = scope_shared(asked, granted, ask->asker.arena);
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
token_reused(struct token_ask *ask, const struct token_selector *selector, enum audit_event event)
{
	struct trail trail = {
	    .event = event,
	    .result = LK_E_OAUTH_GRANT,
	    .actor = lk_str_c(ask->client.application->client_id),
	};
	struct subject subject = {.is_known = true};
	struct crypto_digest key;
	struct store_grant grant;
	/* The session goes on: nobody is signed out of the application. */
	struct store_change end = {.kind = STORE_GRANT_END, .key = &key, .is_quiet = true};
	struct store_result result;
	enum lk_err err;

	token_grant_key(ask->asker.flow->fast->ring, selector, &key);
	err = store_grant_get(ask->asker.flow->store, &key, &grant);
	if (err == LK_E_NOT_FOUND)
		return LK_E_OAUTH_GRANT;
	if (err == LK_OK)
		err = store_commit(ask->asker.flow->store, &end, 1, &result);
	if (err != LK_OK)
		return err;
	subject.person.id = grant.person_id;
	subject.person.username = grant.username;
	err = trail_write(&ask->asker, &subject, &trail);
	return err == LK_OK ? LK_E_OAUTH_GRANT : err;
}
