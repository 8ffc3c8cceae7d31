/* SPDX-License-Identifier: MIT */
#include "flow/pam_door.h"

#include <string.h>

#include "exchange/origin.h"
#include "flow/device.h"
#include "flow/pam_talk.h"
#include "flow/show.h"
#include "page/page.h"

#define SENTENCE_MAX_BYTES 2000u

struct lk_str
pam_text(const struct pam *pam, enum wire_field field)
{
	const struct wire_value *value = &pam->question->frame->value[field];

	return lk_str_n(value->ptr, value->ptr == NULL ? 0 : value->len);
}

const struct lk_secret *
pam_secret(const struct pam *pam, enum wire_field field)
{
	struct lk_str text = pam_text(pam, field);

	return text.len == 0 ? NULL : lk_secret_make(pam->asker.arena, text);
}

bool
pam_has_flag(const struct pam *pam, enum wire_flag flag)
{
	return (wire_number(pam->question->frame, WIRE_FLAGS, 0) & flag) != 0;
}

/* --- sentences ------------------------------------------------------------------------------ */

struct lk_str
pam_sentence(struct pam *pam, const char *text)
{
	struct lk_str out = {NULL, 0};
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, SENTENCE_MAX_BYTES);
	page_sentence(&buf, page_text_find(text), pam->asker.lang, &pam->values);
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(pam->asker.arena, lk_buf_str(&buf));
	return out;
}

void
pam_info(struct pam *pam, const char *text)
{
	struct lk_str words = pam_sentence(pam, text);

	wire_put(pam->out, WIRE_INFO, words.ptr, words.len);
}

void
pam_say(struct pam *pam, struct lk_str lines)
{
	wire_put(pam->out, WIRE_SENTENCE, lines.ptr, lines.len);
}

static struct lk_str
filled(struct pam *pam, void (*fill)(struct lk_buf *, enum lang, int64_t, int64_t), int64_t at_s)
{
	struct lk_str out = {NULL, 0};
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, 200);
	fill(&buf, pam->asker.lang, at_s, pam->asker.now_s);
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(pam->asker.arena, lk_buf_str(&buf));
	return out;
}

struct lk_str
pam_when(struct pam *pam, int64_t at_s)
{
	return at_s > 0 ? filled(pam, page_time, at_s) : pam_sentence(pam, "time_later");
}

static struct lk_str
minutes(struct pam *pam, uint32_t count)
{
	struct lk_str out = {NULL, 0};
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, 200);
	page_duration(&buf, pam->asker.lang, (int64_t)count * 60);
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(pam->asker.arena, lk_buf_str(&buf));
	return out;
}

static void
values_fill(struct pam *pam)
{
	const struct conf *conf = pam->asker.flow->fast->conf;
	const struct flow_detail *detail = &pam->asker.flow->detail;

	page_set_c(&pam->values, PLACE_service_name, conf->service_name);
	page_set_c(&pam->values, PLACE_help_phone, conf->help_phone);
	page_set(&pam->values, PLACE_reference, pam->asker.reference);
	page_set(&pam->values, PLACE_count, lk_arena_printf(pam->asker.arena, "%u", detail->count));
	page_set(&pam->values, PLACE_duration, minutes(pam, detail->count));
	if (detail->until_s == 0)
		return;
	page_set(&pam->values, PLACE_time, filled(pam, page_time, detail->until_s));
	page_set(&pam->values, PLACE_date, filled(pam, page_date, detail->until_s));
}

/* --- answers -------------------------------------------------------------------------------- */

static void
verdict(struct pam *pam, enum wire_verdict verdict)
{
	wire_put_number(pam->out, WIRE_VERDICT, (uint32_t)verdict);
}

static void
handle_put(struct pam *pam)
{
	wire_put(pam->out, WIRE_HANDLE, pam->asker.browser.ptr, pam->asker.browser.len);
}

void
pam_done(struct pam *pam)
{
	verdict(pam, WIRE_VERDICT_DONE);
	handle_put(pam);
}

void
pam_new_password(struct pam *pam)
{
	verdict(pam, WIRE_VERDICT_NEW_PASSWORD);
	handle_put(pam);
}

void
pam_ask(struct pam *pam, enum wire_prompt kind, const char *text)
{
	struct lk_str prompt = pam_sentence(pam, text);

	verdict(pam, WIRE_VERDICT_ASK);
	wire_put_number(pam->out, WIRE_PROMPT_KIND, (uint32_t)kind);
	wire_put(pam->out, WIRE_PROMPT, prompt.ptr, prompt.len);
	wire_put_number(pam->out, WIRE_IS_ECHO, kind == WIRE_PROMPT_CODE);
	handle_put(pam);
}

struct telling {
	enum lk_err err;
	enum wire_reason reason;
	const char *text; /* key; NULL: the row's own */
	const char *path; /* of {url} */
};

static const struct telling tellings[] = {
    {LK_E_SIGNIN_WRONG, WIRE_REASON_WRONG, NULL, "/reset"},
    {LK_E_SIGNIN_TOO_FAST, WIRE_REASON_TOO_FAST, NULL, "/help"},
    {LK_E_ACCOUNT_LOCKED, WIRE_REASON_LOCKED, "pam_locked", "/unlock"},
    {LK_E_CODE_LOCKED, WIRE_REASON_LOCKED, "pam_codes_locked", "/help"},
    {LK_E_ACCOUNT_LEFT, WIRE_REASON_LEFT, "pam_left", "/help"},
    {LK_E_ACCOUNT_NOT_STARTED, WIRE_REASON_NOT_STARTED, "pam_not_started", "/help"},
    {LK_E_ACCOUNT_BLOCKED, WIRE_REASON_BLOCKED, "pam_blocked", "/help"},
    {LK_E_PERSON_NOT_FOUND, WIRE_REASON_UNKNOWN, "signin_wrong", "/help"},
    {LK_E_RESET_NO_FACTOR, WIRE_REASON_NOT_HERE, "pam_enrol_first", "/"},
    {LK_E_PASSWORD_UNSURE, WIRE_REASON_UNSURE, NULL, "/help"},
    {LK_E_DIRECTORY_UNSURE, WIRE_REASON_UNSURE, NULL, "/help"},
    {LK_E_PASSWORD_NOT_ALLOWED, WIRE_REASON_NOT_ALLOWED, NULL, "/help"},
    {LK_E_NOT_ALLOWED, WIRE_REASON_NOT_ALLOWED, "pam_root", "/help"},
    {LK_E_PASSWORD_TOO_SOON, WIRE_REASON_PASSWORD, NULL, "/help"},
};

/* Anything else that is the person's own doing is simply wrong. */
static struct telling
telling_of(enum lk_err err)
{
	for (size_t i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++)
		if (tellings[i].err == err)
			return tellings[i];
	return (struct telling){err, WIRE_REASON_WRONG, NULL, "/help"};
}

static void
even(struct pam *pam)
{
	struct policy_signin signin;
	struct policy_who nobody = {0};
	struct flow *flow = pam->asker.flow;

	policy_signin_ask(flow->fast->policy, &nobody, &signin);
	flow->not_before_mono_ms = flow->began_mono_ms + signin.even_out_ms;
}

/* Who cannot simply try again may have to call, and read out the reference. */
static void
refusal_say(struct pam *pam, struct lk_str words, enum lk_retry retry)
{
	struct lk_str reference = pam_sentence(pam, "pam_reference");

	if (retry == LK_RETRY_NOW)
		pam_say(pam, words);
	else
		pam_say(pam, lk_arena_printf(pam->asker.arena, "%.*s\n%.*s", LK_STR_ARGS(words),
					     LK_STR_ARGS(reference)));
}

void
pam_refuse(struct pam *pam, enum lk_err err)
{
	struct telling telling = telling_of(err);
	const struct lk_err_row *row = lk_err_row(err);
	const struct conf *conf = pam->asker.flow->fast->conf;

	even(pam);
	values_fill(pam);
	if (row->fault == LK_FAULT_OURS && telling.reason != WIRE_REASON_UNSURE) {
		verdict(pam, WIRE_VERDICT_UNAVAILABLE);
		refusal_say(pam, pam_sentence(pam, "pam_not_answering"), row->retry);
		return;
	}
	page_set(&pam->values, PLACE_url,
		 lk_arena_printf(pam->asker.arena, "%s%s", conf->base_url, telling.path));
	verdict(pam, WIRE_VERDICT_REFUSED);
	wire_put_number(pam->out, WIRE_REASON, (uint32_t)telling.reason);
	refusal_say(pam, pam_sentence(pam, telling.text == NULL ? row->text_key : telling.text),
		    row->retry);
}

/* --- who asks ------------------------------------------------------------------------------- */

static enum lang
language_of(struct lk_str locale)
{
	return lk_str_starts(locale, "cy") ? LANG_CY : LANG_EN;
}

/*
 * Only root may say where somebody sits. Any other user is a seat of their own: their tries are
 * nobody else's.
 */
static struct lk_str
seat_of(const struct pam *pam, struct lk_arena *arena)
{
	struct lk_str rhost = pam_text(pam, WIRE_RHOST);

	if (pam->question->peer_uid != 0)
		return lk_arena_printf(arena, "uid %u", (unsigned)pam->question->peer_uid);
	return rhost.len > 0 ? rhost : LK_STR("local");
}

static struct lk_str
handle_of(const struct pam *pam)
{
	struct lk_str handle = pam_text(pam, WIRE_HANDLE);

	if (crypto_token_check(PAM_HANDLE_PREFIX, handle))
		return handle;
	return crypto_token_make(PAM_HANDLE_PREFIX, pam->asker.arena);
}

static void
asker_fill(struct pam *pam, struct flow *flow)
{
	struct lk_str service = pam_text(pam, WIRE_SERVICE), seat = seat_of(pam, flow->call->arena);

	pam->asker = (struct asker){
	    .flow = flow,
	    .arena = flow->call->arena,
	    .door = lk_arena_printf(flow->call->arena, "pam:%.*s", LK_STR_ARGS(service)),
	    .metric_door = METRIC_DOOR_pam,
	    .reference = pam->question->reference,
	    .address = seat,
	    .device_name = lk_arena_printf(flow->call->arena, "%.*s (%.*s)", LK_STR_ARGS(service),
					   LK_STR_ARGS(seat)),
	    .lang = language_of(pam_text(pam, WIRE_LANGUAGE)),
	    .now_s = lk_clock_wall_s(flow->fast->clock),
	};
	pam->asker.browser = handle_of(pam);
	origin_address_key(flow->fast->ring, seat, &pam->asker.address_key);
}

/* What stands under the handle, and how often this seat was wrong lately: one trip. */
static enum lk_err
fetch(struct pam *pam)
{
	struct crypto_digest key;
	struct store_ask ask = {.journey = &key, .address = &pam->asker.address_key};
	enum lk_err err;

	steps_key(pam->asker.flow->fast->ring, pam->asker.browser, JOB_PAM, &key);
	err = store_fetch(pam->asker.flow->store, &ask, &pam->stored);
	if (err == LK_OK && pam->stored.has_journey &&
	    !lk_str_is_equal(pam->stored.journey.note, pam->username))
		pam->stored.has_journey = false;
	return err;
}

static void
dispatch(struct pam *pam)
{
	switch (pam->question->frame->kind) {
	case WIRE_AUTH:
		pam_auth(pam);
		return;
	case WIRE_ACCOUNT:
		pam_account(pam);
		return;
	case WIRE_CHANGE:
		pam_change(pam);
		return;
	case WIRE_ADMIN:
	case WIRE_ANSWER:
	default:
		pam_refuse(pam, LK_E_BROKEN);
	}
}

void
flow_pam_answer(struct flow *flow, const struct pam_question *question, struct wire_out *out)
{
	struct pam pam = {.question = question, .out = out};
	enum lk_err err;

	page_values_init(&pam.values);
	asker_fill(&pam, flow);
	pam.username = lk_str_trim(pam_text(&pam, WIRE_USERNAME));
	err = fetch(&pam);
	if (err == LK_OK && pam.username.len == 0)
		err = LK_E_SIGNIN_WRONG;
	if (err != LK_OK)
		pam_refuse(&pam, err);
	else
		dispatch(&pam);
}
