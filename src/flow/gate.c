/* SPDX-License-Identifier: MIT */
#include "flow/gate.h"

#include "policy/application.h"

static void
detail(const struct asker *asker, int64_t from_s, int64_t until_s, int count)
{
	asker->flow->detail = (struct flow_detail){from_s, until_s, (uint32_t)count};
}

/* A lock ends by a reset or an unlock, so it does not stand in their way; nor may a stranger who
 * brings one about throw anybody out. */
static bool
is_held_by_lock(enum gate_purpose purpose)
{
	return purpose != GATE_RESET && purpose != GATE_UNLOCK && purpose != GATE_SESSION;
}

/* An administrator closed the account for a while: nobody typed anything wrong. */
static bool
is_locked_by_hand(const struct dir_person *person)
{
	return person->wrong_count == 0;
}

/* What the entry itself says. */
static enum lk_err
entry_check(const struct asker *asker, const struct dir_person *person, enum gate_purpose purpose)
{
	switch (person->state) {
	case DIR_OPEN:
		return LK_OK;
	case DIR_LOCKED:
		if (!is_held_by_lock(purpose) &&
		    (purpose != GATE_SESSION || !is_locked_by_hand(person)))
			return LK_OK;
		detail(asker, person->locked_at_s, person->locked_until_s, person->wrong_count);
		return LK_E_ACCOUNT_LOCKED;
	case DIR_NOT_STARTED:
		detail(asker, person->starts_at_s, person->starts_at_s, 0);
		return LK_E_ACCOUNT_NOT_STARTED;
	case DIR_LEFT:
		detail(asker, person->ends_at_s, person->ends_at_s, 0);
		return LK_E_ACCOUNT_LEFT;
	case DIR_BLOCKED:
	default:
		return LK_E_ACCOUNT_BLOCKED;
	}
}

static bool
is_of_signin(enum gate_purpose purpose)
{
	return purpose == GATE_SIGNIN || purpose == GATE_CHANGE || purpose == GATE_GRANT;
}

/* By a host, or at sign-in. */
static bool
is_proven(enum gate_purpose purpose)
{
	return purpose == GATE_HOST || purpose == GATE_SESSION;
}

struct wanted {
	struct policy_proofs proofs;
	enum policy_without without;
};

/* Every way in that has none gets one, by the phone or by a recovery code. */
static void
second_step_add(struct policy_proofs *proofs)
{
	const unsigned steps = POLICY_PROOF_TOTP | POLICY_PROOF_RECOVERY;
	struct policy_proofs with = {.count = 0};

	for (uint8_t i = 0; i < proofs->count; i++) {
		uint8_t choice = proofs->choice[i];
		bool has_step = (choice & steps) != 0;

		if (with.count < POLICY_CHOICES_MAX)
			with.choice[with.count++] =
			    has_step ? choice : (uint8_t)(choice | POLICY_PROOF_TOTP);
		if (!has_step && with.count < POLICY_CHOICES_MAX)
			with.choice[with.count++] = (uint8_t)(choice | POLICY_PROOF_RECOVERY);
	}
	*proofs = with;
}

static void
wanted_ask(const struct asker *asker, const struct subject *subject,
	   const struct gate_question *question, struct wanted *out)
{
	const struct policy *policy = asker->flow->fast->policy;
	struct policy_who who;
	struct policy_signin signin;
	struct policy_reset reset;

	subject_who(subject, &who);
	out->without = POLICY_REFUSE;
	if (is_of_signin(question->purpose)) {
		who.application = policy_application_find(policy, question->application);
		policy_signin_ask(policy, &who, &signin);
		out->proofs = signin.proofs;
		out->without = (enum policy_without)signin.without_second_step;
		if (question->wants_two_step)
			second_step_add(&out->proofs);
		return;
	}
	policy_reset_ask(policy, &who, &reset);
	out->proofs = question->purpose == GATE_RESET ? reset.proofs : reset.unlock_proofs;
}

static unsigned
proofs_of(unsigned shown)
{
	/* A device trusted earlier stands for the code shown on it then. */
	if ((shown & STORE_PROOF_DEVICE) != 0)
		shown |= STORE_PROOF_TOTP;
	return shown & (POLICY_PROOF_PASSWORD | POLICY_PROOF_TOTP | POLICY_PROOF_RECOVERY);
}

/* GATE_ALLOW: enough was shown. */
static enum gate_verdict
proofs_check(const struct wanted *wanted, const struct gate_question *question, unsigned *missing)
{
	unsigned shown = proofs_of(question->shown);

	*missing = 0;
	if (policy_proofs_are_met(&wanted->proofs, shown))
		return GATE_ALLOW;
	if (policy_proofs_can_meet(&wanted->proofs, question->has | shown)) {
		*missing = policy_proofs_missing(&wanted->proofs, shown, question->has | shown);
		return GATE_MORE;
	}
	if ((shown & POLICY_PROOF_PASSWORD) == 0 || !is_of_signin(question->purpose))
		return GATE_DENY;
	if (wanted->without == POLICY_ENROL)
		return GATE_ENROL;
	return wanted->without == POLICY_ALLOW ? GATE_ALLOW : GATE_DENY;
}

/* LK_OK: the password may stay. */
static enum lk_err
password_check(const struct asker *asker, const struct dir_person *person,
	       const struct gate_question *question)
{
	if (!is_held_by_lock(question->purpose))
		return LK_OK;
	if (person->must_change)
		return LK_E_PASSWORD_MUST_CHANGE;
	if (person->password_expires_at_s != 0 && person->password_expires_at_s <= asker->now_s &&
	    !question->is_in_grace)
		return LK_E_PASSWORD_EXPIRED;
	return LK_OK;
}

/* What the application is for, and where. */
static enum lk_err
application_check(const struct asker *asker, const struct subject *subject,
		  const struct gate_question *question)
{
	const struct policy_application *application =
	    policy_application_find(asker->flow->fast->policy, question->application);
	struct policy_who who;

	if (question->purpose != GATE_GRANT)
		return LK_OK;
	subject_who(subject, &who);
	if (application == NULL || !policy_application_may_use(application, &who))
		return LK_E_ACCESS_NONE;
	if (question->address.len > 0 &&
	    !policy_application_network_check(application, question->address)) {
		lk_why_add(asker->flow->call->why, "networks of %s", application->client_id);
		return LK_E_ACCESS_NONE;
	}
	return LK_OK;
}

static enum gate_verdict
deny(struct gate_answer *out, enum lk_err why)
{
	out->why = why;
	return GATE_DENY;
}

static enum gate_verdict
decide(const struct asker *asker, const struct subject *subject,
       const struct gate_question *question, struct gate_answer *out)
{
	struct wanted wanted;
	enum gate_verdict verdict;
	enum lk_err err;

	if (!subject->is_known)
		return deny(out, LK_E_PERSON_NOT_FOUND);
	err = entry_check(asker, &subject->person, question->purpose);
	if (err == LK_OK)
		err = application_check(asker, subject, question);
	if (err != LK_OK)
		return deny(out, err);
	if (question->purpose == GATE_RESET && subject->person.is_password_fixed)
		return deny(out, LK_E_PASSWORD_NOT_ALLOWED);
	wanted_ask(asker, subject, question, &wanted);
	verdict = is_proven(question->purpose) ? GATE_ALLOW
					       : proofs_check(&wanted, question, &out->missing);
	if (verdict == GATE_DENY)
		return deny(out, LK_E_RESET_NO_FACTOR);
	if (verdict == GATE_MORE)
		return verdict;
	out->why = password_check(asker, &subject->person, question);
	if (out->why != LK_OK)
		return question->purpose == GATE_CHANGE ? GATE_ALLOW : GATE_PASSWORD;
	return question->purpose == GATE_CHANGE ? deny(out, LK_E_PASSWORD_NOT_ALLOWED) : verdict;
}

void
gate_ask(const struct asker *asker, const struct subject *subject,
	 const struct gate_question *question, struct gate_answer *out)
{
	*out = (struct gate_answer){.verdict = GATE_DENY};
	out->verdict = decide(asker, subject, question, out);
	out->person_id = subject->person.id;
	out->purpose = question->purpose;
	out->shown = question->shown;
}

enum lk_err
gate_robot_check(const struct fast *fast, const struct policy_application *robot,
		 struct lk_str address, struct lk_why *why)
{
	int64_t now_s = lk_clock_wall_s(fast->clock);

	if (robot->kind == POLICY_ROBOT && policy_application_life_check(robot, now_s) &&
	    policy_application_hours_check(robot, now_s) &&
	    policy_application_network_check(robot, address))
		return LK_OK;
	lk_why_add(why, "kind, expires, hours or networks of %s", robot->client_id);
	return LK_E_OAUTH_UNAUTHORIZED;
}

bool
gate_pass_check(const struct gate_answer *pass, const struct subject *subject,
		enum gate_purpose purpose)
{
	return pass->verdict == GATE_ALLOW && pass->purpose == purpose && subject->is_known &&
	       pass->person_id.len > 0 && lk_str_is_equal(pass->person_id, subject->person.id);
}

unsigned
gate_has(const struct dir_factors *factors)
{
	return POLICY_PROOF_PASSWORD | (factors->totp_sealed.len > 0 ? POLICY_PROOF_TOTP : 0u) |
	       (factors->recovery_count > 0 ? POLICY_PROOF_RECOVERY : 0u);
}
