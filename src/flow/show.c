/* SPDX-License-Identifier: MIT */
#include "flow/show.h"

#include <string.h>

#include "exchange/cookie.h"
#include "exchange/form.h"
#include "flow/help.h"
#include "flow/next.h"
#include "flow/scope.h"
#include "flow/service_name.h"
#include "page/page.h"
#include "policy/application.h"

#define WORDS_MAX_BYTES 2048u
#define ORIGINS_MAX	8u

/* --- words ---------------------------------------------------------------------------------- */

static struct lk_str
kept(const struct show *show, struct lk_buf *buf)
{
	struct lk_str out = {NULL, 0};

	if (lk_buf_is_ok(buf))
		out = lk_arena_dup(show->req->arena, lk_buf_str(buf));
	lk_buf_done(buf);
	return out;
}

static int64_t
now_of(const struct show *show)
{
	return lk_clock_wall_s(show->fast->clock);
}

struct lk_str
show_time(const struct show *show, int64_t at_s)
{
	struct lk_buf buf;

	lk_buf_init(&buf, WORDS_MAX_BYTES);
	page_time(&buf, show->req->lang, at_s, now_of(show));
	return kept(show, &buf);
}

static struct lk_str
time_of_day(const struct show *show, int64_t at_s)
{
	struct lk_buf buf;

	lk_buf_init(&buf, WORDS_MAX_BYTES);
	page_time_of_day(&buf, show->req->lang, at_s);
	return kept(show, &buf);
}

struct lk_str
show_date(const struct show *show, int64_t at_s)
{
	struct lk_buf buf;

	lk_buf_init(&buf, WORDS_MAX_BYTES);
	page_date(&buf, show->req->lang, at_s, now_of(show));
	return kept(show, &buf);
}

struct lk_str
show_duration(const struct show *show, int64_t duration_s)
{
	struct lk_buf buf;

	lk_buf_init(&buf, WORDS_MAX_BYTES);
	page_duration(&buf, show->req->lang, duration_s < 0 ? 0 : duration_s);
	return kept(show, &buf);
}

struct lk_str
show_number(const struct show *show, int64_t number)
{
	return lk_arena_printf(show->req->arena, "%lld", (long long)number);
}

struct lk_str
show_sentence(const struct show *show, enum text_id text)
{
	struct lk_buf buf;

	lk_buf_init(&buf, WORDS_MAX_BYTES);
	page_sentence(&buf, text, show->req->lang, &show->values);
	return kept(show, &buf);
}

/* --- the frame ------------------------------------------------------------------------------ */

static struct lk_str
session_form_key(const struct show *show)
{
	return steps_form_key(show->fast->ring, show->req->cookie[COOKIE_SESSION], JOB_NONE,
			      show->req->arena);
}

/* Which part of the menu the page belongs to. */
static const char *
menu_of(struct lk_str path)
{
	if (lk_str_is(path, "/"))
		return "services";
	return lk_str_starts(path, "/account") ? "account" : "other";
}

void
show_begin(struct show *show, const struct fast *fast, const struct req *req,
	   const struct store_answer *stored, struct res *res)
{
	*show = (struct show){.fast = fast, .req = req, .stored = stored, .res = res};
	page_values_init(&show->values);
	page_set_c(&show->values, PLACE_service_name, service_name(fast->conf, req->lang));
	page_set(&show->values, PLACE_here, req->path);
	page_set(&show->values, PLACE_reference, lk_str_c(req->reference));
	help_fill(fast->help, req->lang, now_of(show), req->arena, &show->values);
	if (stored == NULL || !stored->has_session)
		return;
	page_set_c(&show->values, PLACE_menu, menu_of(req->path));
	page_set(&show->values, PLACE_sign_out_key, session_form_key(show));
	page_set(&show->values, PLACE_display_name, stored->session.display_name);
}

static struct lk_str
browser_of(struct show *show)
{
	struct res_cookie *cookie = &show->res->cookie[COOKIE_BROWSER];

	if (show->req->cookie[COOKIE_BROWSER].len > 0)
		return show->req->cookie[COOKIE_BROWSER];
	if (!cookie->is_set)
		*cookie = (struct res_cookie){
		    true, crypto_token_make(COOKIE_BROWSER_PREFIX, show->req->arena), 0};
	return cookie->value;
}

enum lk_err
show_form(struct show *show, enum job job)
{
	struct lk_str text;

	if (job == JOB_NONE)
		text = session_form_key(show);
	else
		text = steps_form_key(show->fast->ring, browser_of(show), job, show->req->arena);
	page_set(&show->values, PLACE_form_key, text);
	return text.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

/* --- the application ------------------------------------------------------------------------ */

/*
 * As the source of a form's way. An application on the person's own machine comes with another port
 * each time (RFC 8252 s7.3), which nobody knows here yet. [::1] cannot be said in a policy, and of
 * a scheme of an application's own nobody knows what follows: the way there ends on a page of its
 * own (authorize_reply.c).
 */
static struct lk_str
source_of(const struct policy_application *application, struct lk_str uri)
{
	struct lk_str origin = res_origin(uri);

	if (!res_origin_is_source(origin))
		return lk_str_n(NULL, 0);
	if (policy_application_any_port_check(application, uri))
		return LK_STR("http://127.0.0.1:*");
	return origin;
}

/*
 * Where the last step of this journey may lead: browsers hold a form's whole way, redirects and
 * all, against form-action.
 */
static struct lk_str
origins_of(const struct show *show, const struct policy_application *application)
{
	struct lk_str origins = {NULL, 0};

	for (size_t i = 0; i < application->redirect_uris.count && i < ORIGINS_MAX; i++) {
		struct lk_str source =
		    source_of(application, lk_str_c(application->redirect_uris.items[i]));

		if (source.len > 0)
			origins = scope_with(origins, source, show->req->arena);
	}
	return origins;
}

void
show_application(struct show *show, struct lk_str client_id)
{
	const struct policy_application *application =
	    policy_application_find(show->fast->policy, client_id);

	if (application == NULL)
		return;
	show->res->form_action = origins_of(show, application);
	page_set_c(&show->values, PLACE_application, application->client_id);
	page_set_c(&show->values, PLACE_application_name,
		   show->req->lang == LANG_CY ? application->name_cy : application->name_en);
}

/* It stands in a query itself, so a '&' of its own is escaped. */
static void
here_set(struct show *show, struct lk_str query)
{
	size_t cut = lk_str_find(query, '&');
	struct lk_str first = lk_str_n(query.ptr, cut), second = lk_str_from(query, cut + 1);

	page_set(&show->values, PLACE_here,
		 lk_arena_printf(show->req->arena, "%.*s%.*s%s%.*s", LK_STR_ARGS(show->req->path),
				 LK_STR_ARGS(first), second.len > 0 ? "%26" : "",
				 LK_STR_ARGS(second)));
}

void
show_onward(struct show *show, const struct onward *onward)
{
	show_application(show, onward->application);
	page_set(&show->values, PLACE_next, onward->next);
	page_set(&show->values, PLACE_onward,
		 next_query(show->req->arena, onward->application, onward->next));
}

void
show_onward_asked(const struct show *show, struct onward *out)
{
	const struct req *req = show->req;
	struct onward onward = {req->field[FIELD_application],
				next_check(req->field[FIELD_next])};

	if (onward.application.len == 0)
		(void)form_query_find(req->arena, req->query, "application", &onward.application);
	if (onward.next.len == 0 && form_query_find(req->arena, req->query, "next", &onward.next))
		onward.next = next_check(onward.next);
	if (policy_application_find(show->fast->policy, onward.application) == NULL)
		onward.application = lk_str_n(NULL, 0);
	*out = onward;
}

void
show_application_asked(struct show *show)
{
	struct onward onward;

	show_onward_asked(show, &onward);
	show_onward(show, &onward);
	here_set(show, next_query(show->req->arena, onward.application, onward.next));
}

/* --- answers -------------------------------------------------------------------------------- */

enum lk_err
show_page(struct show *show, enum page_id page, int status)
{
	struct res *res = show->res;

	lk_buf_clear(&res->body);
	page_render(&res->body, page, show->req->lang, &show->values);
	if (!lk_buf_is_ok(&res->body))
		return LK_E_MEMORY;
	res->status = status;
	res->content_type = "text/html; charset=utf-8";
	return LK_OK;
}

void
show_even(const struct fast *fast, const struct req *req, struct res *res)
{
	struct policy_signin signin;
	struct policy_who nobody = {0};

	policy_signin_ask(fast->policy, &nobody, &signin);
	res->not_before_mono_ms = req->began_mono_ms + signin.even_out_ms;
}

static bool
is_told_at_field(const struct lk_err_row *row)
{
	return strncmp(row->shown, "page_", 5) != 0;
}

enum lk_err
show_again(struct show *show, enum page_id page, enum lk_err err)
{
	const struct lk_err_row *row = lk_err_row(err);

	if (err == LK_OK || !is_told_at_field(row))
		return err;
	show->values.error = page_text_find(row->text_key);
	show->values.error_field = row->shown;
	show_even(show->fast, show->req, show->res);
	return show_page(show, page, row->http_status);
}

enum lk_err
show_way(struct res *res, struct lk_arena *arena, const char *path)
{
	lk_buf_clear(&res->body);
	res->status = 303;
	res->content_type = NULL;
	res->location = lk_arena_dup(arena, lk_str_c(path));
	return res->location.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static void
detail_fill(struct show *show, const struct flow_detail *detail)
{
	if (detail == NULL)
		return;
	if (detail->count > 0)
		page_set(&show->values, PLACE_count, show_number(show, detail->count));
	if (detail->until_s == 0)
		return;
	page_set(&show->values, PLACE_time, show_time(show, detail->until_s));
	page_set(&show->values, PLACE_time_of_day, time_of_day(show, detail->until_s));
	page_set(&show->values, PLACE_date, show_date(show, detail->until_s));
	page_set(&show->values, PLACE_duration,
		 show_duration(show, detail->until_s - now_of(show)));
}

/* "signin_left" → the text "signin_left_title". */
static enum text_id
title_find(const char *key)
{
	char title[80];
	size_t len = strlen(key);

	if (len + sizeof("_title") > sizeof(title))
		return TEXT_NONE;
	memcpy(title, key, len);
	memcpy(title + len, "_title", sizeof("_title"));
	return page_text_find(title);
}

/* Without a page or without memory: a few plain words, so that nobody meets a blank one. */
static void
plain(struct res *res, int status)
{
	lk_buf_clear(&res->body);
	lk_buf_add_c(&res->body, "Sorry, there is a problem with the service.\n");
	res->status = status;
	res->content_type = "text/plain; charset=utf-8";
}

/* Refusals that send people on instead of telling them there. */
static const char *
way_of(enum lk_err err)
{
	if (err == LK_E_SESSION_NONE)
		return "/signin";
	if (err == LK_E_SESSION_ENDED)
		return "/session-ended";
	if (err == LK_E_FORM_STALE || err == LK_E_STORE_CONFLICT || err == LK_E_USED)
		return "/start-again";
	return NULL;
}

static void
refusal_page(struct show *show, const struct lk_err_row *row)
{
	enum page_id page = page_find(is_told_at_field(row) ? "problem" : row->shown + 5);
	const char *key = row->text_key;

	if (row->audience == LK_AUDIENCE_DEVELOPER)
		key = lk_err_row(LK_E_REQUEST_BAD)->text_key;
	page_set(&show->values, PLACE_heading, show_sentence(show, title_find(key)));
	page_set(&show->values, PLACE_words, show_sentence(show, page_text_find(key)));
	if (page == PAGE_NONE || show_page(show, page, row->http_status) != LK_OK)
		plain(show->res, row->http_status);
}

void
show_refusal(struct show *show, enum lk_err err, const struct flow_detail *detail)
{
	const struct lk_err_row *row = lk_err_row(err);
	const char *way = way_of(err);

	show_even(show->fast, show->req, show->res);
	if (way != NULL && show_way(show->res, show->req->arena, way) == LK_OK)
		return;
	if (row->http_status == 503 || row->http_status == 429)
		show->res->retry_after_s = row->http_status == 429 ? 60 : 10;
	detail_fill(show, detail);
	refusal_page(show, row);
}
