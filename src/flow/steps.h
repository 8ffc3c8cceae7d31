/* SPDX-License-Identifier: MIT */
/*
 * Jobs people do in steps: one record a browser and job, moved by compare-and-set from one state to
 * the next as steps.def allows. Whoever presses twice finds the step done and is led on.
 */
#ifndef LK_FLOW_STEPS_H
#define LK_FLOW_STEPS_H

#include "flow/asker.h"

enum job {
	JOB_NONE = 0,
	JOB_SIGNIN,
	JOB_RESET,
	JOB_UNLOCK,
	JOB_ENROL,
	JOB_PAM,
	JOB_CHANGE,
	JOB_AUTHORIZE, /* kept under names of its own: authorize_pending.h */
	JOB_DEVICE, /* what came of a yes or no, for its last page */
	JOB_COUNT
};
enum state {
	STATE_START = 0,
	STATE_CODE,
	STATE_PASSWORD,
	STATE_LOCKED,
	STATE_MORE,
	STATE_NAMED,
	STATE_SEED,
	STATE_CODES,
	STATE_DONE,
	STATE_SETTING,
	STATE_ADDING,
	STATE_ASKED,
	STATE_COUNT
};
enum event {
	EVENT_NONE = 0,
	EVENT_BEGUN,
	EVENT_MORE_WANTED,
	EVENT_PASSWORD_WANTED,
	EVENT_LOCKED_OUT,
	EVENT_ALL_SHOWN,
	EVENT_PASSWORD_SET,
	EVENT_CODE_RIGHT,
	EVENT_CODES_SAVED,
	EVENT_PASSWORD_BEGUN,
	EVENT_PASSWORD_REFUSED,
	EVENT_ADDED,
	EVENT_COUNT
};
#define STEPS_DONE_LIFE_S 60

/* Where the event leads. Returns: LK_OK · LK_E_STORE_CONFLICT it cannot happen there. Pure. */
enum lk_err
steps_next(enum job job, enum state state, enum event event, enum state *out) LK_MUST_CHECK;
/* The page where a journey stands: "/signin/code". Pure. */
const char *
steps_path(enum job job, enum state state);

/*
 * Whoever shows a proof gets a cookie for the rest of the way (COOKIE_STEP): the browser's cookie
 * may be one that somebody else put there, and knows. Without it a journey with proofs is nobody's:
 * it moves to stored->foreign, and stands at START.
 */
void
steps_hold_check(const struct fast *fast, const struct req *req, enum job job,
		 struct store_answer *stored);
/* That cookie, with the answer. Returns: LK_OK · LK_E_MEMORY */
enum lk_err
steps_give(const struct asker *asker, const struct store_journey *journey,
	   struct res *res) LK_MUST_CHECK;
/*
 * The journey's person, read anew.
 * Returns: LK_OK · LK_E_FORM_STALE they are gone, or their password is another one since · what
 * fails
 */
enum lk_err
steps_subject(const struct asker *asker, const struct store_journey *journey,
	      struct subject *out) LK_MUST_CHECK;

/* From the first page of a sign-in to its end (signin.policy). */
int32_t
steps_signin_life_s(const struct asker *asker);
/* Does the browser's journey stand there? */
bool
steps_is_at(const struct store_answer *stored, enum state state);

/* What a browser's journey of a job is kept under. */
void
steps_key(const struct crypto_ring *ring, struct lk_str browser, enum job job,
	  struct crypto_digest *out);
/*
 * Hidden in each form: only this browser, for this job; with JOB_NONE only this session. In the
 * arena; nothing without memory.
 */
struct lk_str
steps_form_key(const struct crypto_ring *ring, struct lk_str cookie, enum job job,
	       struct lk_arena *arena);

/* The fingerprint of an answer given in a journey, so that giving it twice can be told. secret may
 * be NULL. */
void
steps_answer(const struct asker *asker, enum job job, const struct lk_secret *secret,
	     struct crypto_digest *out);

/*
 * Prepare the move of now (NULL: there is none) by event to next, whose state, job, revision,
 * epoch and beginning are filled in here, and held when it is empty. key and change live in the
 * arena with next.
 *
 * Returns: LK_OK · LK_E_STORE_CONFLICT the event cannot happen here · LK_E_MEMORY
 */
struct step_move {
	enum job job;
	enum event event;
	const struct store_answer *stored; /* epoch, and the journey as it stands */
	int32_t life_s;
};
enum lk_err
steps_move(const struct asker *asker, const struct step_move *move, struct store_journey *next,
	   struct store_change *out) LK_MUST_CHECK;

/* Is this the answer that brought the journey where it stands? */
bool
steps_is_repeat(const struct store_answer *stored, const struct crypto_digest *answer);
/* The same for an answer that nobody else can know, where the first proof is shown: NULL is no. */
const struct store_journey *
steps_repeat_find(const struct store_answer *stored, const struct crypto_digest *answer);
/*
 * After a commit was refused with LK_E_STORE_CONFLICT or LK_E_USED: was it this same answer, given
 * twice at once? Reads the journey anew into out and says whether its answer is ours.
 */
bool
steps_was_same(const struct asker *asker, enum job job, const struct crypto_digest *answer,
	       struct store_answer *out);

/* For the figures of journeys: one began; one that began then has reached its end. */
void
steps_count_begun(const struct asker *asker, enum job job);
void
steps_count_done(const struct asker *asker, enum job job, int64_t began_at_s);

#endif
