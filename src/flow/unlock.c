/* SPDX-License-Identifier: MIT */
/*
 * Unlock an account with the code from the phone, at any time of day, without changing the
 * password: a lock of ours and one of the directory. Whoever comes from the locked page has said
 * who they are there.
 */
#include "flow/gate.h"
#include "flow/handlers.h"
#include "flow/locked.h"
#include "flow/prove.h"
#include "flow/show.h"
#include "flow/throttle.h"
#include "flow/trail.h"

static bool
is_named(const struct store_answer *stored)
{
	return steps_is_at(stored, STATE_NAMED);
}

static void
onward_fill(struct show *show)
{
	struct onward onward;

	locked_onward(&show->stored->journey, &onward);
	show_onward(show, &onward);
}

static enum lk_err
page_fill(struct show *show, bool asks_name)
{
	if (asks_name)
		page_set_c(&show->values, PLACE_ask_username, "yes");
	onward_fill(show);
	return show_form(show, JOB_UNLOCK);
}

enum lk_err
unlock_page_answer(const struct fast *fast, const struct req *req,
		   const struct store_answer *stored, struct res *res)
{
	struct show show;
	enum lk_err err;

	show_begin(&show, fast, req, stored, res);
	err = page_fill(&show, !is_named(stored));
	return err == LK_OK ? show_page(&show, PAGE_unlock, 200) : err;
}

enum lk_err
unlock_done_page_answer(const struct fast *fast, const struct req *req,
			const struct store_answer *stored, struct res *res)
{
	struct show show;

	if (!steps_is_at(stored, STATE_DONE))
		return show_way(res, req->arena, "/unlock");
	show_begin(&show, fast, req, NULL, res);
	show.stored = stored;
	page_set(&show.values, PLACE_reference, stored->journey.reference);
	onward_fill(&show);
	return show_page(&show, PAGE_unlock_done, 200);
}

/* --- what was typed ------------------------------------------------------------------------- */

struct unlock {
	const struct req *req;
	const struct store_answer *stored;
	bool asks_name;
	struct lk_str name;
	struct crypto_digest answer;
	struct subject subject;
	struct proven_code code;
};

static void
unlock_begin(const struct asker *asker, struct unlock *unlock)
{
	struct lk_str typed = unlock->req->field[FIELD_username];
	struct lk_str pieces[] = {asker->browser, LK_STR("unlock"), {NULL, 0}};

	unlock->asks_name = typed.len > 0 || !is_named(unlock->stored);
	unlock->name = unlock->asks_name ? typed : unlock->stored->journey.username;
	pieces[2] = unlock->name;
	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_ANSWER,
			     (struct crypto_pieces){pieces, 3}, unlock->req->secret[FIELD_code],
			     &unlock->answer);
}

static enum lk_err
prove(const struct asker *asker, struct unlock *unlock)
{
	struct prove_code prove = {unlock->req->secret[FIELD_code], 0,
				   unlock->stored->epoch_began_at_s};
	enum lk_err err = throttle_address_check(asker, unlock->stored);

	if (err == LK_OK)
		err = subject_find(asker, unlock->name, &unlock->subject);
	if (err == LK_OK)
		err = prove_totp(asker, &unlock->subject, &prove, &unlock->code);
	return err;
}

/* --- the unlock ----------------------------------------------------------------------------- */

static enum lk_err
may(const struct asker *asker, const struct unlock *unlock)
{
	struct gate_question question = {
	    .purpose = GATE_UNLOCK,
	    .shown = STORE_PROOF_TOTP,
	    .has = gate_has(&unlock->code.factors),
	};
	struct gate_answer answer;

	gate_ask(asker, &unlock->subject, &question, &answer);
	if (gate_pass_check(&answer, &unlock->subject, GATE_UNLOCK))
		return LK_OK;
	return answer.verdict == GATE_DENY ? answer.why : LK_E_RESET_NO_FACTOR;
}

static void
journey_fill(const struct asker *asker, const struct unlock *unlock, struct store_journey *out)
{
	*out = (struct store_journey){
	    .proofs = STORE_PROOF_TOTP,
	    .person_id = unlock->subject.person.id,
	    .username = unlock->name,
	    .application = unlock->stored->journey.application,
	    .note = unlock->stored->journey.note,
	    .reference = asker->reference,
	    .answer = unlock->answer,
	    .at_s = asker->now_s,
	};
}

/* The sign-in that found the lock stands at its page no longer. */
static size_t
changes_make(const struct asker *asker, const struct unlock *unlock, struct crypto_digest *signin,
	     struct store_change out[3])
{
	size_t count = 0;

	out[count++] = (struct store_change){
	    .kind = STORE_UNLOCK,
	    .person_id = unlock->subject.person.id,
	};
	prove_spend(&unlock->subject, &unlock->code, &out[count++]);
	if (!is_named(unlock->stored))
		return count;
	steps_key(asker->flow->fast->ring, asker->browser, JOB_SIGNIN, signin);
	out[count++] = (struct store_change){.kind = STORE_JOURNEY_END, .key = signin};
	return count;
}

/* LK_OK with is_ours false: the same code given twice at once, and the other one did it. */
static enum lk_err
in_store(const struct asker *asker, const struct unlock *unlock, bool *is_ours)
{
	struct step_move move = {JOB_UNLOCK, EVENT_CODE_RIGHT, unlock->stored, STEPS_DONE_LIFE_S};
	struct store_journey next;
	struct store_change changes[4];
	struct store_result result;
	struct store_answer now;
	struct crypto_digest signin;
	size_t count;
	enum lk_err err;

	journey_fill(asker, unlock, &next);
	err = steps_move(asker, &move, &next, &changes[0]);
	if (err != LK_OK)
		return err;
	count = changes_make(asker, unlock, &signin, &changes[1]);
	err = store_commit(asker->flow->store, changes, count + 1, &result);
	*is_ours = err == LK_OK;
	if (err != LK_E_STORE_CONFLICT && err != LK_E_USED)
		return err;
	if (steps_was_same(asker, JOB_UNLOCK, &unlock->answer, &now))
		return LK_OK;
	return err == LK_E_USED ? LK_E_CODE_USED : err;
}

/* It did not come to its end: pressing again must not find it done. */
static void
step_back(const struct asker *asker)
{
	struct crypto_digest key;
	struct store_change change = {.kind = STORE_JOURNEY_END, .key = &key};
	struct store_result result;

	steps_key(asker->flow->fast->ring, asker->browser, JOB_UNLOCK, &key);
	(void)!store_commit(asker->flow->store, &change, 1, &result);
}

/* After the code was spent, so that a used one takes no lock away. Taking it away twice does no
 * harm, so no answer is as good as none. */
static enum lk_err
in_directory(const struct asker *asker, const struct unlock *unlock)
{
	enum lk_err err = dir_lock_clear(asker->flow->dir, &unlock->subject.person);

	if (err != LK_OK)
		step_back(asker);
	return err == LK_E_DIRECTORY_UNSURE ? LK_E_DIRECTORY_DOWN : err;
}

static enum lk_err
unlocked(const struct asker *asker, const struct unlock *unlock)
{
	enum lk_err err = trail_event(asker, &unlock->subject, AUDIT_UNLOCKED, LK_OK);

	if (err != LK_OK)
		return err;
	metric_count_unlocks_total(asker->flow->fast->metrics, LK_OK, METRIC_NONE);
	steps_count_begun(asker, JOB_UNLOCK);
	steps_count_done(asker, JOB_UNLOCK,
			 is_named(unlock->stored) ? unlock->stored->journey.began_at_s
						  : asker->now_s);
	trail_mail(asker, &unlock->subject, MAIL_unlocked, NULL);
	return LK_OK;
}

static enum lk_err
undo_lock(const struct asker *asker, const struct unlock *unlock)
{
	bool is_ours = false;
	enum lk_err err = may(asker, unlock);

	if (err != LK_OK)
		return prove_refused(asker, &unlock->subject, &unlock->code, err);
	err = trail_event(asker, &unlock->subject, AUDIT_UNLOCK_BEGUN, LK_OK);
	if (err == LK_OK)
		err = in_store(asker, unlock, &is_ours);
	if (err != LK_OK || !is_ours)
		return err;
	err = in_directory(asker, unlock);
	return err == LK_OK ? unlocked(asker, unlock) : err;
}

/* --- refusals ------------------------------------------------------------------------------- */

/* Whoever is not known must read the same as whoever is. */
static enum lk_err
softened(const struct unlock *unlock, enum lk_err err)
{
	if (err == LK_E_RESET_NO_FACTOR || err == LK_E_CODE_WRONG)
		return unlock->asks_name ? LK_E_UNLOCK_WRONG : LK_E_CODE_WRONG;
	if (err == LK_E_CODE_CLOCK && !unlock->subject.is_on_known_device)
		return unlock->asks_name ? LK_E_UNLOCK_WRONG : LK_E_CODE_WRONG;
	return err;
}

static bool
is_refusal(enum lk_err err)
{
	return err == LK_E_CODE_WRONG || err == LK_E_CODE_CLOCK || err == LK_E_CODE_USED ||
	       err == LK_E_CODE_LOCKED || err == LK_E_RESET_NO_FACTOR ||
	       lk_err_row(err)->number / 1000 == 2;
}

static enum lk_err
refuse(const struct asker *asker, const struct unlock *unlock, enum lk_err err, struct show *show)
{
	enum lk_err fill_err = page_fill(show, unlock->asks_name);

	if (fill_err != LK_OK)
		return fill_err;
	if (is_refusal(err)) {
		metric_count_unlocks_total(asker->flow->fast->metrics, err, METRIC_NONE);
		if (trail_event(asker, &unlock->subject, AUDIT_UNLOCK_REFUSED, err) != LK_OK)
			return LK_E_AUDIT_DOWN;
	}
	page_set(&show->values, PLACE_username, unlock->req->field[FIELD_username]);
	page_set(&show->values, PLACE_duration,
		 show_duration(show, (int64_t)asker->flow->detail.count * 60));
	return show_again(show, PAGE_unlock, softened(unlock, err));
}

enum lk_err
unlock_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   struct res *res)
{
	struct unlock unlock = {.req = req, .stored = stored};
	struct asker asker;
	struct show show;
	enum lk_err err = LK_OK;

	show_begin(&show, flow->fast, req, stored, res);
	asker_of_req(flow, req, &asker);
	unlock_begin(&asker, &unlock);
	if (steps_is_repeat(stored, &unlock.answer))
		return show_way(res, req->arena, "/unlock/done");
	if (unlock.name.len == 0)
		err = LK_E_SIGNIN_EMPTY_USER;
	if (err == LK_OK)
		err = prove(&asker, &unlock);
	if (err == LK_OK)
		err = undo_lock(&asker, &unlock);
	if (err != LK_OK)
		return refuse(&asker, &unlock, err, &show);
	return show_way(res, req->arena, "/unlock/done");
}
