/* SPDX-License-Identifier: MIT */
#include "flow/arrive.h"

#include "flow/device.h"
#include "flow/enrol.h"
#include "flow/next.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"
#include "store/store_try.h"

#define DAY_S	    86400
#define CHANGES_MAX (ARRIVE_CHANGES_MAX + 7u)

/* What one step writes: all of it or nothing. */
struct batch {
	struct store_change changes[CHANGES_MAX];
	size_t count;
};

/* --- the note ------------------------------------------------------------------------------- */

void
arrive_note_write(const struct arrive_note *note, struct lk_arena *arena, struct lk_str *out)
{
	*out = lk_arena_printf(arena, "%d %u %.*s", note->grace_left + 1, note->ended_count,
			       LK_STR_ARGS(note->next));
}

void
arrive_note_read(struct lk_str text, struct arrive_note *out)
{
	struct lk_str grace_text, ended_text;
	uint64_t grace = 0, ended = 0;

	*out = (struct arrive_note){.grace_left = -1};
	if (!lk_str_split(&text, ' ', &grace_text) || !lk_str_split(&text, ' ', &ended_text))
		return;
	if (!lk_str_to_u64(grace_text, &grace) || grace > 1000 ||
	    !lk_str_to_u64(ended_text, &ended) || ended > UINT32_MAX)
		return;
	out->grace_left = (int)grace - 1;
	out->ended_count = (uint32_t)ended;
	out->next = text;
}

/* --- one step ------------------------------------------------------------------------------- */

/* The journey as it will stand; kept is what the one before held. */
static struct store_journey *
journey_make(const struct asker *asker, const struct arrival *arrival)
{
	struct store_journey *next = lk_arena_alloc(asker->arena, sizeof(*next));
	const struct dir_person *person = &arrival->subject->person;

	if (next == NULL)
		return NULL;
	*next = (struct store_journey){
	    .proofs = arrival->shown,
	    .person_id = person->id,
	    .username = person->username,
	    .display_name = person->display_name,
	    .application = arrival->application,
	    .reference = asker->reference,
	    .held = arrival->held,
	    .answer = *arrival->answer,
	    .at_s = asker->now_s,
	    .password_at_s = person->password_changed_at_s,
	};
	arrive_note_write(&arrival->note, asker->arena, &next->note);
	return next;
}

static void
put(struct batch *batch, struct store_change change)
{
	if (batch->count < CHANGES_MAX)
		batch->changes[batch->count++] = change;
}

static enum lk_err
move(const struct asker *asker, const struct arrival *arrival, enum event event,
     struct store_journey *next, struct batch *batch)
{
	struct step_move step = {
	    .job = arrival->job,
	    .event = event,
	    .stored = arrival->stored,
	    .life_s = event == arrival->event ? STEPS_DONE_LIFE_S : steps_signin_life_s(asker),
	};
	struct store_change change;
	enum lk_err err = steps_move(asker, &step, next, &change);

	if (err != LK_OK)
		return err;
	put(batch, change);
	for (size_t i = 0; i < arrival->change_count && i < ARRIVE_CHANGES_MAX; i++)
		put(batch, arrival->changes[i]);
	if (arrival->code == NULL)
		return LK_OK;
	prove_spend(arrival->subject, arrival->code, &change);
	put(batch, change);
	return LK_OK;
}

/*
 * A refused commit is the same answer given twice at once (then next is what the first one made,
 * and nothing is left to do), or a code that was used.
 */
static enum lk_err
commit(const struct asker *asker, const struct arrival *arrival, const struct batch *batch,
       struct store_journey *next, bool *out_is_ours)
{
	struct store_result result;
	struct store_answer now;
	enum lk_err err = store_commit(asker->flow->store, batch->changes, batch->count, &result);

	*out_is_ours = err == LK_OK;
	if (err == LK_OK && arrival->code != NULL)
		return prove_used(asker, arrival->subject, arrival->code);
	if (err != LK_E_STORE_CONFLICT && err != LK_E_USED)
		return err;
	if (!steps_was_same(asker, arrival->job, arrival->answer, &now))
		return err == LK_E_USED ? LK_E_CODE_USED : err;
	*next = now.journey;
	return LK_OK;
}

/* why: what the next page tells first. */
static enum lk_err
step(const struct asker *asker, const struct arrival *arrival, enum event event, enum lk_err why,
     struct res *res)
{
	struct store_journey *next = journey_make(asker, arrival);
	struct batch batch = {.count = 0};
	bool is_ours;
	enum lk_err err;

	if (next == NULL)
		return LK_E_MEMORY;
	next->result = (uint32_t)why;
	err = move(asker, arrival, event, next, &batch);
	if (err == LK_OK)
		err = commit(asker, arrival, &batch, next, &is_ours);
	if (err == LK_OK)
		err = arrive_again(asker, arrival->job, next, res);
	return err;
}

/* --- in ------------------------------------------------------------------------------------- */

/* What the services page tells first. */
static void
notice_of(const struct asker *asker, const struct arrival *arrival, struct session_wish *wish)
{
	int64_t expires_at_s = arrival->subject->person.password_expires_at_s;
	struct policy_signin signin;
	struct policy_who who;

	subject_who(arrival->subject, &who);
	policy_signin_ask(asker->flow->fast->policy, &who, &signin);
	if (arrival->note.grace_left >= 0) {
		wish->notice = LK_STR("notice_grace");
		wish->notice_at_s = arrival->note.grace_left;
	} else if (expires_at_s > asker->now_s &&
		   expires_at_s - asker->now_s <= (int64_t)signin.warn_days * DAY_S) {
		wish->notice = LK_STR("notice_password_ends");
		wish->notice_at_s = expires_at_s;
	}
}

/* Whose ever session this browser had, it goes: only one cookie can lead in. */
static void
old_session_end(const struct asker *asker, struct crypto_digest *key, struct batch *batch)
{
	if (asker->session.len == 0)
		return;
	session_key(asker->flow->fast->ring, asker->session, key);
	put(batch, (struct store_change){
		       .kind = STORE_SESSION_END,
		       .key = key,
		       .person_id = batch->changes[0].journey->person_id,
		   });
}

/* Only where the policy lets this person, and only for a code shown just now. */
static void
trust_put(const struct asker *asker, const struct arrival *arrival, struct batch *batch)
{
	struct crypto_digest *key = lk_arena_alloc(asker->arena, sizeof(*key));
	struct policy_signin signin;
	struct policy_who who;

	subject_who(arrival->subject, &who);
	policy_signin_ask(asker->flow->fast->policy, &who, &signin);
	if (!arrival->wants_trust || arrival->code == NULL || signin.trust_device_days == 0 ||
	    key == NULL || !device_key(asker->flow->fast->ring, asker->device, key))
		return;
	put(batch, (struct store_change){
		       .kind = STORE_TRUST_PUT,
		       .key = key,
		       .person_id = arrival->subject->person.id,
		       .life_s = signin.trust_device_days * DAY_S,
		   });
}

/* Being right forgets the wrong tries made on this person's own devices, nobody else's. */
static void
tries_forget(const struct arrival *arrival, struct batch *batch)
{
	static const uint8_t scopes[] = {STORE_SCOPE_DEVICE, STORE_SCOPE_CODE_DEVICE};

	for (size_t i = 0; arrival->subject->is_on_known_device && i < sizeof(scopes); i++)
		put(batch, (struct store_change){
			       .kind = STORE_TRY_FORGET,
			       .person_id = arrival->subject->person.id,
			       .scope = scopes[i],
			   });
}

static enum lk_err
in_audit(const struct asker *asker, const struct arrival *arrival, const struct store_journey *done)
{
	struct trail trail = {
	    .event = AUDIT_SIGNIN_DONE,
	    .session = session_name(asker, done),
	};

	metric_count_signins_total(asker->flow->fast->metrics, LK_OK, asker->metric_door);
	steps_count_done(asker, JOB_SIGNIN, done->began_at_s);
	return trail_write(asker, arrival->subject, &trail);
}

static enum lk_err
in(const struct asker *asker, const struct arrival *arrival, const struct gate_answer *pass,
   struct res *res)
{
	struct store_journey *done = journey_make(asker, arrival);
	struct session_wish wish = {
	    .pass = pass,
	    .has = arrival->has,
	    .is_in_grace = arrival->note.grace_left >= 0,
	};
	struct batch batch = {.count = 0};
	struct store_change session;
	struct crypto_digest old;
	bool is_ours;
	enum lk_err err;

	if (done == NULL)
		return LK_E_MEMORY;
	notice_of(asker, arrival, &wish);
	err = session_prepare(asker, arrival->subject, &wish, done, &session);
	if (err == LK_OK)
		err = move(asker, arrival, arrival->event, done, &batch);
	if (err != LK_OK)
		return err;
	old_session_end(asker, &old, &batch);
	put(&batch, session);
	trust_put(asker, arrival, &batch);
	tries_forget(arrival, &batch);
	err = commit(asker, arrival, &batch, done, &is_ours);
	if (err == LK_OK && is_ours)
		err = in_audit(asker, arrival, done);
	return err == LK_OK ? arrive_again(asker, arrival->job, done, res) : err;
}

/* --- the way on ----------------------------------------------------------------------------- */

/* The phone is gone: another is set up first. */
static const char *
enrol_way(const struct asker *asker, const struct store_journey *journey, struct lk_str next)
{
	struct lk_str query = next_query(asker->arena, journey->application, next);

	return lk_arena_printf(asker->arena, ENROL_PATH "%.*s", LK_STR_ARGS(query)).ptr;
}

static const char *
way_of(const struct asker *asker, enum job job, const struct store_journey *journey)
{
	bool is_in = journey->nonce.len > 0;
	struct arrive_note note;

	if (journey->state == STATE_CODE && (journey->proofs & STORE_PROOF_TOTP) != 0)
		return "/signin/recovery";
	if (job == JOB_SIGNIN && journey->state == STATE_DONE && !is_in)
		return steps_path(JOB_ENROL, STATE_START); /* not in yet: one is set up first */
	if (journey->state != STATE_DONE || job == JOB_RESET)
		return steps_path(job, (enum state)journey->state);
	arrive_note_read(journey->note, &note);
	if ((journey->proofs & (STORE_PROOF_RECOVERY | STORE_PROOF_TOTP)) == STORE_PROOF_RECOVERY)
		return enrol_way(asker, journey, note.next);
	if (note.next.len > 0)
		return lk_arena_c(asker->arena, note.next);
	return is_in ? "/" : steps_path(job, STATE_DONE);
}

enum lk_err
arrive_again(const struct asker *asker, enum job job, const struct store_journey *journey,
	     struct res *res)
{
	enum lk_err err = session_give(asker, journey, res);

	if (err == LK_OK)
		err = steps_give(asker, journey, res);
	return err == LK_OK ? show_way(res, asker->arena, way_of(asker, job, journey)) : err;
}

static enum lk_err
refused(const struct asker *asker, const struct arrival *arrival, enum lk_err why)
{
	metric_count_signins_total(asker->flow->fast->metrics, why, asker->metric_door);
	if (trail_event(asker, arrival->subject, AUDIT_SIGNIN_REFUSED, why) != LK_OK)
		return LK_E_AUDIT_DOWN;
	return why;
}

enum lk_err
arrive(const struct asker *asker, const struct arrival *arrival, struct res *res)
{
	struct gate_question question = {
	    .purpose = GATE_SIGNIN,
	    .shown = arrival->shown,
	    .has = arrival->has,
	    .is_in_grace = arrival->note.grace_left >= 0,
	    .application = arrival->application,
	    .wants_two_step = arrival->wants_two_step,
	};
	struct gate_answer answer;

	gate_ask(asker, arrival->subject, &question, &answer);
	if (arrival->is_done_only || (arrival->is_done_anyway && answer.verdict != GATE_ALLOW))
		return step(asker, arrival, arrival->event, LK_OK, res);
	switch (answer.verdict) {
	case GATE_MORE:
		return step(asker, arrival, EVENT_MORE_WANTED, LK_OK, res);
	case GATE_PASSWORD:
		return step(asker, arrival, EVENT_PASSWORD_WANTED, answer.why, res);
	case GATE_ENROL:
		return enrol_begin(asker, arrival, res);
	case GATE_ALLOW:
		return in(asker, arrival, &answer, res);
	case GATE_DENY:
	default:
		return refused(asker, arrival, answer.why);
	}
}
