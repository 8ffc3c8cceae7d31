/* SPDX-License-Identifier: MIT */
/*
 * A new password chosen in a journey. Of many at once one goes to the directory: the journey is
 * claimed first (state SETTING), in the same commit that ends the person's sessions, so that
 * nothing signed in with the old password outlives the change, whatever is killed when.
 *
 *   claim in the store · audit · directory · audit · mail · the journey's end in the store
 *
 * Killed before the directory: the old password holds. Killed after it: the new one holds, the
 * audit says that a change began, and the same password given again is found in force and told.
 * A store that goes away at the end leaves the old locks: the person reads that it is not sure
 * (LK_E_PASSWORD_UNSURE), to try the new one first.
 */
#ifndef LK_FLOW_PASSWORD_STEP_H
#define LK_FLOW_PASSWORD_STEP_H

#include "flow/arrive.h"
#include "flow/new_password.h"

/* Longer than any request lives: after it, a claim whose request died may be taken over. */
#define PASSWORD_STEP_CLAIM_S 10

struct password_step {
	enum job job; /* whose journey: SIGNIN and RESET at PASSWORD, CHANGE anywhere */
	const struct store_answer *stored;
	const struct crypto_digest *answer;
	const struct crypto_digest *keep; /* the session that goes on; NULL: none */
	struct new_password change;
	struct store_answer claimed; /* out: the journey as it stands now, at SETTING or DONE */
	uint32_t ended_count;	     /* out: sessions that ended */
};
/*
 * Claim and set. With LK_OK go on to the journey's end, unless it stands at DONE already.
 *
 * Returns: LK_OK · as new_password_set · LK_E_BUSY another one is on its way; nothing was changed ·
 *          LK_E_STORE_DOWN nothing was changed
 */
enum lk_err
password_step_set(const struct asker *asker, struct password_step *step) LK_MUST_CHECK;
/*
 * The journey's end: arrive, once more when the store did not answer. The password is in force, so
 * what fails on our side is LK_E_PASSWORD_UNSURE; what the gate says comes back as it is.
 */
enum lk_err
password_step_arrive(const struct asker *asker, const struct arrival *arrival,
		     struct res *res) LK_MUST_CHECK;
/* The end of a journey of CHANGE. Returns: LK_OK · LK_E_PASSWORD_UNSURE */
enum lk_err
password_step_end(const struct asker *asker, const struct password_step *step) LK_MUST_CHECK;

#endif
