/* SPDX-License-Identifier: MIT */
#include "flow/enrol.h"
#include "flow/enrol_kept.h"
#include "flow/enrol_start.h"
#include "flow/show.h"

#define CHANGES_MAX (ARRIVE_CHANGES_MAX + 3u)

bool
enrol_is_at(const struct store_answer *stored, enum state state)
{
	const struct store_journey *journey = &stored->journey;

	if (!steps_is_at(stored, state))
		return false;
	if (!stored->has_session)
		return enrol_is_of_signin(journey);
	return lk_str_is_equal(stored->session.person_id, journey->person_id);
}

bool
enrol_is_of_signin(const struct store_journey *journey)
{
	return journey->proofs != 0;
}

enum lk_err
enrol_lead(const struct store_answer *stored, struct lk_arena *arena, struct res *res)
{
	if (enrol_is_at(stored, STATE_CODES))
		return show_way(res, arena, "/account/recovery-codes");
	if (enrol_is_at(stored, STATE_SEED) || enrol_is_at(stored, STATE_ADDING))
		return show_way(res, arena, "/account/authenticator/new");
	return show_way(res, arena, stored->has_session ? "/account" : "/signin");
}

/* --- a new seed ----------------------------------------------------------------------------- */

static enum lk_err
seed_make(const struct asker *asker, struct lk_str person_id, struct lk_str *out)
{
	struct enrol_kept kept = {0};
	struct lk_secret *seed;
	enum lk_err err = crypto_totp_seed_make(asker->arena, &seed);

	if (err != LK_OK)
		return err;
	kept.seed = seed;
	return enrol_kept_seal(asker->flow->fast->ring, person_id, &kept, asker->arena, out);
}

enum lk_err
enrol_start(const struct asker *asker, const struct store_answer *stored,
	    struct store_journey *journey, struct store_change *out)
{
	struct step_move move = {JOB_ENROL, EVENT_BEGUN, stored, steps_signin_life_s(asker)};
	enum lk_err err = seed_make(asker, journey->person_id, &journey->sealed);

	journey->reference = asker->reference;
	journey->at_s = asker->now_s;
	return err == LK_OK ? steps_move(asker, &move, journey, out) : err;
}

/* --- from a sign-in ------------------------------------------------------------------------- */

static struct store_journey
journey_of(const struct arrival *arrival)
{
	const struct dir_person *person = &arrival->subject->person;

	return (struct store_journey){
	    .proofs = arrival->shown,
	    .person_id = person->id,
	    .username = person->username,
	    .display_name = person->display_name,
	    .application = arrival->application,
	    .password_at_s = person->password_changed_at_s,
	};
}

static enum lk_err
changes_make(const struct asker *asker, const struct arrival *arrival,
	     struct store_journey journeys[2], struct store_change out[2])
{
	struct store_answer nothing = {.epoch = arrival->stored->epoch};
	struct step_move end = {arrival->job, arrival->event, arrival->stored,
				steps_signin_life_s(asker)};
	enum lk_err err;

	journeys[0] = journeys[1] = journey_of(arrival);
	journeys[0].answer = *arrival->answer;
	arrive_note_write(&arrival->note, asker->arena, &journeys[1].note);
	err = steps_move(asker, &end, &journeys[0], &out[0]);
	journeys[1].held = journeys[0].held;
	if (err == LK_OK)
		err = enrol_start(asker, &nothing, &journeys[1], &out[1]);
	out[1].kind = STORE_JOURNEY_PUT;
	return err;
}

struct batch {
	struct store_change changes[CHANGES_MAX];
	size_t count;
};

/* signin: as it stands then. */
static enum lk_err
commit(const struct asker *asker, const struct arrival *arrival, const struct batch *batch,
       struct store_journey *signin)
{
	struct store_result result;
	struct store_answer now;
	enum lk_err err = store_commit(asker->flow->store, batch->changes, batch->count, &result);

	if (err == LK_OK)
		steps_count_begun(asker, JOB_ENROL);
	if (err == LK_OK && arrival->code != NULL)
		return prove_used(asker, arrival->subject, arrival->code);
	if ((err == LK_E_STORE_CONFLICT || err == LK_E_USED) &&
	    steps_was_same(asker, arrival->job, arrival->answer, &now)) {
		*signin = now.journey;
		return LK_OK;
	}
	return err == LK_E_USED ? LK_E_CODE_USED : err;
}

enum lk_err
enrol_begin(const struct asker *asker, const struct arrival *arrival, struct res *res)
{
	struct store_journey journeys[2];
	struct batch batch = {.count = 2};
	enum lk_err err = changes_make(asker, arrival, journeys, batch.changes);

	if (err != LK_OK)
		return err;
	for (size_t i = 0; i < arrival->change_count && i < ARRIVE_CHANGES_MAX; i++)
		batch.changes[batch.count++] = arrival->changes[i];
	if (arrival->code != NULL)
		prove_spend(arrival->subject, arrival->code, &batch.changes[batch.count++]);
	err = commit(asker, arrival, &batch, &journeys[0]);
	if (err == LK_OK)
		err = steps_give(asker, &journeys[0], res);
	return err == LK_OK ? show_way(res, asker->arena, steps_path(JOB_ENROL, STATE_SEED)) : err;
}
