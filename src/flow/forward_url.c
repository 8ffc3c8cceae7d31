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
