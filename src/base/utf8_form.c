/* SPDX-License-Identifier: MIT */
#include "base/utf8_form.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/utf8.h"

static const struct lk_str nothing = {NULL, 0};

static bool
is_ascii(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/* Room three times as long is enough for NFC (UAX #15), and for all but odd signs when folding. */
static size_t
room_for(struct lk_str s)
{
	return s.len * 3 + 16;
}

/* What the library made: in the arena already, or in memory it took because the room was too small.
 */
static struct lk_str
keep(struct lk_arena *arena, uint8_t *made, size_t len, const uint8_t *room)
{
	struct lk_str out;

	if (made == NULL || made == room)
		return lk_str_n((const char *)made, made == NULL ? 0 : len);
	out = lk_arena_dup(arena, lk_str_n((const char *)made, len));
	explicit_bzero(made, len);
	free(made);
	return out;
}

struct lk_str
lk_utf8_compose(struct lk_arena *arena, struct lk_str s)
{
	size_t len = room_for(s);
	uint8_t *room, *made;

	if (is_ascii(s))
		return s;
	room = lk_utf8_check(s) ? lk_arena_alloc(arena, len) : NULL;
	if (room == NULL)
		return nothing;
	made = u8_normalize(UNINORM_NFC, (const uint8_t *)s.ptr, s.len, room, &len);
	return keep(arena, made, len, room);
}

/* Drops combining marks where they stand. Returns the new length. */
static size_t
marks_drop(uint8_t *bytes, size_t len)
{
	size_t from = 0, to = 0;
	ucs4_t point;
	size_t step;

	for (; from < len; from += step) {
		step = (size_t)u8_mbtouc(&point, bytes + from, len - from);
		if (uc_is_general_category(point, UC_CATEGORY_M))
			continue;
		memmove(bytes + to, bytes + from, step);
		to += step;
	}
	return to;
}

/* In place: blanks at both ends go, and all but one of several. */
static struct lk_str
squeeze(struct lk_str s)
{
	char *to = (char *)s.ptr;
	size_t i, len = 0;

	for (i = 0; i < s.len; i++) {
		if (to[i] == ' ' && (len == 0 || to[len - 1] == ' '))
			continue;
		to[len++] = to[i];
	}
	while (len > 0 && to[len - 1] == ' ')
		len--;
	return lk_str_n(to, len);
}

static struct lk_str
fold_ascii(struct lk_arena *arena, struct lk_str s)
{
	char *to = lk_arena_alloc(arena, s.len + 1);
	size_t i;

	if (to == NULL)
		return nothing;
	for (i = 0; i < s.len; i++)
		to[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] + 32) : s.ptr[i];
	return lk_str_n(to, s.len);
}

struct lk_str
lk_utf8_fold(struct lk_arena *arena, struct lk_str s)
{
	size_t len = room_for(s);
	uint8_t *room, *made;

	if (is_ascii(s))
		return fold_ascii(arena, s);
	room = lk_utf8_check(s) ? lk_arena_alloc(arena, len) : NULL;
	if (room == NULL)
		return nothing;
	made = u8_casefold((const uint8_t *)s.ptr, s.len, NULL, UNINORM_NFKD, room, &len);
	if (made != NULL)
		len = marks_drop(made, len);
	return keep(arena, made, len, room);
}

struct lk_str
lk_utf8_name(struct lk_arena *arena, struct lk_str s)
{
	size_t len = room_for(s);
	uint8_t *room, *made;

	if (is_ascii(s))
		return squeeze(fold_ascii(arena, s));
	room = lk_utf8_check(s) ? lk_arena_alloc(arena, len) : NULL;
	if (room == NULL)
		return nothing;
	made = u8_casefold((const uint8_t *)s.ptr, s.len, NULL, UNINORM_NFKC, room, &len);
	return squeeze(keep(arena, made, len, room));
}
