/* SPDX-License-Identifier: MIT */
/*
 * The registered applications as they were told of last, kept as text, and in what they are others
 * now: for whoever must be able to say who could do what, and since when. Of secrets and keys a
 * fingerprint is kept, and it is never told.
 */
#ifndef LK_POLICY_KNOWN_H
#define LK_POLICY_KNOWN_H

#include "base/arena.h"
#include "base/buf.h"
#include "policy/policy.h"

#define POLICY_KNOWN_MAX_BYTES 8388608u

enum policy_known_kind { POLICY_KNOWN_ADDED = 1, POLICY_KNOWN_CHANGED, POLICY_KNOWN_REMOVED };
/* "grafana: redirect_uris: https://a.example/ → https://b.example/; secrets" */
struct policy_known_difference {
	enum policy_known_kind kind;
	struct lk_str words; /* in the arena of who asked */
};
/* False: enough, tell no more. */
typedef bool (*policy_known_tell)(const struct policy_known_difference *difference, void *context);

struct policy_known_ask {
	struct lk_str before; /* what policy_known_write wrote then; empty: nothing was known */
	const struct policy *now;
	struct lk_arena *arena;
	policy_known_tell tell;
	void *context;
};
/*
 * Each application that came, is another or went. Returns: LK_OK · LK_E_FORMAT before was written
 * by nobody of us: nothing was told · LK_E_MEMORY
 */
enum lk_err
policy_known_compare(const struct policy_known_ask *ask) LK_MUST_CHECK;
/* For the next time; out is asked whether it is whole. */
void
policy_known_write(const struct policy *policy, struct lk_buf *out);

#endif
