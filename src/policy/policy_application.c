/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/address.h"
#include "policy/policy_inside.h"

#define APPLICATIONS_MAX 4096

#define TYPE_TEXT   CONF_TEXT
#define TYPE_URL    CONF_URL
#define TYPE_WORD   CONF_WORD
#define TYPE_LIST   CONF_LIST
#define TYPE_NAMES  CONF_NAMES
#define TYPE_PROOFS CONF_OWN

static const struct conf_row rows[] = {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help)                             \
	{TYPE_##type,                                                                              \
	 "application",                                                                            \
	 key,                                                                                      \
	 preset,                                                                                   \
	 min,                                                                                      \
	 max,                                                                                      \
	 unit,                                                                                     \
	 help,                                                                                     \
	 offsetof(struct policy_application, field),                                               \
	 TYPE_##type == CONF_OWN ? &policy_proofs_own : NULL},
#include "tables/application.def"
};
enum key {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help) KEY_##field,
#include "tables/application.def"
	KEY_COUNT
};
const struct conf_table policy_application_table = {rows, KEY_COUNT};

const struct policy_application *
policy_application_at(const struct policy *policy, size_t index)
{
	return index < policy->application_count ? &policy->applications[index] : NULL;
}

const struct policy_application *
policy_application_find(const struct policy *policy, struct lk_str client_id)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++) {
		if (lk_str_is(client_id, policy->applications[i].client_id))
			return &policy->applications[i];
	}
	return NULL;
}

bool
policy_application_may_use(const struct policy_application *application,
			   const struct policy_who *who)
{
	size_t i, j;

	if (application->is_for_everyone)
		return true;
	for (i = 0; i < application->groups.count; i++) {
		for (j = 0; j < who->group_count; j++) {
			if (lk_str_is_equal_nocase(who->groups[j],
						   lk_str_c(application->groups.items[i])))
				return true;
		}
	}
	return false;
}

bool
policy_application_is_listed(const struct policy_application *application)
{
	return application->start_url[0] != '\0';
}

/* One file on its way in. */
struct reading {
	struct policy_application *application;
	struct conf_place places[KEY_COUNT];
	struct conf_faults *faults;
};

static struct conf_place
place_of(const struct reading *reading, enum key key)
{
	if (reading->places[key].line > 0)
		return reading->places[key];
	return (struct conf_place){reading->application->file, 1, 1};
}

static bool
is_id(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789._-~")] == '\0';
}

static bool
is_loopback_name(struct lk_str host)
{
	struct conf_ip ip;

	return lk_str_is(host, "localhost") ||
	       (conf_ip_read(host, &ip) && conf_ip_is_loopback(&ip));
}

/* RFC 9700 s2.1, RFC 8252 s7.3: https, or http to the person's own machine; no fragment, no
 * pattern. */
static bool
is_web_address(const char *text)
{
	struct conf_url url;

	if (!conf_url_split(lk_str_c(text), &url) || url.host.len == 0 || url.has_user ||
	    strpbrk(text, "#*\\\"<>") != NULL)
		return false;
	return lk_str_is(url.scheme, "https") ||
	       (lk_str_is(url.scheme, "http") && is_loopback_name(url.host));
}

static void
uris_check(const struct reading *reading, enum key key, const struct conf_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!is_web_address(list->items[i]))
			conf_fault_add(
			    reading->faults, place_of(reading, key),
			    "%s must hold whole https:// addresses (http:// only to loopback), "
			    "without '*' or '#'; '%.100s' is none",
			    rows[key].key, list->items[i]);
	}
}

/* "KEYNUMBER:43 letters": which master key made it, and the digest. */
static bool
is_digest(const char *text)
{
	struct lk_str rest = lk_str_c(text), number;
	uint64_t id;

	return lk_str_split(&rest, ':', &number) && lk_str_to_u64(number, &id) && id > 0 &&
	       id <= UINT32_MAX && rest.len == 43 && is_id(rest.ptr) &&
	       strpbrk(rest.ptr, ".~") == NULL;
}

static void
digests_check(const struct reading *reading)
{
	const struct conf_list *list = &reading->application->secret_digests;
	size_t i;

	for (i = 0; i < list->count; i++) {
		/* Not shown: it may be the secret itself, put here by mistake. */
		if (!is_digest(list->items[i]))
			conf_fault_add(reading->faults, place_of(reading, KEY_secret_digests),
				       "secret_digests must hold KEYNUMBER:DIGEST as latchkeyctl "
				       "prints it, never a secret");
	}
}

static void
proofs_check(const struct reading *reading)
{
	const struct policy_application *application = reading->application;
	const struct policy_proofs *proofs = &application->proofs;
	struct conf_place place = place_of(reading, KEY_proofs);

	if (application->kind == POLICY_PASSWORD_ONLY) {
		if (proofs->count != 1 || proofs->choice[0] != POLICY_PROOF_PASSWORD)
			conf_fault_add(reading->faults, place,
				       "proofs must be password with kind = password_only");
	} else if (proofs->count > 1) {
		conf_fault_add(reading->faults, place,
			       "proofs must not hold 'or': all of them are asked for besides "
			       "what signin.policy asks");
	}
}

static void
groups_settle(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	size_t i;

	for (i = 0; i < application->groups.count; i++) {
		if (strcmp(application->groups.items[i], "everyone") == 0)
			application->is_for_everyone = true;
	}
	if (application->is_for_everyone && application->groups.count > 1)
		conf_fault_add(reading->faults, place_of(reading, KEY_groups),
			       "groups must be everyone alone, or names of groups");
	if (application->groups.count == 0)
		conf_fault_add(reading->faults, place_of(reading, KEY_groups),
			       "groups must be everyone, or names of groups");
}

/* Somebody who reads Welsh is better served by an English name than by none. */
static void
texts_settle(struct policy_application *application)
{
	if (application->name_cy[0] == '\0')
		application->name_cy = application->name_en;
	if (application->description_cy[0] == '\0')
		application->description_cy = application->description_en;
}

static void
application_check(const struct reading *reading)
{
	struct policy_application *application = reading->application;

	if (!is_id(application->client_id))
		conf_fault_add(reading->faults, place_of(reading, KEY_client_id),
			       "client_id must be letters, digits, '.', '_', '-' and '~'");
	if (application->start_url[0] != '\0' && !is_web_address(application->start_url))
		conf_fault_add(reading->faults, place_of(reading, KEY_start_url),
			       "start_url must be a whole https:// address (http:// only to "
			       "loopback), without '*' or '#'");
	uris_check(reading, KEY_redirect_uris, &application->redirect_uris);
	uris_check(reading, KEY_signed_out_uris, &application->signed_out_uris);
	digests_check(reading);
	proofs_check(reading);
	groups_settle(reading);
	texts_settle(application);
}

bool
policy_application_text_read(struct lk_arena *arena, const char *file, struct lk_str text,
			     struct conf_faults *faults, struct policy_application *out)
{
	struct reading reading = {.application = out, .faults = faults};
	struct conf_reading values = {&policy_application_table, arena, faults, out,
				      reading.places};
	size_t before = conf_faults_count(faults);

	memset(out, 0, sizeof *out);
	out->file = file;
	if (!conf_table_preset(&values))
		return false;
	conf_table_read(&values, file, text);
	conf_table_need(&values, (struct conf_place){file, 1, 1});
	if (conf_faults_count(faults) == before)
		application_check(&reading);
	return true;
}

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

static bool
application_add(struct policy *policy, const char *file, struct conf_faults *faults)
{
	struct policy_application *application = &policy->applications[policy->application_count];
	size_t before = conf_faults_count(faults);
	const struct policy_application *other;
	struct lk_str text;

	if (!conf_text_read(file, policy->arena, faults, &text))
		return true;
	if (!policy_application_text_read(policy->arena, file, text, faults, application))
		return false;
	if (conf_faults_count(faults) > before)
		return true;
	other = policy_application_find(policy, lk_str_c(application->client_id));
	if (other != NULL)
		conf_fault_add(faults, (struct conf_place){file, 1, 1},
			       "client_id %s stands in %s too", application->client_id,
			       other->file);
	policy->application_count++;
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
	return true;
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
