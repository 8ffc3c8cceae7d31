/* SPDX-License-Identifier: MIT */
/*
 * An application sends somebody here to sign in (OAuth 2.1, OpenID Connect): who it is, what it
 * wants, whether they are signed in well enough, and back with a code. Only a registered address is
 * ever led to.
 *
 * Time: for somebody signed in, of the directory two searches and one for what is told of them, one
 * more where the application is one that people must allow; of the store one fetch and one commit.
 */
#include "flow/authorize_inside.h"
#include "flow/authorize_note.h"
#include "flow/handlers.h"

static void
begin(struct authorizing *on, struct flow *flow, const struct req *req,
      const struct store_answer *stored)
{
	*on = (struct authorizing){.flow = flow, .req = req, .stored = stored};
	asker_of_req(flow, req, &on->asker);
}

/* --- refusals -------------------------------------------------------------------------------- */

/* The address is for developers alone: a page that showed it would show anybody's. */
static void
target_log(const struct authorizing *on, const struct lk_str *param, enum lk_err err)
{
	const struct fast *fast = on->flow->fast;
	struct lk_str client_id = param[PARAM_client_id], uri = param[PARAM_redirect_uri];
	int shown = uri.len > 300 ? 300 : (int)uri.len;

	lk_log(fast->log, LK_LOG_WARNING, "authorize", on->asker.reference,
	       "%s: client_id=%.*s redirect_uri=%.*s is not one of its redirect_uris",
	       lk_err_row(err)->name, LK_STR_ARGS(client_id), shown,
	       uri.ptr == NULL ? "" : uri.ptr);
}

/* Nobody to send anybody back to: a page of ours. */
static enum lk_err
target_refuse(struct authorizing *on, const struct lk_str *param, enum lk_err err)
{
	target_log(on, param, err);
	if (on->ask.application != NULL)
		show_application(&on->show, lk_str_c(on->ask.application->client_id));
	show_refusal(&on->show, err, NULL);
	on->show.res->form_action = lk_str_n(NULL, 0);
	on->show.res->not_before_mono_ms = 0;
	return LK_OK;
}

/* A page that names the application they wanted; our own faults are told further out. */
static enum lk_err
page_refuse(struct authorizing *on, enum lk_err err)
{
	if (lk_err_row(err)->fault == LK_FAULT_OURS)
		return err;
	show_application(&on->show, lk_str_c(on->ask.application->client_id));
	show_refusal(&on->show, err, &on->flow->detail);
	return LK_OK;
}

static bool
is_for_application(const struct authorizing *on, enum lk_err err)
{
	return lk_err_row(err)->audience == LK_AUDIENCE_DEVELOPER ||
	       (on->ask.prompt & AUTHORIZE_PROMPT_NONE) != 0;
}

/* --- on its way ------------------------------------------------------------------------------ */

static enum lk_err
decide(struct authorizing *on)
{
	enum lk_err err = authorize_who_check(on);

	if (err == LK_OK)
		err = authorize_give(on);
	if (err == LK_OK)
		return LK_OK;
	if ((on->ask.prompt & AUTHORIZE_PROMPT_NONE) != 0)
		return authorize_reply_error(on, err);
	if (err == LK_E_OAUTH_LOGIN)
		err = authorize_way_signin(on);
	else if (err == LK_E_OAUTH_INTERACTION)
		err = authorize_way_step(on);
	else if (err == LK_E_OAUTH_CONSENT)
		err = authorize_way_consent(on);
	if (err == LK_OK)
		return LK_OK;
	return is_for_application(on, err) ? authorize_reply_error(on, err) : page_refuse(on, err);
}

static enum lk_err
ask_read(struct authorizing *on, const struct authorize_params *params)
{
	enum lk_err err = authorize_target_read(params, &on->ask);

	return err == LK_OK ? authorize_ask_read(params, &on->ask) : err;
}

static enum lk_err
asked(struct authorizing *on, struct res *res)
{
	const struct req *req = on->req;
	struct authorize_params params = {
	    .policy = on->flow->fast->policy,
	    .now_s = on->asker.now_s,
	    .arena = req->arena,
	    .param = req->param,
	    .is_bad = req->is_param_bad,
	    .bad = req->param_bad,
	};
	enum lk_err err;

	show_begin(&on->show, on->flow->fast, req, NULL, res);
	err = ask_read(on, &params);
	if (err == LK_E_APP_UNKNOWN || err == LK_E_APP_REDIRECT)
		return target_refuse(on, req->param, err);
	if (err != LK_OK)
		return is_for_application(on, err) ? authorize_reply_error(on, err)
						   : page_refuse(on, err);
	return req->method == METHOD_POST ? authorize_way_again(on) : decide(on);
}

enum lk_err
authorize_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	      struct res *res)
{
	struct authorizing on;

	begin(&on, flow, req, stored);
	return asked(&on, res);
}

enum lk_err
authorize_post_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		   struct res *res)
{
	return authorize_run(flow, req, stored, res);
}

/* --- back from signing in or from being asked --------------------------------------------------
 */

/* What waits under this name. Its registration may have changed meanwhile. */
static enum lk_err
waiting_read(struct authorizing *on, struct res *res)
{
	struct lk_str *param = lk_arena_alloc(on->req->arena, PARAM_COUNT * sizeof *param);
	struct authorize_params params = {
	    .policy = on->flow->fast->policy,
	    .now_s = on->asker.now_s,
	    .arena = on->req->arena,
	    .param = param,
	};
	enum lk_err err = param == NULL ? LK_E_MEMORY : LK_OK;

	show_begin(&on->show, on->flow->fast, on->req, NULL, res);
	/* What came by POST belongs to no browser yet, and this one may have never been here. */
	if (err == LK_OK)
		err = authorize_way_browser(on);
	if (err == LK_OK)
		err = authorize_pending_get(&on->asker, on->req->path, &on->pending);
	if (err == LK_OK)
		err = authorize_note_read(on->pending.journey.note, on->req->arena, param);
	on->is_waiting = err == LK_OK;
	return err == LK_OK ? ask_read(on, &params) : err;
}

enum lk_err
authorize_waiting_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		      struct res *res)
{
	struct authorizing on;
	enum lk_err err;

	begin(&on, flow, req, stored);
	err = waiting_read(&on, res);
	if (err != LK_OK)
		return err;
	return on.pending.journey.state == STATE_DONE ? authorize_repeat(&on) : decide(&on);
}

enum lk_err
authorize_answer_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		     struct res *res)
{
	struct lk_str answer = req->field[FIELD_answer];
	struct authorizing on;
	enum lk_err err;

	begin(&on, flow, req, stored);
	err = waiting_read(&on, res);
	if (err != LK_OK)
		return err;
	if (on.pending.journey.state == STATE_DONE)
		return authorize_repeat(&on);
	if (lk_str_is(answer, "deny"))
		return authorize_deny(&on);
	on.is_allowed = lk_str_is(answer, "allow");
	return decide(&on);
}
