/* SPDX-License-Identifier: MIT */
/* For this folder only. */
#ifndef LK_PAGE_PAGE_RUN_H
#define LK_PAGE_PAGE_RUN_H

#include "page/page.h"

/* The program at start as plain text; values may be NULL. */
void
page_run_plain(struct lk_buf *out, uint32_t start, enum lang lang,
	       const struct page_values *values);

#endif
