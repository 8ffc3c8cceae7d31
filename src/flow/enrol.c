/* SPDX-License-Identifier: MIT */
/* Set up an authenticator: the seed on the screen, and the first code of it. */
#include "flow/enrol.h"

#include <string.h>

#include "flow/digits.h"
#include "flow/enrol_kept.h"
#include "flow/enrol_start.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"

#define SVG_MAX_BYTES 32768u
#define SIGN_IN_AGAIN "/signin?next=/account/authenticator/new"

/* --- the page ------------------------------------------------------------------------------- */

static struct lk_str
percent(struct lk_arena *arena, struct lk_str text)
{
	struct lk_str out = {NULL, 0};
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, 1024);
	lk_buf_add_percent(&buf, text, "");
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(arena, lk_buf_str(&buf));
	return out;
}

/* Source: Key Uri Format, github.com/google/google-authenticator/wiki. */
static struct lk_str
otpauth_make(struct lk_arena *arena, const char *service_name, struct lk_str username,
	     struct lk_str key)
{
	struct lk_str issuer = percent(arena, lk_str_c(service_name));
	struct lk_str account = percent(arena, username);

	return lk_arena_printf(arena, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s",
			       LK_STR_ARGS(issuer), LK_STR_ARGS(account), LK_STR_ARGS(key),
			       LK_STR_ARGS(issuer));
}

static struct lk_str
in_fours(struct lk_arena *arena, struct lk_str key)
{
	struct lk_str out = {NULL, 0};
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, 256);
	for (size_t i = 0; i < key.len; i++) {
		if (i > 0 && i % 4 == 0)
			lk_buf_add_byte(&buf, ' ');
		lk_buf_add_byte(&buf, key.ptr[i]);
	}
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(arena, lk_buf_str(&buf));
	return out;
}

static enum lk_err
qr_fill(struct show *show, struct lk_str otpauth)
{
	struct lk_str label = show_sentence(show, page_text_find("enrol_qr_label"));
	struct lk_str svg;
	LK_AUTO_BUF buf;
	enum lk_err err;

	lk_buf_init(&buf, SVG_MAX_BYTES);
	err = page_qr(&buf, otpauth, label);
	if (err != LK_OK)
		return err;
	if (!lk_buf_is_ok(&buf))
		return LK_E_MEMORY;
	svg = lk_arena_dup(show->req->arena, lk_buf_str(&buf));
	page_set(&show->values, PLACE_qr, svg);
	return svg.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
seed_fill(struct show *show, const struct store_journey *journey)
{
	struct lk_arena *arena = show->req->arena;
	struct enrol_kept kept;
	struct lk_str key, otpauth;
	enum lk_err err =
	    enrol_kept_open(show->fast->ring, journey->person_id, journey->sealed, arena, &kept);

	if (err == LK_OK && kept.seed == NULL)
		err = LK_E_FORMAT;
	if (err == LK_OK)
		err = crypto_totp_seed_show(kept.seed, arena, &key);
	if (err != LK_OK)
		return err == LK_E_FORMAT ? LK_E_BROKEN : err;
	otpauth = otpauth_make(arena, show->fast->conf->service_name, journey->username, key);
	page_set(&show->values, PLACE_otpauth, otpauth);
	page_set(&show->values, PLACE_key, in_fours(arena, key));
	page_set(&show->values, PLACE_account_name, journey->username);
	return qr_fill(show, otpauth);
}

static void
replacing_fill(struct show *show, const struct dir_factors *factors)
{
	if (factors->totp_sealed.len == 0)
		return;
	page_set_c(&show->values, PLACE_is_replacing, "yes");
	page_set(&show->values, PLACE_authenticator, factors->totp_name);
}

struct enrolling {
	struct asker asker;
	struct subject subject;
	struct dir_factors factors;
	const struct store_answer *stored; /* at SEED or ADDING */
};

static enum lk_err
page_fill(struct show *show, const struct enrolling *enrolling)
{
	enum lk_err err = show_form(show, JOB_ENROL);

	show_application(show, enrolling->stored->journey.application);
	if (err == LK_OK)
		err = seed_fill(show, &enrolling->stored->journey);
	replacing_fill(show, &enrolling->factors);
	return err;
}

static enum lk_err
person_read(struct enrolling *enrolling, const struct store_journey *journey)
{
	enum lk_err err = steps_subject(&enrolling->asker, journey, &enrolling->subject);

	if (err == LK_OK)
		err = session_stay_check(&enrolling->asker, &enrolling->subject);
	if (err == LK_OK)
		err = dir_factors_get(enrolling->asker.flow->dir, &enrolling->subject.person,
				      &enrolling->factors);
	return err;
}

/* --- into the directory --------------------------------------------------------------------- */

/* "iPhone" of "Safari on iPhone"; on anything bigger the day, as people say it. */
static struct lk_str
name_of(const struct asker *asker)
{
	static const char *const phones[] = {" on iPhone", " on iPad", " on Android"};
	struct lk_str device = asker->device_name, out = {NULL, 0};
	LK_AUTO_BUF date = {0};

	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++)
		if (lk_str_ends(device, phones[i]))
			return lk_str_c(phones[i] + strlen(" on "));
	lk_buf_init(&date, 200);
	page_date(&date, asker->lang, asker->now_s, asker->now_s);
	if (lk_buf_is_ok(&date))
		out = lk_arena_dup(asker->arena, lk_buf_str(&date));
	return out;
}

/* Another one than this: the person's old authenticator, which stops working. */
static bool
is_replaced(const struct enrolling *enrolling, const struct lk_secret *seed)
{
	const struct asker *asker = &enrolling->asker;
	struct lk_secret *old = NULL;

	if (enrolling->factors.totp_sealed.len == 0)
		return false;
	if (crypto_open(asker->flow->fast->ring, enrolling->subject.person.id,
			enrolling->factors.totp_sealed, asker->arena, &old) != LK_OK)
		return true;
	return !lk_secret_is_equal(old, seed);
}

static enum lk_err
factors_put(const struct enrolling *enrolling, const struct enrol_kept *kept, struct lk_str name)
{
	const struct asker *asker = &enrolling->asker;
	const struct dir_person *person = &enrolling->subject.person;
	struct lk_str sealed;
	enum lk_err err = crypto_seal_secret(asker->flow->fast->ring, person->id, kept->seed,
					     asker->arena, &sealed);

	if (err == LK_OK)
		err = audit_check(asker->flow->fast->audit);
	if (err == LK_OK)
		err = dir_totp_put(asker->flow->dir, person, sealed, name);
	if (err == LK_OK)
		err = dir_recovery_put(asker->flow->dir, person, kept->hashes, kept->code_count);
	return err == LK_E_DIRECTORY_UNSURE ? LK_E_DIRECTORY_DOWN : err;
}

static enum lk_err
in_audit(const struct enrolling *enrolling, bool was_replaced)
{
	const struct asker *asker = &enrolling->asker;
	const struct subject *subject = &enrolling->subject;
	enum lk_err err = LK_OK;

	if (was_replaced)
		err = trail_event(asker, subject, AUDIT_TOTP_REMOVED, LK_OK);
	if (err == LK_OK)
		err = trail_event(asker, subject, AUDIT_TOTP_ADDED, LK_OK);
	if (err == LK_OK)
		err = trail_event(asker, subject, AUDIT_RECOVERY_MADE, LK_OK);
	return err;
}

static void
in_mail(const struct enrolling *enrolling, struct lk_str name)
{
	struct page_values values;

	page_values_init(&values);
	page_set(&values, PLACE_authenticator, name);
	trail_mail(&enrolling->asker, &enrolling->subject, MAIL_authenticator_added, &values);
}

/* The codes are kept to be shown; the seed is not any more. */
static enum lk_err
codes_move(const struct enrolling *enrolling, const struct enrol_kept *kept,
	   struct store_journey *next)
{
	const struct asker *asker = &enrolling->asker;
	struct enrol_kept left = *kept;
	struct policy_signin signin;
	struct policy_who nobody = {0};
	struct step_move move = {JOB_ENROL, EVENT_ADDED, enrolling->stored, 0};
	struct store_change change;
	struct store_result result;
	enum lk_err err;

	left.seed = NULL;
	*next = enrolling->stored->journey;
	policy_signin_ask(asker->flow->fast->policy, &nobody, &signin);
	move.life_s = signin.journey_s;
	err = enrol_kept_seal(asker->flow->fast->ring, next->person_id, &left, asker->arena,
			      &next->sealed);
	if (err == LK_OK)
		err = steps_move(asker, &move, next, &change);
	return err == LK_OK ? store_commit(asker->flow->store, &change, 1, &result) : err;
}

/* From ADDING on; doing it twice writes the same twice. */
static enum lk_err
add(const struct enrolling *enrolling, struct res *res)
{
	const struct asker *asker = &enrolling->asker;
	const struct store_journey *journey = &enrolling->stored->journey;
	struct lk_str name = name_of(asker);
	struct store_journey next;
	struct enrol_kept kept;
	bool was_replaced;
	enum lk_err err = enrol_kept_open(asker->flow->fast->ring, journey->person_id,
					  journey->sealed, asker->arena, &kept);

	if (err != LK_OK || kept.seed == NULL)
		return LK_E_BROKEN;
	was_replaced = is_replaced(enrolling, kept.seed);
	err = factors_put(enrolling, &kept, name);
	if (err == LK_OK)
		err = in_audit(enrolling, was_replaced);
	if (err == LK_OK)
		err = codes_move(enrolling, &kept, &next);
	if (err == LK_OK) {
		metric_count_enrolments_total(asker->flow->fast->metrics, LK_OK, METRIC_NONE);
		in_mail(enrolling, name);
	}
	if (err == LK_OK || err == LK_E_STORE_CONFLICT)
		return show_way(res, asker->arena, steps_path(JOB_ENROL, STATE_CODES));
	return err;
}

/* --- the page, begun where none stands ------------------------------------------------------ */

/* Whose it is; whoever lost their phone on the way to an application goes on there. */
static void
journey_fill(const struct enrolling *enrolling, const struct show *show, struct store_journey *out)
{
	struct arrive_note note = {.grace_left = -1};
	struct onward onward;

	show_onward_asked(show, &onward);
	note.next = onward.next;
	*out = (struct store_journey){
	    .person_id = enrolling->subject.person.id,
	    .username = enrolling->subject.person.username,
	    .display_name = enrolling->subject.person.display_name,
	    .application = onward.application,
	};
	arrive_note_write(&note, enrolling->asker.arena, &out->note);
}

/* Somebody signed in begins one. Another one, begun at once in another tab, is as good. */
static enum lk_err
begin(struct enrolling *enrolling, const struct show *show, struct store_answer *out)
{
	const struct asker *asker = &enrolling->asker;
	const struct store_answer *stored = show->stored;
	struct store_answer free = *stored;
	struct store_journey journey;
	struct crypto_digest key;
	struct store_ask ask = {.journey = &key};
	struct store_change change;
	struct store_result result;
	enum lk_err err;

	journey_fill(enrolling, show, &journey);
	free.has_journey = stored->has_journey && stored->journey.state == STATE_DONE;
	err = enrol_start(asker, &free, &journey, &change);
	if (stored->has_journey && !free.has_journey)
		change.kind = STORE_JOURNEY_PUT; /* somebody else's */
	if (err == LK_OK)
		err = store_commit(asker->flow->store, &change, 1, &result);
	if (err == LK_OK)
		steps_count_begun(asker, JOB_ENROL);
	if (err != LK_OK && err != LK_E_STORE_CONFLICT)
		return err;
	steps_key(asker->flow->fast->ring, asker->browser, JOB_ENROL, &key);
	return store_fetch(asker->flow->store, &ask, out);
}

static bool
is_fresh(const struct store_answer *stored, int64_t now_s)
{
	return stored->has_session && stored->session.auth_at_s + ENROL_FRESH_S > now_s;
}

/* The browser may be new here: its cookie goes out with this page. */
static void
browser_read(struct show *show, struct asker *asker)
{
	const struct res_cookie *made = &show->res->cookie[COOKIE_BROWSER];

	if (made->is_set)
		asker->browser = made->value;
}

static enum lk_err
begin_page(struct show *show, struct enrolling *enrolling)
{
	const struct store_answer *stored = show->stored;
	struct store_journey of_session = {.person_id = stored->session.person_id};
	struct store_answer begun = {0};
	enum lk_err err = show_form(show, JOB_ENROL);

	if (!is_fresh(stored, enrolling->asker.now_s))
		return show_way(show->res, show->req->arena, SIGN_IN_AGAIN);
	browser_read(show, &enrolling->asker);
	if (err == LK_OK)
		err = person_read(enrolling, &of_session);
	if (err == LK_OK)
		err = begin(enrolling, show, &begun);
	if (err != LK_OK)
		return err;
	begun.has_session = true;
	begun.session = stored->session;
	if (!enrol_is_at(&begun, STATE_SEED))
		return enrol_lead(&begun, show->req->arena, show->res);
	enrolling->stored = &begun;
	err = page_fill(show, enrolling);
	return err == LK_OK ? show_page(show, PAGE_enrol, 200) : err;
}

enum lk_err
enrol_page_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	       struct res *res)
{
	struct enrolling enrolling = {.stored = stored};
	struct show show;
	enum lk_err err;

	asker_of_req(flow, req, &enrolling.asker);
	show_begin(&show, flow->fast, req, stored, res);
	if (enrol_is_at(stored, STATE_CODES))
		return enrol_lead(stored, req->arena, res);
	if (!enrol_is_at(stored, STATE_SEED) && !enrol_is_at(stored, STATE_ADDING))
		return begin_page(&show, &enrolling);
	err = person_read(&enrolling, &stored->journey);
	if (err == LK_OK && enrol_is_at(stored, STATE_ADDING))
		return add(&enrolling, res);
	if (err == LK_OK)
		err = page_fill(&show, &enrolling);
	return err == LK_OK ? show_page(&show, PAGE_enrol, 200) : err;
}

/* --- the first code ------------------------------------------------------------------------- */

static enum lk_err
code_check(const struct enrolling *enrolling, const struct lk_secret *typed,
	   struct enrol_kept *out_kept, int64_t *out_step)
{
	const struct asker *asker = &enrolling->asker;
	const struct store_journey *journey = &enrolling->stored->journey;
	int64_t off_s;
	enum lk_err err = digits_check(typed);

	if (err != LK_OK)
		return err;
	err = enrol_kept_open(asker->flow->fast->ring, journey->person_id, journey->sealed,
			      asker->arena, out_kept);
	if (err != LK_OK || out_kept->seed == NULL)
		return LK_E_BROKEN;
	err = crypto_totp_check(out_kept->seed, typed, asker->now_s, out_step, &off_s);
	return err == LK_OK ? LK_OK : LK_E_CODE_ENROL_WRONG;
}

/* What is to be written is kept with the step that spends the code. */
static enum lk_err
adding_move(struct enrolling *enrolling, struct enrol_kept *kept, int64_t step,
	    struct store_answer *out)
{
	const struct asker *asker = &enrolling->asker;
	struct step_move move = {JOB_ENROL, EVENT_CODE_RIGHT, enrolling->stored, ENROL_FRESH_S};
	struct store_journey *next = &out->journey;
	struct store_change changes[2];
	struct store_result result;
	enum lk_err err = crypto_recovery_make(asker->arena, kept->codes, kept->hashes);

	if (err != LK_OK)
		return err;
	kept->code_count = CRYPTO_RECOVERY_COUNT;
	err = enrol_kept_seal(asker->flow->fast->ring, next->person_id, kept, asker->arena,
			      &next->sealed);
	if (err == LK_OK)
		err = steps_move(asker, &move, next, &changes[0]);
	changes[1] = (struct store_change){
	    .kind = STORE_SPEND,
	    .person_id = next->person_id,
	    .mark = STORE_MARK_TOTP,
	    .value = prove_totp_mark(&enrolling->asker, kept->seed, step),
	    .life_s = PROVE_TOTP_MARK_LIFE_S,
	};
	return err == LK_OK ? store_commit(asker->flow->store, changes, 2, &result) : err;
}

static enum lk_err
code_take(struct enrolling *enrolling, const struct lk_secret *typed,
	  const struct crypto_digest *answer, struct res *res)
{
	struct store_answer adding = *enrolling->stored;
	struct enrol_kept kept;
	int64_t step = 0;
	enum lk_err err = code_check(enrolling, typed, &kept, &step);

	if (err != LK_OK)
		return err;
	adding.journey.answer = *answer;
	adding.journey.reference = enrolling->asker.reference;
	err = adding_move(enrolling, &kept, step, &adding);
	if (err == LK_E_STORE_CONFLICT || err == LK_E_USED) {
		if (!steps_was_same(&enrolling->asker, JOB_ENROL, answer, &adding))
			return err == LK_E_USED ? LK_E_CODE_USED : err;
		return show_way(res, enrolling->asker.arena,
				steps_path(JOB_ENROL, (enum state)adding.journey.state));
	}
	if (err != LK_OK)
		return err;
	enrolling->stored = &adding;
	return add(enrolling, res);
}

/* Signing in led here because there was no authenticator; now there is, and it was not shown. */
static bool
is_overtaken(const struct enrolling *enrolling)
{
	return enrol_is_of_signin(&enrolling->stored->journey) &&
	       enrolling->factors.totp_sealed.len > 0;
}

/* By this same code, given twice at once? */
static enum lk_err
overtaken(const struct enrolling *enrolling, const struct crypto_digest *answer, struct res *res)
{
	struct store_answer now;

	if (!steps_was_same(&enrolling->asker, JOB_ENROL, answer, &now))
		return LK_E_FORM_STALE;
	return show_way(res, enrolling->asker.arena,
			steps_path(JOB_ENROL, (enum state)now.journey.state));
}

static enum lk_err
refuse(struct show *show, const struct enrolling *enrolling, enum lk_err err)
{
	enum lk_err fill_err = page_fill(show, enrolling);

	if (fill_err != LK_OK)
		return fill_err;
	metric_count_enrolments_total(show->fast->metrics, err, METRIC_NONE);
	return show_again(show, PAGE_enrol, err);
}

enum lk_err
enrol_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	  struct res *res)
{
	struct enrolling enrolling = {.stored = stored};
	struct crypto_digest answer;
	struct show show;
	enum lk_err err;

	asker_of_req(flow, req, &enrolling.asker);
	show_begin(&show, flow->fast, req, stored, res);
	steps_answer(&enrolling.asker, JOB_ENROL, req->secret[FIELD_code], &answer);
	if (steps_is_repeat(stored, &answer) && !enrol_is_at(stored, STATE_SEED))
		return enrol_lead(stored, req->arena, res);
	if (!enrol_is_at(stored, STATE_SEED))
		return LK_E_FORM_STALE;
	err = person_read(&enrolling, &stored->journey);
	if (err != LK_OK)
		return err;
	if (is_overtaken(&enrolling))
		return overtaken(&enrolling, &answer, res);
	err = code_take(&enrolling, req->secret[FIELD_code], &answer, res);
	if (err == LK_OK)
		return LK_OK;
	enrolling.stored = stored;
	return refuse(&show, &enrolling, err);
}
