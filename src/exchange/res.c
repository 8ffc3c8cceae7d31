/* SPDX-License-Identifier: MIT */
#include "exchange/res.h"

static bool
is_plain(struct lk_str value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

void
res_header_add(struct res *res, const char *name, struct lk_str value)
{
	if (res->header_count >= RES_HEADERS_MAX || value.ptr == NULL || !is_plain(value)) {
		res->is_spoilt = true;
		return;
	}
	res->header[res->header_count++] = (struct res_header){name, value};
}

struct lk_str
res_origin(struct lk_str address)
{
	size_t at = 0;

	if (lk_str_starts(address, "https://"))
		at = 8;
	else if (lk_str_starts(address, "http://"))
		at = 7;
	else
		return lk_str_n(NULL, 0);
	while (at < address.len && strchr("/?#", address.ptr[at]) == NULL)
		at++;
	return lk_str_n(address.ptr, at);
}

bool
res_origin_is_source(struct lk_str origin)
{
	return origin.len > 0 && lk_str_find(origin, '[') == origin.len;
}
