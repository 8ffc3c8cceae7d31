/* SPDX-License-Identifier: MIT */
/*
 * One proof, looked at: the password, the code from the phone, a recovery code. Each is charged
 * before it is looked at, does the same work for nobody as for somebody, and is spent by the caller
 * in the same step that believes it. Being right opens nothing: ask the gate.
 */
#ifndef LK_FLOW_PROVE_H
#define LK_FLOW_PROVE_H

#include "flow/asker.h"

/*
 * Is this their password? Nothing told of the account but to whoever knows it: a lock in the
 * directory is LK_OK with out->verdict DIR_PASSWORD_LOCKED only when the password was right.
 *
 *   password  as typed; NULL or not text: wrong
 *
 * Returns: LK_OK · LK_E_SIGNIN_WRONG · LK_E_ACCOUNT_LOCKED (by us; flow->detail) ·
 *          LK_E_DIRECTORY_DOWN · LK_E_STORE_DOWN · LK_E_AUDIT_DOWN · LK_E_MEMORY
 */
enum lk_err
prove_password(const struct asker *asker, const struct subject *subject,
	       const struct lk_secret *password, struct dir_password_answer *out) LK_MUST_CHECK;

/* A code that was right, and the mark that spends it. */
struct proven_code {
	struct dir_factors factors; /* as they were read for it */
	enum store_mark mark;
	uint64_t value;
	struct lk_str recovery_hash; /* RECOVERY: to be taken out of the directory */
};
struct prove_code {
	const struct lk_secret *typed;
	unsigned shown; /* enum store_proof, in this journey */
	int64_t epoch_began_at_s;
};
/*
 * Returns: LK_OK · LK_E_CODE_EMPTY _SHORT _LONG _LETTERS (nothing was charged) · LK_E_CODE_WRONG ·
 *          LK_E_CODE_CLOCK (flow->detail.count: minutes) · LK_E_CODE_USED (of before the store's
 *          epoch) · LK_E_CODE_LOCKED · and what fails
 */
enum lk_err
prove_totp(const struct asker *asker, const struct subject *subject, const struct prove_code *prove,
	   struct proven_code *out) LK_MUST_CHECK;
/* Returns: LK_OK · LK_E_RECOVERY_EMPTY · LK_E_RECOVERY_WRONG · LK_E_CODE_LOCKED · and what fails */
enum lk_err
prove_recovery(const struct asker *asker, const struct subject *subject,
	       const struct prove_code *prove, struct proven_code *out) LK_MUST_CHECK;

/* The change that spends it, so that it counts once. Goes into the commit that believes it. */
void
prove_spend(const struct subject *subject, const struct proven_code *code,
	    struct store_change *out);
/*
 * How long a mark of a code stands: much longer than the code is right, for a node's clock may be
 * set back by a day.
 */
#define PROVE_TOTP_MARK_LIFE_S (2 * 86400)
/* The mark of a code of this seed and step, wherever it was typed. */
uint64_t
prove_totp_mark(const struct asker *asker, const struct lk_secret *seed, int64_t step);
/*
 * After that commit: a recovery code goes out of the directory too, is audited and mailed; the
 * authenticator of a TOTP code is sealed with the newest key of the key file, once all nodes know
 * it: that may fail, and is tried the next time.
 * Returns: LK_OK · LK_E_USED it was gone · what fails
 */
enum lk_err
prove_used(const struct asker *asker, const struct subject *subject,
	   const struct proven_code *code) LK_MUST_CHECK;
/*
 * A right code of somebody who may not go on, because of why: it told something, so it is spent.
 * Returns: why · LK_E_CODE_USED · what fails
 */
enum lk_err
prove_refused(const struct asker *asker, const struct subject *subject,
	      const struct proven_code *code, enum lk_err why) LK_MUST_CHECK;

#endif
