/* SPDX-License-Identifier: MIT */
#include "base/url.h"

#include <string.h>

static bool
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* "example", "app-2": a label of a domain name. */
static bool
is_label(struct lk_str label)
{
	size_t i;

	if (label.len == 0 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return false;
	for (i = 0; i < label.len; i++) {
		if (!is_letter(label.ptr[i]) && label.ptr[i] != '-' &&
		    (label.ptr[i] < '0' || label.ptr[i] > '9'))
			return false;
	}
	return true;
}

static bool
is_own_scheme(struct lk_str scheme)
{
	size_t count = 0;
	struct lk_str label;

	if (scheme.len == 0 || !is_letter(scheme.ptr[0]))
		return false;
	for (; lk_str_split(&scheme, '.', &label); count++) {
		if (!is_label(label))
			return false;
	}
	return count > 1;
}

bool
lk_url_is_own(struct lk_str url)
{
	size_t end = lk_str_find(url, ':'), i;
	struct lk_str rest = lk_str_from(url, end + 1);

	if (end == url.len || !is_own_scheme(lk_str_n(url.ptr, end)))
		return false;
	if (!lk_str_starts(rest, "/") || lk_str_starts(rest, "//"))
		return false;
	for (i = 0; i < rest.len; i++) {
		if (rest.ptr[i] <= 0x20 || rest.ptr[i] >= 0x7f ||
		    strchr("\"<>\\^`{|}*#'", rest.ptr[i]) != NULL)
			return false;
	}
	return true;
}
