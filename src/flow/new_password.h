/* SPDX-License-Identifier: MIT */
/*
 * A new password, wherever it is chosen: our rules first, all of them told at once; then the
 * directory's; audited before and after; what follows from it (sessions, trust and locks end, a
 * mail goes) in one place. Pages set it through password_step.h, which lets only one of many at
 * once come here.
 */
#ifndef LK_FLOW_NEW_PASSWORD_H
#define LK_FLOW_NEW_PASSWORD_H

#include "flow/asker.h"
#include "flow/gate.h"
#include "policy/password.h"

struct new_password {
	const struct subject *subject;
	const struct lk_secret *typed;
	const struct lk_secret *now_pw; /* as typed: changes as themselves; NULL: a reset */
	/* A reset: who may, and why. Of purpose GATE_RESET or GATE_CHANGE. */
	const struct gate_answer *pass;	 /* NULL only with now_pw */
	bool is_again;			 /* in, out: this same one was begun elsewhere */
	struct policy_failures failures; /* out: with LK_E_PASSWORD_*: every sentence to be told */
	const struct lk_secret *normal, *now_normal; /* private: as they go to the directory */
};
/*
 * Hold it against our own rules; asks nobody. new_password_set does so by itself.
 *
 * Returns: LK_OK · LK_E_PASSWORD_* failures says all of them · LK_E_MEMORY
 */
enum lk_err
new_password_check(const struct asker *asker, struct new_password *change) LK_MUST_CHECK;
/*
 * Set it in the directory. Nothing in the store is changed here. A directory that did not answer
 * may still do what it was asked, so only a new password that lets the person in is proof; the old
 * one still doing so is none.
 *
 * Time:    up to 5 directory round trips, one audit sync before and one after.
 * Returns: LK_OK
 *          LK_E_PASSWORD_*       failures says all of them; nothing was changed
 *          LK_E_PASSWORD_SAME    of one that is_again: it is in force; who set it tells of it, or
 *                                has died: then new_password_found does
 *          LK_E_SIGNIN_WRONG     now_pw is not right
 *          LK_E_PASSWORD_UNSURE  no answer, and reading back did not tell; or it is in force and
 *                                the audit could not say so
 *          LK_E_ACCOUNT_*, LK_E_DIRECTORY_*, LK_E_AUDIT_DOWN: nothing was changed
 */
enum lk_err
new_password_set(const struct asker *asker, struct new_password *change) LK_MUST_CHECK;
/* As if it had been set now: audited, counted. Returns: LK_OK · LK_E_PASSWORD_UNSURE */
enum lk_err
new_password_found(const struct asker *asker, struct new_password *change) LK_MUST_CHECK;
/*
 * The changes that go with it into the caller's commit: tries and locks are forgotten, every
 * session (but keep, NULL: all) and trusted device ends. Returns how many, at most 3.
 */
size_t
new_password_changes(const struct subject *subject, const struct crypto_digest *keep,
		     struct store_change out[3]);
/* Once it is set: the person is told by mail. */
void
new_password_mail(const struct asker *asker, const struct subject *subject);

struct show;
/*
 * The page's places: rules in force, username for password managers. Somebody not known (all zero)
 * reads the rules of everybody.
 */
enum lk_err
new_password_fill(struct show *show, const struct subject *subject) LK_MUST_CHECK;
/* The filled page again, with every sentence of failures; as show_again. */
enum lk_err
new_password_again(struct show *show, const struct new_password *change,
		   enum lk_err err) LK_MUST_CHECK;

#endif
