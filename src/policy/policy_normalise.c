/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

#include "base/secret_bytes.h"
#include "base/utf8.h"
#include "policy/password.h"

/* Every byte a character of text? *out_is_ascii: then NFC changes nothing. */
static bool
is_text(struct lk_str rest, bool *out_is_ascii)
{
	uint32_t point;
	size_t len;

	*out_is_ascii = true;
	for (; rest.len > 0; rest = lk_str_from(rest, len)) {
		len = lk_utf8_next(rest, &point);
		if (len == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
		if (len > 1)
			*out_is_ascii = false;
	}
	return true;
}

static enum lk_err
compose(struct lk_arena *arena, struct lk_str typed, const struct lk_secret **out)
{
	/* NFC is at most three times as long in UTF-8 (UAX #15); with room given, nothing is copied
	 * to memory that is not wiped. */
	size_t len = typed.len * 3 + 16;
	uint8_t *room = lk_arena_alloc(arena, len), *composed;

	if (room == NULL)
		return LK_E_MEMORY;
	composed = u8_normalize(UNINORM_NFC, (const uint8_t *)typed.ptr, typed.len, room, &len);
	if (composed == NULL)
		return LK_E_MEMORY;
	*out = lk_secret_make(arena, lk_str_n((const char *)composed, len));
	explicit_bzero(composed, len);
	if (composed != room)
		free(composed);
	return *out == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
policy_password_normalise(struct lk_arena *arena, const struct lk_secret *typed,
			  const struct lk_secret **out)
{
	const struct lk_secret *composed = NULL;
	bool is_ascii;
	enum lk_err err;

	if (!is_text(lk_secret_bytes(typed), &is_ascii))
		return LK_E_PASSWORD_TEXT;
	if (is_ascii) {
		*out = typed;
		return LK_OK;
	}
	err = compose(arena, lk_secret_bytes(typed), &composed);
	if (err == LK_OK)
		*out = composed;
	return err;
}
