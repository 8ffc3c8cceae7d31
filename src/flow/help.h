/* SPDX-License-Identifier: MIT */
/*
 * The help line of every page: the desk's number, its hours, whether it is open now. The hours are
 * read once; the sentence of the minute is remembered, since every page says it.
 */
#ifndef LK_FLOW_HELP_H
#define LK_FLOW_HELP_H

#include "base/arena.h"
#include "page/page.h"

struct help;

/*
 *   phone, hours  borrowed until help_free; hours that cannot be read are not told
 *
 * Returns: NULL without memory
 */
struct help *
help_new(const char *phone, const char *hours) LK_MUST_CHECK;
void
help_free(struct help *help);

/*
 * Set {help_phone}, {help_tel}, {help_hours} and {help_open}.
 *
 *   arena  of the request: the sentence is copied there, the rest is borrowed from help
 *
 * Threads: any; the only lock is held for a sentence's length.
 */
void
help_fill(struct help *help, enum lang lang, int64_t now_s, struct lk_arena *arena,
	  struct page_values *values);

#endif
