/* SPDX-License-Identifier: MIT */
/* Applications' files as those see them who write them. */
#ifndef LK_POLICY_DRAFT_H
#define LK_POLICY_DRAFT_H

#include "policy/application.h"

/* A file that is not there yet, or not so; borrowed. */
struct policy_draft {
	const char *file; /* where it would stand */
	struct lk_str text;
	struct lk_arena *arena; /* owns what comes out */
};
/*
 * Would it be taken beside the others? The file's own version among them does not count.
 *
 *   out  its keys are not kept
 *
 * Returns: LK_OK · LK_E_FORMAT faults say why · LK_E_MEMORY
 */
enum lk_err
policy_application_try(const struct policy *policy, const struct policy_draft *draft,
		       struct conf_faults *faults, struct policy_application *out) LK_MUST_CHECK;
/*
 * Each of its keys that says something, as application.def names it, its value as in a file; of
 * secret_digests only how many there are. False past the last.
 *
 *   at  0 first; goes on by itself
 */
bool
policy_application_next(const struct policy_application *application, size_t *at,
			const char **out_key, struct lk_buf *out_value);

#endif
