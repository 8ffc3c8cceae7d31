/* SPDX-License-Identifier: MIT */
/*
 * An application sends somebody here to sign out. Only who shows an id token of this very session
 * is taken at their word; everybody else's person is asked first, and nobody is sent to an address
 * that was not registered, nor anywhere at once on a word that cannot be proven.
 *
 *                          signed in                        not signed in
 *   hint of this session   out, and on                      on
 *   …with a wrong address  asked; then our page             our page
 *   any other good hint    asked; then on                   on
 *   no hint                asked; then on, if client_id     our page
 *                          says whose address it is
 *   a hint that is none    asked; then our page             our page
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0.
 */
#include "exchange/address.h"
#include "flow/handlers.h"
#include "flow/logout_ask.h"
#include "flow/show.h"
#include "flow/signout.h"

#define ADDRESS_MAX_BYTES 7168u

/* What is wrong is told to developers, in the log; people read a page. */
static void
wrong_log(const struct fast *fast, const struct req *req, const struct logout_ask *ask)
{
	if (ask->wrong != NULL)
		lk_log(fast->log, LK_LOG_INFO, "logout", lk_str_c(req->reference), "%s: %s",
		       ask->application == NULL ? "an application" : ask->application->client_id,
		       ask->wrong);
}

static enum lk_err
ask_person(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   const struct logout_ask *ask, struct res *res)
{
	struct show show;
	enum lk_err err;

	show_begin(&show, flow->fast, req, stored, res);
	/* One button that signs out is enough on a page. */
	page_set_c(&show.values, PLACE_menu, NULL);
	if (ask->uri.len > 0) {
		page_set(&show.values, PLACE_signed_out_url, ask->uri);
		page_set(&show.values, PLACE_state, ask->state);
		res->form_action = res_origin(ask->uri);
	}
	if (ask->application != NULL)
		show_application(&show, lk_str_c(ask->application->client_id));
	err = show_form(&show, JOB_NONE);
	return err == LK_OK ? show_page(&show, PAGE_logout, 200) : err;
}

static enum lk_err
decide(struct flow *flow, const struct req *req, const struct store_answer *stored,
       struct res *res)
{
	struct signout_way way;
	struct logout_ask ask;

	logout_ask_read(flow->fast, req, &ask);
	wrong_log(flow->fast, req, &ask);
	way = (struct signout_way){ask.application, logout_ask_to(&ask, req->arena)};
	if (logout_ask_is_of(flow->fast, req, &ask, stored) && ask.wrong == NULL)
		return signout_do(flow, req, stored, &way, res);
	if (stored->has_session)
		return ask_person(flow, req, stored, &ask, res);
	if (ask.hint != LOGOUT_HINT_GOOD)
		way.to = (struct lk_str){NULL, 0};
	return signout_pass(req, &way, res);
}

enum lk_err
logout_page_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		struct res *res)
{
	return decide(flow, req, stored, res);
}

/*
 * A form of another site brings no cookies along (SameSite): whether anybody is signed in shows
 * once the browser comes again by itself.
 */
static enum lk_err
come_again(const struct req *req, struct res *res)
{
	static const struct {
		const char *name;
		enum param param;
	} each[] = {
	    {"id_token_hint", PARAM_id_token_hint},
	    {"client_id", PARAM_client_id},
	    {"post_logout_redirect_uri", PARAM_post_logout_redirect_uri},
	    {"state", PARAM_state},
	};
	struct lk_str to;
	LK_AUTO_BUF address;

	lk_buf_init(&address, ADDRESS_MAX_BYTES);
	lk_buf_add_c(&address, "/logout");
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		address_param_add(&address, each[i].name, req->param[each[i].param]);
	if (!lk_buf_is_ok(&address) || req->is_param_bad)
		return show_way(res, req->arena, "/logout");
	to = lk_arena_dup(req->arena, lk_buf_str(&address));
	res->status = 303;
	res->location = to;
	return to.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
logout_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   struct res *res)
{
	return stored->has_session ? decide(flow, req, stored, res) : come_again(req, res);
}

/* The button. What the page carried is looked at anew: it came back through a browser. */
enum lk_err
logout_confirm_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		   struct res *res)
{
	const struct policy_application *application =
	    policy_application_find(flow->fast->policy, req->field[FIELD_client_id]);
	struct logout_ask ask = {.uri = req->field[FIELD_signed_out_url],
				 .state = req->field[FIELD_state]};
	struct signout_way way = {application, {NULL, 0}};

	if (application != NULL && policy_application_signed_out_check(application, ask.uri))
		way.to = logout_ask_to(&ask, req->arena);
	return signout_do(flow, req, stored, &way, res);
}
