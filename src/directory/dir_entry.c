/* SPDX-License-Identifier: MIT */
#include "directory/dir_entry.h"
#include "directory/dir_time.h"

struct dir_entry
dir_entry_first(struct dir *dir, const struct dir_answer *answer)
{
	LDAPMessage *first =
	    answer->messages == NULL ? NULL : ldap_first_entry(answer->ld, answer->messages);

	return (struct dir_entry){answer->ld, first, dir->call->arena, false};
}

struct dir_entry
dir_entry_next(const struct dir_entry *entry)
{
	struct dir_entry next = *entry;

	next.message = ldap_next_entry(entry->ld, entry->message);
	return next;
}

size_t
dir_entry_count(const struct dir_answer *answer)
{
	int count = ldap_count_entries(answer->ld, answer->messages);

	return count < 0 ? 0 : (size_t)count;
}

static struct lk_str
keep(struct dir_entry *entry, struct lk_str s)
{
	struct lk_str copy = lk_arena_dup(entry->arena, s);

	entry->is_short = entry->is_short || copy.ptr == NULL;
	return copy;
}

struct lk_str
dir_entry_dn(struct dir_entry *entry)
{
	char *dn = ldap_get_dn(entry->ld, entry->message);
	struct lk_str copy = keep(entry, lk_str_c(dn));

	entry->is_short = entry->is_short || dn == NULL;
	ldap_memfree(dn);
	return copy;
}

const struct lk_str *
dir_entry_texts(struct dir_entry *entry, const char *attribute, size_t *out_count)
{
	struct berval **values = ldap_get_values_len(entry->ld, entry->message, attribute);
	size_t count = values == NULL ? 0 : (size_t)ldap_count_values_len(values), i;
	struct lk_str *texts =
	    count == 0 ? NULL : lk_arena_alloc(entry->arena, count * sizeof *texts);

	*out_count = 0;
	if (count > 0 && texts == NULL)
		entry->is_short = true;
	for (i = 0; texts != NULL && i < count; i++)
		texts[i] = keep(entry, lk_str_n(values[i]->bv_val, values[i]->bv_len));
	ldap_value_free_len(values);
	if (texts != NULL)
		*out_count = count;
	return texts;
}

struct lk_str
dir_entry_text(struct dir_entry *entry, const char *attribute)
{
	size_t count;
	const struct lk_str *texts = dir_entry_texts(entry, attribute, &count);

	return count == 0 ? (struct lk_str){NULL, 0} : texts[0];
}

int64_t
dir_entry_number(struct dir_entry *entry, const char *attribute)
{
	uint64_t value;

	if (!lk_str_to_u64(dir_entry_text(entry, attribute), &value) || value > INT32_MAX)
		return 0;
	return (int64_t)value;
}

int64_t
dir_entry_time(struct dir_entry *entry, const char *attribute)
{
	int64_t at_s;

	return dir_time_read(dir_entry_text(entry, attribute), &at_s) ? at_s : 0;
}

bool
dir_entry_is_true(struct dir_entry *entry, const char *attribute)
{
	return lk_str_is_equal_nocase(dir_entry_text(entry, attribute), LK_STR("TRUE"));
}
