/* SPDX-License-Identifier: MIT */
#include "flow/forward_url.h"

#include "conf/address.h"

bool
forward_url_read(struct lk_str text, struct forward_url *out)
{
	struct conf_url url;
	size_t origin_len;

	if (!conf_url_split(text, &url) || url.host.len == 0 || url.has_user ||
	    lk_str_find(text, '#') < text.len)
		return false;
	if (!lk_str_is(url.scheme, "https") && !lk_str_is(url.scheme, "http"))
		return false;
	if (url.rest.len > 0 && url.rest.ptr[0] != '/')
		return false;
	origin_len = text.len - url.rest.len;
	*out = (struct forward_url){
	    .scheme = url.scheme,
	    .origin = lk_str_n(text.ptr, origin_len),
	    .host = lk_str_from(lk_str_n(text.ptr, origin_len), url.scheme.len + 3),
	    .path = url.rest.len > 0 ? url.rest : LK_STR("/"),
	};
	return true;
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void
forward_url_encode(struct lk_buf *out, struct lk_str text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (is_plain(text.ptr[i]))
			lk_buf_add_byte(out, text.ptr[i]);
		else
			lk_buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}
