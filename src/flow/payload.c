/* SPDX-License-Identifier: MIT */
#include "flow/payload.h"

#include "base/json.h"
#include "flow/scope.h"

void
payload_begin(struct lk_buf *out)
{
	lk_buf_add_byte(out, '{');
}

static void
name_add(struct lk_buf *out, struct lk_str name)
{
	bool is_first = out->len == 0 || out->bytes[out->len - 1] == '{';
	char *at = lk_buf_begin(out, name.len + 4);

	if (at == NULL)
		return;
	if (!is_first)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, name.ptr, name.len);
	at += name.len;
	*at++ = '"';
	*at++ = ':';
	lk_buf_end(out, at);
}

void
payload_text_n(struct lk_buf *out, struct lk_str name, struct lk_str value)
{
	if (value.len == 0)
		return;
	name_add(out, name);
	lk_json_quote(out, value);
}

void
payload_number_n(struct lk_buf *out, struct lk_str name, int64_t value)
{
	name_add(out, name);
	lk_buf_add_number(out, value);
}

static size_t
count_of(struct lk_str list)
{
	struct lk_str word;
	size_t count = 0;

	while (scope_next(&list, &word))
		count++;
	return count;
}

void
payload_words(struct lk_buf *out, const char *name, struct lk_str list)
{
	size_t count = count_of(list), i = 0;
	struct lk_str word;

	if (count == 0)
		return;
	name_add(out, lk_str_c(name));
	if (count > 1)
		lk_buf_add_byte(out, '[');
	while (scope_next(&list, &word)) {
		if (i++ > 0)
			lk_buf_add_byte(out, ',');
		lk_json_quote(out, word);
	}
	if (count > 1)
		lk_buf_add_byte(out, ']');
}

void
payload_end(struct lk_buf *out)
{
	lk_buf_add_byte(out, '}');
}
