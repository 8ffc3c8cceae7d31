/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "directory/dir_entry.h"
#include "directory/dir_policy.h"

/* dn as libldap spells it. False when it is none, or longer than we keep. */
static bool
normal_dn(const char *dn, char out[DIR_POLICY_DN_BYTES])
{
	char *normal = NULL;
	size_t len;

	if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAP, &normal, LDAP_DN_FORMAT_LDAPV3) !=
	    LDAP_SUCCESS)
		return false;
	len = lk_str_c(normal).len;
	if (len < DIR_POLICY_DN_BYTES && len > 0)
		memcpy(out, normal, len + 1);
	ldap_memfree(normal);
	return len < DIR_POLICY_DN_BYTES && len > 0;
}

/* Does the tree of suffix hold base (both normalised)? */
static bool
is_below(struct lk_str base, struct lk_str suffix)
{
	if (suffix.len == 0 || base.len < suffix.len)
		return false;
	if (base.len > suffix.len && base.ptr[base.len - suffix.len - 1] != ',')
		return false;
	return lk_str_is_equal_nocase(lk_str_from(base, base.len - suffix.len), suffix);
}

/* Finds the naming context people are in. */
static enum lk_err
suffix_need(struct dir *dir)
{
	static const char *const attributes[] = {"namingContexts", NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = "",
			      .scope = LDAP_SCOPE_BASE,
			      .filter = "(objectClass=*)",
			      .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	char base[DIR_POLICY_DN_BYTES], suffix[DIR_POLICY_DN_BYTES];
	const struct lk_str *contexts;
	struct dir_entry entry;
	size_t count = 0, i;
	enum lk_err err;

	if (dir->policies.suffix[0] != '\0')
		return LK_OK;
	err = dir_ask(dir, &ask, &answer);
	if (err == LK_OK)
		err = dir_answer_search_err(dir, &answer);
	if (err != LK_OK)
		return err;
	entry = dir_entry_first(dir, &answer);
	if (entry.message != NULL && normal_dn(dir->settings->people_base, base)) {
		contexts = dir_entry_texts(&entry, "namingContexts", &count);
		for (i = 0; i < count && contexts[i].ptr != NULL; i++) {
			if (normal_dn(contexts[i].ptr, suffix) &&
			    is_below(lk_str_c(base), lk_str_c(suffix)))
				memcpy(dir->policies.suffix, suffix, sizeof suffix);
		}
	}
	if (dir->policies.suffix[0] == '\0')
		lk_why_add(dir->call->why, "the directory names no context that holds %s",
			   dir->settings->people_base);
	return entry.is_short ? LK_E_MEMORY : LK_OK;
}

static void
policy_read(struct dir_entry *entry, struct dir_policies *policies)
{
	struct dir_policy *policy = &policies->each[policies->count];
	struct lk_str dn = dir_entry_dn(entry);

	if (dn.ptr == NULL || !normal_dn(dn.ptr, policy->dn))
		return;
	policy->is_default = lk_str_is_equal_nocase(dir_entry_text(entry, "cn"), LK_STR("default"));
	policy->forbids_change =
	    lk_str_is_equal_nocase(dir_entry_text(entry, "pwdAllowUserChange"), LK_STR("FALSE"));
	policy->has_lockout = dir_entry_is_true(entry, "pwdLockout");
	policy->lockout_s = dir_entry_number(entry, "pwdLockoutDuration");
	policy->max_age_s = dir_entry_number(entry, "pwdMaxAge");
	policy->min_age_s = dir_entry_number(entry, "pwdMinAge");
	policy->max_failure = dir_entry_number(entry, "pwdMaxFailure");
	policy->min_length = dir_entry_number(entry, "pwdMinLength");
	policy->quality = dir_entry_number(entry, "pwdCheckQuality");
	policies->count++;
}

static enum lk_err
policies_read(struct dir *dir)
{
	static const char *const attributes[] = {"cn",
						 "pwdLockout",
						 "pwdLockoutDuration",
						 "pwdMaxAge",
						 "pwdMinAge",
						 "pwdMaxFailure",
						 "pwdMinLength",
						 "pwdCheckQuality",
						 "pwdAllowUserChange",
						 NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = dir->policies.suffix,
			      .scope = LDAP_SCOPE_SUBTREE,
			      .filter = "(objectClass=pwdPolicy)",
			      .attributes = attributes,
			      .size_limit = DIR_POLICIES_MAX};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_entry entry;
	enum lk_err err = dir_ask(dir, &ask, &answer);

	if (err == LK_OK)
		err = dir_answer_search_err(dir, &answer);
	if (err != LK_OK)
		return err;
	dir->policies.count = 0;
	for (entry = dir_entry_first(dir, &answer);
	     entry.message != NULL && dir->policies.count < DIR_POLICIES_MAX;
	     entry = dir_entry_next(&entry))
		policy_read(&entry, &dir->policies);
	return entry.is_short ? LK_E_MEMORY : LK_OK;
}

enum lk_err
dir_policy_need(struct dir *dir)
{
	struct dir_policies *policies = &dir->policies;
	int64_t now_ms = dir_now_mono_ms(dir);
	enum lk_err err;

	if (policies->is_read && now_ms - policies->read_mono_ms < DIR_POLICY_KEEP_MS)
		return LK_OK;
	err = suffix_need(dir);
	if (err == LK_OK && policies->suffix[0] != '\0')
		err = policies_read(dir);
	if (err != LK_OK)
		return err;
	policies->is_read = true;
	policies->read_mono_ms = now_ms;
	return LK_OK;
}

const struct dir_policy *
dir_policy_find(const struct dir *dir, struct lk_str subentry)
{
	const struct dir_policies *policies = &dir->policies;
	char dn[DIR_POLICY_DN_BYTES];
	size_t i;

	if (subentry.len > 0 && !normal_dn(subentry.ptr, dn))
		return NULL;
	for (i = 0; i < policies->count; i++) {
		const struct dir_policy *policy = &policies->each[i];

		if (subentry.len == 0 ? policy->is_default
				      : lk_str_is_equal_nocase(lk_str_c(policy->dn), lk_str_c(dn)))
			return policy;
	}
	return NULL;
}
