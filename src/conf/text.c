/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"
#include "conf/rules.h"

#include <string.h>

#define COLUMNS_MAX 79u

static const char *
type_word(enum conf_type type)
{
	static const char *const words[] = {
	    [CONF_TEXT] = "text",
	    [CONF_LIST] = "list, comma or blank separated",
	    [CONF_PATH] = "absolute path",
	    [CONF_INT] = "number",
	    [CONF_BOOL] = "yes or no",
	    [CONF_ADDRESS] = "IP address:port",
	    [CONF_URL] = "address (URL)",
	    [CONF_WORD] = "word",
	    [CONF_OWN] = "",
	};

	return words[type];
}

/* text in lines of at most COLUMNS_MAX, each after prefix. */
static void
wrap(struct lk_buf *out, const char *prefix, const char *text)
{
	struct lk_str rest = lk_str_c(text), word;
	size_t column = 0;

	while (lk_str_split(&rest, ' ', &word)) {
		if (column > 0 && column + 1 + word.len > COLUMNS_MAX) {
			lk_buf_add_byte(out, '\n');
			column = 0;
		}
		lk_buf_printf(out, "%s%.*s", column == 0 ? prefix : " ", LK_STR_ARGS(word));
		column += (column == 0 ? strlen(prefix) : 1) + word.len;
	}
	lk_buf_add_byte(out, '\n');
}

/* "number, 1 to 120 s; default 10" */
static void
facts_write(const struct conf_row *row, struct lk_buf *out)
{
	LK_AUTO_BUF range;

	lk_buf_init(&range, 400);
	if (row->type != CONF_BOOL)
		conf_range_write(row, &range);
	lk_buf_add_c(out, type_word(row->type));
	if (range.len > 0)
		lk_buf_printf(out, ", %s", range.bytes);
	if (row->preset == NULL)
		lk_buf_add_c(out, "; must be given");
	else if (row->preset[0] == '\0')
		lk_buf_add_c(out, "; may be left out");
	else
		lk_buf_printf(out, "; default %s", row->preset);
}

/* Is row the first of its section? Rows of a section stand together. */
static bool
begins_section(size_t i)
{
	return i == 0 || strcmp(conf_table.rows[i].section, conf_table.rows[i - 1].section) != 0;
}

static void
row_text(const struct conf_row *row, const char *prefix, struct lk_buf *out)
{
	LK_AUTO_BUF facts;

	lk_buf_init(&facts, 1000);
	facts_write(row, &facts);
	wrap(out, prefix, row->help);
	wrap(out, prefix, facts.bytes == NULL ? "" : facts.bytes);
}

void
conf_help(struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < conf_table.count; i++) {
		const struct conf_row *row = &conf_table.rows[i];

		if (begins_section(i))
			lk_buf_printf(out, "%s[%s]\n", i == 0 ? "" : "\n", row->section);
		lk_buf_printf(out, "  %s\n", row->key);
		row_text(row, "      ", out);
	}
}

void
conf_sample(struct lk_buf *out)
{
	size_t i;

	wrap(out, "# ",
	     "Settings of latchkeyd. A line that begins with '#' is a comment; what is commented "
	     "out stands at its default. No quotes, no comments behind a value. Files in conf.d/ "
	     "beside this one are read after it, in the order of their names. "
	     "'latchkeyd --check-config' says what is wrong.");
	for (i = 0; i < conf_table.count; i++) {
		const struct conf_row *row = &conf_table.rows[i];

		if (begins_section(i))
			lk_buf_printf(out, "\n[%s]\n", row->section);
		lk_buf_add_byte(out, '\n');
		row_text(row, "# ", out);
		lk_buf_printf(out, row->preset == NULL ? "%s =\n" : "#%s =", row->key);
		if (row->preset != NULL)
			lk_buf_printf(out, "%s%s\n", row->preset[0] == '\0' ? "" : " ",
				      row->preset);
	}
}

/* Text for man: '\' and a leading '.' or ''' would be taken for commands. */
static void
man_text(struct lk_buf *out, const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		lk_buf_add_c(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			lk_buf_add_c(out, "\\e");
		else if (*text == '-')
			lk_buf_add_c(out, "\\-");
		else
			lk_buf_add_byte(out, *text);
	}
	lk_buf_add_byte(out, '\n');
}

void
conf_manual(struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < conf_table.count; i++) {
		const struct conf_row *row = &conf_table.rows[i];
		LK_AUTO_BUF facts;

		lk_buf_init(&facts, 1000);
		facts_write(row, &facts);
		if (begins_section(i))
			lk_buf_printf(out, ".SS \"[%s]\"\n", row->section);
		lk_buf_printf(out, ".TP\n.B ");
		man_text(out, row->key);
		man_text(out, row->help);
		lk_buf_add_c(out, ".br\n");
		man_text(out, facts.bytes == NULL ? "" : facts.bytes);
	}
}

void
conf_show_one(const struct conf *conf, enum conf_key key, struct conf_shown *out,
	      struct lk_buf *out_value)
{
	const struct conf_row *row = &conf_table.rows[key];

	*out = (struct conf_shown){row->section, row->key, {.line = 0}};
	if (conf->places != NULL)
		out->origin = conf->places[key];
	conf_value_write(row, conf, out_value);
}

void
conf_show(const struct conf *conf, struct lk_buf *out)
{
	struct conf_shown shown;
	LK_AUTO_BUF value;
	int key;

	lk_buf_init(&value, CONF_VALUE_MAX_BYTES);
	for (key = 0; key < CONF_KEY_COUNT; key++) {
		lk_buf_clear(&value);
		conf_show_one(conf, (enum conf_key)key, &shown, &value);
		lk_buf_printf(out, "[%s] %s = %s", shown.section, shown.key,
			      value.len == 0 ? "" : value.bytes);
		if (shown.origin.line == 0)
			lk_buf_add_c(out, "  # default\n");
		else
			lk_buf_printf(out, "  # %s:%u\n", shown.origin.file, shown.origin.line);
	}
}
