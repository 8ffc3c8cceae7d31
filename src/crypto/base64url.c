/* SPDX-License-Identifier: MIT */
#include "crypto/base64url.h"

#include <stdbool.h>
#include <sodium.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

struct lk_str
crypto_base64url_make(struct lk_str bytes, struct lk_arena *arena)
{
	size_t room;
	char *text;

	if (bytes.len > SIZE_MAX / 2)
		return lk_str_n(NULL, 0);
	room = sodium_base64_encoded_len(bytes.len, VARIANT);
	text = lk_arena_alloc(arena, room);
	if (text == NULL)
		return lk_str_n(NULL, 0);
	sodium_bin2base64(text, room, (const unsigned char *)bytes.ptr, bytes.len, VARIANT);
	return lk_str_n(text, room - 1);
}

/* libsodium 1.0.18 takes some bytes above 127 for letters: they are refused before it sees them. */
static bool
is_ascii(struct lk_str text)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		all |= (unsigned char)text.ptr[i];
	return all < 0x80;
}

static bool
read_into(struct lk_str text, void *out, size_t room, size_t *out_len)
{
	return is_ascii(text) &&
	       sodium_base642bin(out, room, text.ptr, text.len, NULL, out_len, NULL, VARIANT) == 0;
}

size_t
crypto_base64url_into(struct lk_str text, void *out, size_t room)
{
	size_t len = 0;

	return read_into(text, out, room, &len) ? len : 0;
}

enum lk_err
crypto_base64url_read(struct lk_str text, struct lk_arena *arena, struct lk_str *out)
{
	size_t room = text.len / 4 * 3 + 3, len = 0;
	char *bytes = lk_arena_alloc(arena, room);

	if (bytes == NULL)
		return LK_E_MEMORY;
	if (!read_into(text, bytes, room, &len))
		return LK_E_FORMAT;
	*out = lk_str_n(bytes, len);
	return LK_OK;
}
