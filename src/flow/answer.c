/* SPDX-License-Identifier: MIT */
/*
 * From a request to its answer: what it needs to know, who may ask, the row's handler, and the page
 * of whatever stood in the way.
 */
#include "exchange/reply.h"
#include "flow/bearer.h"
#include "flow/cors.h"
#include "flow/guard.h"
#include "flow/guesses.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/signing.h"
#include "flow/token_text.h"

static bool
wants_session(const struct route *route, const struct req *req)
{
	return (route->guard == GUARD_SESSION || route->guard == GUARD_MAYBE ||
		route->guard == GUARD_AUTHORIZE) &&
	       req->cookie[COOKIE_SESSION].len > 0;
}

static bool
wants_journey(const struct route *route, const struct req *req)
{
	return route->job != JOB_NONE && req->cookie[COOKIE_BROWSER].len > 0;
}

bool
flow_ask_token(const struct fast *fast, const struct route *route, const struct req *req,
	       struct store_ask *out)
{
	struct lk_str text = route->guard == GUARD_TOKEN ? bearer_token(req) : lk_str_n(NULL, 0);
	struct crypto_digest *key;

	if (text.len == 0)
		return false;
	key = lk_arena_alloc(req->arena, sizeof *key);
	if (key == NULL)
		return false;
	token_key(fast->ring, text, key);
	out->token = key;
	return true;
}

/* Of what cannot be a token of ours nothing is asked. */
static bool
token_ask(const struct fast *fast, const struct route *route, const struct req *req,
	  struct store_ask *out)
{
	struct token_selector selector;
	struct crypto_digest *key;

	if ((out->token == NULL && !flow_ask_token(fast, route, req, out)) ||
	    !token_access_read(bearer_token(req), req->arena, &selector))
		return false;
	key = lk_arena_alloc(req->arena, sizeof *key);
	if (key == NULL)
		return false;
	token_grant_key(fast->ring, &selector, key);
	out->grant = key;
	return true;
}

/* Who is signed in at an application is for as long as they are here. */
static bool
forward_ask(const struct fast *fast, const struct req *req, struct crypto_digest keys[3],
	    struct store_ask *out)
{
	struct token_forward forward;

	if (!token_forward_read(req->cookie[COOKIE_FORWARD], &forward))
		return false;
	token_key(fast->ring, forward.token, &keys[0]);
	token_grant_key(fast->ring, &forward.selector, &keys[1]);
	keys[2] = forward.session;
	*out = (struct store_ask){.token = &keys[0], .grant = &keys[1], .session = &keys[2]};
	return true;
}

static bool
browser_ask(const struct fast *fast, const struct route *route, const struct req *req,
	    struct crypto_digest keys[2], struct store_ask *out)
{
	if (wants_session(route, req)) {
		session_key(fast->ring, req->cookie[COOKIE_SESSION], &keys[0]);
		out->session = &keys[0];
	}
	if (wants_journey(route, req)) {
		steps_key(fast->ring, req->cookie[COOKIE_BROWSER], (enum job)route->job, &keys[1]);
		out->journey = &keys[1];
	}
	if (req->method == METHOD_POST)
		out->address = &req->address_key;
	return out->session != NULL || out->journey != NULL || out->address != NULL;
}

bool
flow_ask(const struct fast *fast, const struct route *route, const struct req *req,
	 struct store_ask *out)
{
	struct crypto_digest *keys;

	if (route->guard == GUARD_OPEN || route->guard == GUARD_API)
		return false;
	if (route->guard == GUARD_TOKEN)
		return token_ask(fast, route, req, out);
	keys = lk_arena_alloc(req->arena, 3 * sizeof *keys);
	if (keys == NULL)
		return false;
	return route->guard == GUARD_FORWARD ? forward_ask(fast, req, keys, out)
					     : browser_ask(fast, route, req, keys, out);
}

static void
refuse(const struct fast *fast, const struct req *req, enum lk_err err,
       const struct flow_detail *detail, struct res *res)
{
	struct lk_str words = lk_str_n(NULL, 0);
	struct show show;

	if (err == LK_E_METHOD_NONE)
		words = LK_STR("Not with this method: Allow names those there are.");
	if (req->is_program) {
		reply_oauth(res, err, words);
		cors_allow(fast, req, res);
		return;
	}
	show_begin(&show, fast, req, NULL, res);
	show_refusal(&show, err, detail);
	if (err == LK_E_SESSION_ENDED)
		res->cookie[COOKIE_SESSION] = (struct res_cookie){.is_set = true};
}

void
flow_refuse(const struct fast *fast, const struct req *req, enum lk_err err, struct res *res)
{
	refuse(fast, req, err, NULL, res);
	res->not_before_mono_ms = 0;
}

void
flow_answer_loop(const struct fast *fast, const struct route *route, const struct req *req,
		 const struct flow_stored *stored, struct res *res)
{
	static const struct store_answer nothing;
	const struct store_answer *answer = stored->answer == NULL ? &nothing : stored->answer;
	struct store_answer within;
	/* Whoever asks for a web server cannot be told that something is down. */
	enum lk_err err = route->guard == GUARD_FORWARD ? LK_OK : stored->err;

	if (answer->has_session || answer->has_journey) {
		within = *answer;
		steps_hold_check(fast, req, (enum job)route->job, &within);
		session_reach_check(route, &within);
		answer = &within;
	}
	if (err == LK_OK)
		err = guard_check(fast, route, req, answer);
	if (err == LK_OK)
		err = route->answer(fast, req, answer, res);
	if (err != LK_OK)
		flow_refuse(fast, req, err, res);
	else if (req->is_program)
		cors_allow(fast, req, res);
}

void
flow_state(const struct fast *fast, struct flow_state *out)
{
	out->configuration = fast->number;
	out->keys = fast->signing == NULL ? 0 : signing_count(fast->signing);
	out->guesses = fast->guesses == NULL ? 0 : guesses_count(fast->guesses);
	out->wall_s = lk_clock_wall_s(fast->clock);
}

/* The session goes on; should this get lost it ends a minute early. */
static void
touch(struct flow *flow, const struct store_ask *ask, const struct store_answer *stored)
{
	if (stored->has_session)
		(void)!store_session_touch(flow->store, ask->session, &stored->session);
}

static enum lk_err
lane(struct flow *flow, const struct route *route, const struct req *req, struct res *res)
{
	struct store_answer stored = {0};
	struct store_ask ask = {0};
	enum lk_err err = LK_OK;

	if (flow_ask(flow->fast, route, req, &ask))
		err = store_fetch(flow->store, &ask, &stored);
	steps_hold_check(flow->fast, req, (enum job)route->job, &stored);
	session_reach_check(route, &stored);
	if (err == LK_OK)
		err = guard_check(flow->fast, route, req, &stored);
	if (err != LK_OK)
		return err;
	touch(flow, &ask, &stored);
	return route->run(flow, req, &stored, res);
}

static void
log_fault(const struct fast *fast, const struct req *req, const char *name,
	  const struct lk_call *call, enum lk_err err)
{
	if (lk_err_row(err)->fault == LK_FAULT_OURS)
		lk_log(fast->log, LK_LOG_ERROR, "request", lk_str_c(req->reference), "%s: %s: %s",
		       name, lk_err_row(err)->name, call->why->text);
}

void
flow_answer_lane(struct flow *flow, const struct route *route, const struct req *req,
		 struct res *res)
{
	enum lk_err err = lane(flow, route, req, res);

	if (err == LK_OK && req->is_program)
		cors_allow(flow->fast, req, res);
	if (err == LK_OK)
		return;
	log_fault(flow->fast, req, route->name, flow->call, err);
	refuse(flow->fast, req, err, &flow->detail, res);
}

const struct flow_prepared *
flow_prepare(const struct fast *fast, const struct route *route, const struct req *req,
	     const struct lk_call *call, struct res *res)
{
	static const struct store_answer nothing;
	struct flow_prepared *prepared;

	if (route->prepare == NULL || guard_check(fast, route, req, &nothing) != LK_OK)
		return NULL;
	prepared = lk_arena_alloc(req->arena, sizeof *prepared);
	if (prepared == NULL || !route->prepare(fast, req, prepared, res))
		return NULL;
	prepared->route = route;
	prepared->call = call;
	return prepared;
}

void
flow_answer_prepared(const struct fast *fast, const struct req *req,
		     const struct flow_prepared *prepared, enum lk_err err, struct res *res)
{
	if (err == LK_OK) {
		metric_count_tokens_issued_total(fast->metrics, prepared->grant, METRIC_NONE);
		cors_allow(fast, req, res);
		return;
	}
	log_fault(fast, req, prepared->route->name, prepared->call, err);
	flow_refuse(fast, req, err, res);
}
