/* SPDX-License-Identifier: MIT */
/*
 * Reads a file whose keys stand in a table of ours into a struct: one row a key. latchkey.conf, the
 * policies and the applications are all read this way, so that they share types, limits,
 * suggestions and the wording of what is wrong.
 */
#ifndef LK_CONF_TABLE_H
#define LK_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/fault.h"
#include "conf/ini.h"
#include "conf/value.h"

struct conf_table {
	const struct conf_row *rows;
	size_t count;
};

/* What is read into, and where each row was set (line 0: nowhere). */
struct conf_reading {
	const struct conf_table *table;
	struct lk_arena *arena; /* owns every text */
	struct conf_faults *faults;
	void *base;
	struct conf_place *places; /* [table->count] */
};

/* Every preset into base, which is all zero. False without memory. A preset that is wrong is a
 * programming error. */
bool
conf_table_preset(const struct conf_reading *reading) LK_MUST_CHECK;
/*
 * One file's text. A key given before in the same file is a fault; one from another file is
 * replaced. file must outlive the places. A row without preset that was not given is not looked for
 * here: conf_table_need.
 */
void
conf_table_read(const struct conf_reading *reading, const char *file, struct lk_str text);
/* One pair below [section]. Rows whose section is "" stand for any. */
void
conf_table_pair(const struct conf_reading *reading, const char *file, struct lk_str section,
		const struct conf_ini_item *item);
/* A fault for each row without preset that nothing set; place says where. */
void
conf_table_need(const struct conf_reading *reading, struct conf_place place);

/* A whole file, bounded. NULL text with errno words in a fault when it cannot be read. */
bool
conf_text_read(const char *file, struct lk_arena *arena, struct conf_faults *faults,
	       struct lk_str *out);

#endif
