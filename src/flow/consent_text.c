/* SPDX-License-Identifier: MIT */
#include "flow/consent_text.h"

bool
consent_read(struct lk_str text, struct consent *out)
{
	struct consent consent = {.text = text};
	struct lk_str rest = text, at;
	uint64_t at_s;

	if (text.len > CONSENT_TEXT_MAX_BYTES || lk_str_find(text, '\0') < text.len ||
	    !lk_str_split(&rest, ' ', &consent.client_id) || !lk_str_split(&rest, ' ', &at) ||
	    consent.client_id.len == 0 || !lk_str_to_u64(at, &at_s) || at_s > INT64_MAX)
		return false;
	consent.at_s = (int64_t)at_s;
	consent.scope = rest;
	*out = consent;
	return true;
}

struct lk_str
consent_write(const struct consent *consent, struct lk_arena *arena)
{
	struct lk_str text = lk_arena_printf(
	    arena, "%.*s %llu %.*s", LK_STR_ARGS(consent->client_id),
	    (unsigned long long)consent->at_s, LK_STR_ARGS(consent->scope));

	return text.len <= CONSENT_TEXT_MAX_BYTES ? text : lk_str_n(NULL, 0);
}

bool
consent_find(const struct dir_factors *factors, struct lk_str client_id, struct consent *out)
{
	for (size_t i = 0; i < factors->allowed_count; i++) {
		struct consent consent;

		if (!consent_read(factors->allowed[i], &consent) ||
		    !lk_str_is_equal(consent.client_id, client_id))
			continue;
		*out = consent;
		return true;
	}
	return false;
}
