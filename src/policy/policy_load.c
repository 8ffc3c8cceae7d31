/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "policy/policy_inside.h"

#define ARENA_FIRST_BYTES 65536u
#define ARENA_MAX_BYTES	  67108864u

static struct policy *
policy_new(const struct policy_from *from)
{
	struct policy *policy = calloc(1, sizeof *policy);

	if (policy == NULL)
		return NULL;
	policy->arena = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	if (policy->arena == NULL) {
		policy_free(policy);
		return NULL;
	}
	policy->now_s = from->now_s;
	policy->service_name = lk_arena_dup(policy->arena, lk_str_c(from->service_name));
	return policy;
}

static void
common_read(struct policy *policy, const char *path, struct conf_faults *faults)
{
	struct lk_why why = {.len = 0};

	if (wordlist_load(path, &why, &policy->common) == LK_OK)
		return;
	conf_fault_add(faults, (struct conf_place){.file = path},
		       "the list of common passwords %s. Make one with: latchkey-wordlist "
		       "--default --output %s",
		       why.text, path);
}

static bool
all_read(struct policy *policy, const struct policy_from *from, struct conf_faults *faults)
{
	size_t before = conf_faults_count(faults);
	const char *claims = lk_arena_printf(policy->arena, "%s/claims.policy", from->dir).ptr;
	const char *folder = lk_arena_printf(policy->arena, "%s/applications", from->dir).ptr;
	int file;

	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		policy->paths[file] =
		    lk_arena_printf(policy->arena, "%s/%s", from->dir, policy_tables[file].file)
			.ptr;
		if (policy->paths[file] == NULL ||
		    !policy_file_read(policy, (enum policy_file)file, faults))
			return false;
	}
	if (claims == NULL || !policy_claims_read(policy, claims, faults))
		return false;
	if (folder == NULL || !policy_applications_read(policy, folder, faults))
		return false;
	common_read(policy, from->common_passwords_file, faults);
	if (conf_faults_count(faults) == before)
		policy_rules_check(policy, faults);
	return true;
}

enum lk_err
policy_load(const struct policy_from *from, struct conf_faults *faults, struct policy **out)
{
	return policy_load_with(from, NULL, faults, out);
}

enum lk_err
policy_load_with(const struct policy_from *from, const struct policy_drafts *drafts,
		 struct conf_faults *faults, struct policy **out)
{
	struct policy *policy = policy_new(from);
	size_t before = conf_faults_count(faults);
	bool is_read;

	if (policy == NULL)
		return LK_E_MEMORY;
	policy->drafts = drafts;
	is_read = all_read(policy, from, faults);
	policy->drafts = NULL;
	conf_faults_sort(faults);
	if (is_read && conf_faults_count(faults) == before) {
		*out = policy;
		return LK_OK;
	}
	policy_free(policy);
	return is_read ? LK_E_FORMAT : LK_E_MEMORY;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	policy_applications_done(policy);
	wordlist_free(policy->common);
	lk_arena_free(policy->arena);
	free(policy);
}
