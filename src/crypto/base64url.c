/* SPDX-License-Identifier: MIT */
#include "crypto/base64url.h"

#include <stdbool.h>

/* One line of the processor's memory: which letter is read tells nothing to who watches lines. */
static _Alignas(64) const char letters[64] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P',
    'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '_'};

static char
letter(uint32_t bits, unsigned at)
{
	return letters[bits >> at & 63];
}

size_t
crypto_base64url_write(const uint8_t *bytes, size_t len, char *out)
{
	const uint8_t *end = bytes + len - len % 3;
	char *at = out;

	for (; bytes != end; bytes += 3, at += 4) {
		uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];

		at[0] = letter(bits, 18);
		at[1] = letter(bits, 12);
		at[2] = letter(bits, 6);
		at[3] = letter(bits, 0);
	}
	if (len % 3 > 0) {
		uint32_t bits = (uint32_t)end[0] << 16;

		if (len % 3 == 2)
			bits |= (uint32_t)end[1] << 8;
		*at++ = letter(bits, 18);
		*at++ = letter(bits, 12);
		if (len % 3 == 2)
			*at++ = letter(bits, 6);
	}
	*at = '\0';
	return (size_t)(at - out);
}

struct lk_str
crypto_base64url_make(struct lk_str bytes, struct lk_arena *arena)
{
	size_t room;
	char *text;

	if (bytes.len > SIZE_MAX / 2)
		return lk_str_n(NULL, 0);
	room = bytes.len * 4 / 3 + 2;
	text = lk_arena_alloc(arena, room);
	if (text == NULL)
		return lk_str_n(NULL, 0);
	return lk_str_n(text, crypto_base64url_write((const uint8_t *)bytes.ptr, bytes.len, text));
}

#define NO_LETTER 0x80u
#define LETTERS	  16u /* read at a time, so that the compiler can make it one step */

/* base and how far c is from first, for count letters; 0 for others. */
static inline uint8_t
span(uint8_t c, uint8_t first, uint8_t count, uint8_t base)
{
	uint8_t at = (uint8_t)(c - first);

	return (uint8_t)(-(at < count) & (NO_LETTER | (base + at)));
}

/*
 * What letters stand for, or NO_LETTER. Without a branch or a table that what is read could choose:
 * how long it takes tells nothing of a secret. The sixty-third and sixty-fourth letter are '-' and
 * '_', or '+' and '/'.
 */
static void
letters_read(const uint8_t text[LETTERS], const char last_two[2], uint8_t out[LETTERS])
{
	for (size_t i = 0; i < LETTERS; i++)
		out[i] = NO_LETTER ^
			 (span(text[i], 'A', 26, 0) | span(text[i], 'a', 26, 26) |
			  span(text[i], '0', 10, 52) | span(text[i], (uint8_t)last_two[0], 1, 62) |
			  span(text[i], (uint8_t)last_two[1], 1, 63));
}

/* Three bytes of four letters; *bad gathers what is no letter. */
static void
four_write(const uint8_t four[4], uint8_t out[3], uint8_t *bad)
{
	*bad |= four[0] | four[1] | four[2] | four[3];
	out[0] = (uint8_t)(four[0] << 2 | four[1] >> 4);
	out[1] = (uint8_t)(four[1] << 4 | four[2] >> 2);
	out[2] = (uint8_t)(four[2] << 6 | four[3]);
}

/* There is one way only to write bytes: no single letter left over, no bits that mean nothing. */
static bool
read_into(struct lk_str text, const char last_two[2], uint8_t *out, size_t room, size_t *out_len)
{
	size_t len = text.len / 4 * 3 + text.len % 4 * 3 / 4, at = 0, i;
	uint8_t bad = 0, spare = 0;

	if (text.len % 4 == 1 || len > room)
		return false;
	while (text.len > 0) {
		uint8_t some[LETTERS], values[LETTERS], bytes[LETTERS / 4 * 3];
		size_t count = text.len < LETTERS ? text.len : LETTERS;
		size_t written = len - at < sizeof bytes ? len - at : sizeof bytes;

		memset(some, 'A', sizeof some);
		memcpy(some, text.ptr, count);
		letters_read(some, last_two, values);
		for (i = 0; i < LETTERS / 4; i++)
			four_write(values + 4 * i, bytes + 3 * i, &bad);
		memcpy(out + at, bytes, written);
		for (i = written; i < sizeof bytes; i++)
			spare |= bytes[i];
		at += written;
		text = lk_str_from(text, count);
	}
	*out_len = len;
	return (bad & NO_LETTER) == 0 && spare == 0;
}

size_t
crypto_base64url_into(struct lk_str text, void *out, size_t room)
{
	size_t len = 0;

	return read_into(text, "-_", out, room, &len) ? len : 0;
}

size_t
crypto_base64_into(struct lk_str text, void *out, size_t room)
{
	size_t len = 0;

	while (text.len > 0 && text.ptr[text.len - 1] == '=')
		text.len--;
	return read_into(text, "+/", out, room, &len) ? len : 0;
}

enum lk_err
crypto_base64url_read(struct lk_str text, struct lk_arena *arena, struct lk_str *out)
{
	size_t room = text.len / 4 * 3 + 3, len = 0;
	char *bytes = lk_arena_alloc(arena, room);

	if (bytes == NULL)
		return LK_E_MEMORY;
	if (!read_into(text, "-_", (uint8_t *)bytes, room, &len))
		return LK_E_FORMAT;
	*out = lk_str_n(bytes, len);
	return LK_OK;
}
