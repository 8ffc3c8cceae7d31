/* SPDX-License-Identifier: MIT */
/* A code becomes tokens: once, for the application it was given to, by whoever asked for it. */
#include "flow/grant.h"
#include "flow/pkce.h"
#include "flow/token_ask.h"

#define CODE_MARK_LIFE_S 300
#define MARK_BYTES	 16u

struct redeem {
	struct lk_str text;
	struct crypto_digest key;
	struct token_selector selector;
	struct store_code code;
};

static enum lk_err
wrong(struct token_ask *ask, const char *words)
{
	ask->wrong = words;
	return LK_E_OAUTH_GRANT;
}

/*
 * A code that is not there was never given, is too old, or was exchanged: what came of it, if it is
 * this application's, ends (RFC 6749 s4.1.2).
 */
static enum lk_err
not_there(struct token_ask *ask, const struct redeem *redeem)
{
	struct crypto_digest key;
	struct store_grant grant;
	enum lk_err err;

	token_grant_key(ask->asker.flow->fast->ring, &redeem->selector, &key);
	err = store_grant_get(ask->asker.flow->store, &key, &grant);
	if (err == LK_E_NOT_FOUND ||
	    (err == LK_OK && !lk_str_is(grant.client_id, ask->client.application->client_id)))
		return LK_E_OAUTH_GRANT;
	return err == LK_OK ? token_reused(ask, &redeem->selector, AUDIT_CODE_REUSED) : err;
}

static enum lk_err
code_find(struct token_ask *ask, struct redeem *redeem)
{
	enum lk_err err;

	redeem->text = ask->req->param[PARAM_code];
	if (redeem->text.len == 0)
		return LK_E_OAUTH_REQUEST;
	if (!token_code_grant(ask->asker.flow->fast->ring, redeem->text, &redeem->selector))
		return LK_E_OAUTH_GRANT;
	token_key(ask->asker.flow->fast->ring, redeem->text, &redeem->key);
	err = store_code_get(ask->asker.flow->store, &redeem->key, &redeem->code);
	if (err == LK_E_NOT_FOUND)
		return not_there(ask, redeem);
	if (err == LK_OK && redeem->code.ends_at_s <= ask->asker.now_s)
		return LK_E_OAUTH_GRANT;
	return err;
}

/* Whoever holds a code must be who asked for it, in every way there is to tell. */
static enum lk_err
code_check(struct token_ask *ask, const struct redeem *redeem)
{
	const struct store_code *code = &redeem->code;
	struct lk_str sent = ask->req->param[PARAM_redirect_uri];

	if (!lk_str_is(code->grant.client_id, ask->client.application->client_id))
		return LK_E_OAUTH_GRANT;
	if ((code->was_redirect_sent || sent.len > 0) && !lk_str_is_equal(sent, code->redirect_uri))
		return wrong(ask, "redirect_uri is another than that of the code.");
	if (!pkce_is_proven(code->challenge, ask->req->param[PARAM_code_verifier]))
		return wrong(ask, "code_verifier does not fit the code.");
	if (ask->client.application->is_public && code->challenge.len == 0)
		return LK_E_OAUTH_GRANT;
	return LK_OK;
}

/* The mark that spends it: nobody else's code has the same. */
static enum lk_err
spend_fill(const struct token_ask *ask, const struct redeem *redeem, struct store_change *out)
{
	const uint8_t *bytes = redeem->key.bytes;
	struct lk_str rest;
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	rest = crypto_base64url_make(lk_str_n((const char *)bytes + sizeof value, MARK_BYTES),
				     ask->asker.arena);
	*out = (struct store_change){
	    .kind = STORE_SPEND,
	    .mark = STORE_MARK_CODE,
	    .person_id = rest,
	    .value = value,
	    .life_s = CODE_MARK_LIFE_S,
	};
	return rest.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
give(struct token_ask *ask, struct redeem *redeem)
{
	struct grant_check check = {ask->client.application, true};
	struct subject subject;
	struct token_give giving = {
	    .metric = METRIC_GRANT_code,
	    .grant = &redeem->code.grant,
	    .subject = &subject,
	    .selector = redeem->selector,
	    .is_new = true,
	    .nonce = redeem->code.nonce,
	    .scope = redeem->code.grant.scope,
	    .first = {[1] = {.kind = STORE_CODE_NEED, .key = &redeem->key}},
	    .first_count = 2,
	};
	enum lk_err err = token_audience(ask, redeem->code.grant.audience, &giving.audience);

	if (err == LK_OK)
		err = grant_renew(&ask->asker, &check, &redeem->code.grant, &subject);
	if (err == LK_OK)
		err = spend_fill(ask, redeem, &giving.first[0]);
	return err == LK_OK ? token_give(ask, &giving) : err;
}

enum lk_err
token_code(struct token_ask *ask)
{
	struct redeem redeem;
	enum lk_err err = code_find(ask, &redeem);

	if (err == LK_OK)
		err = code_check(ask, &redeem);
	if (err == LK_OK)
		err = give(ask, &redeem);
	if (err == LK_E_USED)
		return token_reused(ask, &redeem.selector, AUDIT_CODE_REUSED);
	/* The session that gave it ended meanwhile, or its person took back what they allowed. */
	return err == LK_E_STORE_CONFLICT ? LK_E_OAUTH_GRANT : err;
}
