/* SPDX-License-Identifier: MIT */
/*
 * Inside src/directory only: how a directory writes a person down, and what it means. OpenLDAP's
 * names; the place for those of others.
 */
#ifndef LK_DIRECTORY_DIR_SHAPE_H
#define LK_DIRECTORY_DIR_SHAPE_H

#include "directory/dir_entry.h"
#include "directory/dir_person.h"
#include "directory/dir_policy.h"

/* The names of the attributes dir_shape_read needs, NULL at the end. */
#define DIR_SHAPE_ATTRIBUTES_MAX 24u
void
dir_shape_attributes(const struct dir_settings *settings,
		     const char *out[DIR_SHAPE_ATTRIBUTES_MAX]);

/*
 * Fills a person but for the groups. The policies must have been needed before.
 * Returns: LK_OK · LK_E_PERSON_NOT_FOUND an entry without an id or a name (why says) · LK_E_MEMORY
 */
enum lk_err
dir_shape_read(struct dir *dir, struct dir_entry *entry, struct dir_person *out) LK_MUST_CHECK;

/* What the entry's own marks say, as the directory writes them; nothing where it is silent. Pure.
 */
struct dir_marks {
	struct lk_str locked_time; /* pwdAccountLockedTime */
	struct lk_str start_time, end_time;
	struct lk_str changed_time;
	bool must_change;
};
/* Fills state and times of a person. policy NULL: none is known. Pure. */
void
dir_shape_state(const struct dir_marks *marks, const struct dir_policy *policy, int64_t now_s,
		struct dir_person *person);
/* "cy", "en" or nothing from preferredLanguage ("cy-GB", "en;q=0.8"). Pure. */
struct lk_str
dir_shape_language(struct lk_str preferred);
/* Is it a UUID, 36 characters? Pure. */
bool
dir_shape_is_id(struct lk_str text);

#endif
