/* SPDX-License-Identifier: MIT */
#include "policy/policy_inside.h"

/* One section of one file, as it holds for somebody who is in its group alone. */
struct held {
	const struct policy *policy;
	const struct policy_section *section;
	struct conf_faults *faults;
};

/* Where the rule was set, else where its section begins, else the file as a whole. */
static struct conf_place
place_of(const struct held *held, enum policy_file file, const char *key)
{
	const struct conf_table *table = &policy_tables[file].table;
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (lk_str_is(lk_str_c(key), table->rows[i].key) &&
		    held->section->places[i].line > 0)
			return held->section->places[i];
	}
	if (held->section->place.line > 0)
		return held->section->place;
	return (struct conf_place){.file = held->policy->paths[file]};
}

/* Has this section a say in the rule? What it takes from [default] is told there. */
static bool
sets(const struct held *held, enum policy_file file, const char *key)
{
	struct conf_place place = place_of(held, file, key);

	return held->section->group == NULL || place.line != held->section->place.line;
}

static void
values_of(const struct held *held, enum policy_file file, void *out)
{
	struct lk_str group = lk_str_c(held->section->group);
	struct policy_who who = {.groups = &group, .group_count = group.ptr == NULL ? 0 : 1};

	policy_values_ask(held->policy, file, &who, out, NULL);
}

static void
password_check(const struct held *held)
{
	struct policy_password rules;

	values_of(held, POLICY_FILE_PASSWORD, &rules);
	if (rules.min_length_count > rules.max_length_count &&
	    (sets(held, POLICY_FILE_PASSWORD, "min_length") ||
	     sets(held, POLICY_FILE_PASSWORD, "max_length")))
		conf_fault_add(held->faults, place_of(held, POLICY_FILE_PASSWORD, "min_length"),
			       "min_length must not be more than max_length, %d",
			       rules.max_length_count);
}

static void
lockout_check(const struct held *held)
{
	(void)held; /* each rule stands for itself */
}

static void
without_password_check(const struct held *held, const struct policy_proofs *proofs, const char *key)
{
	if (sets(held, POLICY_FILE_RESET, key) && policy_proofs_name(proofs, POLICY_PROOF_PASSWORD))
		conf_fault_add(held->faults, place_of(held, POLICY_FILE_RESET, key),
			       "%s must not name password: it is forgotten, or locked", key);
}

static void
reset_check(const struct held *held)
{
	struct policy_reset rules;

	values_of(held, POLICY_FILE_RESET, &rules);
	without_password_check(held, &rules.proofs, "proofs");
	without_password_check(held, &rules.unlock_proofs, "unlock_proofs");
}

static bool
always_names_password(const struct policy_proofs *proofs)
{
	uint8_t i;

	for (i = 0; i < proofs->count; i++) {
		if ((proofs->choice[i] & POLICY_PROOF_PASSWORD) == 0)
			return false;
	}
	return true;
}

static void
signin_check(const struct held *held)
{
	struct policy_signin rules;

	values_of(held, POLICY_FILE_SIGNIN, &rules);
	if (sets(held, POLICY_FILE_SIGNIN, "proofs") && !always_names_password(&rules.proofs))
		conf_fault_add(held->faults, place_of(held, POLICY_FILE_SIGNIN, "proofs"),
			       "proofs must name password in each choice");
	if (rules.session_idle_s > rules.session_max_s &&
	    (sets(held, POLICY_FILE_SIGNIN, "session_idle") ||
	     sets(held, POLICY_FILE_SIGNIN, "session_max")))
		conf_fault_add(held->faults, place_of(held, POLICY_FILE_SIGNIN, "session_idle"),
			       "session_idle must not be more than session_max, %d s",
			       rules.session_max_s);
}

void
policy_rules_check(const struct policy *policy, struct conf_faults *faults)
{
	static void (*const checks[])(const struct held *held) = {
	    [POLICY_FILE_PASSWORD] = password_check,
	    [POLICY_FILE_LOCKOUT] = lockout_check,
	    [POLICY_FILE_RESET] = reset_check,
	    [POLICY_FILE_SIGNIN] = signin_check,
	};
	struct held held = {.policy = policy, .faults = faults};
	int file;

	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		for (held.section = policy->sections[file]; held.section != NULL;
		     held.section = held.section->next)
			checks[file](&held);
	}
}
