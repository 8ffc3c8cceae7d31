/* SPDX-License-Identifier: MIT */
#include "flow/bearer.h"

#define SCHEME LK_STR("Bearer ")

struct lk_str
bearer_find(const struct req *req)
{
	struct lk_str header = req->header[HEADER_authorization], token;
	size_t len = SCHEME.len;

	if (header.len <= len || !lk_str_is_equal_nocase(lk_str_n(header.ptr, len), SCHEME))
		return lk_str_n(NULL, 0);
	token = lk_str_trim(lk_str_from(header, len));
	if (token.len == 0 || lk_str_find(token, ' ') < token.len ||
	    lk_str_find(token, '\t') < token.len)
		return lk_str_n(NULL, 0);
	return token;
}

struct lk_str
bearer_token(const struct req *req)
{
	struct lk_str token = req->param[PARAM_token];

	if (token.len == 0)
		token = bearer_find(req);
	return token.len > 0 ? token : req->param[PARAM_access_token];
}
