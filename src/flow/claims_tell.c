/* SPDX-License-Identifier: MIT */
#include "flow/claims_tell.h"

#include "flow/scope.h"

/* The same, when a quote inside may be escaped. */
static size_t
escaped_len(struct lk_str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '"')
			return i + 1;
		if (s.ptr[i] == '\\')
			i++;
	}
	return 0;
}

/* Length of the string s begins with, quotes and all; 0: it begins with none. */
static size_t
string_len(struct lk_str s)
{
	size_t end;

	if (s.len == 0 || s.ptr[0] != '"')
		return 0;
	end = 1 + lk_str_find(lk_str_from(s, 1), '"');
	if (end == s.len)
		return 0;
	return s.ptr[end - 1] == '\\' ? escaped_len(s) : end + 1;
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

/* Cuts the next member, and the comma or brace before it, off *rest. */
static bool
member_next(struct lk_str *rest, struct claims_member *out)
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
	*out = (struct claims_member){name, lk_str_n(at.ptr, len)};
	*rest = lk_str_from(at, len);
	return true;
}

/* Can it be one, from without? */
static bool
is_object(struct lk_str json)
{
	return json.len >= 2 && json.ptr[0] == '{' && json.len <= CLAIMS_MAX_BYTES;
}

bool
claims_next(struct claims_reading *reading, struct claims_member *out)
{
	struct lk_str *rest = &reading->rest;

	if (lk_str_is(*rest, "{}"))
		*rest = lk_str_from(*rest, 1);
	if (rest->len > 0 && rest->ptr[0] != '}' && rest->ptr[0] != ']' && member_next(rest, out))
		return true;
	reading->is_whole = lk_str_is(*rest, "}");
	return false;
}

bool
claims_begin(struct lk_str json, struct claims_reading *out)
{
	*out = (struct claims_reading){.rest = json};
	return is_object(json);
}

bool
claims_find(struct lk_str json, const char *name, struct lk_str *out_value)
{
	struct claims_reading reading;
	struct claims_member member;
	struct lk_str found = {NULL, 0};

	if (!claims_begin(json, &reading))
		return false;
	while (claims_next(&reading, &member)) {
		if (found.ptr == NULL && lk_str_is(member.name, name))
			found = member.value;
	}
	if (!reading.is_whole || found.ptr == NULL)
		return false;
	*out_value = found;
	return true;
}

void
claims_member_write(struct lk_buf *buf, const struct claims_member *member)
{
	bool is_first = buf->len == 0 || buf->bytes[buf->len - 1] == '{';
	/* Name, colon and value stand as they are to be written. */
	const char *from = member->name.ptr - 1;
	size_t len = (size_t)(member->value.ptr + member->value.len - from);
	char *at = lk_buf_begin(buf, len + 1);

	if (at == NULL)
		return;
	if (!is_first)
		*at++ = ',';
	memcpy(at, from, len);
	lk_buf_end(buf, at + len);
}

enum lk_err
claims_end(struct lk_buf *buf, const struct claims_reading *reading, size_t begin)
{
	if (reading->is_whole)
		return LK_OK;
	if (buf->len > begin)
		lk_buf_end(buf, buf->bytes + begin);
	return LK_E_FORMAT;
}

enum lk_err
claims_write(struct lk_buf *buf, struct lk_str json, struct lk_str names)
{
	struct claims_reading reading;
	struct claims_member member;
	size_t begin = buf->len;

	if (!claims_begin(json, &reading))
		return LK_E_FORMAT;
	while (claims_next(&reading, &member)) {
		if (scope_has(names, member.name))
			claims_member_write(buf, &member);
	}
	return claims_end(buf, &reading, begin);
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
