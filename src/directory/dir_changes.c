/* SPDX-License-Identifier: MIT */
#include "directory/dir_changes.h"

#include <string.h>

#include "directory/dir_shape.h"
#include "directory/dir_time.h"

#define FIRST_S 60
/* Changes of one moment may come to be seen in any order, from several masters with their own
 * clocks. */
#define AROUND_S 3
/* A clock that is further ahead must not hide what comes behind it. */
#define AHEAD_S 60
/* Replicas are not further behind, or else what they bring late is seen another way. */
#define BEHIND_S	 30
#define FILTER_MAX_BYTES 100u
#define SEEN_MAX	 (sizeof((struct dir_changes_mark *)NULL)->seen / sizeof(uint64_t))

bool
dir_csn_read(struct lk_str text, int64_t *out_s)
{
	size_t end = lk_str_find(text, '#');

	return end < text.len && dir_time_read(lk_str_n(text.ptr, end), out_s);
}

/* One look, until it is known to be whole. */
struct look {
	struct dir *dir;
	struct dir_changes_mark mark;
	struct lk_str *people;
	size_t count;
	bool has_groups, has_more;
	int64_t now_s;
};

/* FNV-1a: who makes two CSNs alike gains nothing they could not have by changing nothing. */
static uint64_t
digest_of(struct lk_str id, struct lk_str csn)
{
	uint64_t digest = 14695981039346656037u;

	for (size_t i = 0; i < id.len; i++)
		digest = (digest ^ (unsigned char)id.ptr[i]) * 1099511628211u;
	for (size_t i = 0; i < csn.len; i++)
		digest = (digest ^ (unsigned char)csn.ptr[i]) * 1099511628211u;
	return digest;
}

/* False: it was seen before. */
static bool
note(struct look *look, uint64_t digest)
{
	struct dir_changes_mark *mark = &look->mark;
	size_t held = mark->seen_count < SEEN_MAX ? mark->seen_count : SEEN_MAX;

	for (size_t i = 0; i < held; i++) {
		if (mark->seen[i] == digest)
			return false;
	}
	mark->seen[mark->seen_count++ % SEEN_MAX] = digest;
	return true;
}

static enum lk_err
entries_read(struct look *look, const struct dir_answer *answer, bool is_of_people)
{
	struct dir_entry entry = dir_entry_first(look->dir, answer);
	struct lk_str id, csn;
	int64_t at_s;

	for (; entry.message != NULL; entry = dir_entry_next(&entry)) {
		id = dir_entry_text(&entry, "entryUUID");
		csn = dir_entry_text(&entry, "entryCSN");
		if (entry.is_short)
			return LK_E_MEMORY;
		if (!dir_csn_read(csn, &at_s) || !dir_shape_is_id(id) ||
		    !note(look, digest_of(id, csn)))
			continue;
		if (at_s > look->mark.at_s && at_s <= look->now_s + AHEAD_S)
			look->mark.at_s = at_s;
		look->has_groups = look->has_groups || !is_of_people;
		if (is_of_people && look->count < DIR_CHANGES_MAX)
			look->people[look->count++] = id;
	}
	return entry.is_short ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
base_look(struct look *look, const char *base, int64_t from_s, bool is_of_people)
{
	static const char *const attributes[] = {"entryUUID", "entryCSN", NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = base,
			      .scope = LDAP_SCOPE_SUBTREE,
			      .attributes = attributes,
			      .size_limit = (int)DIR_CHANGES_MAX};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	char from[DIR_TIME_BYTES];
	enum lk_err err;
	LK_AUTO_BUF filter;

	lk_buf_init(&filter, FILTER_MAX_BYTES);
	dir_time_write(from_s, from);
	lk_buf_printf(&filter, "(entryCSN>=%.14s.000000Z#000000#000#000000)", from);
	ask.filter = filter.bytes;
	if (!lk_buf_is_ok(&filter))
		return LK_E_MEMORY;
	err = dir_ask(look->dir, &ask, &answer);
	if (err == LK_OK)
		err = dir_answer_search_err(look->dir, &answer);
	if (err != LK_OK)
		return err;
	look->has_more = look->has_more || answer.code == LDAP_SIZELIMIT_EXCEEDED;
	return entries_read(look, &answer, is_of_people);
}

enum lk_err
dir_changes_find(struct dir *dir, struct dir_changes_mark *mark, struct dir_changes *out)
{
	int64_t now_s = lk_clock_wall_s(dir->call->clock);
	struct look look = {.dir = dir, .mark = *mark, .now_s = now_s};
	const char *groups = dir->settings->groups_base;
	int64_t from_s = mark->at_s == 0 ? now_s - FIRST_S : mark->at_s - AROUND_S;
	enum lk_err err;

	look.people = lk_arena_alloc(dir->call->arena, DIR_CHANGES_MAX * sizeof *look.people);
	if (look.people == NULL)
		return LK_E_MEMORY;
	if (look.mark.at_s < now_s - BEHIND_S)
		look.mark.at_s = now_s - BEHIND_S;
	err = base_look(&look, dir->settings->people_base, from_s, true);
	if (err == LK_OK && lk_str_c(groups).len > 0)
		err = base_look(&look, groups, from_s, false);
	if (err != LK_OK)
		return err;
	*mark = look.mark;
	*out = (struct dir_changes){look.people, look.count, look.has_groups, look.has_more};
	return LK_OK;
}
