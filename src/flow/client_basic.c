/* SPDX-License-Identifier: MIT */
#include "flow/client_basic.h"

#include "exchange/form.h"

#define BASIC_MAX_BYTES 1024u

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
	if (bytes == NULL)
		return false;
	len = crypto_base64_into(text, bytes, text.len);
	colon = lk_str_find(lk_str_n(bytes, len), ':');
	if (colon == len)
		return false;
	*out_id = form_decode(arena, lk_str_n(bytes, colon));
	*out_secret = form_decode(arena, lk_str_n(bytes + colon + 1, len - colon - 1));
	return out_id->ptr != NULL && out_secret->ptr != NULL;
}
