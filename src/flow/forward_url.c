/* SPDX-License-Identifier: MIT */
#include "flow/forward_url.h"

#include "conf/address.h"

/* Where the path begins; text.len: there is none. */
static size_t
origin_end(struct lk_str text)
{
	size_t at = lk_str_find(text, ':') + 3;

	return at > text.len ? text.len : at + lk_str_find(lk_str_from(text, at), '/');
}

/* Browsers leave more letters as they are than RFC 3986 does: '|' and braces among them. */
bool
forward_path_check(struct lk_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] <= ' ' || path.ptr[i] >= 0x7f || path.ptr[i] == '#')
			return false;
	}
	return lk_str_starts(path, "/");
}

bool
forward_url_read(struct lk_str text, struct forward_url *out)
{
	size_t end = origin_end(text);
	struct lk_str origin = lk_str_n(text.ptr, end);
	struct lk_str path = end < text.len ? lk_str_from(text, end) : LK_STR("/");
	struct conf_url url;

	if (!conf_url_split(origin, &url) || url.host.len == 0 || url.has_user ||
	    url.rest.len > 0 || !forward_path_check(path))
		return false;
	if (!lk_str_is(url.scheme, "https") && !lk_str_is(url.scheme, "http"))
		return false;
	*out = (struct forward_url){
	    .scheme = url.scheme,
	    .origin = origin,
	    .host = lk_str_from(origin, url.scheme.len + 3),
	    .path = path,
	};
	return true;
}
