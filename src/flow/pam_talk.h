/* SPDX-License-Identifier: MIT */
/* Inside the PAM door: one question as its parts see it, and the ways to answer it. */
#ifndef LK_FLOW_PAM_TALK_H
#define LK_FLOW_PAM_TALK_H

#include "flow/pam_door.h"
#include "flow/steps.h"
#include "page/page.h"

/* A handle: the prefix and 43 characters (crypto/token.h). */
#define PAM_HANDLE_PREFIX "lk_ph_"

struct pam {
	struct asker asker;
	const struct pam_question *question;
	struct wire_out *out;
	struct store_answer stored; /* the journey of the frame's handle; has_journey only when it
				       is of this username */
	struct lk_str username;	    /* as typed */
	struct page_values values;  /* for sentences */
	int grace_left; /* PAM_STAND_SHOWN: as pam_grace_left, of the password just shown */
};

/* What the frame holds: nothing when it does not. */
struct lk_str
pam_text(const struct pam *pam, enum wire_field field);
/* NULL when the frame does not hold it, or it is empty, or without memory. */
const struct lk_secret *
pam_secret(const struct pam *pam, enum wire_field field);
bool
pam_has_flag(const struct pam *pam, enum wire_flag flag);
/* Sign-ins left to an expired password when the journey's password was shown; -1: not expired. */
int
pam_grace_left(const struct pam *pam);

/* The journey's person, read anew; whoever changed their password since shows the new one. */
enum lk_err
pam_subject(const struct pam *pam, struct subject *out) LK_MUST_CHECK;

/* --- answers; each puts a verdict --------------------------------------------------------------
 */

void
pam_done(struct pam *pam);
void
pam_new_password(struct pam *pam);
/* One more answer is needed; text is a key of the prompt. */
void
pam_ask(struct pam *pam, enum wire_prompt kind, const char *text);
/*
 * No, with its reason and sentence; a part of ours that fails is UNAVAILABLE. Leaves no earlier
 * than every other refusal.
 */
void
pam_refuse(struct pam *pam, enum lk_err err);

/* Good to know, and why not: sentences by key, a line each. Together with a verdict. */
void
pam_info(struct pam *pam, const char *text);
void
pam_say(struct pam *pam, struct lk_str lines);
struct lk_str
pam_sentence(struct pam *pam, const char *text);
/* A time in words; "later" where it is not known. */
struct lk_str
pam_when(struct pam *pam, int64_t at_s);

/* --- the three questions -----------------------------------------------------------------------
 */

void
pam_auth(struct pam *pam);
void
pam_account(struct pam *pam);
void
pam_change(struct pam *pam);

/* Shared by AUTH and CHANGE: from what was typed to all that is wanted being shown. */
enum pam_stand {
	PAM_STAND_ANSWERED = 1, /* a verdict was put: ask or refuse */
	PAM_STAND_SHOWN,	/* everything was shown; the journey says so */
	PAM_STAND_PASSWORD,	/* the same, and a new password is wanted first */
};
enum pam_stand
pam_prove(struct pam *pam, struct subject *subject);

#endif
