/* SPDX-License-Identifier: MIT */
#include "policy/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#define CORE_BEFORE_MAX 4u
#define CORE_BEHIND_MAX 6u

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

static struct lk_str
fold_ascii(struct lk_arena *arena, struct lk_str text)
{
	char *to = lk_arena_alloc(arena, text.len + 1);
	size_t i;

	if (to == NULL)
		return (struct lk_str){NULL, 0};
	for (i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		to[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return lk_str_n(to, text.len);
}

/* Drops combining marks where they stand. Returns the new length. */
static size_t
marks_drop(uint8_t *bytes, size_t len)
{
	size_t from = 0, to = 0;
	ucs4_t point;
	int step;

	while (from < len) {
		step = u8_mbtouc(&point, bytes + from, len - from);
		if (!uc_is_general_category(point, UC_CATEGORY_M)) {
			memmove(bytes + to, bytes + from, (size_t)step);
			to += (size_t)step;
		}
		from += (size_t)step;
	}
	return to;
}

static struct lk_str
fold_unicode(struct lk_arena *arena, struct lk_str text)
{
	/* Decomposed and folded text is seldom three times as long; where it is, the library takes
	 * memory of its own. */
	size_t len = text.len * 3 + 16;
	uint8_t *room = lk_arena_alloc(arena, len), *folded;
	struct lk_str out;

	if (room == NULL)
		return (struct lk_str){NULL, 0};
	folded = u8_casefold((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFKD, room, &len);
	if (folded == NULL)
		return (struct lk_str){NULL, 0};
	out = lk_str_n((const char *)folded, marks_drop(folded, len));
	if (folded == room)
		return out;
	out = lk_arena_dup(arena, out);
	explicit_bzero(folded, len);
	free(folded);
	return out;
}

struct lk_str
policy_fold(struct lk_arena *arena, struct lk_str text)
{
	if (is_ascii(text))
		return fold_ascii(arena, text);
	if (u8_check((const uint8_t *)text.ptr, text.len) != NULL)
		return (struct lk_str){NULL, 0};
	return fold_unicode(arena, text);
}

struct lk_str
policy_unmask(struct lk_arena *arena, struct lk_str folded)
{
	static const char masks[] = "@431!|l05$7+8962", letters[] = "aaeiiiiossttbggz";
	char *to = lk_arena_alloc(arena, folded.len + 1);
	size_t i;

	_Static_assert(sizeof masks == sizeof letters, "a letter for each mask");
	if (to == NULL)
		return (struct lk_str){NULL, 0};
	for (i = 0; i < folded.len; i++) {
		const char *mask = memchr(masks, folded.ptr[i], sizeof masks - 1);

		to[i] = mask == NULL ? folded.ptr[i] : letters[mask - masks];
	}
	return lk_str_n(to, folded.len);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

struct lk_str
policy_core(struct lk_str folded)
{
	struct lk_str core = folded;
	unsigned i;

	for (i = 0; i < CORE_BEFORE_MAX && core.len > 0 && !is_letter(core.ptr[0]); i++)
		core = lk_str_from(core, 1);
	for (i = 0; i < CORE_BEHIND_MAX && core.len > 0 && !is_letter(core.ptr[core.len - 1]); i++)
		core.len--;
	return core;
}

/* "dragondragon" → "dragon"; the shortest word that makes it; itself when it is no repetition. */
static struct lk_str
repeated(struct lk_str s)
{
	size_t len;

	for (len = 1; len <= s.len / 2; len++) {
		if (s.len % len == 0 && memcmp(s.ptr, s.ptr + len, s.len - len) == 0)
			return lk_str_n(s.ptr, len);
	}
	return s;
}

/* Unmasked and once. */
static size_t
form_add(struct lk_arena *arena, struct lk_str form, struct lk_str *forms, size_t count)
{
	struct lk_str unmasked = policy_unmask(arena, form);
	size_t i;

	if (unmasked.len < POLICY_FORM_LEAST_BYTES)
		return count;
	for (i = 0; i < count; i++) {
		if (lk_str_is_equal(forms[i], unmasked))
			return count;
	}
	forms[count] = unmasked;
	return count + 1;
}

size_t
policy_forms(struct lk_arena *arena, struct lk_str text, struct lk_str forms[POLICY_FORMS_MAX])
{
	struct lk_str folded = policy_fold(arena, text), core = policy_core(folded);
	size_t count = 0;

	count = form_add(arena, folded, forms, count);
	count = form_add(arena, core, forms, count);
	count = form_add(arena, repeated(folded), forms, count);
	count = form_add(arena, policy_core(repeated(folded)), forms, count);
	count = form_add(arena, repeated(core), forms, count);
	return form_add(arena, policy_core(repeated(core)), forms, count);
}
