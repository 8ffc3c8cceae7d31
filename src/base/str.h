/* SPDX-License-Identifier: MIT */
/*
 * Text as a pointer and a length. No NUL is needed or trusted: a byte 0 inside is a byte like any
 * other.
 */
#ifndef LK_BASE_STR_H
#define LK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Borrowed: valid until what it points into goes. {NULL, 0} is "nothing", which also reads as
 * empty.
 */
struct lk_str {
	const char *ptr;
	size_t len;
};

/* For printf: printf("%.*s", LK_STR_ARGS(s)). */
#define LK_STR_ARGS(s) (int)(s).len, (s).ptr == NULL ? "" : (s).ptr
/* Of a string literal. */
#define LK_STR(literal) ((struct lk_str){"" literal, sizeof(literal) - 1})

/*
 * Of a C string; NULL gives nothing. This and its like are here and not in str.c, so that a
 * literal's length is known without counting.
 */
static inline struct lk_str
lk_str_c(const char *text)
{
	return (struct lk_str){text, text == NULL ? 0 : strlen(text)};
}

static inline struct lk_str
lk_str_n(const char *ptr, size_t len)
{
	return (struct lk_str){ptr, len};
}

/* Byte for byte. Not for secrets (lk_secret_is_equal, crypto_is_equal). */
static inline bool
lk_str_is_equal(struct lk_str a, struct lk_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
lk_str_is(struct lk_str a, const char *text)
{
	return lk_str_is_equal(a, lk_str_c(text));
}

/* ASCII letters alike in both cases; other bytes must be equal. */
bool lk_str_is_equal_nocase(struct lk_str a, struct lk_str b);
static inline bool
lk_str_starts(struct lk_str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}
bool lk_str_ends(struct lk_str s, const char *suffix);

/* Index of the first byte c, or s.len. */
size_t lk_str_find(struct lk_str s, char c);
/* s without its first count bytes; count past the end gives an empty string. */
static inline struct lk_str
lk_str_from(struct lk_str s, size_t count)
{
	if (count > s.len)
		count = s.len;
	return (struct lk_str){s.ptr == NULL ? NULL : s.ptr + count, s.len - count};
}
/* Without blanks, tabs, CR and LF at both ends. */
struct lk_str lk_str_trim(struct lk_str s);
/*
 * Printable ASCII but for '"' and '\\': stands for itself between quotes, in JSON and in mail alike
 * (RFC 8259 s7, RFC 5322 s3.2.4).
 */
static inline bool
lk_byte_is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}
/* All of it. */
bool lk_str_is_plain(struct lk_str s);
/* Cuts the next piece before separator off *rest; false when nothing is left. */
bool lk_str_split(struct lk_str *rest, char separator, struct lk_str *out_piece);

/* Decimal digits only, no sign, no blanks; false when empty, too large or anything else. */
bool lk_str_to_u64(struct lk_str s, uint64_t *out_value);
/* The other way; what is given back lies in room. */
#define LK_U64_DIGITS 20
struct lk_str lk_str_of_u64(uint64_t value, char room[LK_U64_DIGITS]);
#define LK_I64_DIGITS (LK_U64_DIGITS + 1)
struct lk_str lk_str_of_i64(int64_t value, char room[LK_I64_DIGITS]);

#endif
