/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct lk_err_row rows[LK_ERR_COUNT] = {
    [LK_OK] = {"OK", 0, 200, "", LK_AUDIENCE_PERSON, LK_FAULT_NOBODY, LK_RETRY_NOW, "", ""},
#define LK_ERR(name, number, http, oauth, audience, fault, retry, shown, text)                     \
	[LK_E_##name] = {#name,                                                                    \
			 number,                                                                   \
			 http,                                                                     \
			 #oauth,                                                                   \
			 LK_AUDIENCE_##audience,                                                   \
			 LK_FAULT_##fault,                                                         \
			 LK_RETRY_##retry,                                                         \
			 #shown,                                                                   \
			 #text},
#include "tables/errors.def"
};

const struct lk_err_row *
lk_err_row(enum lk_err err)
{
	if ((int)err < 0 || err >= LK_ERR_COUNT)
		return &rows[LK_E_BROKEN];
	return &rows[err];
}

void
lk_why_clear(struct lk_why *why)
{
	why->len = 0;
	why->text[0] = '\0';
}

void
lk_why_add(struct lk_why *why, const char *format, ...)
{
	va_list args;
	size_t start, i;
	int n;

	if (why == NULL || why->len + 3 >= sizeof why->text)
		return;
	if (why->len > 0) {
		memcpy(why->text + why->len, "; ", 3);
		why->len += 2;
	}
	start = why->len;
	va_start(args, format);
	n = vsnprintf(why->text + start, sizeof why->text - start, format, args);
	va_end(args);
	if (n < 0) {
		why->text[start] = '\0';
		return;
	}
	why->len = start + strlen(why->text + start);
	for (i = start; i < why->len; i++) {
		if (why->text[i] < 0x20 || why->text[i] > 0x7e)
			why->text[i] = '?';
	}
}
