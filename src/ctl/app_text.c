/* SPDX-License-Identifier: MIT */
#include "ctl/app_text.h"

#include "base/utf8.h"

/* Is line "key = …"? Comments are none. */
static bool
is_of_key(struct lk_str line, struct lk_str key)
{
	size_t equals = lk_str_find(line, '=');

	return equals < line.len && lk_str_is_equal(lk_str_trim(lk_str_n(line.ptr, equals)), key);
}

static void
pair_add(struct lk_buf *out, struct lk_str key, struct lk_str value)
{
	if (value.len > 0)
		lk_buf_printf(out, "%.*s = %.*s\n", LK_STR_ARGS(key), LK_STR_ARGS(value));
}

void
app_text_set(struct lk_str text, struct lk_str key, struct lk_str value, struct lk_buf *out)
{
	bool was_there = false;
	struct lk_str line;

	while (text.len > 0 && lk_str_split(&text, '\n', &line)) {
		if (!is_of_key(line, key)) {
			lk_buf_add_str(out, line);
			lk_buf_add_byte(out, '\n');
			continue;
		}
		if (!was_there)
			pair_add(out, key, value);
		was_there = true;
	}
	if (!was_there)
		pair_add(out, key, value);
}

bool
app_text_check(struct lk_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
			return false;
	}
	return lk_str_is_equal(lk_str_trim(value), value) && lk_utf8_check(value);
}
