/* SPDX-License-Identifier: MIT */
/* Forgotten password, second part: the new one, and that it is set. */
#include "flow/authorize_pending.h"
#include "flow/enrol.h"
#include "flow/handlers.h"
#include "flow/next.h"
#include "flow/password_step.h"
#include "flow/reset_way.h"
#include "flow/show.h"
#include "flow/trail.h"
#include "policy/application.h"

enum lk_err
reset_way(const struct store_journey *journey, struct lk_arena *arena, struct res *res)
{
	if (journey->state == STATE_MORE && (journey->proofs & STORE_PROOF_TOTP) == 0)
		return show_way(res, arena, "/reset");
	return show_way(res, arena, steps_path(JOB_RESET, (enum state)journey->state));
}

static bool
stands_here(const struct store_answer *stored)
{
	return steps_is_at(stored, STATE_PASSWORD) || steps_is_at(stored, STATE_SETTING);
}

static enum lk_err
lead(const struct store_answer *stored, const struct req *req, struct res *res)
{
	if (!stored->has_journey)
		return show_way(res, req->arena, "/reset");
	return reset_way(&stored->journey, req->arena, res);
}

static enum lk_err
page_fill(struct show *show, const struct subject *subject)
{
	enum lk_err err = new_password_fill(show, subject);

	page_set_c(&show->values, PLACE_action, "/reset/password");
	show_application(show, show->stored->journey.application);
	return err == LK_OK ? show_form(show, JOB_RESET) : err;
}

enum lk_err
reset_password_page_answer(const struct fast *fast, const struct req *req,
			   const struct store_answer *stored, struct res *res)
{
	struct subject subject = {.person.username = stored->journey.username};
	struct show show;
	enum lk_err err;

	if (!stands_here(stored))
		return lead(stored, req, res);
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
};

/* The person as they are now, and whether what was shown is still enough. */
static enum lk_err
prepare(const struct asker *asker, const struct store_journey *journey, struct chosen *chosen)
{
	struct gate_question question = {
	    .purpose = GATE_RESET,
	    .shown = journey->proofs,
	    .has = journey->proofs,
	};
	enum lk_err err = steps_subject(asker, journey, &chosen->subject);

	if (err != LK_OK)
		return err;
	gate_ask(asker, &chosen->subject, &question, &chosen->pass);
	if (chosen->pass.verdict == GATE_ALLOW)
		return LK_OK;
	err = chosen->pass.verdict == GATE_DENY ? chosen->pass.why : LK_E_FORM_STALE;
	return trail_event(asker, &chosen->subject, AUDIT_RESET_REFUSED, err) == LK_OK
		   ? err
		   : LK_E_AUDIT_DOWN;
}

static bool
wants_session(const struct asker *asker, const struct subject *subject)
{
	struct policy_reset reset;
	struct policy_who who;

	subject_who(subject, &who);
	policy_reset_ask(asker->flow->fast->policy, &who, &reset);
	return reset.new_session;
}

/* What waited for them may have ended meanwhile, or be another browser's. */
static void
next_keep(const struct asker *asker, struct arrive_note *note)
{
	struct authorize_pending pending;

	if (authorize_pending_path_check(note->next) &&
	    authorize_pending_get(asker, note->next, &pending) != LK_OK)
		note->next = lk_str_n(NULL, 0);
}

/* Signed in where the gate lets them; the password is set in any case. */
static enum lk_err
let_in(const struct asker *asker, struct chosen *chosen, struct res *res)
{
	const struct store_journey *journey = &chosen->step.claimed.journey;
	unsigned shown = journey->proofs | STORE_PROOF_PASSWORD;
	struct store_change changes[3];
	struct arrival arrival = {
	    .job = JOB_RESET,
	    .event = EVENT_PASSWORD_SET,
	    .subject = &chosen->subject,
	    .stored = &chosen->step.claimed,
	    .answer = &chosen->answer,
	    .shown = shown,
	    .has = shown,
	    .held = journey->held,
	    .application = journey->application,
	    .is_done_anyway = true,
	    .is_done_only = !wants_session(asker, &chosen->subject),
	    .changes = changes,
	    .change_count = new_password_changes(&chosen->subject, NULL, changes),
	};
	struct subject now;
	enum lk_err err;

	arrive_note_read(journey->note, &arrival.note);
	arrival.note.ended_count = chosen->step.ended_count;
	next_keep(asker, &arrival.note);
	if (subject_get(asker, journey->person_id, &now) == LK_OK)
		chosen->subject = now;
	err = password_step_arrive(asker, &arrival, res);
	if (err == LK_OK)
		steps_count_done(asker, JOB_RESET, journey->began_at_s);
	return err;
}

static enum lk_err
refuse(struct show *show, const struct chosen *chosen, enum lk_err err)
{
	enum lk_err fill_err = page_fill(show, &chosen->subject);

	return fill_err == LK_OK ? new_password_again(show, &chosen->step.change, err) : fill_err;
}

static enum lk_err
set(const struct asker *asker, struct chosen *chosen, struct show *show)
{
	struct password_step *step = &chosen->step;
	enum lk_err err = password_step_set(asker, step);

	if (err != LK_OK)
		return refuse(show, chosen, err);
	if (steps_is_at(&step->claimed, STATE_DONE))
		return arrive_again(asker, JOB_RESET, &step->claimed.journey, show->res);
	return let_in(asker, chosen, show->res);
}

/* Another password since: by this same answer, given twice at once? */
static enum lk_err
overtaken(const struct asker *asker, struct chosen *chosen, struct show *show)
{
	struct store_answer *now = lk_arena_alloc(asker->arena, sizeof(*now));
	enum lk_err err;

	if (now == NULL)
		return LK_E_MEMORY;
	if (!steps_was_same(asker, JOB_RESET, &chosen->answer, now))
		return LK_E_FORM_STALE;
	if (steps_is_at(now, STATE_DONE))
		return arrive_again(asker, JOB_RESET, &now->journey, show->res);
	chosen->step.stored = now;
	err = prepare(asker, &now->journey, chosen);
	return err == LK_OK ? set(asker, chosen, show) : err;
}

enum lk_err
reset_password_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		   struct res *res)
{
	struct chosen chosen = {.step = {.job = JOB_RESET, .stored = stored}};
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
	steps_answer(&asker, JOB_RESET, change->typed, &chosen.answer);
	if (steps_is_repeat(stored, &chosen.answer) && !stands_here(stored))
		return arrive_again(&asker, JOB_RESET, &stored->journey, res);
	if (!stands_here(stored))
		return LK_E_FORM_STALE;
	err = prepare(&asker, &stored->journey, &chosen);
	if (err == LK_E_FORM_STALE)
		return overtaken(&asker, &chosen, &show);
	return err == LK_OK ? set(&asker, &chosen, &show) : err;
}

/* --- done ----------------------------------------------------------------------------------- */

static const char *
path_with(const struct show *show, const char *path, const struct onward *onward)
{
	struct lk_arena *arena = show->req->arena;
	struct lk_str query = next_query(arena, onward->application, onward->next);

	return lk_arena_printf(arena, "%s%.*s", path, LK_STR_ARGS(query)).ptr;
}

/* To what waits for them; whoever came in with a recovery code has lost their phone. */
static const char *
way_on(const struct show *show, const struct onward *onward)
{
	const struct store_answer *stored = show->stored;
	const struct policy_application *application =
	    policy_application_find(show->fast->policy, onward->application);
	unsigned codes = stored->journey.proofs & (STORE_PROOF_TOTP | STORE_PROOF_RECOVERY);

	if (!stored->has_session)
		return path_with(show, "/signin", onward);
	if (codes == STORE_PROOF_RECOVERY)
		return path_with(show, ENROL_PATH, onward);
	if (onward->next.len > 0)
		return lk_arena_c(show->req->arena, onward->next);
	return application != NULL && policy_application_is_listed(application)
		   ? application->start_url
		   : "/";
}

enum lk_err
reset_done_page_answer(const struct fast *fast, const struct req *req,
		       const struct store_answer *stored, struct res *res)
{
	struct arrive_note note;
	struct onward onward;
	struct show show;

	if (!steps_is_at(stored, STATE_DONE))
		return lead(stored, req, res);
	show_begin(&show, fast, req, stored, res);
	arrive_note_read(stored->journey.note, &note);
	if (note.ended_count > 0)
		page_set(&show.values, PLACE_other_count, show_number(&show, note.ended_count));
	page_set(&show.values, PLACE_reference, stored->journey.reference);
	page_set(&show.values, PLACE_time, show_time(&show, stored->journey.at_s));
	onward = (struct onward){stored->journey.application, note.next};
	show_application(&show, onward.application);
	page_set_c(&show.values, PLACE_continue_url, way_on(&show, &onward));
	return show_page(&show, PAGE_reset_done, 200);
}
