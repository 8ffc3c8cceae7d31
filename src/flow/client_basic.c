/* SPDX-License-Identifier: MIT */
#include "flow/client_basic.h"

#include "exchange/form.h"

#define BASIC_MAX_BYTES 1024u

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 s4, with its padding or without: what comes out goes through a check anyway. */
static bool
base64_read(struct lk_str text, char *out, size_t *out_len)
{
	uint32_t bits = 0;
	size_t len = 0, count = 0;

	while (text.len > 0 && text.ptr[text.len - 1] == '=')
		text.len--;
	for (; count < text.len; count++) {
		const char *at = text.ptr[count] == '\0' ? NULL : strchr(letters, text.ptr[count]);

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - letters);
		if (count % 4 != 0)
			out[len++] = (char)(bits >> (6 - 2 * (count % 4)));
	}
	*out_len = len;
	return count % 4 != 1;
}

bool
client_basic_read(struct lk_str header, struct lk_arena *arena, struct lk_str *out_id,
		  struct lk_str *out_secret)
{
	struct lk_str text = lk_str_trim(lk_str_from(header, 6));
	char *bytes;
	size_t len, colon;

	if (!lk_str_is_equal_nocase(lk_str_n(header.ptr, header.len < 6 ? header.len : 6),
				    LK_STR("basic ")) ||
	    text.len > BASIC_MAX_BYTES)
		return false;
	bytes = lk_arena_alloc(arena, text.len + 1);
	if (bytes == NULL || !base64_read(text, bytes, &len))
		return false;
	colon = lk_str_find(lk_str_n(bytes, len), ':');
	if (colon == len)
		return false;
	*out_id = form_decode(arena, lk_str_n(bytes, colon));
	*out_secret = form_decode(arena, lk_str_n(bytes + colon + 1, len - colon - 1));
	return out_id->ptr != NULL && out_secret->ptr != NULL;
}
