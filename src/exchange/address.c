/* SPDX-License-Identifier: MIT */
#include "exchange/address.h"

#include <string.h>

void
address_param_add(struct lk_buf *out, const char *name, struct lk_str value)
{
	bool has_query = out->len > 0 && memchr(out->bytes, '?', out->len) != NULL;

	if (value.len == 0)
		return;
	lk_buf_printf(out, "%c%s=", has_query ? '&' : '?', name);
	lk_buf_add_percent(out, value, "");
}
