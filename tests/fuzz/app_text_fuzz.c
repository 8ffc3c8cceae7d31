/* SPDX-License-Identifier: MIT */
/* Key and value in the first two lines, then a file's text: whatever stands there, afterwards the
 * key stands once with that value or not at all, and every other line is as it was. */
/* Folders: ctl/app_text.c base */
/* Libraries: libsodium jansson */
#include <stdint.h>
#include <stdlib.h>

#include "ctl/app_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* The value of the count-th line of key; false: there is none. */
static bool
value_at(struct lk_str text, struct lk_str key, size_t count, struct lk_str *out)
{
	struct lk_str line;

	while (text.len > 0 && lk_str_split(&text, '\n', &line)) {
		size_t equals = lk_str_find(line, '=');

		if (equals == line.len ||
		    !lk_str_is_equal(lk_str_trim(lk_str_n(line.ptr, equals)), key))
			continue;
		*out = lk_str_trim(lk_str_from(line, equals + 1));
		if (count-- == 0)
			return true;
	}
	return false;
}

/* Lines that are not of key, joined. */
static void
others(struct lk_str text, struct lk_str key, struct lk_buf *out)
{
	struct lk_str line;

	while (text.len > 0 && lk_str_split(&text, '\n', &line)) {
		size_t equals = lk_str_find(line, '=');

		if (equals < line.len &&
		    lk_str_is_equal(lk_str_trim(lk_str_n(line.ptr, equals)), key))
			continue;
		lk_buf_add_str(out, line);
		lk_buf_add_byte(out, '\n');
	}
}

static void
look(struct lk_str text, struct lk_str key, struct lk_str value)
{
	struct lk_str found = {NULL, 0};
	LK_AUTO_BUF out;
	LK_AUTO_BUF before;
	LK_AUTO_BUF after;

	lk_buf_init(&out, 1u << 20);
	lk_buf_init(&before, 1u << 20);
	lk_buf_init(&after, 1u << 20);
	app_text_set(text, key, value, &out);
	must(lk_buf_is_ok(&out));
	must(value_at(lk_buf_str(&out), key, 0, &found) == (value.len > 0));
	must(value.len == 0 || lk_str_is_equal(found, value));
	must(!value_at(lk_buf_str(&out), key, 1, &found));
	others(text, key, &before);
	others(lk_buf_str(&out), key, &after);
	must(lk_str_is_equal(lk_buf_str(&before), lk_buf_str(&after)));
}

static bool
is_key(struct lk_str key)
{
	for (size_t i = 0; i < key.len; i++) {
		if ((key.ptr[i] < 'a' || key.ptr[i] > 'z') && key.ptr[i] != '_')
			return false;
	}
	return key.len > 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len), key, value;

	if (!lk_str_split(&text, '\n', &key) || !lk_str_split(&text, '\n', &value))
		return 0;
	if (is_key(key) && app_text_check(value))
		look(text, key, value);
	return 0;
}
