/* SPDX-License-Identifier: MIT */
#include "flow/claims_tell.h"

#include "flow/scope.h"

/* Length of the string s begins with, quotes and all; 0: it begins with none. */
static size_t
string_len(struct lk_str s)
{
	if (s.len == 0 || s.ptr[0] != '"')
		return 0;
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '"')
			return i + 1;
		if (s.ptr[i] == '\\')
			i++;
	}
	return 0;
}

/* Length of the value s begins with, up to the comma or brace behind it; 0: there is none. */
static size_t
value_len(struct lk_str s)
{
	size_t at = 0, depth = 0, step;

	while (at < s.len) {
		char c = s.ptr[at];

		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			return at;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		step = c == '"' ? string_len(lk_str_from(s, at)) : 1;
		if (step == 0)
			return 0;
		at += step;
	}
	return 0;
}

struct member {
	struct lk_str name, value;
};

/* Cuts the next member, and the comma or brace before it, off *rest. */
static bool
member_next(struct lk_str *rest, struct member *out)
{
	struct lk_str at = lk_str_from(*rest, 1), name;
	size_t len = string_len(at);

	if (len == 0)
		return false;
	name = lk_str_n(at.ptr + 1, len - 2);
	at = lk_str_from(at, len);
	if (at.len == 0 || at.ptr[0] != ':')
		return false;
	at = lk_str_from(at, 1);
	len = value_len(at);
	if (len == 0)
		return false;
	*out = (struct member){name, lk_str_n(at.ptr, len)};
	*rest = lk_str_from(at, len);
	return true;
}

/* Is it an object as object_write makes them? */
static bool
object_check(struct lk_str json)
{
	struct member member;

	if (json.len < 2 || json.ptr[0] != '{' || json.len > CLAIMS_MAX_BYTES)
		return false;
	if (lk_str_is(json, "{}"))
		return true;
	while (json.len > 0 && json.ptr[0] != '}' && json.ptr[0] != ']') {
		if (!member_next(&json, &member))
			return false;
	}
	return lk_str_is(json, "}");
}

bool
claims_find(struct lk_str json, const char *name, struct lk_str *out_value)
{
	struct member member;

	if (!object_check(json))
		return false;
	while (json.len > 2 && member_next(&json, &member)) {
		if (!lk_str_is(member.name, name))
			continue;
		*out_value = member.value;
		return true;
	}
	return false;
}

enum lk_err
claims_write(struct lk_buf *buf, struct lk_str json, struct lk_str names)
{
	struct member member;

	if (!object_check(json))
		return LK_E_FORMAT;
	while (json.len > 2 && member_next(&json, &member)) {
		bool is_first = buf->len == 0 || buf->bytes[buf->len - 1] == '{';

		if (!scope_has(names, member.name))
			continue;
		lk_buf_add_c(buf, is_first ? "\"" : ",\"");
		lk_buf_add_str(buf, member.name);
		lk_buf_add_c(buf, "\":");
		lk_buf_add_str(buf, member.value);
	}
	return LK_OK;
}

enum lk_err
claims_narrow(struct lk_arena *arena, struct lk_str json, struct lk_str names,
	      struct lk_str *out_json)
{
	struct lk_str kept;
	enum lk_err err;
	LK_AUTO_BUF out;

	lk_buf_init(&out, CLAIMS_MAX_BYTES + 1);
	lk_buf_add_byte(&out, '{');
	err = claims_write(&out, json, names);
	lk_buf_add_byte(&out, '}');
	if (err != LK_OK)
		return err;
	kept = lk_arena_dup(arena, lk_buf_str(&out));
	if (!lk_buf_is_ok(&out) || kept.ptr == NULL)
		return LK_E_MEMORY;
	*out_json = kept;
	return LK_OK;
}
