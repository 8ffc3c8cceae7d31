/* SPDX-License-Identifier: MIT */
/*
 * On an application's own host: there to sign in, and back. The code that comes back is exchanged
 * here and now, as any application would at /token; the cookie ties it to the browser that set out,
 * so that nobody can be signed in as somebody else by a link.
 */
#include "base/json.h"
#include "crypto/hash.h"
#include "exchange/cookie.h"
#include "exchange/form.h"
#include "flow/forward.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/token_ask.h"

#define WAY_LIFE_S     600
#define WAY_MAX_BYTES  16384u
#define PATH_MAX_BYTES 1500u
#define SCOPE	       "profile email groups"

static enum lk_err
send(struct res *res, struct lk_arena *arena, struct lk_buf *way)
{
	if (!lk_buf_is_ok(way))
		return LK_E_MEMORY;
	return show_way(res, arena, way->bytes);
}

/* --- there ------------------------------------------------------------------------------------ */

static struct lk_str
challenge_of(struct lk_str verifier, struct lk_arena *arena)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];

	crypto_sha256(verifier, hash);
	return crypto_base64url_make(lk_str_n((const char *)hash, sizeof hash), arena);
}

static void
param_add(struct lk_buf *way, const char *name, struct lk_str value)
{
	lk_buf_printf(way, "&%s=", name);
	lk_buf_add_percent(way, value, "");
}

static enum lk_err
authorize_way(const struct fast *fast, const struct req *req, const struct forward *on,
	      struct lk_str cookie, struct res *res)
{
	struct lk_str verifier = forward_verifier(fast->ring, cookie, req->arena);
	struct lk_str state = forward_state_make(fast->ring, cookie, on, req->arena);
	LK_AUTO_BUF way;

	lk_buf_init(&way, WAY_MAX_BYTES);
	if (verifier.ptr == NULL || state.ptr == NULL)
		return LK_E_MEMORY;
	lk_buf_printf(&way, "%s/authorize?response_type=code", fast->conf->base_url);
	param_add(&way, "client_id", lk_str_c(on->application->client_id));
	param_add(&way, "redirect_uri", on->redirect_uri);
	param_add(&way, "scope", LK_STR(SCOPE));
	param_add(&way, "state", state);
	param_add(&way, "code_challenge", challenge_of(verifier, req->arena));
	param_add(&way, "code_challenge_method", LK_STR("S256"));
	return send(res, req->arena, &way);
}

/* A page of this host, of a length that can be kept; else its front page. */
static struct lk_str
wanted(const struct req *req)
{
	struct lk_str to;

	if (!form_query_find(req->arena, req->query, "to", &to) || to.len > PATH_MAX_BYTES ||
	    !forward_path_check(to))
		return LK_STR("/");
	return to;
}

static enum lk_err
refuse(const struct fast *fast, const struct req *req, const struct forward *on, enum lk_err err,
       struct res *res)
{
	struct show show;

	show_begin(&show, fast, req, NULL, res);
	if (on->application != NULL)
		show_application(&show, lk_str_c(on->application->client_id));
	show_refusal(&show, err, NULL);
	return LK_OK;
}

/* Pages opened side by side set out together: what is there already serves them all. */
static struct lk_str
way_cookie(const struct req *req)
{
	struct lk_str cookie = req->cookie[COOKIE_FORWARD_WAY];

	return cookie.len > 0 ? cookie : crypto_token_make(COOKIE_FORWARD_WAY_PREFIX, req->arena);
}

enum lk_err
forward_start_answer(const struct fast *fast, const struct req *req,
		     const struct store_answer *stored, struct res *res)
{
	struct lk_str cookie = way_cookie(req);
	struct forward on;
	enum lk_err err = forward_read(fast, req, &on);

	(void)stored;
	if (err != LK_OK)
		return refuse(fast, req, &on, err, res);
	if (cookie.ptr == NULL)
		return LK_E_MEMORY;
	on.url.path = wanted(req);
	res->cookie[COOKIE_FORWARD_WAY] = (struct res_cookie){true, cookie, WAY_LIFE_S};
	return authorize_way(fast, req, &on, cookie, res);
}

/* --- and back --------------------------------------------------------------------------------- */

/* What /token would be sent. */
static enum lk_err
exchange(struct token_ask *ask, const struct forward *on, struct lk_str code)
{
	const struct req *req = ask->req;
	struct req *sent = lk_arena_alloc(req->arena, sizeof *sent);

	if (sent == NULL)
		return LK_E_MEMORY;
	*sent = *req;
	sent->param[PARAM_code] = code;
	sent->param[PARAM_redirect_uri] = on->redirect_uri;
	sent->param[PARAM_grant_type] = LK_STR("authorization_code");
	sent->param[PARAM_code_verifier] = forward_verifier(
	    ask->asker.flow->fast->ring, req->cookie[COOKIE_FORWARD_WAY], req->arena);
	sent->param[PARAM_resource] = lk_str_n(NULL, 0);
	ask->req = sent;
	ask->client.application = on->application;
	ask->is_forward = true;
	return token_code(ask);
}

/* The token of what /token would answer. */
static enum lk_err
token_take(const struct req *req, struct res *res, struct lk_str *out)
{
	struct lk_json *answer = NULL;
	struct lk_str token = {NULL, 0};
	enum lk_err err = lk_json_read(lk_buf_str(&res->body), RES_BODY_MAX_BYTES, &answer);

	if (err != LK_OK)
		return err;
	if (lk_json_to_str(lk_json_find(answer, "access_token"), &token))
		token = lk_arena_dup(req->arena, token);
	lk_json_free(answer);
	lk_buf_clear(&res->body);
	*out = token;
	return token.ptr == NULL ? LK_E_BROKEN : LK_OK;
}

/* The session it came from, which every request will look at. */
static enum lk_err
session_of(const struct token_ask *ask, struct lk_str token, struct crypto_digest *out)
{
	struct store_session_row session;
	struct token_selector selector;
	struct crypto_digest key;
	struct store_grant grant;
	enum lk_err err;

	if (!token_forward_selector(token, &selector))
		return LK_E_BROKEN;
	token_grant_key(ask->asker.flow->fast->ring, &selector, &key);
	err = store_grant_get(ask->asker.flow->store, &key, &grant);
	if (err == LK_OK)
		err = session_find(&ask->asker, grant.person_id, grant.sid, &session);
	if (err != LK_OK)
		return err == LK_E_NOT_FOUND ? LK_E_SESSION_ENDED : err;
	*out = session.key;
	return LK_OK;
}

static enum lk_err
cookie_give(struct token_ask *ask)
{
	struct res *res = ask->res;
	struct crypto_digest session;
	struct lk_str token, cookie;
	enum lk_err err = token_take(ask->req, res, &token);

	if (err == LK_OK)
		err = session_of(ask, token, &session);
	if (err != LK_OK)
		return err;
	cookie = token_forward_make(token, &session, ask->asker.arena);
	if (cookie.ptr == NULL)
		return LK_E_MEMORY;
	res->cookie[COOKIE_FORWARD] = (struct res_cookie){true, cookie, 0};
	res->cookie[COOKIE_FORWARD_WAY] = (struct res_cookie){.is_set = true};
	return LK_OK;
}

static enum lk_err
go_on(struct token_ask *ask, const struct forward *on)
{
	LK_AUTO_BUF way;

	lk_buf_init(&way, WAY_MAX_BYTES);
	lk_buf_add_str(&way, on->url.origin);
	lk_buf_add_str(&way, on->url.path);
	return send(ask->res, ask->asker.arena, &way);
}

/* Another page was quicker and has signed them in: this one goes where it wanted. */
static enum lk_err
overtaken(struct token_ask *ask, struct forward *on, struct lk_str state)
{
	on->url.path = forward_state_path(state);
	if (ask->req->cookie[COOKIE_FORWARD].len == 0 || on->url.path.ptr == NULL)
		return LK_E_REQUEST_BAD;
	return go_on(ask, on);
}

static enum lk_err
come_back(struct token_ask *ask, struct forward *on)
{
	const struct req *req = ask->req;
	struct lk_str code = {NULL, 0}, state = {NULL, 0};
	enum lk_err err;

	if (!form_query_find(req->arena, req->query, "state", &state))
		return LK_E_REQUEST_BAD;
	on->url.path = forward_state_read(ask->asker.flow->fast->ring,
					  req->cookie[COOKIE_FORWARD_WAY], on, state);
	if (on->url.path.ptr == NULL)
		return overtaken(ask, on, state);
	if (!form_query_find(req->arena, req->query, "code", &code))
		return LK_E_ACCESS_NONE;
	err = exchange(ask, on, code);
	if (err == LK_OK)
		err = cookie_give(ask);
	return err == LK_OK ? go_on(ask, on) : err;
}

enum lk_err
forward_callback_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		     struct res *res)
{
	struct token_ask ask = {.req = req, .res = res};
	struct forward on;
	enum lk_err err = forward_read(flow->fast, req, &on);

	(void)stored;
	asker_of_req(flow, req, &ask.asker);
	if (err == LK_OK)
		err = come_back(&ask, &on);
	return err == LK_OK ? LK_OK : refuse(flow->fast, req, &on, err, res);
}
