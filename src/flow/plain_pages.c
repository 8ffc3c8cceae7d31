/* SPDX-License-Identifier: MIT */
/* Pages that are the same for everybody, and small addresses other programs look for. */
#include <string.h>

#include "exchange/form.h"
#include "flow/authorize_pending.h"
#include "flow/device_grant.h"
#include "flow/handlers.h"
#include "flow/next.h"
#include "flow/show.h"
#include "page/page.h"
#include "policy/application.h"

#define DAY_S		86400
#define LANGUAGE_LIFE_S (365 * DAY_S) /* "a year", says the privacy page */

static enum lk_err
plain_page(const struct fast *fast, const struct req *req, struct res *res, enum page_id page)
{
	struct show show;

	show_begin(&show, fast, req, NULL, res);
	return show_page(&show, page, 200);
}

#define PLAIN_PAGE(handler, page)                                                                  \
	enum lk_err handler##_answer(const struct fast *fast, const struct req *req,               \
				     const struct store_answer *stored, struct res *res)           \
	{                                                                                          \
		(void)stored;                                                                      \
		return plain_page(fast, req, res, page);                                           \
	}

PLAIN_PAGE(signed_out_page, PAGE_signed_out)
PLAIN_PAGE(stale_page, PAGE_stale)
PLAIN_PAGE(help_page, PAGE_help)
PLAIN_PAGE(accessibility_page, PAGE_accessibility)

enum lk_err
session_ended_page_answer(const struct fast *fast, const struct req *req,
			  const struct store_answer *stored, struct res *res)
{
	struct policy_signin signin;
	struct policy_who nobody = {0};
	struct show show;

	(void)stored;
	policy_signin_ask(fast->policy, &nobody, &signin);
	show_begin(&show, fast, req, NULL, res);
	page_set(&show.values, PLACE_duration, show_duration(&show, signin.session_idle_s));
	return show_page(&show, PAGE_session_ended, 200);
}

enum lk_err
privacy_page_answer(const struct fast *fast, const struct req *req,
		    const struct store_answer *stored, struct res *res)
{
	struct policy_lockout lockout;
	struct show show;

	(void)stored;
	policy_lockout_ask(fast->policy, &lockout);
	show_begin(&show, fast, req, NULL, res);
	page_set(&show.values, PLACE_duration,
		 show_duration(&show, (int64_t)lockout.device_days * DAY_S));
	return show_page(&show, PAGE_privacy, 200);
}

/*
 * Back to the page the link was on, and the application a sign-in began at: a path of ours that
 * people can look at, else the first one.
 */
static const char *
back_path(const struct fast *fast, const struct req *req)
{
	struct lk_str rest = {NULL, 0}, path, client_id = {NULL, 0}, next = {NULL, 0}, code;
	const struct route *route;

	if (!form_query_find(req->arena, req->query, "to", &rest) ||
	    !lk_str_split(&rest, '?', &path) ||
	    flow_route_find(METHOD_GET, path, &route) != LK_OK ||
	    strncmp(route->path, "/language/", 10) == 0)
		return "/";
	if (authorize_pending_path_check(path))
		return lk_arena_c(req->arena, path);
	if (form_query_find(req->arena, rest, "user_code", &code))
		return device_path_find(code, req->arena);
	(void)form_query_find(req->arena, rest, "application", &client_id);
	(void)form_query_find(req->arena, rest, "next", &next);
	if (policy_application_find(fast->policy, client_id) == NULL)
		client_id = lk_str_n(NULL, 0);
	rest = next_query(req->arena, client_id, next_check(next));
	return lk_arena_printf(req->arena, "%s%.*s", route->path, LK_STR_ARGS(rest)).ptr;
}

static enum lk_err
language(const struct fast *fast, const struct req *req, struct res *res, const char *lang)
{
	res->cookie[COOKIE_LANGUAGE] = (struct res_cookie){true, lk_str_c(lang), LANGUAGE_LIFE_S};
	return show_way(res, req->arena, back_path(fast, req));
}

enum lk_err
language_en_answer(const struct fast *fast, const struct req *req,
		   const struct store_answer *stored, struct res *res)
{
	(void)stored;
	return language(fast, req, res, "en");
}

enum lk_err
language_cy_answer(const struct fast *fast, const struct req *req,
		   const struct store_answer *stored, struct res *res)
{
	(void)stored;
	return language(fast, req, res, "cy");
}

/* A temporary redirect, or password managers do not follow it. */
enum lk_err
change_password_answer(const struct fast *fast, const struct req *req,
		       const struct store_answer *stored, struct res *res)
{
	enum lk_err err = show_way(res, req->arena, "/account/password");

	(void)fast;
	(void)stored;
	res->status = 302;
	return err;
}

enum lk_err
security_txt_answer(const struct fast *fast, const struct req *req,
		    const struct store_answer *stored, struct res *res)
{
	(void)req;
	(void)stored;
	lk_buf_printf(&res->body,
		      "Contact: %s/help\nPreferred-Languages: en, cy\n"
		      "Canonical: %s/.well-known/security.txt\n",
		      fast->conf->base_url, fast->conf->base_url);
	res->status = 200;
	res->content_type = "text/plain; charset=utf-8";
	return lk_buf_is_ok(&res->body) ? LK_OK : LK_E_MEMORY;
}

enum lk_err
asset_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	     struct res *res)
{
	(void)fast;
	(void)stored;
	res->asset = page_asset_find(req->path);
	if (res->asset == NULL)
		return LK_E_PAGE_NONE;
	res->status = 200;
	res->content_type = res->asset->content_type;
	return LK_OK;
}
