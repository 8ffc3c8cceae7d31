/* SPDX-License-Identifier: MIT */
/* Setting up an authenticator: a new seed on the screen, its first code, recovery codes. */
#ifndef LK_FLOW_ENROL_H
#define LK_FLOW_ENROL_H

#include "flow/arrive.h"

/*
 * A sign-in that shows all the person has goes on by setting one up: ends the sign-in's journey and
 * begins this one (state SEED) in one commit, with what was shown, the application and the note.
 */
enum lk_err
enrol_begin(const struct asker *asker, const struct arrival *arrival,
	    struct res *res) LK_MUST_CHECK;

#endif
