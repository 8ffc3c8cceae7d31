/* SPDX-License-Identifier: MIT */
#include "directory/dir_escape.h"

static const char hex[] = "0123456789abcdef";

static void
add_hex(struct lk_buf *out, unsigned char byte)
{
	lk_buf_add_byte(out, '\\');
	lk_buf_add_byte(out, hex[byte >> 4]);
	lk_buf_add_byte(out, hex[byte & 15]);
}

static bool
is_plain(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.' || byte == '_' ||
	       byte == '@';
}

void
dir_escape_filter(struct lk_buf *out, struct lk_str value)
{
	size_t i;

	/* More than RFC 4515 asks for: whatever is not surely harmless is written as its number. */
	for (i = 0; i < value.len; i++) {
		if (is_plain((unsigned char)value.ptr[i]))
			lk_buf_add_byte(out, value.ptr[i]);
		else
			add_hex(out, (unsigned char)value.ptr[i]);
	}
}

void
dir_escape_dn(struct lk_buf *out, struct lk_str value)
{
	dir_escape_filter(out, value);
}
