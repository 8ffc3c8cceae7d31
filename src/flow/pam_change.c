/* SPDX-License-Identifier: MIT */
/* A new password chosen at a terminal: the same rules, all told at the prompt. */
#include "flow/new_password.h"
#include "flow/pam_talk.h"
#include "flow/prove.h"
#include "flow/trail.h"

#define LINES_MAX_BYTES 1900u

/* --- may it be changed at all? -------------------------------------------------------------- */

static bool
is_proven(const struct pam *pam)
{
	return pam->stored.has_journey && (pam->stored.journey.state == STATE_PASSWORD ||
					   pam->stored.journey.state == STATE_DONE);
}

static void
prelim(struct pam *pam)
{
	struct subject subject;

	if (is_proven(pam)) {
		pam_done(pam);
		return;
	}
	if (pam_prove(pam, &subject) != PAM_STAND_ANSWERED)
		pam_done(pam);
}

/* --- the new one ---------------------------------------------------------------------------- */

static void
rules_fill(struct pam *pam, const struct subject *subject)
{
	struct policy_password rules;
	struct policy_who who;

	subject_who(subject, &who);
	policy_password_ask(pam->asker.flow->fast->policy, &who, &rules);
	page_set(&pam->values, PLACE_min_length,
		 lk_arena_printf(pam->asker.arena, "%d", rules.min_length_count));
	page_set(&pam->values, PLACE_max_length,
		 lk_arena_printf(pam->asker.arena, "%d", rules.max_length_count));
	page_set(&pam->values, PLACE_time, pam_when(pam, subject->person.password_may_change_at_s));
}

static void
new_asked(struct pam *pam)
{
	struct lk_str again = pam_sentence(pam, "pam_prompt_new_password_again");
	struct lk_str mismatch = pam_sentence(pam, "pam_mismatch");

	pam_ask(pam, WIRE_PROMPT_NEW_PASSWORD, "pam_prompt_new_password");
	wire_put(pam->out, WIRE_PROMPT_AGAIN, again.ptr, again.len);
	wire_put(pam->out, WIRE_PROMPT_MISMATCH, mismatch.ptr, mismatch.len);
}

/* Every rule that said no, a line each, and the prompt again. */
static void
failures_told(struct pam *pam, const struct policy_failures *failures)
{
	LK_AUTO_BUF lines;

	lk_buf_init(&lines, LINES_MAX_BYTES);
	for (size_t i = 0; i < failures->count; i++) {
		lk_buf_add_c(&lines, i == 0 ? "" : "\n");
		lk_buf_add_str(&lines, pam_sentence(pam, lk_err_row(failures->errs[i])->text_key));
	}
	pam_say(pam, lk_arena_dup(pam->asker.arena, lk_buf_str(&lines)));
	new_asked(pam);
}

static enum lk_err
finish(struct pam *pam, const struct subject *subject)
{
	struct store_journey next = pam->stored.journey;
	struct step_move move = {JOB_PAM, EVENT_PASSWORD_SET, &pam->stored, STEPS_DONE_LIFE_S};
	struct store_change changes[4];
	struct store_result result;
	size_t count;
	enum lk_err err = steps_move(&pam->asker, &move, &next, &changes[0]);

	if (err != LK_OK)
		return err;
	count = new_password_changes(subject, NULL, &changes[1]);
	err = store_commit(pam->asker.flow->store, changes, count + 1, &result);
	if (err == LK_OK)
		new_password_mail(&pam->asker, subject);
	return err;
}

/* Whoever must change may, on what was shown; whoever wants to, as themselves. */
static enum lk_err
change_make(struct pam *pam, struct subject *subject, struct gate_answer *pass,
	    struct new_password *out)
{
	struct gate_question question = {
	    .purpose = GATE_CHANGE,
	    .shown = pam->stored.journey.proofs,
	    .has = pam->stored.journey.proofs,
	    .is_in_grace = pam_grace_left(pam) >= 0,
	};
	struct dir_password_answer answer;
	enum lk_err err = pam_subject(pam, subject);

	if (err != LK_OK)
		return err;
	*out = (struct new_password){
	    .subject = subject,
	    .typed = pam_secret(pam, WIRE_NEW_PASSWORD),
	};
	if (pam->stored.journey.state == STATE_PASSWORD) {
		gate_ask(&pam->asker, subject, &question, pass);
		out->pass = pass;
		return pass->verdict == GATE_DENY ? pass->why : LK_OK;
	}
	out->now_pw = pam_secret(pam, WIRE_CURRENT_PASSWORD);
	return prove_password(&pam->asker, subject, out->now_pw, &answer);
}

static void
changed(struct pam *pam)
{
	pam_done(pam);
	pam_info(pam, "pam_changed");
}

static void
update(struct pam *pam)
{
	struct gate_answer pass;
	struct new_password change;
	struct subject subject;
	enum lk_err err = is_proven(pam) ? LK_OK : LK_E_SIGNIN_WRONG;

	if (err == LK_OK)
		err = change_make(pam, &subject, &pass, &change);
	if (err != LK_OK) {
		pam_refuse(pam, err);
		return;
	}
	rules_fill(pam, &subject);
	if (change.typed == NULL) {
		pam_info(pam, "pam_new_password_hint");
		new_asked(pam);
		return;
	}
	err = new_password_set(&pam->asker, &change);
	if (err == LK_OK)
		err = finish(pam, &subject);
	if (err == LK_OK)
		changed(pam);
	else if (change.failures.count > 0)
		failures_told(pam, &change.failures);
	else
		pam_refuse(pam, err);
}

void
pam_change(struct pam *pam)
{
	if (pam_has_flag(pam, WIRE_FLAG_ROOT))
		pam_refuse(pam, LK_E_NOT_ALLOWED);
	else if (pam_has_flag(pam, WIRE_FLAG_PRELIM))
		prelim(pam);
	else
		update(pam);
}
