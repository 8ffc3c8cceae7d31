/* SPDX-License-Identifier: MIT */
#include "directory/dir_shape.h"
#include "directory/dir_time.h"

#define ID_LEN 36u

void
dir_shape_attributes(const struct dir_settings *settings, const char *out[DIR_SHAPE_ATTRIBUTES_MAX])
{
	static const char *const names[] = {"entryUUID",
					    "cn",
					    "sn",
					    "givenName",
					    "displayName",
					    "telephoneNumber",
					    "mobile",
					    "ou",
					    "departmentNumber",
					    "manager",
					    "preferredLanguage",
					    "pwdChangedTime",
					    "pwdReset",
					    "pwdPolicySubentry",
					    "pwdStartTime",
					    "pwdEndTime",
					    "pwdAccountLockedTime",
					    "pwdFailureTime"};
	size_t count = 0, i;

	out[count++] = settings->name_attribute;
	out[count++] = settings->mail_attribute;
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		out[count++] = names[i];
	out[count] = NULL;
}

bool
dir_shape_is_id(struct lk_str text)
{
	size_t i;

	if (text.len != ID_LEN)
		return false;
	for (i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool is_hex =
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !is_hex)
			return false;
	}
	return true;
}

struct lk_str
dir_shape_language(struct lk_str preferred)
{
	static const char *const known[] = {"en", "cy"};
	struct lk_str begin = lk_str_n(preferred.ptr, preferred.len < 2 ? preferred.len : 2);
	size_t i;

	if (preferred.len > 2 && preferred.ptr[2] != '-' && preferred.ptr[2] != ';' &&
	    preferred.ptr[2] != ',')
		return (struct lk_str){NULL, 0};
	for (i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (lk_str_is_equal_nocase(begin, lk_str_c(known[i])))
			return lk_str_c(known[i]);
	}
	return (struct lk_str){NULL, 0};
}

/* Closed for good: year 0, which is no instant. */
static bool
is_blocked(struct lk_str locked_time)
{
	return lk_str_is(locked_time, "000001010000Z") || lk_str_is(locked_time, "00000101000000Z");
}

/* As slapd decides it at a bind: a stamp that cannot be read, or is over, and what it does then. */
static bool
is_locked(const struct dir_marks *marks, const struct dir_policy *policy, int64_t now_s,
	  struct dir_person *person)
{
	int64_t at_s = 0;

	if (marks->locked_time.len == 0 || (policy != NULL && !policy->has_lockout))
		return false;
	(void)dir_time_read(marks->locked_time, &at_s);
	if (policy != NULL && policy->lockout_s > 0 && at_s > 0) {
		if (at_s + policy->lockout_s <= now_s)
			return false;
		person->locked_until_s = at_s + policy->lockout_s;
	}
	person->locked_at_s = at_s;
	return true;
}

static int64_t
time_or_zero(struct lk_str text)
{
	int64_t at_s;

	return dir_time_read(text, &at_s) ? at_s : 0;
}

void
dir_shape_state(const struct dir_marks *marks, const struct dir_policy *policy, int64_t now_s,
		struct dir_person *person)
{
	int64_t changed_s = time_or_zero(marks->changed_time);

	person->starts_at_s = time_or_zero(marks->start_time);
	person->ends_at_s = time_or_zero(marks->end_time);
	person->password_changed_at_s = changed_s;
	person->must_change = marks->must_change;
	person->is_password_fixed = policy != NULL && policy->forbids_change;
	if (policy != NULL && changed_s > 0 && policy->max_age_s > 0)
		person->password_expires_at_s = changed_s + policy->max_age_s;
	if (policy != NULL && changed_s > 0 && policy->min_age_s > 0 && !marks->must_change &&
	    changed_s + policy->min_age_s > now_s)
		person->password_may_change_at_s = changed_s + policy->min_age_s;
	person->state = DIR_OPEN;
	if (is_blocked(marks->locked_time))
		person->state = DIR_BLOCKED;
	else if (marks->end_time.len > 0 && person->ends_at_s <= now_s)
		person->state = DIR_LEFT;
	else if (person->starts_at_s > now_s)
		person->state = DIR_NOT_STARTED;
	else if (is_locked(marks, policy, now_s, person))
		person->state = DIR_LOCKED;
}

static void
read_failures(struct dir_entry *entry, struct dir_person *out)
{
	size_t count, i;
	const struct lk_str *times = dir_entry_texts(entry, "pwdFailureTime", &count);

	out->wrong_count = (int)count;
	for (i = 0; i < count; i++) {
		int64_t at_s = time_or_zero(times[i]);

		if (at_s > out->last_wrong_at_s)
			out->last_wrong_at_s = at_s;
	}
}

static struct lk_str
first_of(struct dir_entry *entry, const char *attribute, const char *otherwise)
{
	struct lk_str value = dir_entry_text(entry, attribute);

	return value.len > 0 ? value : dir_entry_text(entry, otherwise);
}

static void
lower(struct lk_str text)
{
	size_t i;

	/* In the arena, ours alone. */
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] >= 'A' && text.ptr[i] <= 'F')
			((char *)text.ptr)[i] = (char)(text.ptr[i] - 'A' + 'a');
	}
}

static void
read_names(const struct dir_settings *settings, struct dir_entry *entry, struct dir_person *out)
{
	out->dn = dir_entry_dn(entry);
	out->id = dir_entry_text(entry, "entryUUID");
	lower(out->id);
	out->username = dir_entry_text(entry, settings->name_attribute);
	out->mail = dir_entry_text(entry, settings->mail_attribute);
	out->display_name = first_of(entry, "displayName", "cn");
	out->given_name = dir_entry_text(entry, "givenName");
	out->family_name = dir_entry_text(entry, "sn");
	out->phone = first_of(entry, "telephoneNumber", "mobile");
	out->department = first_of(entry, "ou", "departmentNumber");
	out->manager_dn = dir_entry_text(entry, "manager");
	out->language = dir_shape_language(dir_entry_text(entry, "preferredLanguage"));
}

enum lk_err
dir_shape_read(struct dir *dir, struct dir_entry *entry, struct dir_person *out)
{
	struct dir_person person = {.group_count = 0};
	struct dir_marks marks = {
	    .locked_time = dir_entry_text(entry, "pwdAccountLockedTime"),
	    .start_time = dir_entry_text(entry, "pwdStartTime"),
	    .end_time = dir_entry_text(entry, "pwdEndTime"),
	    .changed_time = dir_entry_text(entry, "pwdChangedTime"),
	    .must_change = dir_entry_is_true(entry, "pwdReset"),
	};
	struct lk_str subentry = dir_entry_text(entry, "pwdPolicySubentry");

	read_names(dir->settings, entry, &person);
	read_failures(entry, &person);
	dir_shape_state(&marks, dir_policy_find(dir, subentry),
			lk_clock_wall_s(dir->settings->clock), &person);
	if (entry->is_short)
		return LK_E_MEMORY;
	if (!dir_shape_is_id(person.id) || person.username.len == 0) {
		lk_why_add(dir->call->why, "the entry has no %s that can be read",
			   dir_shape_is_id(person.id) ? dir->settings->name_attribute
						      : "entryUUID");
		return LK_E_PERSON_NOT_FOUND;
	}
	*out = person;
	return LK_OK;
}
