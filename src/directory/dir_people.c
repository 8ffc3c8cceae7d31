/* SPDX-License-Identifier: MIT */
/* Finding people and their groups. */
#include "directory/dir_shape.h"

#define FILTER_MAX_BYTES 8192u
#define GROUPS_MAX	 1000
#define PEOPLE_MAX	 50u
#define TEXT_LEAST_BYTES 2u

/* (attribute=value) with whatever stands behind the value. */
static void
add_match(struct lk_buf *filter, const char *attribute, struct lk_str value, const char *behind)
{
	lk_buf_printf(filter, "(%s=", attribute);
	dir_escape_filter(filter, value);
	lk_buf_printf(filter, "%s)", behind);
}

static enum lk_err
search(struct dir *dir, struct dir_ask *ask, const struct lk_buf *filter, struct dir_answer *out)
{
	enum lk_err err;

	if (!lk_buf_is_ok(filter)) {
		lk_why_add(dir->call->why, "too long to search for");
		return LK_E_PERSON_NOT_FOUND;
	}
	ask->kind = DIR_ASK_SEARCH;
	ask->scope = LDAP_SCOPE_SUBTREE;
	ask->filter = filter->bytes;
	err = dir_ask(dir, ask, out);
	return err != LK_OK ? err : dir_answer_search_err(dir, out);
}

static enum lk_err
groups_read(struct dir *dir, const struct dir_answer *answer, struct dir_person *person)
{
	size_t room = dir_entry_count(answer);
	struct lk_str *names = lk_arena_alloc(dir->call->arena, (room + 1) * sizeof *names);
	struct dir_entry entry = dir_entry_first(dir, answer);

	if (names == NULL)
		return LK_E_MEMORY;
	for (; entry.message != NULL && person->group_count < room;
	     entry = dir_entry_next(&entry)) {
		struct lk_str name = dir_entry_text(&entry, "cn");

		if (name.len > 0)
			names[person->group_count++] = name;
	}
	person->groups = names;
	return entry.is_short ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
groups_find(struct dir *dir, struct dir_person *person)
{
	static const char *const attributes[] = {"cn", NULL};
	struct dir_ask ask = {
	    .dn = dir->settings->groups_base, .attributes = attributes, .size_limit = GROUPS_MAX};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	LK_AUTO_BUF filter;
	enum lk_err err;

	lk_buf_init(&filter, FILTER_MAX_BYTES);
	if (lk_str_c(dir->settings->groups_base).len == 0)
		return LK_OK;
	lk_buf_add_c(&filter, "(|");
	add_match(&filter, "member", person->dn, "");
	add_match(&filter, "uniqueMember", person->dn, "");
	add_match(&filter, "memberUid", person->username, "");
	lk_buf_add_c(&filter, ")");
	err = search(dir, &ask, &filter, &answer);
	if (err != LK_OK)
		return err;
	/* Rules hang on groups: half of them would be a decision nobody made. */
	if (answer.code == LDAP_SIZELIMIT_EXCEEDED) {
		lk_why_add(dir->call->why, "%.*s is in more groups than the directory shows",
			   LK_STR_ARGS(person->id));
		return LK_E_BROKEN;
	}
	return groups_read(dir, &answer, person);
}

/* The one person the filter fits. */
static enum lk_err
one_find(struct dir *dir, const struct lk_buf *filter, struct dir_person *out)
{
	const char *attributes[DIR_SHAPE_ATTRIBUTES_MAX];
	struct dir_ask ask = {
	    .dn = dir->settings->people_base, .attributes = attributes, .size_limit = 2};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_entry entry;
	enum lk_err err = dir_policy_need(dir);

	if (err != LK_OK)
		return err;
	dir_shape_attributes(dir->settings, attributes);
	err = search(dir, &ask, filter, &answer);
	if (err != LK_OK)
		return err;
	entry = dir_entry_first(dir, &answer);
	if (dir_entry_count(&answer) > 1 || answer.code == LDAP_SIZELIMIT_EXCEEDED) {
		lk_why_add(dir->call->why, "more than one entry fits");
		return LK_E_PERSON_NOT_FOUND;
	}
	if (entry.message == NULL) {
		lk_why_add(dir->call->why, "no entry fits");
		return LK_E_PERSON_NOT_FOUND;
	}
	return dir_shape_read(dir, &entry, out);
}

/* With the groups; for nobody the decoy's are looked for, so that the work is the same. */
static enum lk_err
one_find_whole(struct dir *dir, const struct lk_buf *filter, struct dir_person *out)
{
	struct dir_person person = {.dn = lk_str_c(dir->settings->decoy_dn),
				    .username = LK_STR("nobody")};
	enum lk_err found = one_find(dir, filter, &person), err;

	if (found != LK_OK && found != LK_E_PERSON_NOT_FOUND)
		return found;
	err = groups_find(dir, &person);
	if (err == LK_OK && found == LK_OK)
		*out = person;
	return err != LK_OK ? err : found;
}

enum lk_err
dir_person_find(struct dir *dir, struct lk_str name, struct dir_person *out)
{
	LK_AUTO_BUF filter;

	lk_buf_init(&filter, FILTER_MAX_BYTES);
	if (name.len == 0)
		return LK_E_PERSON_NOT_FOUND;
	lk_buf_add_c(&filter, "(|");
	add_match(&filter, dir->settings->name_attribute, name, "");
	add_match(&filter, dir->settings->mail_attribute, name, "");
	lk_buf_add_c(&filter, ")");
	return one_find_whole(dir, &filter, out);
}

enum lk_err
dir_person_get(struct dir *dir, struct lk_str id, struct dir_person *out)
{
	LK_AUTO_BUF filter;

	lk_buf_init(&filter, FILTER_MAX_BYTES);
	if (!dir_shape_is_id(id)) {
		lk_why_add(dir->call->why, "that is no id");
		return LK_E_PERSON_NOT_FOUND;
	}
	add_match(&filter, "entryUUID", id, "");
	return one_find_whole(dir, &filter, out);
}

static enum lk_err
people_read(struct dir *dir, const struct dir_answer *answer, struct dir_person *people,
	    size_t *out_count)
{
	struct dir_entry entry = dir_entry_first(dir, answer);
	size_t count = 0;
	enum lk_err err;

	for (; entry.message != NULL; entry = dir_entry_next(&entry)) {
		err = dir_shape_read(dir, &entry, &people[count]);
		if (err == LK_E_MEMORY)
			return err;
		count += err == LK_OK ? 1 : 0;
	}
	*out_count = count;
	return LK_OK;
}

enum lk_err
dir_people_find(struct dir *dir, struct lk_str text, size_t max, struct dir_person **out,
		size_t *out_count)
{
	const char *begins[] = {dir->settings->name_attribute, dir->settings->mail_attribute, "cn",
				"sn", "givenName"};
	const char *attributes[DIR_SHAPE_ATTRIBUTES_MAX];
	struct dir_ask ask = {.dn = dir->settings->people_base, .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_person *people;
	LK_AUTO_BUF filter;
	enum lk_err err;
	size_t i;

	lk_buf_init(&filter, FILTER_MAX_BYTES);
	ask.size_limit = (int)(max < PEOPLE_MAX ? max : PEOPLE_MAX);
	people = lk_arena_alloc(dir->call->arena, (size_t)(ask.size_limit + 1) * sizeof *people);
	if (people == NULL)
		return LK_E_MEMORY;
	*out = people;
	*out_count = 0;
	if (text.len < TEXT_LEAST_BYTES || ask.size_limit == 0)
		return LK_OK;
	lk_buf_add_c(&filter, "(|");
	for (i = 0; i < sizeof begins / sizeof begins[0]; i++)
		add_match(&filter, begins[i], text, "*");
	lk_buf_add_c(&filter, ")");
	dir_shape_attributes(dir->settings, attributes);
	err = dir_policy_need(dir);
	if (err == LK_OK)
		err = search(dir, &ask, &filter, &answer);
	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_OK;
	return err != LK_OK ? err : people_read(dir, &answer, people, out_count);
}
