/* SPDX-License-Identifier: MIT */
/*
 * Who is this? Asked by a web server for every request to an application behind it. One fetch, of
 * what the cookie names: the grant, and the session it came from. Its answer is 200, 401 or 403
 * whatever happens: anything else makes nginx answer 500. Who cannot be told from a stranger,
 * because the store does not answer, is one: the sign-in page says then what is wrong.
 */
#include "base/json.h"
#include "flow/alive.h"
#include "flow/forward.h"
#include "flow/handlers.h"
#include "flow/show.h"

#define GROUPS_MAX_BYTES 4096u

/* --- 200 -------------------------------------------------------------------------------------- */

static bool
is_header_text(struct lk_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return value.len > 0;
}

/* What is not known, and what a header cannot hold, is not said. */
static void
say(const struct req *req, const char *name, struct lk_str value, struct res *res)
{
	if (is_header_text(value))
		res_header_add(res, name, lk_arena_dup(req->arena, value));
}

/* "staff,payroll". A group with a comma in its name would be read as two. */
static void
say_groups(const struct req *req, const struct lk_json *groups, struct res *res)
{
	struct lk_str group;
	LK_AUTO_BUF list;

	lk_buf_init(&list, GROUPS_MAX_BYTES);
	for (size_t i = 0; i < lk_json_count(groups); i++) {
		if (!lk_json_to_str(lk_json_at(groups, i), &group) || !is_header_text(group) ||
		    lk_str_find(group, ',') < group.len)
			continue;
		if (list.len > 0)
			lk_buf_add_byte(&list, ',');
		lk_buf_add_str(&list, group);
	}
	if (lk_buf_is_ok(&list))
		say(req, "Remote-Groups", lk_buf_str(&list), res);
}

static void
say_claim(const struct req *req, const struct lk_json *claim, const char *name, struct res *res)
{
	struct lk_str text;

	if (lk_json_to_str(claim, &text))
		say(req, name, text, res);
}

static enum lk_err
say_who(const struct req *req, const struct store_grant *grant, struct res *res)
{
	struct lk_json *claims = NULL;

	if (lk_json_read(grant->claims, STORE_RECORD_MAX_BYTES, &claims) != LK_OK)
		claims = NULL;
	say(req, "Remote-User", grant->username, res);
	say(req, "X-Latchkey-Sub", grant->sub, res);
	if (claims != NULL) {
		say_claim(req, lk_json_find(claims, "name"), "Remote-Name", res);
		say_claim(req, lk_json_find(claims, "email"), "Remote-Email", res);
		say_claim(req, lk_json_find(claims, "department"), "X-Latchkey-Department", res);
		say_groups(req, lk_json_find(claims, "groups"), res);
	}
	lk_json_free(claims);
	res->status = 200;
	return LK_OK;
}

/* --- 403 and 401 ------------------------------------------------------------------------------ */

static enum lk_err
refuse(struct show *show, const struct forward *on, enum lk_err err)
{
	if (on->application != NULL)
		show_application(show, lk_str_c(on->application->client_id));
	show_refusal(show, err, NULL);
	show->res->status = 403;
	show->res->not_before_mono_ms = 0;
	show->res->retry_after_s = 0;
	return LK_OK;
}

/* Where to sign in stands in headers, and on the page for whoever is shown it. */
static enum lk_err
send_away(struct show *show, const struct forward *on)
{
	struct res *res = show->res;
	struct lk_arena *arena = show->req->arena;
	LK_AUTO_BUF way;

	lk_buf_init(&way, 16384);
	lk_buf_add_str(&way, on->url.origin);
	lk_buf_add_c(&way, FORWARD_START "?to=");
	lk_buf_add_percent(&way, on->url.path, "");
	res->location =
	    lk_buf_is_ok(&way) ? lk_arena_dup(arena, lk_buf_str(&way)) : lk_str_n(NULL, 0);
	if (res->location.ptr == NULL)
		return LK_E_MEMORY;
	res_header_add(res, "Refresh",
		       lk_arena_printf(arena, "0; url=%.*s", LK_STR_ARGS(res->location)));
	page_set(&show->values, PLACE_continue_url, res->location);
	show_application(show, lk_str_c(on->application->client_id));
	return show_page(show, PAGE_forward, 401);
}

/* The one it came from: another that is alive is nothing to it. */
static bool
is_on_session(const struct store_answer *stored)
{
	const struct store_session *session = &stored->session;
	const struct store_grant *grant = &stored->grant;

	return stored->has_session && session->sid.len > 0 &&
	       lk_str_is_equal(session->sid, grant->sid) &&
	       lk_str_is_equal(session->person_id, grant->person_id);
}

static bool
is_signed_in(const struct fast *fast, const struct store_answer *stored, const struct forward *on)
{
	struct alive alive;

	return alive_find(fast, stored, &alive) && alive.grant != NULL &&
	       alive.application == on->application && is_on_session(stored);
}

enum lk_err
forward_auth_answer(const struct fast *fast, const struct req *req,
		    const struct store_answer *stored, struct res *res)
{
	struct forward on;
	struct show show;
	enum lk_err err = forward_read(fast, req, &on);

	if (err == LK_OK && !policy_application_network_check(on.application, req->address))
		err = LK_E_ACCESS_NONE;
	if (err == LK_OK && is_signed_in(fast, stored, &on))
		return say_who(req, &stored->grant, res);
	show_begin(&show, fast, req, NULL, res);
	return err == LK_OK ? send_away(&show, &on) : refuse(&show, &on, err);
}
