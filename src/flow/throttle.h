/* SPDX-License-Identifier: MIT */
/*
 * How often somebody may be wrong: per account and scope (lockout.policy), per address. A try is
 * charged before anything is looked at; what was wrong once is not asked of the directory again.
 * Names nobody has meet the same limits.
 */
#ifndef LK_FLOW_THROTTLE_H
#define LK_FLOW_THROTTLE_H

#include "flow/asker.h"
#include "store/store_try.h"

/* Returns: LK_OK · LK_E_SIGNIN_TOO_FAST too many wrong tries from this address in this minute. */
enum lk_err
throttle_address_check(const struct asker *asker, const struct store_answer *stored) LK_MUST_CHECK;

/*
 * What keeping an application's request of so many bytes costs this address, for the commit that
 * keeps it: it is refused with LK_E_SIGNIN_TOO_FAST past the limit.
 */
void
throttle_waiting(const struct asker *asker, size_t bytes, struct store_change *out);
/* That refusal, and the page's words for when to come again. */
enum lk_err
throttle_too_fast(const struct asker *asker) LK_MUST_CHECK;

/* One try; what begin filled goes to end. */
struct attempt {
	struct store_try attempt;
	struct store_try_state state;
};
enum attempt_kind {
	ATTEMPT_PASSWORD = 1,
	ATTEMPT_CODE,
	ATTEMPT_USER_CODE /* of another screen; by somebody signed in */
};
/*
 * Charge a try. shown: proofs this journey has already (enum store_proof).
 *
 * Returns: LK_OK                 go on, or stop when out->state.is_known_wrong (passwords)
 *          LK_E_ACCOUNT_LOCKED   passwords; LK_E_CODE_LOCKED codes: flow->detail says until when
 *          LK_E_STORE_DOWN
 */
struct attempt_what {
	enum attempt_kind kind;
	unsigned shown;
	const struct lk_secret *secret; /* what was typed */
};
enum lk_err
throttle_begin(const struct asker *asker, const struct subject *subject,
	       const struct attempt_what *what, struct attempt *out) LK_MUST_CHECK;
/*
 * How it ended. With WRONG that locks: audited, counted, and LK_E_ACCOUNT_LOCKED or
 * LK_E_CODE_LOCKED; else LK_OK · LK_E_STORE_DOWN · LK_E_AUDIT_DOWN.
 */
enum lk_err
throttle_end(const struct asker *asker, const struct subject *subject, struct attempt *attempt,
	     enum store_try_outcome outcome) LK_MUST_CHECK;

#endif
