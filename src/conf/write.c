/* SPDX-License-Identifier: MIT */
#include "conf/write.h"

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
	    [CONF_NAMES] = "list, comma separated",
	    [CONF_OWN] = "",
	};

	return words[type];
}

void
conf_wrap(struct lk_buf *out, const char *prefix, const char *text)
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
begins_section(const struct conf_table *table, size_t i)
{
	const char *section = table->rows[i].section;

	return section[0] != '\0' && (i == 0 || strcmp(section, table->rows[i - 1].section) != 0);
}

static void
row_text(const struct conf_row *row, const char *prefix, struct lk_buf *out)
{
	LK_AUTO_BUF facts;

	lk_buf_init(&facts, 1000);
	facts_write(row, &facts);
	conf_wrap(out, prefix, row->help);
	conf_wrap(out, prefix, facts.bytes == NULL ? "" : facts.bytes);
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
conf_table_help(const struct conf_table *table, struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		if (begins_section(table, i))
			lk_buf_printf(out, "%s[%s]\n", i == 0 ? "" : "\n", row->section);
		lk_buf_printf(out, "  %s\n", row->key);
		row_text(row, "      ", out);
	}
}

void
conf_table_sample(const struct conf_table *table, struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		if (begins_section(table, i))
			lk_buf_printf(out, "\n[%s]\n", row->section);
		lk_buf_add_byte(out, '\n');
		row_text(row, "# ", out);
		lk_buf_printf(out, row->preset == NULL ? "%s =\n" : "#%s =", row->key);
		if (row->preset != NULL)
			lk_buf_printf(out, "%s%s\n", row->preset[0] == '\0' ? "" : " ",
				      row->preset);
	}
}

void
conf_table_manual(const struct conf_table *table, struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];
		LK_AUTO_BUF facts;

		lk_buf_init(&facts, 1000);
		facts_write(row, &facts);
		if (begins_section(table, i))
			lk_buf_printf(out, ".SS \"[%s]\"\n", row->section);
		lk_buf_printf(out, ".TP\n.B ");
		man_text(out, row->key);
		man_text(out, row->help);
		lk_buf_add_c(out, ".br\n");
		man_text(out, facts.bytes == NULL ? "" : facts.bytes);
	}
}
