/* SPDX-License-Identifier: MIT */
#include "exchange/address.h"

#include <string.h>

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void
address_param_add(struct lk_buf *out, const char *name, struct lk_str value)
{
	bool has_query = out->len > 0 && memchr(out->bytes, '?', out->len) != NULL;

	if (value.len == 0)
		return;
	lk_buf_printf(out, "%c%s=", has_query ? '&' : '?', name);
	for (size_t i = 0; i < value.len; i++) {
		if (is_plain(value.ptr[i]))
			lk_buf_add_byte(out, value.ptr[i]);
		else
			lk_buf_printf(out, "%%%02X", (unsigned)(unsigned char)value.ptr[i]);
	}
}
