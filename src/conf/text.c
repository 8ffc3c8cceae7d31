/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"
#include "conf/rules.h"
#include "conf/write.h"

void
conf_help(struct lk_buf *out)
{
	conf_table_help(&conf_table, out);
}

void
conf_sample(struct lk_buf *out)
{
	conf_wrap(
	    out, "# ",
	    "Settings of latchkeyd. A line that begins with '#' is a comment; what is commented "
	    "out stands at its default. No quotes, no comments behind a value. Files in conf.d/ "
	    "beside this one are read after it, in the order of their names. "
	    "'latchkeyd --check-config' says what is wrong.");
	conf_table_sample(&conf_table, out);
}

void
conf_manual(struct lk_buf *out)
{
	conf_table_manual(&conf_table, out);
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
