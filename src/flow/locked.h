/* SPDX-License-Identifier: MIT */
/* The page for whoever may not try any more, and what it offers. The same for names nobody has. */
#ifndef LK_FLOW_LOCKED_H
#define LK_FLOW_LOCKED_H

#include "flow/next.h"
#include "flow/steps.h"

/*
 * Lead to /locked: the sign-in's journey stands at LOCKED with the times of flow->detail, and an
 * unlock is begun for the name that was typed, so that it need not be typed again. onward: of the
 * sign-in.
 */
enum lk_err
locked_lead(const struct asker *asker, const struct subject *subject,
	    const struct store_answer *stored, const struct onward *onward,
	    struct res *res) LK_MUST_CHECK;
/* Where such a sign-in, or the unlock that began there, goes on. */
void
locked_onward(const struct store_journey *journey, struct onward *out);

#endif
