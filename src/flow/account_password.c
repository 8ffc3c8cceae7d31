/* SPDX-License-Identifier: MIT */
/* A new password for somebody signed in, who shows the one they have. */
#include "flow/handlers.h"
#include "flow/password_step.h"
#include "flow/prove.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/throttle.h"
#include "flow/trail.h"

static enum lk_err
page_fill(struct show *show, const struct subject *subject)
{
	enum lk_err err = new_password_fill(show, subject);

	page_set_c(&show->values, PLACE_action, "/account/password");
	page_set_c(&show->values, PLACE_ask_password, "yes");
	return err == LK_OK ? show_form(show, JOB_CHANGE) : err;
}

enum lk_err
account_password_page_answer(const struct fast *fast, const struct req *req,
			     const struct store_answer *stored, struct res *res)
{
	struct subject subject = {.person.username = stored->session.username};
	struct show show;
	enum lk_err err;

	show_begin(&show, fast, req, stored, res);
	err = page_fill(&show, &subject);
	return err == LK_OK ? show_page(&show, PAGE_new_password, 200) : err;
}

/* --- what was typed ------------------------------------------------------------------------- */

struct chosen {
	struct password_step step;
	struct crypto_digest answer, this_one;
	struct subject subject;
};

/* The same two passwords again, in this session, are the same answer. */
static void
answer_make(const struct asker *asker, const struct req *req, struct crypto_digest *out)
{
	const struct crypto_ring *ring = asker->flow->fast->ring;
	struct lk_str pieces[] = {req->cookie[COOKIE_SESSION], LK_STR("change"), {NULL, 0}};
	struct crypto_digest now;

	crypto_digest_secret(ring, CRYPTO_ANSWER, (struct crypto_pieces){pieces, 2},
			     req->secret[FIELD_password], &now);
	pieces[2] = lk_str_n((const char *)now.bytes, sizeof(now.bytes));
	crypto_digest_secret(ring, CRYPTO_ANSWER, (struct crypto_pieces){pieces, 3},
			     req->secret[FIELD_new_password], out);
}

static enum lk_err
fields_check(const struct req *req)
{
	const struct lk_secret *now = req->secret[FIELD_password];
	const struct lk_secret *typed = req->secret[FIELD_new_password];

	if (now == NULL || lk_secret_len(now) == 0)
		return LK_E_SIGNIN_EMPTY_PASSWORD;
	return typed == NULL || lk_secret_len(typed) == 0 ? LK_E_PASSWORD_EMPTY : LK_OK;
}

/* The old one may be wrong because this very change, sent twice at once, was made already. */
static enum lk_err
wrong(const struct asker *asker, struct chosen *chosen)
{
	struct store_answer now;
	bool is_same = steps_was_same(asker, JOB_CHANGE, &chosen->answer, &now);

	if (is_same && steps_is_at(&now, STATE_DONE))
		return LK_OK;
	if (is_same && steps_is_at(&now, STATE_SETTING))
		return LK_E_PASSWORD_UNSURE;
	if (trail_event(asker, &chosen->subject, AUDIT_PASSWORD_REFUSED, LK_E_PASSWORD_WRONG) !=
	    LK_OK)
		return LK_E_AUDIT_DOWN;
	metric_count_password_changes_total(asker->flow->fast->metrics, LK_E_PASSWORD_WRONG,
					    asker->metric_door);
	return LK_E_PASSWORD_WRONG;
}

static enum lk_err
prove(const struct asker *asker, const struct store_answer *stored, struct chosen *chosen)
{
	struct dir_password_answer answer;
	enum lk_err err = throttle_address_check(asker, stored);

	if (err == LK_OK)
		err = subject_get(asker, stored->session.person_id, &chosen->subject);
	if (err == LK_OK)
		err = session_stay_check(asker, &chosen->subject);
	if (err == LK_OK)
		err = prove_password(asker, &chosen->subject, chosen->step.change.now_pw, &answer);
	return err == LK_E_PERSON_NOT_FOUND ? LK_E_SESSION_ENDED : err;
}

static enum lk_err
change(const struct asker *asker, const struct store_answer *stored, struct chosen *chosen)
{
	struct password_step *step = &chosen->step;
	enum lk_err err = prove(asker, stored, chosen);

	if (err == LK_OK)
		err = password_step_set(asker, step);
	if (err == LK_E_SIGNIN_WRONG)
		return wrong(asker, chosen);
	if (err != LK_OK || steps_is_at(&step->claimed, STATE_DONE))
		return err;
	return password_step_end(asker, step);
}

/* That the old one ends soon need not be told any more. Should this get lost, it is told too long.
 */
static void
notice_end(const struct asker *asker, const struct store_answer *stored,
	   const struct crypto_digest *this_one)
{
	if (stored->session.notice.len > 0)
		(void)!store_session_notice_end(asker->flow->store, this_one, &stored->session);
}

static enum lk_err
refuse(struct show *show, const struct chosen *chosen, enum lk_err err)
{
	enum lk_err fill_err = page_fill(show, &chosen->subject);

	return fill_err == LK_OK ? new_password_again(show, &chosen->step.change, err) : fill_err;
}

enum lk_err
account_password_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		     struct res *res)
{
	struct chosen chosen = {.step = {.job = JOB_CHANGE, .stored = stored},
				.subject.person.username = stored->session.username};
	struct asker asker;
	struct show show;
	enum lk_err err = fields_check(req);

	show_begin(&show, flow->fast, req, stored, res);
	chosen.step.change.subject = &chosen.subject;
	if (err != LK_OK)
		return refuse(&show, &chosen, err);
	asker_of_req(flow, req, &asker);
	answer_make(&asker, req, &chosen.answer);
	if (steps_is_repeat(stored, &chosen.answer) && steps_is_at(stored, STATE_DONE))
		return show_way(res, req->arena, "/account");
	session_key(flow->fast->ring, req->cookie[COOKIE_SESSION], &chosen.this_one);
	chosen.step.answer = &chosen.answer;
	chosen.step.keep = &chosen.this_one;
	chosen.step.change.now_pw = req->secret[FIELD_password];
	chosen.step.change.typed = req->secret[FIELD_new_password];
	err = change(&asker, stored, &chosen);
	if (err != LK_OK)
		return refuse(&show, &chosen, err);
	notice_end(&asker, stored, &chosen.this_one);
	return show_way(res, req->arena, "/account");
}
