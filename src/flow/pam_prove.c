/* SPDX-License-Identifier: MIT */
/* Signing in at a terminal: the same proofs, gate, limits and audit as on the pages. */
#include <string.h>

#include "flow/digits.h"
#include "flow/gate.h"
#include "flow/pam_talk.h"
#include "flow/prove.h"
#include "flow/throttle.h"
#include "flow/trail.h"

#define DAY_S 86400

/* What one frame brings to the journey. */
struct showing {
	struct subject *subject;
	unsigned shown, has;
	const struct proven_code *code;
	struct dir_password_answer password;
	int grace_left; /* sign-ins left to an expired password; -1: it has not expired */
};

/* --- where the person sits ------------------------------------------------------------------ */

/* A seat from which this person signed in lately: strangers elsewhere cannot use up its tries. */
static void
seat_key(const struct pam *pam, struct crypto_digest *out)
{
	struct lk_str pieces[] = {LK_STR("pam"), pam->asker.address, pam_text(pam, WIRE_RUSER)};

	crypto_digest_make(pam->asker.flow->fast->ring, CRYPTO_DEVICE, pieces, 3, out);
}

static enum lk_err
seat_look(const struct pam *pam, struct subject *subject)
{
	struct crypto_digest key;

	seat_key(pam, &key);
	return store_trust_check(pam->asker.flow->store, &key, subject->key,
				 &subject->is_on_known_device);
}

enum lk_err
pam_subject(const struct pam *pam, struct subject *out)
{
	enum lk_err err = steps_subject(&pam->asker, &pam->stored.journey, out);

	if (err == LK_OK)
		err = seat_look(pam, out);
	return err == LK_E_FORM_STALE ? LK_E_SIGNIN_WRONG : err;
}

static void
seat_put(const struct pam *pam, const struct subject *subject, struct crypto_digest *key,
	 struct store_change *out)
{
	struct policy_lockout lockout;

	policy_lockout_ask(pam->asker.flow->fast->policy, &lockout);
	seat_key(pam, key);
	*out = (struct store_change){
	    .kind = STORE_TRUST_PUT,
	    .key = key,
	    .person_id = subject->person.id,
	    .life_s = lockout.device_days * DAY_S,
	};
}

/* --- one step ------------------------------------------------------------------------------- */

static enum lk_err
commit(const struct pam *pam, const struct showing *showing, enum event event)
{
	const struct asker *asker = &pam->asker;
	struct store_journey next = {
	    .proofs = showing->shown,
	    .person_id = showing->subject->person.id,
	    .username = showing->subject->person.username,
	    .note = pam->username,
	    .result = (uint32_t)(showing->grace_left + 1),
	    .at_s = asker->now_s,
	    .password_at_s = showing->subject->person.password_changed_at_s,
	};
	struct policy_signin signin;
	struct policy_who nobody = {0};
	struct step_move move = {JOB_PAM, event, &pam->stored, 0};
	struct store_change changes[3];
	struct crypto_digest key;
	struct store_result result;
	size_t count = 1;
	enum lk_err err;

	policy_signin_ask(asker->flow->fast->policy, &nobody, &signin);
	move.life_s = signin.journey_s;
	err = steps_move(asker, &move, &next, &changes[0]);
	if (err != LK_OK)
		return err;
	if (showing->code != NULL)
		prove_spend(showing->subject, showing->code, &changes[count++]);
	if (event != EVENT_MORE_WANTED)
		seat_put(pam, showing->subject, &key, &changes[count++]);
	err = store_commit(asker->flow->store, changes, count, &result);
	if (err == LK_OK && showing->code != NULL)
		err = prove_used(asker, showing->subject, showing->code);
	return err == LK_E_USED ? LK_E_CODE_USED : err;
}

static enum pam_stand
answered(struct pam *pam, const struct showing *showing, enum lk_err err)
{
	metric_count_signins_total(pam->asker.flow->fast->metrics, err, pam->asker.metric_door);
	if (lk_err_row(err)->fault != LK_FAULT_OURS &&
	    trail_event(&pam->asker, showing->subject, AUDIT_SIGNIN_REFUSED, err) != LK_OK)
		err = LK_E_AUDIT_DOWN;
	pam_refuse(pam, err);
	return PAM_STAND_ANSWERED;
}

static enum pam_stand
code_wanted(struct pam *pam, const struct showing *showing, unsigned missing)
{
	enum lk_err err = commit(pam, showing, EVENT_MORE_WANTED);
	bool has_phone = (missing & STORE_PROOF_TOTP) != 0;

	if (err != LK_OK)
		return answered(pam, showing, err);
	pam_ask(pam, WIRE_PROMPT_CODE, has_phone ? "pam_prompt_code" : "pam_prompt_recovery");
	return PAM_STAND_ANSWERED;
}

static enum pam_stand
shown(struct pam *pam, const struct showing *showing, enum event event)
{
	enum lk_err err = commit(pam, showing, event);

	if (err != LK_OK)
		return answered(pam, showing, err);
	pam->grace_left = showing->grace_left;
	return event == EVENT_ALL_SHOWN ? PAM_STAND_SHOWN : PAM_STAND_PASSWORD;
}

static enum pam_stand
weigh(struct pam *pam, const struct showing *showing)
{
	struct gate_question question = {
	    .purpose = GATE_SIGNIN,
	    .shown = showing->shown,
	    .has = showing->has,
	    .is_in_grace = showing->grace_left >= 0,
	};
	struct gate_answer answer;

	gate_ask(&pam->asker, showing->subject, &question, &answer);
	switch (answer.verdict) {
	case GATE_MORE:
		return code_wanted(pam, showing, answer.missing);
	case GATE_PASSWORD:
		return shown(pam, showing, EVENT_PASSWORD_WANTED);
	case GATE_ALLOW:
		return shown(pam, showing, EVENT_ALL_SHOWN);
	case GATE_ENROL: /* not at a terminal */
		return answered(pam, showing, LK_E_RESET_NO_FACTOR);
	case GATE_DENY:
	default:
		return answered(pam, showing, answer.why);
	}
}

/* --- the code ------------------------------------------------------------------------------- */

/* Six digits come from the phone; anything else can only be a recovery code. */
static enum lk_err
code_prove(struct pam *pam, struct showing *showing, const struct lk_secret *typed,
	   struct proven_code *out)
{
	struct prove_code prove = {typed, showing->shown, pam->stored.epoch_began_at_s};
	bool is_recovery = digits_check(typed) == LK_E_CODE_LETTERS &&
			   crypto_recovery_normalise(pam->asker.arena, typed) != NULL;
	enum lk_err err = is_recovery ? prove_recovery(&pam->asker, showing->subject, &prove, out)
				      : prove_totp(&pam->asker, showing->subject, &prove, out);

	if (err != LK_OK)
		return err == LK_E_RECOVERY_WRONG ? LK_E_RECOVERY_CODE_WRONG : err;
	showing->shown |= is_recovery ? STORE_PROOF_RECOVERY : STORE_PROOF_TOTP;
	showing->has = gate_has(&out->factors);
	showing->code = out;
	return LK_OK;
}

static enum pam_stand
code_shown(struct pam *pam, struct subject *subject, const struct lk_secret *typed)
{
	struct showing showing = {
	    .subject = subject,
	    .shown = pam->stored.journey.proofs,
	    .grace_left = pam_grace_left(pam),
	};
	struct proven_code code;
	enum lk_err err;

	err = pam_subject(pam, subject);
	if (err == LK_OK)
		err = code_prove(pam, &showing, typed, &code);
	return err == LK_OK ? weigh(pam, &showing) : answered(pam, &showing, err);
}

/* --- the password --------------------------------------------------------------------------- */

static enum lk_err
password_prove(struct pam *pam, struct showing *showing, const struct lk_secret *typed)
{
	struct dir_factors factors;
	enum lk_err err = prove_password(&pam->asker, showing->subject, typed, &showing->password);

	if (err == LK_OK)
		err = dir_factors_get(pam->asker.flow->dir, &showing->subject->person, &factors);
	if (err == LK_OK)
		err = trail_event(&pam->asker, showing->subject, AUDIT_PASSWORD_SHOWN, LK_OK);
	if (err != LK_OK)
		return err;
	showing->shown = STORE_PROOF_PASSWORD;
	showing->has = gate_has(&factors);
	showing->grace_left = showing->password.grace_left;
	return LK_OK;
}

/*
 * "password,123456": both in one answer, for services that ask once. A password that happens to end
 * like that is tried whole when the first reading was wrong.
 */
static enum lk_err
both_prove(struct pam *pam, struct showing *showing, const struct lk_secret *typed,
	   struct proven_code *code)
{
	const struct lk_secret *password, *digits;
	enum lk_err err;

	if (!digits_split(pam->asker.arena, typed, &password, &digits))
		return password_prove(pam, showing, typed);
	err = password_prove(pam, showing, password);
	if (err == LK_E_SIGNIN_WRONG)
		return password_prove(pam, showing, typed);
	return err == LK_OK ? code_prove(pam, showing, digits, code) : err;
}

static enum pam_stand
password_shown(struct pam *pam, struct subject *subject, const struct lk_secret *typed)
{
	struct showing showing = {.subject = subject, .grace_left = -1};
	struct proven_code code;
	enum lk_err err = throttle_address_check(&pam->asker, &pam->stored);

	pam->stored.has_journey = false;
	if (err == LK_OK)
		err = subject_find(&pam->asker, pam->username, subject);
	if (err == LK_OK)
		err = seat_look(pam, subject);
	if (err == LK_OK)
		err = both_prove(pam, &showing, typed, &code);
	return err == LK_OK ? weigh(pam, &showing) : answered(pam, &showing, err);
}

enum pam_stand
pam_prove(struct pam *pam, struct subject *subject)
{
	const struct lk_secret *code = pam_secret(pam, WIRE_CODE);
	const struct lk_secret *password = pam_secret(pam, WIRE_PASSWORD);
	bool is_change = pam->question->frame->kind == WIRE_CHANGE;

	*subject = (struct subject){.typed = pam->username};
	if (code != NULL && pam->stored.has_journey && pam->stored.journey.state == STATE_CODE)
		return code_shown(pam, subject, code);
	if (password != NULL)
		return password_shown(pam, subject, password);
	pam_ask(pam, is_change ? WIRE_PROMPT_CURRENT_PASSWORD : WIRE_PROMPT_PASSWORD,
		is_change ? "pam_prompt_current_password" : "pam_prompt_password");
	return PAM_STAND_ANSWERED;
}

/* --- AUTH and ACCOUNT ----------------------------------------------------------------------- */

int
pam_grace_left(const struct pam *pam)
{
	return pam->stored.has_journey ? (int)pam->stored.journey.result - 1 : -1;
}

static void
grace_info(struct pam *pam)
{
	page_set(&pam->values, PLACE_count,
		 lk_arena_printf(pam->asker.arena, "%d", pam->grace_left));
	pam_info(pam, "pam_grace");
}

static void
ends_info(struct pam *pam, const struct subject *subject)
{
	int64_t ends_at_s = subject->person.password_expires_at_s;
	struct policy_signin signin;
	struct policy_who who;
	LK_AUTO_BUF date = {0};

	subject_who(subject, &who);
	policy_signin_ask(pam->asker.flow->fast->policy, &who, &signin);
	if (ends_at_s <= pam->asker.now_s ||
	    ends_at_s - pam->asker.now_s > (int64_t)signin.warn_days * DAY_S)
		return;
	lk_buf_init(&date, 200);
	page_date(&date, pam->asker.lang, ends_at_s, pam->asker.now_s);
	page_set(&pam->values, PLACE_date, lk_arena_dup(pam->asker.arena, lk_buf_str(&date)));
	pam_info(pam, "pam_expires");
}

/* What somebody who gets in should know about the password. */
static void
expiry_info(struct pam *pam, const struct subject *subject)
{
	if (pam->grace_left >= 0)
		grace_info(pam);
	else
		ends_info(pam, subject);
}

void
pam_auth(struct pam *pam)
{
	struct subject subject;
	enum pam_stand stand = pam_prove(pam, &subject);
	struct trail trail = {.event = AUDIT_SIGNIN_DONE, .session = LK_STR("-")};

	if (stand == PAM_STAND_ANSWERED)
		return;
	if (trail_write(&pam->asker, &subject, &trail) != LK_OK) {
		pam_refuse(pam, LK_E_AUDIT_DOWN);
		return;
	}
	metric_count_signins_total(pam->asker.flow->fast->metrics, LK_OK, pam->asker.metric_door);
	pam_done(pam);
	if (stand == PAM_STAND_SHOWN)
		expiry_info(pam, &subject);
}

/* Without a proof of this person only root may ask how an account stands. */
static enum lk_err
account_find(struct pam *pam, struct subject *subject)
{
	enum lk_err err;

	if (pam->question->peer_uid != 0 && !pam->stored.has_journey)
		return LK_E_NOT_ALLOWED;
	err = subject_find(&pam->asker, pam->username, subject);
	if (err == LK_OK && !subject->is_known)
		return LK_E_PERSON_NOT_FOUND;
	return err;
}

static void
new_password_wanted(struct pam *pam, enum lk_err why)
{
	pam_new_password(pam);
	pam_info(pam, why == LK_E_PASSWORD_EXPIRED ? "pam_expired" : "pam_must_change");
}

void
pam_account(struct pam *pam)
{
	struct gate_question question = {.purpose = GATE_HOST};
	struct gate_answer answer;
	struct subject subject;
	enum lk_err err = account_find(pam, &subject);

	if (err != LK_OK) {
		pam_refuse(pam, err);
		return;
	}
	question.is_in_grace = pam_grace_left(pam) >= 0;
	gate_ask(&pam->asker, &subject, &question, &answer);
	if (answer.verdict == GATE_ALLOW)
		pam_done(pam);
	else if (answer.verdict == GATE_PASSWORD)
		new_password_wanted(pam, answer.why);
	else
		pam_refuse(pam, answer.why);
}
