/* SPDX-License-Identifier: MIT */
/* Is this a password somebody may choose? Our own rules; the directory's come after. */
#ifndef LK_POLICY_PASSWORD_H
#define LK_POLICY_PASSWORD_H

#include "base/arena.h"
#include "base/secret.h"
#include "policy/policy.h"

/*
 * What was typed, as it goes to the directory: Unicode's composed form (NFC), so that every
 * keyboard types the same bytes. Nothing is trimmed, cut or folded. The same for signing in as for
 * choosing.
 *
 *   arena  keeps the result
 *   typed  borrowed
 *
 * Returns: LK_OK · LK_E_PASSWORD_TEXT not UTF-8, or a control character · LK_E_MEMORY
 * Source:  Unicode Standard Annex #15; NIST SP 800-63B-4 s3.1.1.2.
 */
enum lk_err
policy_password_normalise(struct lk_arena *arena, const struct lk_secret *typed,
			  const struct lk_secret **out) LK_MUST_CHECK;

/* What somebody could be guessed by: names, staff ID, mail, department. Borrowed; empty ones are
 * fine. */
struct policy_words {
	const struct lk_str *words;
	size_t count;
};

#define POLICY_FAILURES_MAX 8u
/* Every rule that says no, in the order of rules.def, each sentence once. */
struct policy_failures {
	enum lk_err errs[POLICY_FAILURES_MAX];
	size_t count;
};

/* One password and what it is held against. */
struct policy_password_try {
	const struct policy_password *rules; /* from policy_password_ask */
	const struct lk_secret *password;    /* from policy_password_normalise */
	struct policy_words personal;
};
/*
 * Hold it against every rule. For lanes.
 *
 *   arena  for folded copies; wiped with the request
 *   out    the failures, when there are any; untouched else
 *
 * Time:    20 to 100 µs, 6 ms for the oddest; strength is judged by the first 100 bytes.
 * Returns: LK_OK none failed · the first failure · LK_E_PASSWORD_EMPTY · LK_E_MEMORY (nothing is
 * known)
 */
enum lk_err
policy_password_check(const struct policy *policy, struct lk_arena *arena,
		      const struct policy_password_try *attempt,
		      struct policy_failures *out) LK_MUST_CHECK;

/* The sentences of every rule that is in force, in the same order: what the page says is not
 * allowed. */
void
policy_password_sentences(const struct policy_password *rules, struct policy_failures *out);

#endif
