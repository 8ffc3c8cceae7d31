/* SPDX-License-Identifier: MIT */
/*
 * The one gate: nothing but gate_ask can lead to a session, a code, a token, a PAM success, a reset
 * or an unlock, whatever the door. It looks at the person's entry as just read and at what was
 * shown, by the policies. What it allows is a pass, and the verbs that let people in want the pass.
 */
#ifndef LK_FLOW_GATE_H
#define LK_FLOW_GATE_H

#include "flow/asker.h"

enum gate_purpose {
	GATE_SIGNIN = 1,
	GATE_RESET,
	GATE_UNLOCK,
	GATE_HOST,   /* may this account be used on a host that has seen its own proof (an ssh key)?
		      */
	GATE_CHANGE, /* all that sign-in asks was shown: set the new password it wants first */
	GATE_SESSION, /* may somebody who is signed in stay so? A lock by wrong tries does not end
			 that */
	GATE_GRANT,   /* may the application be given something in their name? As sign-in, with what
			 was shown then, and they may use it */
};

struct gate_question {
	enum gate_purpose purpose;
	unsigned shown;	  /* enum store_proof */
	unsigned has;	  /* proofs the person could show: gate_has */
	bool is_in_grace; /* SIGNIN: the directory lets an expired password in a few times more */
	struct lk_str application; /* client id, or nothing */
	bool wants_two_step;	   /* SIGNIN, GRANT: a second step, whatever the policy */
	struct lk_str address;	   /* GRANT: where the person is; nothing: not there */
};

/* Far apart on purpose: whatever is not GATE_ALLOW lets nobody in. */
enum gate_verdict {
	GATE_DENY = 0x64656e79,	    /* why says */
	GATE_MORE = 0x6d6f7265,	    /* missing says what */
	GATE_PASSWORD = 0x70617373, /* all shown, but a new password first; why says */
	GATE_ENROL = 0x656e726f,    /* all shown that the person has; an authenticator first */
	GATE_ALLOW = 0x616c6c77,
};
struct gate_answer {
	enum gate_verdict verdict;
	enum lk_err why;
	unsigned missing; /* enum store_proof */
	/* The pass: whom it lets in, for what, on what was shown. */
	struct lk_str person_id;
	enum gate_purpose purpose;
	unsigned shown;
};

/* flow->detail gets the times a refusal's words name. */
void
gate_ask(const struct asker *asker, const struct subject *subject,
	 const struct gate_question *question, struct gate_answer *out);
/*
 * A robot acts for nobody: may it be given a token, now, from this address?
 * Returns: LK_OK · LK_E_OAUTH_UNAUTHORIZED; why says which rule
 */
enum lk_err
gate_robot_check(const struct fast *fast, const struct policy_application *robot,
		 struct lk_str address, struct lk_why *why) LK_MUST_CHECK;
/* Does the pass let this person in for this? */
bool
gate_pass_check(const struct gate_answer *pass, const struct subject *subject,
		enum gate_purpose purpose);
/* What somebody with these factors can show. */
unsigned
gate_has(const struct dir_factors *factors);

#endif
