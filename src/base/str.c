/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
lk_str_is_equal_nocase(struct lk_str a, struct lk_str b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++) {
		if (a.ptr[i] != b.ptr[i] && lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

bool
lk_str_ends(struct lk_str s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && (len == 0 || memcmp(s.ptr + s.len - len, suffix, len) == 0);
}

size_t
lk_str_find(struct lk_str s, char c)
{
	const char *at = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);

	return at == NULL ? s.len : (size_t)(at - s.ptr);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
lk_str_is_plain(struct lk_str s)
{
	size_t i = 0;

	while (i < s.len && lk_byte_is_plain(s.ptr[i]))
		i++;
	return i == s.len;
}

struct lk_str
lk_str_trim(struct lk_str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = lk_str_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool
lk_str_split(struct lk_str *rest, char separator, struct lk_str *out_piece)
{
	size_t at;

	if (rest->ptr == NULL)
		return false;
	at = lk_str_find(*rest, separator);
	*out_piece = lk_str_n(rest->ptr, at);
	if (at == rest->len)
		*rest = (struct lk_str){NULL, 0};
	else
		*rest = lk_str_from(*rest, at + 1);
	return true;
}

bool
lk_str_to_u64(struct lk_str s, uint64_t *out_value)
{
	uint64_t value = 0;
	size_t i;

	if (s.len == 0)
		return false;
	for (i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out_value = value;
	return true;
}

struct lk_str
lk_str_of_u64(uint64_t value, char room[LK_U64_DIGITS])
{
	size_t at = LK_U64_DIGITS;

	do {
		room[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	return lk_str_n(room + at, LK_U64_DIGITS - at);
}

struct lk_str
lk_str_of_i64(int64_t value, char room[LK_I64_DIGITS])
{
	struct lk_str digits =
	    lk_str_of_u64(value < 0 ? -(uint64_t)value : (uint64_t)value, room + 1);

	if (value >= 0)
		return digits;
	room[LK_I64_DIGITS - digits.len - 1] = '-';
	return lk_str_n(digits.ptr - 1, digits.len + 1);
}
