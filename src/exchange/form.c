/* SPDX-License-Identifier: MIT */
#include "exchange/form.h"

#include <string.h>

#include "base/utf8.h"

enum kind { KIND_PLAIN = 1, KIND_SECRET };
enum normaliser { NORMALISER_NONE = 1, NORMALISER_TRIM, NORMALISER_DIGITS, NORMALISER_CODE };

struct row {
	const char *name;
	enum kind kind;
	size_t max_bytes;
	enum normaliser normaliser;
};

static const struct row rows[FIELD_COUNT] = {
#define LK_FIELD(name, sent, kind, max_bytes, normaliser)                                          \
	[FIELD_##name] = {sent, KIND_##kind, max_bytes, NORMALISER_##normaliser},
#include "tables/fields.def"
};

/* Characters from first to last that people, telephones and word processors put in between. */
struct range {
	uint32_t first, last;
};
static const struct range blanks[] = {
    {'\t', '\r'},     {' ', ' '},	{0xA0, 0xA0},	  {0x2000, 0x200B}, {0x202F, 0x202F},
    {0x205F, 0x2060}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}, {0, 0},
};
static const struct range dashes[] = {
    {'-', '-'},	      {0xAD, 0xAD},	{0x2010, 0x2015}, {0x2212, 0x2212},
    {0xFE58, 0xFE58}, {0xFE63, 0xFE63}, {0xFF0D, 0xFF0D}, {0, 0},
};
static const struct range quotes[] = {
    {'"', '"'},	  {'\'', '\''},	    {'`', '`'},	      {0xAB, 0xAB},	{0xB4, 0xB4},
    {0xBB, 0xBB}, {0x2018, 0x201F}, {0x2032, 0x2037}, {0x2039, 0x203A}, {0, 0},
};

static bool
is_in(uint32_t point, const struct range *ranges)
{
	for (; ranges->last != 0; ranges++) {
		if (point >= ranges->first && point <= ranges->last)
			return true;
	}
	return false;
}

/* --- decoding ------------------------------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* How many bytes text begins with that stand for themselves. */
static size_t
plain_len(struct lk_str text)
{
	size_t plus = lk_str_find(text, '+');

	return lk_str_find(lk_str_n(text.ptr, plus), '%');
}

/* The byte text begins with, and how many letters it took: 1 or 3; 0 when malformed. */
static size_t
byte_read(struct lk_str text, char *out)
{
	int high, low;

	if (text.ptr[0] != '%') {
		*out = text.ptr[0] == '+' ? ' ' : text.ptr[0];
		return 1;
	}
	high = text.len < 3 ? -1 : hex(text.ptr[1]);
	low = text.len < 3 ? -1 : hex(text.ptr[2]);
	if (high < 0 || low < 0)
		return 0;
	*out = (char)(high << 4 | low);
	return 3;
}

static bool
is_text(struct lk_str s)
{
	return lk_str_find(s, '\0') == s.len && lk_utf8_check(s);
}

/* Into out, which has room for text.len bytes. Wiped when it is not text. */
static bool
decode(struct lk_str text, char *out, size_t *out_len)
{
	size_t len = plain_len(text), step;

	if (len > 0)
		memcpy(out, text.ptr, len);
	for (text = lk_str_from(text, len); text.len > 0; text = lk_str_from(text, step)) {
		step = byte_read(text, out + len);
		if (step == 0)
			break;
		len++;
	}
	if (text.len == 0 && is_text(lk_str_n(out, len))) {
		*out_len = len;
		return true;
	}
	explicit_bzero(out, len);
	return false;
}

struct lk_str
form_decode(struct lk_arena *arena, struct lk_str text)
{
	char *out = lk_arena_alloc(arena, text.len + 1);
	size_t len;

	if (out == NULL || !decode(text, out, &len))
		return lk_str_n(NULL, 0);
	return lk_str_n(out, len);
}

/* --- normalising, in place ------------------------------------------------------------------ */

static struct lk_str
trim(struct lk_str s)
{
	size_t step, at, end = 0;
	uint32_t point;

	for (step = lk_utf8_next(s, &point); step > 0 && is_in(point, blanks);
	     step = lk_utf8_next(s, &point))
		s = lk_str_from(s, step);
	for (at = 0; at < s.len; at += step) {
		step = lk_utf8_next(lk_str_from(s, at), &point);
		if (!is_in(point, blanks))
			end = at + step;
	}
	return lk_str_n(s.ptr, end);
}

static bool
is_kept(uint32_t point, enum normaliser normaliser)
{
	if (is_in(point, blanks) || is_in(point, dashes))
		return false;
	return normaliser != NORMALISER_CODE || !is_in(point, quotes);
}

/* What is left moves to the front; the rest of bytes is wiped. */
static size_t
sift(char *bytes, size_t len, enum normaliser normaliser)
{
	size_t at, step, end = 0;
	uint32_t point;

	for (at = 0; at < len; at += step) {
		step = lk_utf8_next(lk_str_n(bytes + at, len - at), &point);
		if (!is_kept(point, normaliser))
			continue;
		memmove(bytes + end, bytes + at, step);
		end += step;
	}
	explicit_bzero(bytes + end, len - end);
	return end;
}

static struct lk_str
normalise(char *bytes, size_t len, enum normaliser normaliser)
{
	if (normaliser == NORMALISER_NONE)
		return lk_str_n(bytes, len);
	if (normaliser == NORMALISER_TRIM)
		return trim(lk_str_n(bytes, len));
	return lk_str_n(bytes, sift(bytes, len, normaliser));
}

/* --- fields --------------------------------------------------------------------------------- */

/* Names are compared as sent: a browser escapes nothing in ours. FIELD_NONE: none of fields. */
static enum field
field_find(struct lk_str name, uint32_t fields)
{
	int field;

	for (field = FIELD_NONE + 1; field < FIELD_COUNT; field++) {
		if ((fields & 1u << field) != 0 && lk_str_is(name, rows[field].name))
			return (enum field)field;
	}
	return FIELD_NONE;
}

/* An empty value was sent, too: never a NULL pointer. */
static enum lk_err
value_keep(struct req *req, enum field field, char *bytes, size_t len)
{
	struct lk_str value = normalise(bytes, len, rows[field].normaliser);

	if (rows[field].kind == KIND_PLAIN) {
		req->field[field] = value;
		return LK_OK;
	}
	req->secret[field] = lk_secret_make(req->arena, value);
	explicit_bzero(bytes, len);
	return req->secret[field] != NULL ? LK_OK : LK_E_MEMORY;
}

static enum lk_err
value_read(struct req *req, enum field field, struct lk_str text)
{
	char *bytes;
	size_t len;

	if (text.len > 3 * rows[field].max_bytes)
		return LK_E_FORMAT;
	bytes = lk_arena_alloc(req->arena, text.len + 1);
	if (bytes == NULL)
		return LK_E_MEMORY;
	if (!decode(text, bytes, &len))
		return LK_E_FORMAT;
	if (len > rows[field].max_bytes) {
		explicit_bzero(bytes, len);
		return LK_E_FORMAT;
	}
	return value_keep(req, field, bytes, len);
}

static enum lk_err
pair_read(struct req *req, uint32_t fields, struct lk_str pair)
{
	size_t equals = lk_str_find(pair, '=');
	enum field field = field_find(lk_str_n(pair.ptr, equals), fields);

	if (field == FIELD_NONE || req->field[field].ptr != NULL || req->secret[field] != NULL)
		return LK_E_FORMAT;
	return value_read(req, field, lk_str_from(pair, equals + 1));
}

enum lk_err
form_read(struct req *req, uint32_t fields, struct lk_str body)
{
	struct req read = {.arena = req->arena};
	struct lk_str rest = body.len > 0 ? body : lk_str_n(NULL, 0), pair;
	enum lk_err err = LK_OK;

	while (err == LK_OK && lk_str_split(&rest, '&', &pair))
		err = pair_read(&read, fields, pair);
	if (err != LK_OK)
		return err;
	memcpy(req->field, read.field, sizeof req->field);
	memcpy(req->secret, read.secret, sizeof req->secret);
	return LK_OK;
}

bool
form_type_check(struct lk_str content_type)
{
	struct lk_str type = lk_str_n(content_type.ptr, lk_str_find(content_type, ';'));

	return lk_str_is_equal_nocase(lk_str_trim(type),
				      LK_STR("application/x-www-form-urlencoded"));
}

bool
form_query_find(struct lk_arena *arena, struct lk_str query, const char *name, struct lk_str *out)
{
	struct lk_str pair, text = {NULL, 0}, value;
	size_t equals;

	while (lk_str_split(&query, '&', &pair)) {
		equals = lk_str_find(pair, '=');
		if (!lk_str_is(lk_str_n(pair.ptr, equals), name))
			continue;
		if (text.ptr != NULL)
			return false;
		text = lk_str_from(pair, equals + 1);
	}
	value = text.ptr == NULL ? text : form_decode(arena, text);
	if (value.ptr == NULL)
		return false;
	*out = value;
	return true;
}
