/* SPDX-License-Identifier: MIT */
#include "crypto/base64url.h"

#include <stdbool.h>
#include <sodium.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* One line of the processor's memory: which letter is read tells nothing to who watches lines. */
static _Alignas(64) const char letters[64] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P',
    'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '_'};

size_t
crypto_base64url_write(const uint8_t *bytes, size_t len, char *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i, count = 0;

	for (i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 6; have -= 6)
			out[count++] = letters[bits >> (have - 6) & 63];
	}
	if (have > 0)
		out[count++] = letters[bits << (6 - have) & 63];
	out[count] = '\0';
	return count;
}

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
	return lk_str_n(text, crypto_base64url_write((const uint8_t *)bytes.ptr, bytes.len, text));
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
