/* SPDX-License-Identifier: MIT */
#include "flow/scope.h"

bool
scope_next(struct lk_str *rest, struct lk_str *out_word)
{
	struct lk_str word;

	while (lk_str_split(rest, ' ', &word)) {
		if (word.len == 0)
			continue;
		*out_word = word;
		return true;
	}
	return false;
}

bool
scope_has(struct lk_str list, struct lk_str word)
{
	struct lk_str rest = list, one;

	while (scope_next(&rest, &one)) {
		if (lk_str_is_equal(one, word))
			return true;
	}
	return false;
}

bool
scope_has_c(struct lk_str list, const char *word)
{
	return scope_has(list, lk_str_c(word));
}

bool
scope_is_within(struct lk_str list, struct lk_str all)
{
	struct lk_str rest = list, one;

	while (scope_next(&rest, &one)) {
		if (!scope_has(all, one))
			return false;
	}
	return true;
}

static void
word_add(char *to, size_t *len, struct lk_str word)
{
	if (*len > 0)
		to[(*len)++] = ' ';
	memcpy(to + *len, word.ptr, word.len);
	*len += word.len;
}

struct lk_str
scope_shared(struct lk_str list, struct lk_str all, struct lk_arena *arena)
{
	struct lk_str rest = list, one;
	char *to = lk_arena_alloc(arena, list.len + 1);
	size_t len = 0;

	if (to == NULL)
		return lk_str_n(NULL, 0);
	while (scope_next(&rest, &one)) {
		if (scope_has(all, one) && !scope_has(lk_str_n(to, len), one))
			word_add(to, &len, one);
	}
	return lk_str_n(to, len);
}

struct lk_str
scope_with(struct lk_str list, struct lk_str word, struct lk_arena *arena)
{
	if (scope_has(list, word))
		return list;
	return lk_arena_printf(arena, "%.*s%s%.*s", LK_STR_ARGS(list), list.len == 0 ? "" : " ",
			       LK_STR_ARGS(word));
}
