/* SPDX-License-Identifier: MIT */
/* Apart from json.c, so that who only writes JSON links no library. */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

struct piece {
	char bytes[8];
	size_t len;
};

static bool
needs_number(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x2028 ||
	       point == 0x2029;
}

static void
piece_set(struct piece *piece, const char *bytes, size_t len)
{
	memcpy(piece->bytes, bytes, len);
	piece->len = len;
}

/* What the first character of s becomes; returns how long it is in s. */
static size_t
piece_make(struct lk_str s, struct piece *piece)
{
	uint32_t point = 0;
	size_t len = lk_utf8_next(s, &point);

	if (len == 0 || point == 0) {
		piece_set(piece, LK_UTF8_REPLACEMENT, 3);
		return 1;
	}
	if (point == '"' || point == '\\') {
		piece->bytes[0] = '\\';
		piece->bytes[1] = (char)point;
		piece->len = 2;
	} else if (needs_number(point)) {
		piece->len = (size_t)snprintf(piece->bytes, sizeof piece->bytes, "\\u%04x",
					      (unsigned)(point & 0xFFFF));
	} else {
		piece_set(piece, s.ptr, len);
	}
	return len;
}

/* A byte in each of eight. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Its highest bits: of bytes, all below 0x80, at least one is 0. */
static uint64_t
zeros(uint64_t eight)
{
	return eight - EIGHT(1);
}

/* The same as lk_byte_is_plain of each. */
static bool
are_plain(const char *bytes)
{
	uint64_t eight;

	memcpy(&eight, bytes, sizeof eight);
	return ((eight | (eight - EIGHT(' ')) | zeros(eight ^ EIGHT('"')) |
		 zeros(eight ^ EIGHT('\\')) | zeros(eight ^ EIGHT(0x7f))) &
		EIGHT(0x80)) == 0;
}

/* How many bytes s begins with that stand for themselves; no more than most. */
static size_t
plain_len(struct lk_str s, size_t most)
{
	size_t len = 0, end = s.len < most ? s.len : most;

	while (end - len >= 8 && are_plain(s.ptr + len))
		len += 8;
	/* What is left, with some of what came before. */
	if (len > 0 && len < end && end - len < 8 && are_plain(s.ptr + end - 8))
		return end;
	while (len < end && lk_byte_is_plain(s.ptr[len]))
		len++;
	return len;
}

size_t
lk_json_escape(struct lk_str s, char *out, size_t room, size_t *out_used)
{
	size_t written = 0, used = 0, len;

	while (used < s.len) {
		struct piece piece;

		len = plain_len(lk_str_from(s, used), room - written);
		memcpy(out + written, s.ptr + used, len);
		written += len;
		used += len;
		if (used == s.len)
			break;
		len = piece_make(lk_str_from(s, used), &piece);

		if (piece.len > room - written)
			break;
		memcpy(out + written, piece.bytes, piece.len);
		written += piece.len;
		used += len;
	}
	*out_used = used;
	return written;
}

void
lk_json_quote(struct lk_buf *out, struct lk_str s)
{
	char chunk[256];
	size_t len, used = plain_len(s, s.len);
	char *at = lk_buf_begin(out, used + 2);

	if (at == NULL)
		return;
	*at++ = '"';
	if (used > 0)
		memcpy(at, s.ptr, used);
	at += used;
	if (used == s.len)
		*at++ = '"';
	lk_buf_end(out, at);
	if (used == s.len)
		return;
	for (s = lk_str_from(s, used); s.len > 0; s = lk_str_from(s, used)) {
		len = lk_json_escape(s, chunk, sizeof chunk, &used);
		lk_buf_add(out, chunk, len);
	}
	lk_buf_add_byte(out, '"');
}
