/* SPDX-License-Identifier: MIT */
/* All was shown that signing in asks for, but the password is too old or was given by the desk. */
#include "flow/arrive.h"
#include "flow/handlers.h"
#include "flow/password_step.h"
#include "flow/show.h"

static bool
stands_here(const struct store_answer *stored)
{
	return steps_is_at(stored, STATE_PASSWORD) || steps_is_at(stored, STATE_SETTING);
}

static enum lk_err
page_fill(struct show *show, const struct subject *subject)
{
	enum lk_err why = (enum lk_err)show->stored->journey.result;
	enum lk_err err = new_password_fill(show, subject);

	page_set_c(&show->values, PLACE_action, "/signin/password");
	show_application(show, show->stored->journey.application);
	if (why != LK_OK)
		page_set(&show->values, PLACE_lead,
			 show_sentence(show, page_text_find(lk_err_row(why)->text_key)));
	return err == LK_OK ? show_form(show, JOB_SIGNIN) : err;
}

enum lk_err
signin_password_page_answer(const struct fast *fast, const struct req *req,
			    const struct store_answer *stored, struct res *res)
{
	struct subject subject = {.person.username = stored->journey.username};
	struct show show;
	enum lk_err err;

	if (!stored->has_journey)
		return show_way(res, req->arena, "/signin");
	if (!stands_here(stored))
		return show_way(res, req->arena,
				steps_path(JOB_SIGNIN, (enum state)stored->journey.state));
	show_begin(&show, fast, req, stored, res);
	err = page_fill(&show, &subject);
	return err == LK_OK ? show_page(&show, PAGE_new_password, 200) : err;
}

/* --- what was typed ------------------------------------------------------------------------- */

struct chosen {
	struct password_step step;
	struct crypto_digest answer;
	struct subject subject;
	struct gate_answer pass;
	unsigned has;
};

/* The person as they are now, and what the gate says to a new password. */
static enum lk_err
prepare(const struct asker *asker, const struct store_journey *journey, struct chosen *chosen)
{
	struct gate_question question = {
	    .purpose = GATE_CHANGE,
	    .shown = journey->proofs,
	    .application = journey->application,
	};
	struct dir_factors factors;
	enum lk_err err = steps_subject(asker, journey, &chosen->subject);

	if (err == LK_OK)
		err = dir_factors_get(asker->flow->dir, &chosen->subject.person, &factors);
	if (err != LK_OK)
		return err;
	chosen->has = gate_has(&factors);
	question.has = chosen->has;
	gate_ask(asker, &chosen->subject, &question, &chosen->pass);
	return LK_OK;
}

/* The gate wants no new password any more: one was set. This one, by a request that died? */
static enum lk_err
not_wanted(const struct asker *asker, const struct chosen *chosen, struct res *res)
{
	struct store_answer now;

	if (!steps_was_same(asker, JOB_SIGNIN, &chosen->answer, &now))
		return LK_E_FORM_STALE;
	if (steps_is_at(&now, STATE_DONE))
		return arrive_again(asker, JOB_SIGNIN, &now.journey, res);
	return LK_E_PASSWORD_UNSURE;
}

static enum lk_err
let_in(const struct asker *asker, struct chosen *chosen, struct res *res)
{
	const struct store_journey *journey = &chosen->step.claimed.journey;
	struct store_change changes[3];
	struct arrival arrival = {
	    .job = JOB_SIGNIN,
	    .event = EVENT_PASSWORD_SET,
	    .subject = &chosen->subject,
	    .stored = &chosen->step.claimed,
	    .answer = &chosen->answer,
	    .shown = journey->proofs,
	    .has = chosen->has,
	    .held = journey->held,
	    .application = journey->application,
	    .changes = changes,
	    .change_count = new_password_changes(&chosen->subject, NULL, changes),
	};
	struct subject now;

	if (subject_get(asker, journey->person_id, &now) == LK_OK)
		chosen->subject = now;
	arrive_note_read(journey->note, &arrival.note);
	arrival.note.grace_left = -1;
	return password_step_arrive(asker, &arrival, res);
}

static enum lk_err
set(const struct asker *asker, struct chosen *chosen, struct res *res)
{
	struct password_step *step = &chosen->step;
	enum lk_err err;

	if (chosen->pass.why == LK_E_PASSWORD_NOT_ALLOWED)
		return not_wanted(asker, chosen, res);
	if (chosen->pass.verdict != GATE_ALLOW)
		return chosen->pass.verdict == GATE_DENY ? chosen->pass.why : LK_E_FORM_STALE;
	err = password_step_set(asker, step);
	if (err != LK_OK)
		return err;
	if (steps_is_at(&step->claimed, STATE_DONE))
		return arrive_again(asker, JOB_SIGNIN, &step->claimed.journey, res);
	return let_in(asker, chosen, res);
}

static enum lk_err
refuse(struct show *show, const struct chosen *chosen, enum lk_err err)
{
	enum lk_err fill_err = page_fill(show, &chosen->subject);

	if (fill_err != LK_OK)
		return fill_err;
	return new_password_again(show, &chosen->step.change, err);
}

enum lk_err
signin_password_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		    struct res *res)
{
	struct chosen chosen = {.step = {.job = JOB_SIGNIN, .stored = stored}};
	struct new_password *change = &chosen.step.change;
	struct asker asker;
	struct show show;
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	show_begin(&show, flow->fast, req, stored, res);
	chosen.step.answer = &chosen.answer;
	change->typed = req->secret[FIELD_new_password];
	change->subject = &chosen.subject;
	change->pass = &chosen.pass;
	steps_answer(&asker, JOB_SIGNIN, change->typed, &chosen.answer);
	if (steps_is_repeat(stored, &chosen.answer) && !stands_here(stored))
		return arrive_again(&asker, JOB_SIGNIN, &stored->journey, res);
	if (!stands_here(stored))
		return LK_E_FORM_STALE;
	err = prepare(&asker, &stored->journey, &chosen);
	if (err == LK_E_FORM_STALE)
		return not_wanted(&asker, &chosen, res);
	if (err != LK_OK)
		return err;
	err = set(&asker, &chosen, res);
	return err == LK_OK ? LK_OK : refuse(&show, &chosen, err);
}
