/* SPDX-License-Identifier: MIT */
#include "flow/password_step.h"

#include <poll.h>

#include "flow/trail.h"

/* An audit line, a mail and a commit take less. */
#define OTHER_TURNS   25
#define OTHER_TURN_MS 20

static int32_t
life_s(const struct asker *asker)
{
	struct policy_reset reset;
	struct policy_who nobody = {0};

	policy_reset_ask(asker->flow->fast->policy, &nobody, &reset);
	return reset.journey_s;
}

/* --- the claim ------------------------------------------------------------------------------ */

static void
journey_copy(const struct asker *asker, const struct password_step *step, struct store_journey *out)
{
	const struct subject *subject = step->change.subject;

	*out = step->stored->has_journey ? step->stored->journey : (struct store_journey){0};
	out->person_id = subject->person.id;
	out->username = subject->person.username;
	out->reference = asker->reference;
	out->answer = *step->answer;
	out->at_s = asker->now_s;
}

static enum lk_err
move(const struct asker *asker, const struct password_step *step, enum event event,
     struct store_change *out)
{
	struct step_move move = {step->job, event, step->stored, life_s(asker)};
	struct store_journey *next = lk_arena_alloc(asker->arena, sizeof(*next));

	if (next == NULL)
		return LK_E_MEMORY;
	journey_copy(asker, step, next);
	return steps_move(asker, &move, next, out);
}

/* Somebody else moved it: the same answer given twice at once, or another one. */
static enum lk_err
lost(const struct asker *asker, struct password_step *step)
{
	if (!steps_was_same(asker, step->job, step->answer, &step->claimed))
		return LK_E_BUSY;
	if (!steps_is_at(&step->claimed, STATE_SETTING) && !steps_is_at(&step->claimed, STATE_DONE))
		return LK_E_BUSY;
	step->change.is_again = true;
	return LK_OK;
}

static enum lk_err
claim_commit(const struct asker *asker, struct password_step *step)
{
	struct store_change changes[4];
	struct store_result result = {0};
	size_t count = 1;
	enum lk_err err = move(asker, step, EVENT_PASSWORD_BEGUN, &changes[0]);

	if (err != LK_OK)
		return err;
	changes[count++] = (struct store_change){
	    .kind = STORE_SESSIONS_END_ALL,
	    .person_id = step->change.subject->person.id,
	    .key = step->keep,
	};
	changes[count++] = (struct store_change){
	    .kind = STORE_TRUST_END_ALL,
	    .person_id = step->change.subject->person.id,
	};
	err = store_commit(asker->flow->store, changes, count, &result);
	if (err == LK_E_STORE_CONFLICT)
		return lost(asker, step);
	if (err != LK_OK)
		return err;
	step->claimed = *step->stored;
	step->claimed.has_journey = true;
	step->claimed.journey = *changes[0].journey;
	step->ended_count = result.ended_count;
	return LK_OK;
}

static enum lk_err
claim(const struct asker *asker, struct password_step *step)
{
	const struct store_answer *stored = step->stored;

	if (!steps_is_at(stored, STATE_SETTING))
		return claim_commit(asker, step);
	if (steps_is_repeat(stored, step->answer)) {
		step->claimed = *stored;
		step->change.is_again = true;
		return LK_OK;
	}
	if (stored->journey.at_s + PASSWORD_STEP_CLAIM_S > asker->now_s)
		return LK_E_BUSY;
	return claim_commit(asker, step);
}

/* Another one may be chosen at once; should this get lost, after PASSWORD_STEP_CLAIM_S. */
static void
release(const struct asker *asker, const struct password_step *step)
{
	struct password_step claimed = *step;
	struct store_change change;
	struct store_result result;

	claimed.stored = &step->claimed;
	if (move(asker, &claimed, EVENT_PASSWORD_REFUSED, &change) == LK_OK)
		(void)!store_commit(asker->flow->store, &change, 1, &result);
}

/* The same answer, given twice at once, came to its end between our claim and our look. */
static bool
is_done_meanwhile(const struct asker *asker, struct password_step *step)
{
	struct store_answer now;

	if (!steps_was_same(asker, step->job, step->answer, &now) || !steps_is_at(&now, STATE_DONE))
		return false;
	step->claimed = now;
	return true;
}

/* What was begun before may have been done this moment: its end is waited for, not long. */
static bool
other_ends(const struct asker *asker, struct password_step *step)
{
	int turns = step->change.is_again ? OTHER_TURNS : 1;

	while (!is_done_meanwhile(asker, step)) {
		if (--turns == 0)
			return false;
		(void)poll(NULL, 0, OTHER_TURN_MS);
	}
	return true;
}

enum lk_err
password_step_set(const struct asker *asker, struct password_step *step)
{
	enum lk_err err = new_password_check(asker, &step->change);

	if (err == LK_OK)
		err = claim(asker, step);
	if (err != LK_OK || steps_is_at(&step->claimed, STATE_DONE))
		return err;
	err = new_password_set(asker, &step->change);
	if (err == LK_E_PASSWORD_SAME && other_ends(asker, step))
		return LK_OK;
	if (err == LK_E_PASSWORD_SAME && step->change.is_again)
		err = new_password_found(asker, &step->change);
	if (err == LK_OK)
		new_password_mail(asker, step->change.subject);
	else if (err != LK_E_PASSWORD_UNSURE)
		release(asker, step);
	return err;
}

/* --- the end -------------------------------------------------------------------------------- */

static enum lk_err
unsure(const struct asker *asker, enum lk_err err)
{
	if (err == LK_OK || (err != LK_E_STORE_CONFLICT && lk_err_row(err)->fault != LK_FAULT_OURS))
		return err;
	lk_why_add(asker->flow->call->why, "the new password is in force, but then: %s",
		   lk_err_row(err)->name);
	return LK_E_PASSWORD_UNSURE;
}

enum lk_err
password_step_arrive(const struct asker *asker, const struct arrival *arrival, struct res *res)
{
	enum lk_err err = arrive(asker, arrival, res);

	if (err == LK_E_STORE_DOWN)
		err = arrive(asker, arrival, res);
	return unsure(asker, err);
}

static enum lk_err
end_commit(const struct asker *asker, const struct password_step *step,
	   const struct store_change *changes, size_t count)
{
	struct store_answer now;
	struct store_result result;
	enum lk_err err = store_commit(asker->flow->store, changes, count, &result);

	if (err == LK_E_STORE_DOWN)
		err = store_commit(asker->flow->store, changes, count, &result);
	if (err == LK_E_STORE_CONFLICT && steps_was_same(asker, step->job, step->answer, &now) &&
	    steps_is_at(&now, STATE_DONE))
		return LK_OK;
	return err;
}

enum lk_err
password_step_end(const struct asker *asker, const struct password_step *step)
{
	struct password_step claimed = *step;
	struct store_change changes[4];
	size_t count;
	enum lk_err err;

	claimed.stored = &step->claimed;
	err = move(asker, &claimed, EVENT_PASSWORD_SET, &changes[0]);
	if (err != LK_OK)
		return unsure(asker, err);
	changes[0].life_s = STEPS_DONE_LIFE_S;
	count = new_password_changes(step->change.subject, step->keep, &changes[1]);
	return unsure(asker, end_commit(asker, step, changes, count + 1));
}
