/* SPDX-License-Identifier: MIT */
/*
 * Forgotten password, first part: who it is and a code, checked together. The code from the phone
 * at /reset, a recovery code at /recovery; whoever must show both shows the second at the other
 * page without saying again who they are.
 */
#include "flow/arrive.h"
#include "flow/handlers.h"
#include "flow/next.h"
#include "flow/reset_way.h"
#include "flow/show.h"
#include "flow/throttle.h"
#include "flow/trail.h"

/* Which proof a page takes. */
struct kind {
	enum page_id page;
	const char *path;
	enum field field;
	enum lk_err (*prove)(const struct asker *asker, const struct subject *subject,
			     const struct prove_code *prove, struct proven_code *out);
	unsigned shown;
	enum lk_err wrong;	/* one answer for: nobody, wrong code, nothing to show it with */
	enum lk_err more_wrong; /* to whoever has shown one proof: only the code can be wrong */
};
static const struct kind by_code = {PAGE_reset,	      "/reset",		FIELD_code,	prove_totp,
				    STORE_PROOF_TOTP, LK_E_RESET_WRONG, LK_E_CODE_WRONG};
static const struct kind by_recovery = {
    PAGE_recovery,	  "/recovery",	       FIELD_recovery,		prove_recovery,
    STORE_PROOF_RECOVERY, LK_E_RECOVERY_WRONG, LK_E_RECOVERY_CODE_WRONG};

/* --- the pages ------------------------------------------------------------------------------ */

/* One proof was shown and this page takes the other. */
static bool
is_second(const struct store_answer *stored, const struct kind *kind)
{
	return steps_is_at(stored, STATE_MORE) && (stored->journey.proofs & kind->shown) == 0;
}

static enum lk_err
page_fill(struct show *show, const struct kind *kind, bool is_more)
{
	page_set_c(&show->values, PLACE_action, kind->path);
	if (is_more)
		show_application(show, show->stored->journey.application);
	else {
		page_set_c(&show->values, PLACE_ask_username, "yes");
		show_application_asked(show);
	}
	return show_form(show, JOB_RESET);
}

static enum lk_err
kind_page(const struct show *from, const struct kind *kind)
{
	struct show show;
	enum lk_err err;

	show_begin(&show, from->fast, from->req, from->stored, from->res);
	err = page_fill(&show, kind, is_second(from->stored, kind));
	return err == LK_OK ? show_page(&show, kind->page, 200) : err;
}

enum lk_err
reset_page_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		  struct res *res)
{
	struct show from = {.fast = fast, .req = req, .stored = stored, .res = res};

	return kind_page(&from, &by_code);
}

enum lk_err
recovery_page_answer(const struct fast *fast, const struct req *req,
		     const struct store_answer *stored, struct res *res)
{
	struct show from = {.fast = fast, .req = req, .stored = stored, .res = res};

	return kind_page(&from, &by_recovery);
}

/* --- what was typed ------------------------------------------------------------------------- */

struct first {
	const struct req *req;
	const struct store_answer *stored;
	const struct kind *kind;
	bool is_more; /* the journey says whose it is and what was shown */
	struct crypto_digest answer;
	struct subject subject;
	struct proven_code code;
	struct gate_answer gate;
};

static void
answer_make(const struct asker *asker, struct first *first)
{
	struct lk_str pieces[] = {asker->browser, lk_str_c(first->kind->path),
				  first->req->field[FIELD_username]};

	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_ANSWER,
			     (struct crypto_pieces){pieces, 3},
			     first->req->secret[first->kind->field], &first->answer);
}

static enum lk_err
subject_of(const struct asker *asker, struct first *first)
{
	if (!first->is_more)
		return subject_find(asker, first->req->field[FIELD_username], &first->subject);
	return steps_subject(asker, &first->stored->journey, &first->subject);
}

static unsigned
shown_before(const struct first *first)
{
	return first->is_more ? first->stored->journey.proofs : 0;
}

static enum lk_err
prove(const struct asker *asker, struct first *first)
{
	struct prove_code prove = {first->req->secret[first->kind->field], shown_before(first),
				   first->stored->epoch_began_at_s};
	enum lk_err err = throttle_address_check(asker, first->stored);

	if (err == LK_OK)
		err = subject_of(asker, first);
	if (err == LK_OK)
		err = first->kind->prove(asker, &first->subject, &prove, &first->code);
	return err;
}

/* --- the step ------------------------------------------------------------------------------- */

/* What the person has shown so far says where they go on as well. */
static void
onward_fill(const struct asker *asker, const struct first *first, struct store_journey *out)
{
	const struct req *req = first->req;
	struct arrive_note note = {.grace_left = -1, .next = next_check(req->field[FIELD_next])};

	out->application = first->is_more ? first->stored->journey.application
					  : req->field[FIELD_application];
	if (first->is_more)
		out->note = first->stored->journey.note;
	else
		arrive_note_write(&note, asker->arena, &out->note);
}

static struct store_journey *
journey_make(const struct asker *asker, const struct first *first)
{
	struct store_journey *next = lk_arena_alloc(asker->arena, sizeof(*next));
	const struct dir_person *person = &first->subject.person;

	if (next == NULL)
		return NULL;
	*next = (struct store_journey){
	    .proofs = shown_before(first) | first->kind->shown,
	    .person_id = person->id,
	    .username = person->username,
	    .display_name = person->display_name,
	    .reference = asker->reference,
	    .held = first->is_more ? first->stored->journey.held : (struct lk_str){NULL, 0},
	    .answer = first->answer,
	    .at_s = asker->now_s,
	    .password_at_s = person->password_changed_at_s,
	};
	onward_fill(asker, first, next);
	return next;
}

static enum lk_err
move(const struct asker *asker, const struct first *first, struct store_journey *next,
     struct store_change *out)
{
	struct policy_reset reset;
	struct policy_who nobody = {0};
	struct step_move move = {
	    .job = JOB_RESET,
	    .event = first->gate.verdict == GATE_ALLOW ? EVENT_PASSWORD_WANTED : EVENT_MORE_WANTED,
	    .stored = first->stored,
	};

	policy_reset_ask(asker->flow->fast->policy, &nobody, &reset);
	move.life_s = reset.journey_s;
	return steps_move(asker, &move, next, out);
}

/* A recovery code that the directory does not know any more led nowhere. */
static enum lk_err
proven(const struct asker *asker, const struct first *first, const struct store_change *moved)
{
	struct store_change end = {.kind = STORE_JOURNEY_END, .key = moved->key};
	struct store_result result;
	enum lk_err err = prove_used(asker, &first->subject, &first->code);

	if (err == LK_E_USED) {
		(void)!store_commit(asker->flow->store, &end, 1, &result);
		return LK_E_CODE_USED;
	}
	if (err == LK_OK && !first->is_more)
		steps_count_begun(asker, JOB_RESET);
	return err == LK_OK ? trail_event(asker, &first->subject, AUDIT_RESET_PROVEN, LK_OK) : err;
}

static enum lk_err
go_to(const struct asker *asker, const struct store_journey *journey, struct res *res)
{
	enum lk_err err = steps_give(asker, journey, res);

	return err == LK_OK ? reset_way(journey, asker->arena, res) : err;
}

/* The code is spent with the step it leads to; the same answer given twice at once leads there. */
static enum lk_err
step(const struct asker *asker, struct first *first, struct res *res)
{
	struct store_journey *next = journey_make(asker, first);
	struct store_change changes[2];
	struct store_result result;
	struct store_answer now;
	enum lk_err err = next == NULL ? LK_E_MEMORY : move(asker, first, next, &changes[0]);

	if (err != LK_OK)
		return err;
	prove_spend(&first->subject, &first->code, &changes[1]);
	err = store_commit(asker->flow->store, changes, 2, &result);
	if (err == LK_OK) {
		err = proven(asker, first, &changes[0]);
		return err == LK_OK ? go_to(asker, next, res) : err;
	}
	if (err != LK_E_STORE_CONFLICT && err != LK_E_USED)
		return err;
	if (steps_was_same(asker, JOB_RESET, &first->answer, &now))
		return go_to(asker, &now.journey, res);
	return err == LK_E_USED ? LK_E_CODE_USED : err;
}

static enum lk_err
go_on(const struct asker *asker, struct first *first, struct res *res)
{
	struct gate_question question = {
	    .purpose = GATE_RESET,
	    .shown = shown_before(first) | first->kind->shown,
	    .has = gate_has(&first->code.factors),
	};

	gate_ask(asker, &first->subject, &question, &first->gate);
	if (first->gate.verdict != GATE_ALLOW && first->gate.verdict != GATE_MORE)
		return prove_refused(asker, &first->subject, &first->code, first->gate.why);
	return step(asker, first, res);
}

/* --- refusals ------------------------------------------------------------------------------- */

/* What may be told at this point, so that nobody learns who is there. */
static enum lk_err
softened(const struct first *first, enum lk_err err)
{
	enum lk_err wrong = first->is_more ? first->kind->more_wrong : first->kind->wrong;

	if (err == LK_E_CODE_WRONG || err == LK_E_RECOVERY_WRONG || err == LK_E_RESET_NO_FACTOR)
		return wrong;
	if (err == LK_E_CODE_CLOCK && !first->is_more && !first->subject.is_on_known_device)
		return wrong;
	if (err == LK_E_CODE_USED && first->kind == &by_recovery)
		return wrong;
	return err;
}

/* Worth a line in the audit: not what a form lacked, not what failed on our side. */
static bool
is_refusal(enum lk_err err)
{
	return err == LK_E_CODE_WRONG || err == LK_E_CODE_CLOCK || err == LK_E_CODE_USED ||
	       err == LK_E_CODE_LOCKED || err == LK_E_RECOVERY_WRONG ||
	       err == LK_E_RESET_NO_FACTOR || lk_err_row(err)->number / 1000 == 2;
}

static enum lk_err
refuse(const struct asker *asker, struct first *first, enum lk_err err, struct show *show)
{
	enum lk_err fill_err = page_fill(show, first->kind, first->is_more);

	if (fill_err != LK_OK)
		return fill_err;
	if (is_refusal(err)) {
		metric_count_resets_total(asker->flow->fast->metrics, err, METRIC_NONE);
		if (trail_event(asker, &first->subject, AUDIT_RESET_REFUSED, err) != LK_OK)
			return LK_E_AUDIT_DOWN;
	}
	page_set(&show->values, PLACE_username, first->req->field[FIELD_username]);
	page_set(&show->values, PLACE_duration,
		 show_duration(show, (int64_t)asker->flow->detail.count * 60));
	return show_again(show, first->kind->page, softened(first, err));
}

static enum lk_err
fields_check(const struct first *first)
{
	return first->is_more || first->req->field[FIELD_username].len > 0 ? LK_OK
									   : LK_E_SIGNIN_EMPTY_USER;
}

static enum lk_err
first_run(struct show *show, struct flow *flow, const struct kind *kind)
{
	struct first first = {.req = show->req, .stored = show->stored, .kind = kind};
	const struct store_journey *again;
	struct asker asker;
	enum lk_err err;

	first.is_more = show->req->field[FIELD_username].len == 0 && is_second(show->stored, kind);
	asker_of_req(flow, show->req, &asker);
	answer_make(&asker, &first);
	again = steps_repeat_find(show->stored, &first.answer);
	if (again != NULL)
		return go_to(&asker, again, show->res);
	err = fields_check(&first);
	if (err == LK_OK)
		err = prove(&asker, &first);
	if (err == LK_OK)
		err = go_on(&asker, &first, show->res);
	return err == LK_OK ? LK_OK : refuse(&asker, &first, err, show);
}

enum lk_err
reset_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	  struct res *res)
{
	struct show show;

	show_begin(&show, flow->fast, req, stored, res);
	return first_run(&show, flow, &by_code);
}

enum lk_err
recovery_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	     struct res *res)
{
	struct show show;

	show_begin(&show, flow->fast, req, stored, res);
	return first_run(&show, flow, &by_recovery);
}
