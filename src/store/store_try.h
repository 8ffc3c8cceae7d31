/* SPDX-License-Identifier: MIT */
/*
 * Wrong tries and locks. A try is charged before the password goes anywhere, and given back when
 * it was right or when the directory did not answer: so no number of tries at once passes the
 * limit. The same answer again counts once. A lock ends together with the tries it came from.
 */
#ifndef LK_STORE_STORE_TRY_H
#define LK_STORE_STORE_TRY_H

#include "store/store.h"

enum store_scope {
	STORE_SCOPE_STRANGER = 1, /* passwords, from devices the person never used */
	STORE_SCOPE_DEVICE,	  /* passwords, from devices the person has signed in on */
	STORE_SCOPE_CODE,	  /* codes without a password, from devices never used */
	STORE_SCOPE_CODE_DEVICE,  /* codes from devices the person has signed in on */
	STORE_SCOPE_CODE_SECOND,  /* codes after the right password, from other devices */
	STORE_SCOPE_USER_CODE,	  /* codes of another screen, by somebody signed in */
	STORE_SCOPE_COUNT,
	STORE_SCOPE_DEVICE_ASK = 64, /* of nobody: screens that wait, by address */
};
struct store_try {
	enum store_scope scope;
	struct lk_str person_id; /* or "?" and the digest of a name nobody has: the same limits */
	struct crypto_digest answer; /* keyed digest of what was tried */
	struct crypto_digest address;
	uint32_t limit_count;
	int32_t window_s; /* tries are forgotten after this long without a new one */
	int32_t lock_s;
};
struct store_try_state {
	bool is_locked;
	bool is_known_wrong; /* this very answer was found wrong before: do not try it again */
	int64_t locked_at_s, locked_until_s;
	uint32_t wrong_count; /* different wrong answers in the window, this one included */
};
enum store_try_outcome { STORE_TRY_WRONG = 1, STORE_TRY_RIGHT, STORE_TRY_UNDECIDED };

/*
 * LK_OK (out says whether to go on) · LK_E_STORE_DOWN. is_locked also while tries that have not
 * ended hold every place.
 */
enum lk_err
store_try_begin(struct store *store, const struct store_try *attempt,
		struct store_try_state *out) LK_MUST_CHECK;
/*
 * WRONG: counts the address too, and locks at the limit (out says so). RIGHT and UNDECIDED: the
 * try is given back.
 */
enum lk_err
store_try_end(struct store *store, const struct store_try *attempt, enum store_try_outcome outcome,
	      struct store_try_state *out) LK_MUST_CHECK;
/* For user show: the state of every scope, out[STORE_SCOPE_COUNT]. */
enum lk_err
store_try_get(struct store *store, struct lk_str person_id,
	      struct store_try_state *out) LK_MUST_CHECK;

#endif
