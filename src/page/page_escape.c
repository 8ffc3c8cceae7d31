/* SPDX-License-Identifier: MIT */
#include "base/url.h"
#include "base/utf8.h"
#include "page/page_escape.h"

static const char *
entity(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\0':
		return LK_UTF8_REPLACEMENT;
	default:
		return NULL;
	}
}

/* How many bytes from s on may stand as they are. */
static size_t
plain_len(struct lk_str s)
{
	size_t at = 0, len;
	uint32_t point;

	while (at < s.len && entity(s.ptr[at]) == NULL) {
		len =
		    (unsigned char)s.ptr[at] < 0x80 ? 1 : lk_utf8_next(lk_str_from(s, at), &point);
		if (len == 0)
			break;
		at += len;
	}
	return at;
}

void
page_escape_html(struct lk_buf *out, struct lk_str value)
{
	while (value.len > 0) {
		size_t len = plain_len(value);

		lk_buf_add(out, value.ptr, len);
		value = lk_str_from(value, len);
		if (value.len == 0)
			return;
		lk_buf_add_c(out, entity(value.ptr[0]) != NULL ? entity(value.ptr[0])
							       : LK_UTF8_REPLACEMENT);
		value = lk_str_from(value, 1);
	}
}

bool
page_url_check(struct lk_str url)
{
	static const char *const schemes[] = {"https://", "http://", "otpauth://", "tel:"};
	size_t i;

	for (i = 0; i < url.len; i++)
		if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] == '\\' || url.ptr[i] == 0x7F)
			return false;
	if (lk_str_starts(url, "/"))
		return !lk_str_starts(url, "//");
	for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (lk_str_starts(url, schemes[i]))
			return true;
	return lk_url_is_own(url);
}
