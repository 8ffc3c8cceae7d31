/* SPDX-License-Identifier: MIT */
/*
 * What an application holds on a person: made with a pass of the gate, looked at again each time
 * something is given out of it.
 */
#ifndef LK_FLOW_GRANT_H
#define LK_FLOW_GRANT_H

#include "flow/gate.h"
#include "policy/application.h"

/* password, or two_step when something besides it was shown. */
struct lk_str
grant_acr(unsigned proofs);
/*
 * What the application calls the person: their id, or with subject = pairwise a name of its own.
 *
 * Returns: LK_OK · LK_E_KEYS_DOWN · LK_E_MEMORY as pairwise_sub
 */
enum lk_err
grant_sub(const struct fast *fast, const struct policy_application *application,
	  struct lk_str person_id, struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

struct grant_wish {
	const struct gate_answer *pass; /* of GATE_GRANT */
	const struct policy_application *application;
	const struct store_session *session; /* signed in on which it is given */
	struct lk_str scope, audience, id_claims, user_claims;
	uint64_t epoch;
	bool is_kept; /* the directory does not answer: what the session holds is told */
};
/*
 * Returns: LK_OK · LK_E_BROKEN the pass is of another person or purpose · LK_E_DIRECTORY_DOWN ·
 *          LK_E_KEYS_DOWN there is no name for the person now · LK_E_MEMORY
 */
enum lk_err
grant_make(const struct asker *asker, const struct subject *subject, const struct grant_wish *wish,
	   struct store_grant *out) LK_MUST_CHECK;

struct grant_check {
	const struct policy_application *application;
	bool may_be_kept; /* while the directory does not answer, what stands in it goes on */
};
/*
 * May something be given out of it now? Reads the person anew, asks the gate, and brings what may
 * be told of them up to date.
 *
 * Returns: LK_OK · LK_E_OAUTH_GRANT they may not any more (why says) · LK_E_DIRECTORY_DOWN ·
 *          LK_E_MEMORY
 */
enum lk_err
grant_renew(const struct asker *asker, const struct grant_check *check, struct store_grant *inout,
	    struct subject *out_subject) LK_MUST_CHECK;

/*
 * What the gate says of it now, of a person whose entry was just read.
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN
 */
enum lk_err
grant_gate_ask(const struct asker *asker, const struct subject *subject,
	       const struct store_grant *grant, struct gate_answer *out) LK_MUST_CHECK;

/*
 * The person as their session knows them, for while the directory does not answer; groups and all.
 * Returns: LK_OK · LK_E_MEMORY
 */
enum lk_err
grant_subject_kept(const struct store_session *session, struct lk_arena *arena,
		   struct subject *out) LK_MUST_CHECK;

#endif
