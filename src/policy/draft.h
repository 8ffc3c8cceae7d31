/* SPDX-License-Identifier: MIT */
/* Applications' files as those see them who write them. */
#ifndef LK_POLICY_DRAFT_H
#define LK_POLICY_DRAFT_H

#include "policy/application.h"

/* A file that is not there yet, or not so; borrowed. */
struct policy_draft {
	const char *file; /* where it would stand */
	struct lk_str text;
};
/*
 * Would it be taken beside the others? The file's own version among them does not count.
 *
 *   arena  owns what comes out
 *   out    its keys are not kept
 *
 * Returns: LK_OK · LK_E_FORMAT faults say why · LK_E_MEMORY
 */
enum lk_err
policy_application_try(const struct policy *policy, const struct policy_draft *draft,
		       struct lk_arena *arena, struct conf_faults *faults,
		       struct policy_application *out) LK_MUST_CHECK;

/* Files of the folder of applications and those they name; none is there yet. */
struct policy_drafts {
	const struct policy_draft *items; /* borrowed until policy_free */
	size_t count;
};
/* policy_load with drafts as if they stood there: its faults are what the daemon would say. drafts
 * may be NULL: none. */
enum lk_err
policy_load_with(const struct policy_from *from, const struct policy_drafts *drafts,
		 struct conf_faults *faults, struct policy **out) LK_MUST_CHECK;
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
