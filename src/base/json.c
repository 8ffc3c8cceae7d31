/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <jansson.h>

/* struct lk_json is jansson's value under our name: no header but this file's includes jansson. */
static const json_t *
inside(const struct lk_json *value)
{
	return (const json_t *)value;
}

static const struct lk_json *
outside(const json_t *value)
{
	return (const struct lk_json *)value;
}

/*
 * jansson recurses for each bracket: count them before it starts. Brackets in strings do not count;
 * what is no JSON may be counted wrong, and is refused a moment later anyway.
 */
static bool
is_too_deep(struct lk_str text)
{
	bool is_string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && (c == '[' || c == '{') && ++depth > LK_JSON_DEPTH_MAX)
			return true;
		else if (!is_string && (c == ']' || c == '}'))
			depth--;
	}
	return false;
}

enum lk_err
lk_json_read(struct lk_str text, size_t max_bytes, struct lk_json **out)
{
	json_error_t error;
	json_t *document;

	if (text.len == 0 || text.len > max_bytes || is_too_deep(text))
		return LK_E_FORMAT;
	document = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	if (document == NULL)
		return json_error_code(&error) == json_error_out_of_memory ? LK_E_MEMORY
									   : LK_E_FORMAT;
	*out = (struct lk_json *)document;
	return LK_OK;
}

void
lk_json_free(struct lk_json *document)
{
	json_decref((json_t *)document);
}

bool
lk_json_is_object(const struct lk_json *value)
{
	return json_is_object(inside(value));
}

bool
lk_json_is_array(const struct lk_json *value)
{
	return json_is_array(inside(value));
}

const struct lk_json *
lk_json_find(const struct lk_json *object, const char *name)
{
	return outside(json_object_get(inside(object), name));
}

size_t
lk_json_count(const struct lk_json *array)
{
	return json_array_size(inside(array));
}

const struct lk_json *
lk_json_at(const struct lk_json *array, size_t index)
{
	return outside(json_array_get(inside(array), index));
}

bool
lk_json_to_str(const struct lk_json *value, struct lk_str *out)
{
	if (!json_is_string(inside(value)))
		return false;
	*out = lk_str_n(json_string_value(inside(value)), json_string_length(inside(value)));
	return true;
}

bool
lk_json_to_i64(const struct lk_json *value, int64_t *out)
{
	if (!json_is_integer(inside(value)))
		return false;
	*out = json_integer_value(inside(value));
	return true;
}

bool
lk_json_to_bool(const struct lk_json *value, bool *out)
{
	if (!json_is_boolean(inside(value)))
		return false;
	*out = json_is_true(inside(value));
	return true;
}

static int
piece_add(const char *bytes, size_t len, void *out)
{
	lk_buf_add(out, bytes, len);
	return 0;
}

void
lk_json_write(const struct lk_json *value, struct lk_buf *out)
{
	if (value != NULL)
		(void)json_dump_callback(inside(value), piece_add, out,
					 JSON_COMPACT | JSON_ENCODE_ANY);
}
