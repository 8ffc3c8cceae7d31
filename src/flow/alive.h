/* SPDX-License-Identifier: MIT */
/*
 * What an access token is worth now, from what the store says of it. Pure but for the clock: fit
 * for a loop.
 */
#ifndef LK_FLOW_ALIVE_H
#define LK_FLOW_ALIVE_H

#include "flow/flow.h"
#include "policy/application.h"

/* Everything borrowed from what was fetched, and from the policy. */
struct alive {
	const struct policy_application *application; /* whose token it is */
	const struct store_grant *grant;	      /* NULL: a robot's */
	const struct store_token *token;
	struct lk_str scope, audience; /* this token's; nothing: none */
};
/*
 * False: there is none, its grant has ended, or its application is not registered any more, has
 * expired or, a robot, is outside its hours.
 */
bool
alive_find(const struct fast *fast, const struct store_answer *stored, struct alive *out);

#endif
