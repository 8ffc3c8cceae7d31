/* SPDX-License-Identifier: MIT */
/* The folder of registered applications, and the files they name. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_inside.h"

#define APPLICATIONS_MAX 4096

static int
is_ours(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && lk_str_ends(lk_str_c(entry->d_name), ".conf");
}

/* By bytes, whatever the locale says. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What no two applications may both say. */
static void
other_check(const struct policy_application *other, const struct policy_application *application,
	    struct conf_faults *faults)
{
	struct conf_place place = {application->file, 1, 1};
	size_t i;

	if (strcmp(other->client_id, application->client_id) == 0)
		conf_fault_add(faults, place, "client_id %s stands in %s too",
			       application->client_id, other->file);
	for (i = 0; i < application->hosts.count; i++) {
		if (policy_application_host_check(other, lk_str_c(application->hosts.items[i])))
			conf_fault_add(faults, place, "host %s stands in %s too",
				       application->hosts.items[i], other->file);
	}
}

static void
others_check(const struct policy *policy, const struct policy_application *application,
	     struct conf_faults *faults)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++) {
		if (strcmp(policy->applications[i].file, application->file) != 0)
			other_check(&policy->applications[i], application, faults);
	}
}

/* False without memory. */
static bool
keys_read(struct policy_application *application, struct lk_arena *arena,
	  struct conf_faults *faults)
{
	struct conf_place place = {application->jwks_file, 1, 1};
	struct lk_why why = {.len = 0};
	struct crypto_jwks *keys;
	struct lk_str text;

	if (application->jwks_file == NULL ||
	    !conf_text_read(application->jwks_file, arena, faults, &text))
		return true;
	keys = lk_arena_alloc(arena, sizeof *keys);
	if (keys == NULL)
		return false;
	if (crypto_jwks_read(text, &why, keys) != LK_OK) {
		conf_fault_add(faults, place, "must be a JWK Set of public keys: %s", why.text);
		return true;
	}
	application->keys = keys;
	if (keys->count == 0)
		conf_fault_add(faults, place, "holds no key for RS256, PS256, ES256 or EdDSA");
	return true;
}

static void
keys_done(struct policy_application *application)
{
	/* They are const for everybody else. */
	if (application->keys != NULL)
		crypto_jwks_done((struct crypto_jwks *)application->keys);
	application->keys = NULL;
}

static bool
application_add(struct policy *policy, const char *file, struct conf_faults *faults)
{
	struct policy_application *application = &policy->applications[policy->application_count];
	struct policy_application_from from = {policy->arena, file, &policy->scopes, policy->now_s};
	size_t before = conf_faults_count(faults);
	struct lk_str text;

	if (!conf_text_read(file, policy->arena, faults, &text))
		return true;
	if (!policy_application_text_read(&from, text, faults, application))
		return false;
	if (conf_faults_count(faults) > before)
		return true;
	others_check(policy, application, faults);
	policy->application_count++;
	return keys_read(application, policy->arena, faults);
}

enum lk_err
policy_application_try(const struct policy *policy, const struct policy_draft *draft,
		       struct conf_faults *faults, struct policy_application *out)
{
	struct policy_application_from from = {draft->arena, draft->file, &policy->scopes,
					       policy->now_s};
	size_t before = conf_faults_count(faults);
	struct policy_application made;

	if (!policy_application_text_read(&from, draft->text, faults, &made))
		return LK_E_MEMORY;
	if (conf_faults_count(faults) == before) {
		others_check(policy, &made, faults);
		if (!keys_read(&made, draft->arena, faults))
			return LK_E_MEMORY;
		keys_done(&made);
	}
	conf_faults_sort(faults);
	if (conf_faults_count(faults) > before)
		return LK_E_FORMAT;
	*out = made;
	return LK_OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct policy_application *const *x = a, *const *y = b;

	return strcmp((*x)->client_id, (*y)->client_id);
}

/* So that finding one costs the same with four as with four thousand. */
static bool
ids_sort(struct policy *policy)
{
	size_t i, count = policy->application_count;

	policy->by_id = lk_arena_alloc(policy->arena, (count + 1) * sizeof policy->by_id[0]);
	if (policy->by_id == NULL)
		return false;
	for (i = 0; i < count; i++)
		policy->by_id[i] = &policy->applications[i];
	qsort(policy->by_id, count, sizeof policy->by_id[0], by_id);
	return true;
}

static bool
entries_read(struct policy *policy, const char *folder, struct dirent **entries, int count,
	     struct conf_faults *faults)
{
	const char *file;
	int i;

	policy->applications =
	    lk_arena_alloc(policy->arena, ((size_t)count + 1) * sizeof policy->applications[0]);
	if (policy->applications == NULL)
		return false;
	for (i = 0; i < count; i++) {
		file = lk_arena_printf(policy->arena, "%s/%s", folder, entries[i]->d_name).ptr;
		if (file == NULL || !application_add(policy, file, faults))
			return false;
	}
	return ids_sort(policy);
}

bool
policy_applications_read(struct policy *policy, const char *folder, struct conf_faults *faults)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_ours, by_name), i;
	struct conf_place place = {.file = folder};
	bool is_read = true;

	if (count < 0 && errno == ENOENT)
		return true; /* no applications: nothing to list */
	if (count < 0)
		conf_fault_add(faults, place, "this folder cannot be read: %s",
			       strerrordesc_np(errno));
	else if (count > APPLICATIONS_MAX)
		conf_fault_add(faults, place, "more than %d applications", APPLICATIONS_MAX);
	else
		is_read = entries_read(policy, folder, entries, count, faults);
	for (i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return is_read;
}

void
policy_applications_done(struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++)
		keys_done(&policy->applications[i]);
}
