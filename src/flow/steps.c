/* SPDX-License-Identifier: MIT */
#include "flow/steps.h"

#include "exchange/cookie.h"

#define HELD_BYTES 16u

struct step {
	enum job job;
	enum state state;
	enum event event;
	enum state next;
};

static const struct step steps[] = {
#define LK_STEP(job, state, event, next) {JOB_##job, STATE_##state, EVENT_##event, STATE_##next},
#include "tables/steps.def"
};

struct stand {
	enum job job;
	enum state state;
	const char *path;
};

static const struct stand stands[] = {
    {JOB_SIGNIN, STATE_START, "/signin"},
    {JOB_SIGNIN, STATE_CODE, "/signin/code"},
    {JOB_SIGNIN, STATE_PASSWORD, "/signin/password"},
    {JOB_SIGNIN, STATE_SETTING, "/signin/password"},
    {JOB_SIGNIN, STATE_LOCKED, "/locked"},
    {JOB_SIGNIN, STATE_DONE, "/"},
    {JOB_RESET, STATE_START, "/reset"},
    {JOB_RESET, STATE_MORE, "/recovery"},
    {JOB_RESET, STATE_PASSWORD, "/reset/password"},
    {JOB_RESET, STATE_SETTING, "/reset/password"},
    {JOB_RESET, STATE_DONE, "/reset/done"},
    {JOB_UNLOCK, STATE_START, "/unlock"},
    {JOB_UNLOCK, STATE_NAMED, "/unlock"},
    {JOB_UNLOCK, STATE_DONE, "/unlock/done"},
    {JOB_ENROL, STATE_START, "/account/authenticator/new"},
    {JOB_ENROL, STATE_SEED, "/account/authenticator/new"},
    {JOB_ENROL, STATE_ADDING, "/account/authenticator/new"},
    {JOB_ENROL, STATE_CODES, "/account/recovery-codes"},
    {JOB_ENROL, STATE_DONE, "/account"},
    {JOB_CHANGE, STATE_START, "/account/password"},
    {JOB_CHANGE, STATE_PASSWORD, "/account/password"},
    {JOB_CHANGE, STATE_SETTING, "/account/password"},
    {JOB_CHANGE, STATE_DONE, "/account"},
};

enum lk_err
steps_next(enum job job, enum state state, enum event event, enum state *out)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *step = &steps[i];

		if (step->job == job && step->state == state && step->event == event) {
			*out = step->next;
			return LK_OK;
		}
	}
	return LK_E_STORE_CONFLICT;
}

const char *
steps_path(enum job job, enum state state)
{
	for (size_t i = 0; i < sizeof(stands) / sizeof(stands[0]); i++)
		if (stands[i].job == job && stands[i].state == state)
			return stands[i].path;
	return "/";
}

int32_t
steps_signin_life_s(const struct asker *asker)
{
	struct policy_signin signin;
	struct policy_who nobody = {0};

	policy_signin_ask(asker->flow->fast->policy, &nobody, &signin);
	return signin.journey_s;
}

bool
steps_is_at(const struct store_answer *stored, enum state state)
{
	return stored->has_journey && stored->journey.state == (uint8_t)state;
}

/* --- who showed the proofs ------------------------------------------------------------------- */

static bool
is_held(enum job job)
{
	return job == JOB_SIGNIN || job == JOB_RESET || job == JOB_ENROL;
}

static struct lk_str
cookie_of(const struct crypto_ring *ring, struct lk_str browser, struct lk_str held,
	  struct lk_arena *arena)
{
	struct lk_str text, pieces[] = {held, browser};
	struct crypto_digest digest;

	crypto_digest_make(ring, CRYPTO_STEP, pieces, 2, &digest);
	text = crypto_base64url_make(lk_str_n((const char *)digest.bytes, sizeof(digest.bytes)),
				     arena);
	return lk_arena_printf(arena, COOKIE_STEP_PREFIX "%.*s", LK_STR_ARGS(text));
}

void
steps_hold_check(const struct fast *fast, const struct req *req, enum job job,
		 struct store_answer *stored)
{
	struct store_journey *journey = &stored->journey;
	struct lk_str want;

	if (!is_held(job) || !stored->has_journey || journey->proofs == 0)
		return;
	want = cookie_of(fast->ring, req->cookie[COOKIE_BROWSER], journey->held, req->arena);
	if (journey->held.len > 0 && want.ptr != NULL &&
	    crypto_is_equal(want, req->cookie[COOKIE_STEP]))
		return;
	stored->foreign = *journey;
	*journey = (struct store_journey){
	    .revision = stored->foreign.revision,
	    .job = (uint8_t)job,
	    .state = STATE_START,
	    .epoch = stored->foreign.epoch,
	};
}

enum lk_err
steps_give(const struct asker *asker, const struct store_journey *journey, struct res *res)
{
	struct res_cookie *cookie = &res->cookie[COOKIE_STEP];

	if (journey->held.len == 0)
		return LK_OK;
	*cookie = (struct res_cookie){
	    true, cookie_of(asker->flow->fast->ring, asker->browser, journey->held, asker->arena),
	    0};
	return cookie->value.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static struct lk_str
held_make(struct lk_arena *arena)
{
	char bytes[HELD_BYTES];

	crypto_random(bytes, sizeof(bytes));
	return lk_arena_dup(arena, lk_str_n(bytes, sizeof(bytes)));
}

/* A new password on its way is the journey's own. */
enum lk_err
steps_subject(const struct asker *asker, const struct store_journey *journey, struct subject *out)
{
	struct subject subject;
	enum lk_err err = subject_get(asker, journey->person_id, &subject);

	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_E_FORM_STALE;
	if (err == LK_OK && journey->proofs != 0 && journey->state != STATE_SETTING &&
	    journey->password_at_s != subject.person.password_changed_at_s)
		return LK_E_FORM_STALE;
	if (err == LK_OK)
		*out = subject;
	return err;
}

/* --- moves ------------------------------------------------------------------------------------ */

void
steps_key(const struct crypto_ring *ring, struct lk_str browser, enum job job,
	  struct crypto_digest *out)
{
	const char byte = (char)job;
	struct lk_str pieces[] = {browser, {&byte, 1}};

	crypto_digest_make(ring, CRYPTO_BROWSER, pieces, 2, out);
}

struct lk_str
steps_form_key(const struct crypto_ring *ring, struct lk_str cookie, enum job job,
	       struct lk_arena *arena)
{
	const char byte = (char)job;
	struct lk_str pieces[] = {cookie, {&byte, 1}};
	struct crypto_digest digest;

	crypto_digest_make(ring, CRYPTO_FORM_KEY, pieces, 2, &digest);
	return crypto_base64url_make(lk_str_n((const char *)digest.bytes, 24), arena);
}

void
steps_answer(const struct asker *asker, enum job job, const struct lk_secret *secret,
	     struct crypto_digest *out)
{
	const char byte = (char)job;
	struct lk_str pieces[] = {asker->browser, {&byte, 1}};

	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_ANSWER,
			     (struct crypto_pieces){pieces, 2}, secret, out);
}

bool
steps_is_repeat(const struct store_answer *stored, const struct crypto_digest *answer)
{
	return stored->has_journey && crypto_digest_is_equal(&stored->journey.answer, answer);
}

const struct store_journey *
steps_repeat_find(const struct store_answer *stored, const struct crypto_digest *answer)
{
	if (steps_is_repeat(stored, answer))
		return &stored->journey;
	if (stored->foreign.proofs != 0 && crypto_digest_is_equal(&stored->foreign.answer, answer))
		return &stored->foreign;
	return NULL;
}

enum lk_err
steps_move(const struct asker *asker, const struct step_move *move, struct store_journey *next,
	   struct store_change *out)
{
	const struct store_answer *stored = move->stored;
	const struct store_journey *now = stored->has_journey ? &stored->journey : NULL;
	enum state state;
	struct crypto_digest *key = lk_arena_alloc(asker->arena, sizeof(*key));
	enum lk_err err =
	    steps_next(move->job, now == NULL ? STATE_START : now->state, move->event, &state);

	if (err != LK_OK)
		return err;
	if (key == NULL)
		return LK_E_MEMORY;
	steps_key(asker->flow->fast->ring, asker->browser, move->job, key);
	next->job = (uint8_t)move->job;
	next->state = (uint8_t)state;
	next->revision = now == NULL ? 1 : now->revision + 1;
	next->epoch = stored->epoch;
	next->began_at_s = now == NULL || now->state == STATE_START || now->state == STATE_DONE
			       ? asker->now_s
			       : now->began_at_s;
	if (next->held.len == 0)
		next->held = held_make(asker->arena);
	if (next->held.ptr == NULL)
		return LK_E_MEMORY;
	*out = (struct store_change){
	    .kind = STORE_JOURNEY_MOVE,
	    .key = key,
	    .journey = next,
	    .revision = now == NULL ? 0 : now->revision,
	    .life_s = move->life_s,
	};
	return LK_OK;
}

bool
steps_was_same(const struct asker *asker, enum job job, const struct crypto_digest *answer,
	       struct store_answer *out)
{
	struct crypto_digest key;
	struct store_ask ask = {.journey = &key};

	steps_key(asker->flow->fast->ring, asker->browser, job, &key);
	return store_fetch(asker->flow->store, &ask, out) == LK_OK && steps_is_repeat(out, answer);
}

static enum metric_journey
counted_as(enum job job)
{
	static const enum metric_journey names[JOB_COUNT] = {
	    [JOB_SIGNIN] = METRIC_JOURNEY_signin,
	    [JOB_RESET] = METRIC_JOURNEY_reset,
	    [JOB_UNLOCK] = METRIC_JOURNEY_unlock,
	    [JOB_ENROL] = METRIC_JOURNEY_enrol,
	};

	return names[job];
}

void
steps_count_begun(const struct asker *asker, enum job job)
{
	metric_count_journeys_started_total(asker->flow->fast->metrics, counted_as(job),
					    METRIC_NONE);
}

void
steps_count_done(const struct asker *asker, enum job job, int64_t began_at_s)
{
	struct metrics *metrics = asker->flow->fast->metrics;
	int64_t took_s = asker->now_s - began_at_s;

	metric_count_journeys_finished_total(metrics, counted_as(job), METRIC_NONE);
	metric_time_journey_duration_seconds(metrics, counted_as(job), METRIC_NONE,
					     took_s < 0 ? 0 : took_s * 1000000);
}
