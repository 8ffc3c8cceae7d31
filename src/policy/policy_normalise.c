/* SPDX-License-Identifier: MIT */
#include "base/secret_bytes.h"
#include "base/utf8.h"
#include "base/utf8_form.h"
#include "policy/password.h"

/* Every byte part of a character, and none a control character? */
static bool
is_text(struct lk_str rest)
{
	uint32_t point;
	size_t len;

	for (; rest.len > 0; rest = lk_str_from(rest, len)) {
		len = lk_utf8_next(rest, &point);
		if (len == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
	}
	return true;
}

enum lk_err
policy_password_normalise(struct lk_arena *arena, const struct lk_secret *typed,
			  const struct lk_secret **out)
{
	struct lk_str text = lk_secret_bytes(typed), composed;
	const struct lk_secret *secret;

	if (!is_text(text))
		return LK_E_PASSWORD_TEXT;
	composed = lk_utf8_compose(arena, text);
	if (composed.ptr == NULL)
		return LK_E_MEMORY;
	secret = composed.ptr == text.ptr ? typed : lk_secret_make(arena, composed);
	if (secret == NULL)
		return LK_E_MEMORY;
	*out = secret;
	return LK_OK;
}
