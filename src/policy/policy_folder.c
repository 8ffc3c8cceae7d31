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

/* What stands in file, or would. */
static bool
text_read(const struct policy *policy, const char *file, struct lk_arena *arena,
	  struct conf_faults *faults, struct lk_str *out)
{
	size_t i, count = policy->drafts == NULL ? 0 : policy->drafts->count;

	for (i = 0; i < count; i++) {
		if (strcmp(policy->drafts->items[i].file, file) != 0)
			continue;
		*out = policy->drafts->items[i].text;
		return true;
	}
	return conf_text_read(file, arena, faults, out);
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
keys_read(const struct policy *policy, struct policy_application *application,
	  struct lk_arena *arena, struct conf_faults *faults)
{
	struct conf_place place = {application->jwks_file, 1, 1};
	struct lk_why why = {.len = 0};
	struct crypto_jwks *keys;
	struct lk_str text;

	if (application->jwks_file == NULL ||
	    !text_read(policy, application->jwks_file, arena, faults, &text))
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

	if (!text_read(policy, file, policy->arena, faults, &text))
		return true;
	if (!policy_application_text_read(&from, text, faults, application))
		return false;
	if (conf_faults_count(faults) > before)
		return true;
	others_check(policy, application, faults);
	policy->application_count++;
	return keys_read(policy, application, policy->arena, faults);
}

enum lk_err
policy_application_try(const struct policy *policy, const struct policy_draft *draft,
		       struct lk_arena *arena, struct conf_faults *faults,
		       struct policy_application *out)
{
	struct policy_application_from from = {arena, draft->file, &policy->scopes, policy->now_s};
	size_t before = conf_faults_count(faults);
	struct policy_application made;

	if (!policy_application_text_read(&from, draft->text, faults, &made))
		return LK_E_MEMORY;
	if (conf_faults_count(faults) == before) {
		others_check(policy, &made, faults);
		if (!keys_read(policy, &made, arena, faults))
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

/* By bytes, whatever the locale says. */
static int
by_bytes(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The files of applications, of a folder's entries and of drafts. NULL without memory. */
static const char **
files_list(const struct policy *policy, const char *folder, struct dirent **entries,
	   size_t entry_count, size_t *out_count)
{
	size_t i, count = 0, draft_count = policy->drafts == NULL ? 0 : policy->drafts->count;
	const char **files =
	    lk_arena_alloc(policy->arena, (entry_count + draft_count + 1) * sizeof files[0]);

	if (files == NULL)
		return NULL;
	for (i = 0; i < entry_count; i++) {
		files[count] =
		    lk_arena_printf(policy->arena, "%s/%s", folder, entries[i]->d_name).ptr;
		if (files[count++] == NULL)
			return NULL;
	}
	for (i = 0; i < draft_count; i++) {
		if (lk_str_ends(lk_str_c(policy->drafts->items[i].file), ".conf"))
			files[count++] = policy->drafts->items[i].file;
	}
	qsort(files, count, sizeof files[0], by_bytes);
	*out_count = count;
	return files;
}

static bool
files_read(struct policy *policy, const char *const *files, size_t count,
	   struct conf_faults *faults)
{
	size_t i;

	policy->applications =
	    lk_arena_alloc(policy->arena, (count + 1) * sizeof policy->applications[0]);
	if (policy->applications == NULL)
		return false;
	for (i = 0; i < count; i++) {
		if (!application_add(policy, files[i], faults))
			return false;
	}
	return ids_sort(policy);
}

bool
policy_applications_read(struct policy *policy, const char *folder, struct conf_faults *faults)
{
	struct dirent **entries = NULL;
	int entry_count = scandir(folder, &entries, is_ours, NULL), i;
	struct conf_place place = {.file = folder};
	const char **files;
	size_t count;

	if (entry_count < 0 && errno != ENOENT) {
		conf_fault_add(faults, place, "this folder cannot be read: %s",
			       strerrordesc_np(errno));
		return true;
	}
	if (entry_count < 0)
		entry_count = 0; /* no applications: nothing to list */
	files = files_list(policy, folder, entries, (size_t)entry_count, &count);
	for (i = 0; i < entry_count; i++)
		free(entries[i]);
	free(entries);
	if (files == NULL)
		return false;
	if (count > APPLICATIONS_MAX) {
		conf_fault_add(faults, place, "more than %d applications", APPLICATIONS_MAX);
		return true;
	}
	return files_read(policy, files, count, faults);
}

void
policy_applications_done(struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++)
		keys_done(&policy->applications[i]);
}
