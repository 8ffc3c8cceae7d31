/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

/* Length a first byte promises, and what it adds to the number; 0 for no first byte. */
static size_t
first_read(unsigned char byte, uint32_t *out_bits)
{
	if (byte < 0x80) {
		*out_bits = byte;
		return 1;
	}
	if (byte >= 0xC2 && byte <= 0xDF) {
		*out_bits = byte & 0x1Fu;
		return 2;
	}
	if (byte >= 0xE0 && byte <= 0xEF) {
		*out_bits = byte & 0x0Fu;
		return 3;
	}
	if (byte >= 0xF0 && byte <= 0xF4) {
		*out_bits = byte & 0x07u;
		return 4;
	}
	return 0;
}

static bool
is_allowed(uint32_t point, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	return point >= least[len] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

size_t
lk_utf8_next(struct lk_str s, uint32_t *out_point)
{
	uint32_t point = 0;
	size_t len, i;

	len = s.len == 0 ? 0 : first_read((unsigned char)s.ptr[0], &point);
	if (len == 0 || len > s.len)
		return 0;
	for (i = 1; i < len; i++) {
		unsigned char byte = (unsigned char)s.ptr[i];

		if ((byte & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (byte & 0x3Fu);
	}
	if (!is_allowed(point, len))
		return 0;
	*out_point = point;
	return len;
}

size_t
lk_utf8_count(struct lk_str s)
{
	size_t count = 0, len;
	uint32_t point;

	for (; s.len > 0; s = lk_str_from(s, len > 0 ? len : 1)) {
		len = lk_utf8_next(s, &point);
		count++;
	}
	return count;
}

/* How many bytes s begins with that are ASCII, but for the last few. */
static size_t
ascii_len(struct lk_str s)
{
	uint64_t eight;
	size_t len = 0;

	for (; s.len - len >= sizeof eight; len += sizeof eight) {
		memcpy(&eight, s.ptr + len, sizeof eight);
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return len;
}

bool
lk_utf8_check(struct lk_str s)
{
	uint32_t point;
	size_t len;

	for (s = lk_str_from(s, ascii_len(s)); s.len > 0; s = lk_str_from(s, len)) {
		len = lk_utf8_next(s, &point);
		if (len == 0)
			return false;
	}
	return true;
}

void
lk_utf8_mend(struct lk_buf *out, struct lk_str s)
{
	uint32_t point;
	size_t len;

	for (; s.len > 0; s = lk_str_from(s, len)) {
		len = lk_utf8_next(s, &point);
		if (len > 0) {
			lk_buf_add(out, s.ptr, len);
			continue;
		}
		lk_buf_add_c(out, LK_UTF8_REPLACEMENT);
		len = 1;
	}
}

struct lk_str
lk_utf8_cut(struct lk_str s, size_t max_bytes)
{
	size_t end = max_bytes;

	if (s.len <= max_bytes)
		return s;
	/* At most three steps: bytes that are no text are cut where they are. */
	while (end > 0 && max_bytes - end < 3 && ((unsigned char)s.ptr[end] & 0xC0) == 0x80)
		end--;
	return lk_str_n(s.ptr, end);
}
