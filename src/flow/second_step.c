/* SPDX-License-Identifier: MIT */
/*
 * After the password: the code from the phone, or a recovery code.
 *
 * Time: of the directory four searches (entry, groups, factors, what applications may be told); of
 * the store one fetch, a try begun and ended, one commit. tests/bench counts them.
 */
#include "flow/arrive.h"
#include "flow/handlers.h"
#include "flow/locked.h"
#include "flow/show.h"
#include "flow/trail.h"

/* Which proof this page takes. */
struct second {
	enum page_id page;
	enum field field;
	enum lk_err (*prove)(const struct asker *asker, const struct subject *subject,
			     const struct prove_code *prove, struct proven_code *out);
	unsigned shown;
};
static const struct second by_code = {PAGE_code, FIELD_code, prove_totp, STORE_PROOF_TOTP};
static const struct second by_recovery = {PAGE_recovery, FIELD_recovery, prove_recovery,
					  STORE_PROOF_RECOVERY};

/* --- the pages ------------------------------------------------------------------------------ */

static void
trust_fill(struct show *show)
{
	struct policy_who nobody = {0};
	struct policy_signin signin;

	policy_signin_ask(show->fast->policy, &nobody, &signin);
	if (signin.trust_device_days > 0)
		page_set(&show->values, PLACE_trust_days,
			 show_duration(show, (int64_t)signin.trust_device_days * 86400));
}

static enum lk_err
page_fill(struct show *show, const struct second *second)
{
	show_application(show, show->stored->journey.application);
	if (second == &by_code) {
		trust_fill(show);
		page_set_c(&show->values, PLACE_can_recover, "yes");
	} else
		page_set_c(&show->values, PLACE_action, "/signin/recovery");
	return show_form(show, JOB_SIGNIN);
}

/* Somebody who is further on, or not there yet, is led to where they stand. */
static bool
stands_here(const struct store_answer *stored)
{
	return stored->has_journey && stored->journey.state == STATE_CODE;
}

static enum lk_err
lead(const struct req *req, const struct store_answer *stored, struct res *res)
{
	if (!stored->has_journey)
		return show_way(res, req->arena, "/signin");
	return show_way(res, req->arena, steps_path(JOB_SIGNIN, (enum state)stored->journey.state));
}

static enum lk_err
second_page(const struct show *from, const struct second *second)
{
	struct show show;
	enum lk_err err;

	if (!stands_here(from->stored))
		return lead(from->req, from->stored, from->res);
	show_begin(&show, from->fast, from->req, from->stored, from->res);
	err = page_fill(&show, second);
	return err == LK_OK ? show_page(&show, second->page, 200) : err;
}

enum lk_err
signin_code_page_answer(const struct fast *fast, const struct req *req,
			const struct store_answer *stored, struct res *res)
{
	struct show from = {.fast = fast, .req = req, .stored = stored, .res = res};

	return second_page(&from, &by_code);
}

enum lk_err
signin_recovery_page_answer(const struct fast *fast, const struct req *req,
			    const struct store_answer *stored, struct res *res)
{
	struct show from = {.fast = fast, .req = req, .stored = stored, .res = res};

	return second_page(&from, &by_recovery);
}

/* --- what was typed ------------------------------------------------------------------------- */

/* The words people meet here name no staff ID: they have shown their password. */
static enum lk_err
plainer(enum lk_err err)
{
	return err == LK_E_RECOVERY_WRONG ? LK_E_RECOVERY_CODE_WRONG : err;
}

static bool
is_about_code(enum lk_err err)
{
	return err == LK_E_CODE_WRONG || err == LK_E_CODE_CLOCK || err == LK_E_CODE_USED ||
	       err == LK_E_RECOVERY_WRONG || err == LK_E_CODE_LOCKED;
}

static enum lk_err
refuse(const struct asker *asker, const struct subject *subject, enum lk_err err, struct show *show)
{
	const struct second *second =
	    lk_str_is(show->req->path, "/signin/recovery") ? &by_recovery : &by_code;
	enum lk_err fill_err;

	if (is_about_code(err) && trail_event(asker, subject, AUDIT_CODE_REFUSED, err) != LK_OK)
		return LK_E_AUDIT_DOWN;
	fill_err = page_fill(show, second);
	if (fill_err != LK_OK)
		return fill_err;
	page_set(&show->values, PLACE_duration,
		 show_duration(show, (int64_t)asker->flow->detail.count * 60));
	return show_again(show, second->page, plainer(err));
}

static enum lk_err
let_in(const struct asker *asker, const struct subject *subject, struct arrival *arrival,
       const struct proven_code *code, struct res *res)
{
	const struct store_journey *journey = &arrival->stored->journey;

	arrival->subject = subject;
	arrival->code = code;
	arrival->has = gate_has(&code->factors);
	arrival->application = journey->application;
	arrive_note_read(journey->note, &arrival->note);
	return arrive(asker, arrival, res);
}

static enum lk_err
second_run(struct show *show, struct flow *flow, const struct second *second)
{
	const struct req *req = show->req;
	const struct store_answer *stored = show->stored;
	struct prove_code prove = {req->secret[second->field], stored->journey.proofs,
				   stored->epoch_began_at_s};
	struct proven_code code;
	struct crypto_digest answer;
	struct subject subject;
	struct asker asker;
	struct arrival arrival = {
	    .job = JOB_SIGNIN,
	    .event = EVENT_ALL_SHOWN,
	    .stored = stored,
	    .answer = &answer,
	    .shown = stored->journey.proofs | second->shown,
	    .held = stored->journey.held,
	    .wants_trust = req->field[FIELD_trust_device].len > 0,
	};
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	steps_answer(&asker, JOB_SIGNIN, prove.typed, &answer);
	if (steps_is_repeat(stored, &answer))
		return arrive_again(&asker, JOB_SIGNIN, &stored->journey, show->res);
	if (!stands_here(stored))
		return stored->has_journey ? lead(req, stored, show->res) : LK_E_FORM_STALE;
	err = steps_subject(&asker, &stored->journey, &subject);
	if (err != LK_OK)
		return err;
	err = second->prove(&asker, &subject, &prove, &code);
	if (err == LK_OK)
		err = let_in(&asker, &subject, &arrival, &code, show->res);
	return err == LK_OK ? LK_OK : refuse(&asker, &subject, err, show);
}

enum lk_err
signin_code_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		struct res *res)
{
	struct show show;

	show_begin(&show, flow->fast, req, stored, res);
	return second_run(&show, flow, &by_code);
}

enum lk_err
signin_recovery_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		    struct res *res)
{
	struct show show;

	show_begin(&show, flow->fast, req, stored, res);
	return second_run(&show, flow, &by_recovery);
}
