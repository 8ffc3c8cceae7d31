/* SPDX-License-Identifier: MIT */
#include "crypto/letters.h"

#include <string.h>

#include "crypto/token.h"

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
crypto_letters_make(char *out, size_t len)
{
	size_t i;

	/* 32 divides 256: each letter is as likely as any. */
	crypto_random(out, len);
	for (i = 0; i < len; i++)
		out[i] = letters[(unsigned char)out[i] % 32];
}

/* Bytes of the blank or dash s begins with; 0 when it is something else. */
static size_t
gap_len(struct lk_str s)
{
	/* no-break space, the dashes U+2010 to U+2015, minus */
	static const char *const wide[] = {"\xC2\xA0",	   "\xE2\x80\x90", "\xE2\x80\x91",
					   "\xE2\x80\x92", "\xE2\x80\x93", "\xE2\x80\x94",
					   "\xE2\x80\x95", "\xE2\x88\x92"};
	size_t i;

	if (s.ptr[0] != '\0' && strchr(" \t\r\n-", s.ptr[0]) != NULL)
		return 1;
	for (i = 0; i < sizeof wide / sizeof wide[0]; i++) {
		if (lk_str_starts(s, wide[i]))
			return strlen(wide[i]);
	}
	return 0;
}

/* The letter c stands for; 0 for none. */
static char
letter_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	if (c == 'U')
		return 'V';
	return c != '\0' && strchr(letters, c) != NULL ? c : '\0';
}

size_t
crypto_letters_read(struct lk_str typed, char *out, size_t room)
{
	size_t count = 0, gap;

	for (; typed.len > 0; typed = lk_str_from(typed, gap > 0 ? gap : 1)) {
		gap = gap_len(typed);
		if (gap > 0)
			continue;
		if (count == room || letter_of(typed.ptr[0]) == '\0')
			return room + 1;
		out[count++] = letter_of(typed.ptr[0]);
	}
	return count;
}
