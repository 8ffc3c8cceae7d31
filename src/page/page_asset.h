/* SPDX-License-Identifier: MIT */
/* Ready-made files: style sheet, script, icon. Names carry a hash of the content, so what stands
 * behind a name never changes and may be kept for ever. */
#ifndef LK_PAGE_PAGE_ASSET_H
#define LK_PAGE_PAGE_ASSET_H

#include "base/str.h"

struct page_asset {
	const char *path; /* "/assets/latchkey-3f9c1a20.css" */
	const char *content_type;
	struct lk_str plain;
	struct lk_str gzipped;
};

/* NULL: no such path. */
const struct page_asset *
page_asset_find(struct lk_str path);

#endif
