/* SPDX-License-Identifier: MIT */
/* How a journey of ENROL begins, from a sign-in or from the account page. */
#ifndef LK_FLOW_ENROL_START_H
#define LK_FLOW_ENROL_START_H

#include "flow/steps.h"

/*
 * Prepare the move of stored to SEED with a new seed; journey says whose it is.
 * Returns: as steps_move
 */
enum lk_err
enrol_start(const struct asker *asker, const struct store_answer *stored,
	    struct store_journey *journey, struct store_change *out) LK_MUST_CHECK;

#endif
