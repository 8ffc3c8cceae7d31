/* SPDX-License-Identifier: MIT */
/*
 * Setting up an authenticator: a new seed on the screen (SEED), its first code, into the directory
 * (ADDING), recovery codes on the screen (CODES). The code that was right is spent, and what is to
 * be written is kept, before the directory is written to; so many at once write the same, and who
 * was killed there goes on with it at the next page.
 */
#ifndef LK_FLOW_ENROL_H
#define LK_FLOW_ENROL_H

#include "flow/arrive.h"

/* An authenticator is set up by whoever has signed in this recently. */
#define ENROL_FRESH_S 900
#define ENROL_PATH    "/account/authenticator/new"

/*
 * A sign-in that shows all the person has goes on by setting one up: ends the sign-in's journey and
 * begins this one (state SEED) in one commit, with what was shown, the application and the note.
 */
enum lk_err
enrol_begin(const struct asker *asker, const struct arrival *arrival,
	    struct res *res) LK_MUST_CHECK;

/*
 * Does the journey stand there, for whoever is asking? One that a sign-in began is its browser's;
 * one begun by somebody signed in is theirs only while they are: the next person at this browser
 * must not set up an authenticator of theirs.
 */
bool
enrol_is_at(const struct store_answer *stored, enum state state);
/* Did a sign-in begin it, which goes on when it ends? */
bool
enrol_is_of_signin(const struct store_journey *journey);
/* To the page where it stands; without one to where one begins. */
enum lk_err
enrol_lead(const struct store_answer *stored, struct lk_arena *arena,
	   struct res *res) LK_MUST_CHECK;

#endif
