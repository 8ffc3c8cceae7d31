/* SPDX-License-Identifier: MIT */
/* A table of keys as people read it: for --help, as a sample file, for the manual. */
#ifndef LK_CONF_WRITE_H
#define LK_CONF_WRITE_H

#include "base/buf.h"
#include "conf/table.h"

/* text in lines of at most 79 columns, each after prefix. */
void
conf_wrap(struct lk_buf *out, const char *prefix, const char *text);
/* Each key with its help, range and default. */
void
conf_table_help(const struct conf_table *table, struct lk_buf *out);
/* The same as a file: each key commented out with its default, those that must be given open. */
void
conf_table_sample(const struct conf_table *table, struct lk_buf *out);
/* The same in man macros. */
void
conf_table_manual(const struct conf_table *table, struct lk_buf *out);

#endif
