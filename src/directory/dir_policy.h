/* SPDX-License-Identifier: MIT */
/*
 * Inside src/directory only: the directory's own password policies, read all at once and kept for a
 * minute. The one whose cn is "default" counts for entries that name none.
 */
#ifndef LK_DIRECTORY_DIR_POLICY_H
#define LK_DIRECTORY_DIR_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct dir;

#define DIR_POLICIES_MAX    64u
#define DIR_POLICY_DN_BYTES 320u
#define DIR_POLICY_KEEP_MS  60000

/* One policy; lengths of time in seconds, 0: no such rule. */
struct dir_policy {
	char dn[DIR_POLICY_DN_BYTES]; /* normalised */
	bool is_default;
	bool has_lockout;
	bool forbids_change; /* pwdAllowUserChange FALSE */
	int64_t lockout_s;   /* 0: until someone unlocks */
	int64_t max_age_s, min_age_s;
	int64_t max_failure;
	int64_t min_length, quality;
};

struct dir_policies {
	struct dir_policy each[DIR_POLICIES_MAX];
	size_t count;
	bool is_read;
	int64_t read_mono_ms;
	char suffix[DIR_POLICY_DN_BYTES]; /* where to look; "" before it is known */
};

/* Reads them unless they were read within the last minute. LK_OK · LK_E_DIRECTORY_DOWN … */
enum lk_err
dir_policy_need(struct dir *dir) LK_MUST_CHECK;
/* subentry: pwdPolicySubentry, or nothing for the default. NULL when there is no such policy. */
const struct dir_policy *
dir_policy_find(const struct dir *dir, struct lk_str subentry);

#endif
