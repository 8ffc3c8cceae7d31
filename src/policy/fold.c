/* SPDX-License-Identifier: MIT */
#include "policy/fold.h"

#include <string.h>

#include "base/utf8_form.h"

#define CORE_BEFORE_MAX 4u
#define CORE_BEHIND_MAX 6u

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

/* The one word of a repetition, and its core. */
static size_t
repeated_add(struct lk_arena *arena, struct lk_str s, struct lk_str *forms, size_t count)
{
	struct lk_str word = repeated(s);

	if (word.len == s.len)
		return count;
	count = form_add(arena, word, forms, count);
	return form_add(arena, policy_core(word), forms, count);
}

size_t
policy_forms(struct lk_arena *arena, struct lk_str text, struct lk_str forms[POLICY_FORMS_MAX])
{
	struct lk_str folded = lk_utf8_fold(arena, text), core = policy_core(folded);
	size_t count = 0;

	count = form_add(arena, folded, forms, count);
	count = form_add(arena, core, forms, count);
	count = repeated_add(arena, folded, forms, count);
	return repeated_add(arena, core, forms, count);
}
