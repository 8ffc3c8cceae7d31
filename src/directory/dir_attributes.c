/* SPDX-License-Identifier: MIT */
#include "directory/dir_attributes.h"

#include "directory/dir_entry.h"
#include "directory/dir_shape.h"

/* Which values are taken; those too long are left where they are. */
static enum lk_err
values_keep(struct lk_arena *arena, struct berval **from, struct dir_attribute *out)
{
	struct lk_str *values = lk_arena_alloc(arena, DIR_ATTRIBUTE_VALUES_MAX * sizeof *values);
	size_t i;

	if (values == NULL)
		return LK_E_MEMORY;
	for (i = 0; from[i] != NULL && out->count < DIR_ATTRIBUTE_VALUES_MAX; i++) {
		struct lk_str value = lk_str_n(from[i]->bv_val, from[i]->bv_len);

		if (value.len > DIR_ATTRIBUTE_VALUE_BYTES) {
			out->is_cut = true;
			continue;
		}
		values[out->count] = lk_arena_dup(arena, value);
		if (values[out->count++].ptr == NULL)
			return LK_E_MEMORY;
	}
	out->is_cut = out->is_cut || from[i] != NULL;
	out->values = values;
	return LK_OK;
}

static enum lk_err
attribute_read(struct dir *dir, const struct dir_entry *entry, const char *name,
	       struct dir_attribute *out)
{
	struct berval **values = ldap_get_values_len(entry->ld, entry->message, name);
	struct dir_attribute read = {.count = 0};
	enum lk_err err = values == NULL ? LK_OK : values_keep(dir->call->arena, values, &read);

	ldap_value_free_len(values);
	if (err == LK_OK)
		*out = read;
	return err;
}

/* Is it still this person's? The filter says so; a server could say anything. */
static bool
is_of(struct dir_entry *entry, const struct dir_person *person)
{
	return lk_str_is_equal_nocase(dir_entry_text(entry, "entryUUID"), person->id);
}

static enum lk_err
entry_get(struct dir *dir, const struct dir_person *person, struct dir_ask *ask,
	  struct dir_answer *out)
{
	struct lk_str filter =
	    lk_arena_printf(dir->call->arena, "(entryUUID=%.*s)", LK_STR_ARGS(person->id));
	enum lk_err err;

	ask->dn = lk_arena_c(dir->call->arena, person->dn);
	ask->filter = filter.ptr;
	if (ask->dn == NULL || ask->filter == NULL)
		return LK_E_MEMORY;
	err = dir_ask(dir, ask, out);
	return err != LK_OK ? err : dir_answer_search_err(dir, out);
}

/* asked: those of names that are askable, NULL at the end, entryUUID first. */
static size_t
asked_make(const char *const names[], size_t count, const char **asked)
{
	size_t room = 0, i;

	asked[room++] = "entryUUID";
	for (i = 0; i < count; i++) {
		if (dir_attribute_is_askable(lk_str_c(names[i])))
			asked[room++] = names[i];
	}
	asked[room] = NULL;
	return room - 1;
}

enum lk_err
dir_attributes_get(struct dir *dir, const struct dir_person *person, const char *const names[],
		   size_t count, struct dir_attribute *out)
{
	const char *asked[DIR_ATTRIBUTES_MAX + 2];
	struct dir_ask ask = {
	    .kind = DIR_ASK_SEARCH, .scope = LDAP_SCOPE_BASE, .attributes = asked, .size_limit = 1};
	struct dir_attribute read[DIR_ATTRIBUTES_MAX] = {{.count = 0}};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_entry entry = {.message = NULL};
	enum lk_err err = LK_OK;
	size_t i;

	if (count > DIR_ATTRIBUTES_MAX || !dir_shape_is_id(person->id))
		return LK_E_BROKEN;
	if (asked_make(names, count, asked) > 0) {
		err = entry_get(dir, person, &ask, &answer);
		if (err != LK_OK)
			return err;
		entry = dir_entry_first(dir, &answer);
		if (entry.message == NULL || !is_of(&entry, person))
			return LK_E_PERSON_NOT_FOUND;
	}
	for (i = 0; err == LK_OK && entry.message != NULL && i < count; i++) {
		if (dir_attribute_is_askable(lk_str_c(names[i])))
			err = attribute_read(dir, &entry, names[i], &read[i]);
	}
	if (err == LK_OK)
		memcpy(out, read, count * sizeof *out);
	return err;
}
