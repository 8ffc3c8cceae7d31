/* SPDX-License-Identifier: MIT */
/* Where people are led on their way to an application: to sign in, to show more, to be asked. */
#include "exchange/cookie.h"
#include "flow/arrive.h"
#include "flow/authorize_inside.h"
#include "flow/scope.h"
#include "flow/throttle.h"

#define SCOPES_SHOWN_MAX 8u

/* --- kept until they are back ---------------------------------------------------------------- */

enum lk_err
authorize_way_browser(struct authorizing *on)
{
	struct res_cookie *cookie = &on->show.res->cookie[COOKIE_BROWSER];

	if (on->asker.browser.len > 0)
		return LK_OK;
	*cookie =
	    (struct res_cookie){true, crypto_token_make(COOKIE_BROWSER_PREFIX, on->asker.arena), 0};
	on->asker.browser = cookie->value;
	return cookie->value.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

/* The language the application would like, for whoever has not chosen one. */
static void
language_set(struct authorizing *on)
{
	struct lk_str rest = on->ask.ui_locales, tag;

	if (on->req->cookie[COOKIE_LANGUAGE].len > 0)
		return;
	while (scope_next(&rest, &tag)) {
		struct lk_str language = lk_str_n(tag.ptr, lk_str_find(tag, '-'));

		if (!lk_str_is(language, "en") && !lk_str_is(language, "cy"))
			continue;
		on->show.res->cookie[COOKIE_LANGUAGE] = (struct res_cookie){true, language, 0};
		return;
	}
}

static enum lk_err
waiting_need(struct authorizing *on)
{
	enum lk_err err;

	if (on->is_waiting)
		return LK_OK;
	err = authorize_way_browser(on);
	if (err == LK_OK)
		err = authorize_pending_put(&on->asker, on->req, on->asker.browser, &on->pending);
	on->is_waiting = err == LK_OK;
	language_set(on);
	return err;
}

static struct lk_str
waiting_path(const struct authorizing *on)
{
	return lk_arena_printf(on->asker.arena, AUTHORIZE_PENDING_PATH "%.*s",
			       LK_STR_ARGS(on->pending.id));
}

static enum lk_err
way(struct authorizing *on, struct lk_str path)
{
	return path.ptr == NULL ? LK_E_MEMORY : show_way(on->show.res, on->asker.arena, path.ptr);
}

enum lk_err
authorize_way_again(struct authorizing *on)
{
	struct lk_str nobody = {NULL, 0};
	enum lk_err err = authorize_pending_put(&on->asker, on->req, nobody, &on->pending);

	return err == LK_OK ? way(on, waiting_path(on)) : err;
}

/* --- to sign in ------------------------------------------------------------------------------ */

/*
 * Whom the application expects, for the sign-in page: kept on the server, not in an address. With a
 * browser of which nothing was kept before it is one thing more, and counts as one.
 */
static enum lk_err
hint_put(struct authorizing *on)
{
	const struct store_answer *stored = on->stored;
	bool is_idle = !stored->has_journey || steps_is_at(stored, STATE_START) ||
		       steps_is_at(stored, STATE_DONE);
	struct store_journey journey = {
	    .revision = stored->has_journey ? stored->journey.revision + 1 : 1,
	    .job = JOB_SIGNIN,
	    .state = STATE_START,
	    .username = on->ask.login_hint,
	    .application = lk_str_c(on->ask.application->client_id),
	    .epoch = on->pending.journey.epoch,
	    .began_at_s = on->asker.now_s,
	};
	struct crypto_digest key;
	struct store_change changes[2] = {
	    {.kind = STORE_JOURNEY_PUT, .key = &key, .journey = &journey, .life_s = 900}};
	struct store_result result;
	enum lk_err err;

	if (on->ask.login_hint.len == 0 || !is_idle)
		return LK_OK;
	steps_key(on->flow->fast->ring, on->asker.browser, JOB_SIGNIN, &key);
	throttle_waiting(&on->asker, on->ask.login_hint.len, &changes[1]);
	err = store_commit(on->flow->store, changes, stored->has_journey ? 1 : 2, &result);
	return err == LK_E_SIGNIN_TOO_FAST ? throttle_too_fast(&on->asker) : err;
}

enum lk_err
authorize_way_signin(struct authorizing *on)
{
	enum lk_err err = waiting_need(on);

	if (err == LK_OK)
		err = hint_put(on);
	if (err != LK_OK)
		return err;
	return way(on,
		   lk_arena_printf(on->asker.arena,
				   "/signin?application=%s&next=" AUTHORIZE_PENDING_PATH "%.*s",
				   on->ask.application->client_id, LK_STR_ARGS(on->pending.id)));
}

/* --- to show more ---------------------------------------------------------------------------- */

/* What was shown is not asked for again: the sign-in goes on behind it. */
enum lk_err
authorize_way_step(struct authorizing *on)
{
	struct crypto_digest answer;
	struct arrival arrival = {
	    .job = JOB_SIGNIN,
	    .event = EVENT_ALL_SHOWN,
	    .subject = &on->subject,
	    .stored = on->stored,
	    .answer = &answer,
	    .shown = on->stored->session.proofs & ~(unsigned)STORE_PROOF_LIMITED,
	    .has = on->has,
	    .application = lk_str_c(on->ask.application->client_id),
	    .wants_two_step = on->ask.wants_two_step,
	    .note = {.grace_left = -1},
	};
	enum lk_err err;

	if (on->is_kept)
		return LK_E_DIRECTORY_DOWN;
	err = waiting_need(on);
	if (err != LK_OK)
		return err;
	crypto_random(answer.bytes, sizeof answer.bytes);
	arrival.note.next = waiting_path(on);
	if (arrival.note.next.ptr == NULL)
		return LK_E_MEMORY;
	return arrive(&on->asker, &arrival, on->show.res);
}

/* --- to be asked ------------------------------------------------------------------------------ */

struct told {
	const char *scope;
	enum text_id text;
};
static const struct told tellings[] = {
    {"openid", TEXT_consent_openid},
    {"profile", TEXT_consent_profile},
    {"email", TEXT_consent_email},
    {"phone", TEXT_consent_phone},
    {"address", TEXT_consent_address},
    {"groups", TEXT_consent_groups},
    {"offline_access", TEXT_consent_offline},
};

static size_t
tellings_fill(const struct authorizing *on, struct page_item items[SCOPES_SHOWN_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof tellings / sizeof tellings[0]; i++) {
		if (scope_has_c(on->ask.told, tellings[i].scope) && count < SCOPES_SHOWN_MAX)
			items[count++] = (struct page_item){
			    .text = {show_sentence(&on->show, tellings[i].text)}};
	}
	return count;
}

/* Here the one is known where this form's way ends. */
static void
origin_set(struct authorizing *on)
{
	struct lk_str origin = res_origin(on->ask.redirect_uri);

	on->show.res->form_action = res_origin_is_source(origin) ? origin : lk_str_n(NULL, 0);
}

static enum lk_err
consent_page(struct authorizing *on)
{
	struct page_item items[SCOPES_SHOWN_MAX];
	struct show *show = &on->show;
	enum lk_err err = show_form(show, JOB_NONE);

	if (err != LK_OK)
		return err;
	show_application(show, lk_str_c(on->ask.application->client_id));
	origin_set(on);
	page_set(&show->values, PLACE_action, on->req->path);
	show->values.items[0] = items;
	show->values.item_count[0] = tellings_fill(on, items);
	return show_page(show, PAGE_consent, 200);
}

enum lk_err
authorize_way_consent(struct authorizing *on)
{
	enum lk_err err;

	if (on->is_waiting && on->req->method == METHOD_GET)
		return consent_page(on);
	err = waiting_need(on);
	return err == LK_OK ? way(on, waiting_path(on)) : err;
}
