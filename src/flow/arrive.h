/* SPDX-License-Identifier: MIT */
/*
 * How a sign-in goes on once something was shown: one more proof, a new password, an authenticator
 * to set up, or in. The same for every page that shows a proof; ends in one commit, one audit line,
 * one way on.
 */
#ifndef LK_FLOW_ARRIVE_H
#define LK_FLOW_ARRIVE_H

#include "flow/gate.h"
#include "flow/prove.h"
#include "flow/steps.h"

/* Kept in a journey's note from page to page. */
struct arrive_note {
	int grace_left;	      /* sign-ins left in grace; -1: the password has not expired */
	uint32_t ended_count; /* sessions a new password ended */
	struct lk_str next;   /* where to go at the end: a page of ours, or nothing */
};
void
arrive_note_write(const struct arrive_note *note, struct lk_arena *arena, struct lk_str *out);
void
arrive_note_read(struct lk_str text, struct arrive_note *out);

struct arrival {
	enum job job; /* whose journey moves: SIGNIN, RESET or ENROL */
	enum event
	    event; /* that ends it when the gate allows: ALL_SHOWN, PASSWORD_SET, CODES_SAVED */
	const struct subject *subject;
	const struct store_answer *stored;
	const struct crypto_digest *answer; /* fingerprint of what was typed */
	unsigned shown, has;
	struct lk_str held; /* of the journey that goes on; nothing: this is its first proof */
	const struct proven_code *code; /* spent with the step; NULL: none */
	bool is_done_anyway;		/* the step is made even where it lets nobody in (RESET) */
	bool is_done_only;		/* and lets nobody in though it could (reset.policy) */
	bool wants_two_step;		/* an application asked for it, whatever the policy */
	bool wants_trust;		/* do not ask for a code on this device for a while */
	struct arrive_note note;
	struct lk_str application;
	const struct store_change *changes; /* that belong to the same step */
	size_t change_count;		    /* at most ARRIVE_CHANGES_MAX */
};
#define ARRIVE_CHANGES_MAX 4u

/*
 * Returns: LK_OK  res leads on
 *          what the gate says (audited), LK_E_CODE_USED, LK_E_STORE_CONFLICT and what fails
 */
enum lk_err
arrive(const struct asker *asker, const struct arrival *arrival, struct res *res) LK_MUST_CHECK;
/* The way on from where a journey stands, with its cookies when it is done. */
enum lk_err
arrive_again(const struct asker *asker, enum job job, const struct store_journey *journey,
	     struct res *res) LK_MUST_CHECK;

#endif
