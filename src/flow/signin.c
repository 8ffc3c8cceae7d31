/* SPDX-License-Identifier: MIT */
/*
 * Sign in: who it is, and their password.
 *
 * Time: of the directory one bind and three searches (entry, groups, factors), and one more when it
 * ends here (what applications may be told); of the store one fetch, a try begun and ended, one
 * commit. tests/bench counts them.
 */
#include "exchange/form.h"
#include "flow/arrive.h"
#include "flow/device.h"
#include "flow/handlers.h"
#include "flow/locked.h"
#include "flow/next.h"
#include "flow/show.h"
#include "flow/throttle.h"
#include "flow/trail.h"

/* --- the page ------------------------------------------------------------------------------- */

static enum lk_err
page_again(struct show *show, enum lk_err err)
{
	enum lk_err form_err = show_form(show, JOB_SIGNIN);

	if (form_err != LK_OK)
		return form_err;
	page_set(&show->values, PLACE_username, show->req->field[FIELD_username]);
	show_application_asked(show);
	return show_again(show, PAGE_signin, err);
}

/* Whom the application this is for expects; kept by authorize_way.c. */
static void
hint_fill(struct show *show, const struct store_answer *stored)
{
	struct lk_str application = show->values.place[PLACE_application];

	if (steps_is_at(stored, STATE_START) && application.len > 0 &&
	    lk_str_is_equal(stored->journey.application, application))
		page_set(&show->values, PLACE_username, stored->journey.username);
}

enum lk_err
signin_page_answer(const struct fast *fast, const struct req *req,
		   const struct store_answer *stored, struct res *res)
{
	struct lk_str next = {NULL, 0};
	struct show show;
	enum lk_err err;

	(void)form_query_find(req->arena, req->query, "next", &next);
	next = next_check(next);
	if (stored->has_session && next.len == 0)
		return show_way(res, req->arena, "/");
	show_begin(&show, fast, req, NULL, res);
	err = show_form(&show, JOB_SIGNIN);
	if (err != LK_OK)
		return err;
	show_application_asked(&show);
	hint_fill(&show, stored);
	return show_page(&show, PAGE_signin, 200);
}

/* --- what was typed ------------------------------------------------------------------------- */

struct signin {
	const struct req *req;
	struct onward onward;
	const struct store_answer *stored;
	struct crypto_digest answer;
	struct subject subject;
	struct dir_password_answer password;
};

/* The same name and password again is the same answer, if it leads to the same place: an
 * application that wants a new sign-in a moment later gets one. */
static void
answer_make(const struct asker *asker, struct signin *signin)
{
	const struct req *req = signin->req;
	struct lk_str pieces[] = {asker->browser, req->field[FIELD_username],
				  req->field[FIELD_application], req->field[FIELD_next]};

	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_ANSWER,
			     (struct crypto_pieces){pieces, 4}, req->secret[FIELD_password],
			     &signin->answer);
}

static enum lk_err
fields_check(const struct req *req)
{
	if (req->field[FIELD_username].len == 0)
		return LK_E_SIGNIN_EMPTY_USER;
	if (req->secret[FIELD_password] == NULL || lk_secret_len(req->secret[FIELD_password]) == 0)
		return LK_E_SIGNIN_EMPTY_PASSWORD;
	return LK_OK;
}

static enum lk_err
prove(const struct asker *asker, struct signin *signin)
{
	enum lk_err err = subject_find(asker, signin->req->field[FIELD_username], &signin->subject);

	if (err == LK_OK)
		err = prove_password(asker, &signin->subject, signin->req->secret[FIELD_password],
				     &signin->password);
	return err;
}

/* A device on which this person asked not to be asked for a code. */
static enum lk_err
trust_look(const struct asker *asker, const struct subject *subject, unsigned *shown)
{
	struct crypto_digest key;
	bool is_trusted = false;
	enum lk_err err;

	if (!subject->is_on_known_device ||
	    !device_key(asker->flow->fast->ring, asker->device, &key))
		return LK_OK;
	err = store_trust_check(asker->flow->store, &key, subject->person.id, &is_trusted);
	if (err == LK_OK && is_trusted)
		*shown |= STORE_PROOF_DEVICE;
	return err;
}

static enum lk_err
let_in(const struct asker *asker, struct signin *signin, struct res *res)
{
	struct dir_factors factors;
	struct arrival arrival = {
	    .job = JOB_SIGNIN,
	    .event = EVENT_ALL_SHOWN,
	    .subject = &signin->subject,
	    .stored = signin->stored,
	    .answer = &signin->answer,
	    .shown = STORE_PROOF_PASSWORD,
	    .application = signin->onward.application,
	    .note = {.grace_left = signin->password.grace_left, .next = signin->onward.next},
	};
	enum lk_err err = dir_factors_get(asker->flow->dir, &signin->subject.person, &factors);

	if (err == LK_OK)
		err = trust_look(asker, &signin->subject, &arrival.shown);
	if (err == LK_OK)
		err = trail_event(asker, &signin->subject, AUDIT_PASSWORD_SHOWN, LK_OK);
	if (err != LK_OK)
		return err;
	arrival.has = gate_has(&factors);
	steps_count_begun(asker, JOB_SIGNIN);
	return arrive(asker, &arrival, res);
}

/* Every refusal: counted, audited with the true row, shown as the person may see it. */
static enum lk_err
refuse(const struct asker *asker, struct signin *signin, enum lk_err err, struct show *show)
{
	bool is_locked = err == LK_E_ACCOUNT_LOCKED;

	metric_count_signins_total(asker->flow->fast->metrics, err, asker->metric_door);
	if (err != LK_E_SIGNIN_WRONG && !is_locked)
		return err;
	if (trail_event(asker, &signin->subject, AUDIT_SIGNIN_REFUSED, err) != LK_OK)
		return LK_E_AUDIT_DOWN;
	if (is_locked)
		return locked_lead(asker, &signin->subject, signin->stored, &signin->onward,
				   show->res);
	return page_again(show, err);
}

enum lk_err
signin_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   struct res *res)
{
	struct signin signin = {
	    .req = req,
	    .stored = stored,
	    .onward = {req->field[FIELD_application], next_check(req->field[FIELD_next])},
	};
	const struct store_journey *again;
	struct asker asker;
	struct show show;
	enum lk_err err = fields_check(req);

	show_begin(&show, flow->fast, req, NULL, res);
	if (err != LK_OK)
		return page_again(&show, err);
	asker_of_req(flow, req, &asker);
	answer_make(&asker, &signin);
	again = steps_repeat_find(stored, &signin.answer);
	if (again != NULL)
		return arrive_again(&asker, JOB_SIGNIN, again, res);
	err = throttle_address_check(&asker, stored);
	if (err == LK_OK)
		err = prove(&asker, &signin);
	if (err != LK_OK)
		return refuse(&asker, &signin, err, &show);
	err = let_in(&asker, &signin, res);
	if (err == LK_E_ACCOUNT_LOCKED)
		return locked_lead(&asker, &signin.subject, stored, &signin.onward, res);
	return err;
}
