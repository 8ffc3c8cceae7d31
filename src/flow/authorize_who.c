/* SPDX-License-Identifier: MIT */
/* Is whoever is signed in who the application wants, and shown enough, and lately enough? */
#include "flow/authorize_inside.h"
#include "flow/consent.h"
#include "flow/grant.h"
#include "flow/session.h"
#include "flow/signing.h"

#define EVERY_PROOF (STORE_PROOF_PASSWORD | STORE_PROOF_TOTP | STORE_PROOF_RECOVERY)

static bool
is_fresh(const struct authorizing *on)
{
	return on->is_waiting &&
	       authorize_pending_is_fresh(&on->asker, &on->pending, &on->stored->session);
}

/* Signed in lately enough for what was asked. */
static bool
is_recent(const struct authorizing *on)
{
	int64_t age_s = on->asker.now_s - on->stored->session.auth_at_s;
	int64_t max_s = on->ask.application->session_max_s;

	if (is_fresh(on))
		return true;
	if ((on->ask.prompt & AUTHORIZE_PROMPT_LOGIN) != 0 || on->ask.max_age_s == 0)
		return false;
	return (on->ask.max_age_s < 0 || age_s <= on->ask.max_age_s) &&
	       (max_s == 0 || age_s <= max_s);
}

static enum lk_err
person_read(struct authorizing *on)
{
	const struct store_session *session = &on->stored->session;
	enum lk_err err = subject_get(&on->asker, session->person_id, &on->subject);

	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_E_OAUTH_LOGIN;
	if (err != LK_E_DIRECTORY_DOWN)
		return err;
	on->is_kept = true;
	return grant_subject_kept(session, on->asker.arena, &on->subject);
}

/* --- is it them? ---------------------------------------------------------------------------- */

/* Who an id token of ours says; a hint that we did not sign hints at nobody. */
static struct lk_str
hinted(const struct authorizing *on)
{
	struct lk_str client_id = lk_str_c(on->ask.application->client_id), payload;
	struct crypto_claims claims;
	struct crypto_claims_rule rule = {
	    .iss = lk_str_c(on->flow->fast->conf->base_url),
	    .aud = &client_id,
	    .aud_count = 1,
	    .need = CRYPTO_NEED_SUB,
	    .now_s = on->asker.now_s,
	    .may_be_past = true,
	};

	if (on->ask.id_token_hint.len == 0 ||
	    signing_verify(on->flow->fast, "JWT", on->ask.id_token_hint, on->asker.arena,
			   &payload) != LK_OK ||
	    crypto_claims_read(payload, on->asker.arena, NULL, &claims) != LK_OK ||
	    crypto_claims_check(&claims, &rule, NULL) != LK_OK)
		return lk_str_n(NULL, 0);
	return claims.sub;
}

static enum lk_err
meant_check(const struct authorizing *on)
{
	struct lk_str hint = hinted(on), sub;
	enum lk_err err;

	/* Whether it is them nobody can tell, and nobody may be asked. */
	if (hint.len == 0 && on->ask.id_token_hint.len > 0 &&
	    (on->ask.prompt & AUTHORIZE_PROMPT_NONE) != 0)
		return LK_E_OAUTH_LOGIN;
	if (hint.len == 0 && on->ask.sub.len == 0)
		return LK_OK;
	err = grant_sub(on->flow->fast, on->ask.application, on->subject.person.id,
			on->asker.arena, &sub);
	if (err != LK_OK)
		return err;
	if ((hint.len == 0 || lk_str_is_equal(hint, sub)) &&
	    (on->ask.sub.len == 0 || lk_str_is_equal(on->ask.sub, sub)))
		return LK_OK;
	/* Whoever signed in for this is somebody else: asking again would not end. */
	return is_fresh(on) ? LK_E_OAUTH_DENIED : LK_E_OAUTH_LOGIN;
}

/* --- is it enough? -------------------------------------------------------------------------- */

static struct gate_question
question_of(const struct authorizing *on)
{
	return (struct gate_question){
	    .purpose = GATE_GRANT,
	    .shown = on->stored->session.proofs & ~(unsigned)STORE_PROOF_LIMITED,
	    .has = EVERY_PROOF,
	    .is_in_grace = true, /* let in, they were */
	    .application = lk_str_c(on->ask.application->client_id),
	    .wants_two_step = on->ask.wants_two_step,
	    .address = on->asker.address,
	};
}

/* What the person could show is read only where what they showed is not enough. */
static enum lk_err
has_read(struct authorizing *on)
{
	struct dir_factors factors;
	enum lk_err err;

	on->has = EVERY_PROOF;
	if (on->is_kept)
		return LK_OK; /* nobody knows: then nothing less than what policy asks */
	err = dir_factors_get(on->flow->dir, &on->subject.person, &factors);
	if (err == LK_OK)
		on->has = gate_has(&factors);
	return err;
}

static enum lk_err
gate(struct authorizing *on)
{
	struct gate_question question = question_of(on);
	enum lk_err err;

	gate_ask(&on->asker, &on->subject, &question, &on->pass);
	if (on->pass.verdict == GATE_ALLOW || on->pass.verdict == GATE_DENY)
		return LK_OK;
	err = has_read(on);
	if (err != LK_OK)
		return err;
	question.has = on->has;
	gate_ask(&on->asker, &on->subject, &question, &on->pass);
	if (!on->ask.wants_two_step || on->ask.needs_two_step || on->pass.verdict == GATE_ALLOW ||
	    on->pass.verdict == GATE_MORE)
		return LK_OK;
	/* It would have liked a second step; they have none. */
	question.wants_two_step = on->ask.wants_two_step = false;
	gate_ask(&on->asker, &on->subject, &question, &on->pass);
	return LK_OK;
}

/* Who left or was blocked since is signed out everywhere. */
static enum lk_err
refused(struct authorizing *on)
{
	enum lk_err why = on->pass.why, err;

	if (on->is_kept || why == LK_E_ACCESS_NONE || why == LK_E_ACCOUNT_LOCKED)
		return why;
	err = session_stay_check(&on->asker, &on->subject);
	return err == LK_OK || err == LK_E_SESSION_ENDED ? why : err;
}

static enum lk_err
enough_check(struct authorizing *on)
{
	enum lk_err err = gate(on);

	if (err != LK_OK)
		return err;
	if (on->pass.verdict == GATE_DENY)
		return refused(on);
	if (on->pass.verdict != GATE_ALLOW)
		return LK_E_OAUTH_INTERACTION;
	if (on->ask.needs_two_step && !lk_str_is(grant_acr(on->pass.shown), AUTHORIZE_ACR_TWO_STEP))
		return LK_E_OAUTH_DENIED;
	return LK_OK;
}

/* --- did they allow it? --------------------------------------------------------------------- */

/* While the directory does not answer nobody knows what was allowed. */
static enum lk_err
allowed_check(const struct authorizing *on)
{
	const struct policy_application *application = on->ask.application;

	if (on->is_allowed)
		return LK_OK;
	if ((on->ask.prompt & AUTHORIZE_PROMPT_CONSENT) != 0)
		return LK_E_OAUTH_CONSENT;
	if (application->consent != POLICY_CONSENT_ASK)
		return LK_OK;
	if (on->is_kept)
		return LK_E_OAUTH_CONSENT;
	return consent_check(&on->asker, &on->subject, lk_str_c(application->client_id),
			     on->ask.told);
}

enum lk_err
authorize_who_check(struct authorizing *on)
{
	enum lk_err err;

	if (!on->stored->has_session || !is_recent(on))
		return LK_E_OAUTH_LOGIN;
	err = person_read(on);
	if (err == LK_OK)
		err = meant_check(on);
	if (err == LK_OK)
		err = enough_check(on);
	return err == LK_OK ? allowed_check(on) : err;
}
