/* SPDX-License-Identifier: MIT */
#include "conf/ini.h"

#include "base/utf8.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct lk_str
trim(struct lk_str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = lk_str_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* Which character of line begins at byte `at`, from 1. Bytes that are no text count one each. */
static unsigned
column_of(struct lk_str line, size_t at)
{
	struct lk_str before = lk_str_n(line.ptr, at);
	unsigned column = 1;
	uint32_t point;
	size_t len;

	for (; before.len > 0; before = lk_str_from(before, len > 0 ? len : 1)) {
		len = lk_utf8_next(before, &point);
		column++;
	}
	return column;
}

static unsigned
column_at(struct lk_str line, const char *at)
{
	return column_of(line, (size_t)(at - line.ptr));
}

/* Where the line stops being text that can be shown and compared; line.len when it is all fine. */
static size_t
bad_text_find(struct lk_str line, const char **out_words)
{
	struct lk_str rest = line;
	uint32_t point;
	size_t len;

	for (; rest.len > 0; rest = lk_str_from(rest, len)) {
		len = lk_utf8_next(rest, &point);
		*out_words = "this is not UTF-8 text";
		if (len == 0)
			break;
		*out_words =
		    point == 0 ? "a byte 0 is not allowed" : "a control character is not allowed";
		if ((point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0))
			break;
	}
	return line.len - rest.len;
}

static void
fault(struct conf_ini_item *out, unsigned column, const char *words)
{
	out->kind = CONF_INI_FAULT;
	out->column = column;
	out->words = words;
}

static void
section_read(struct lk_str line, struct lk_str text, struct conf_ini_item *out)
{
	size_t end = lk_str_find(text, ']');
	struct lk_str behind = trim(lk_str_from(text, end + 1));

	out->was_section = true;
	if (end == text.len) {
		fault(out, column_at(line, text.ptr), "a section line needs a ']' at its end");
		return;
	}
	if (behind.len > 0) {
		fault(out, column_at(line, behind.ptr), "nothing may stand behind a section's ']'");
		return;
	}
	out->kind = CONF_INI_SECTION;
	out->name = trim(lk_str_n(text.ptr + 1, end - 1));
	out->column = column_at(line, out->name.ptr);
	if (out->name.len == 0)
		fault(out, out->column, "a section needs a name");
}

static bool
is_quoted(struct lk_str value)
{
	return value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') &&
	       value.ptr[value.len - 1] == value.ptr[0];
}

static void
pair_read(struct lk_str line, struct lk_str text, struct conf_ini_item *out)
{
	size_t equals = lk_str_find(text, '=');

	out->kind = CONF_INI_PAIR;
	out->name = trim(lk_str_n(text.ptr, equals));
	out->column = column_at(line, text.ptr);
	if (equals == text.len) {
		fault(out, out->column, "this is no section, no comment and no \"key = value\"");
		return;
	}
	if (out->name.len == 0) {
		fault(out, out->column, "a key must stand before '='");
		return;
	}
	out->value = trim(lk_str_from(text, equals + 1));
	out->value_column = column_at(line, out->value.ptr);
	if (is_quoted(out->value))
		fault(out, out->value_column, "write the value without quotation marks");
}

/* False: nothing stands there. */
static bool
line_read(struct lk_str line, struct conf_ini_item *out)
{
	struct lk_str text = trim(line);
	const char *words = "";
	size_t bad;

	if (line.len > CONF_INI_LINE_MAX_BYTES) {
		fault(out, 1, "this line is longer than 4096 bytes");
		return true;
	}
	bad = bad_text_find(line, &words);
	if (bad < line.len) {
		fault(out, column_of(line, bad), words);
		return true;
	}
	if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';')
		return false;
	if (text.ptr[0] == '[')
		section_read(line, text, out);
	else
		pair_read(line, text, out);
	return true;
}

void
conf_ini_init(struct conf_ini *ini, struct lk_str text)
{
	if (lk_str_starts(text, "\xEF\xBB\xBF"))
		text = lk_str_from(text, 3);
	*ini = (struct conf_ini){.rest = text};
}

bool
conf_ini_next(struct conf_ini *ini, struct conf_ini_item *out)
{
	struct lk_str line;

	while (lk_str_split(&ini->rest, '\n', &line)) {
		ini->line++;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		*out = (struct conf_ini_item){.line = ini->line};
		if (line_read(line, out))
			return true;
	}
	return false;
}
