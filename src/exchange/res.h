/* SPDX-License-Identifier: MIT */
/* What goes back. Filled by a flow; sent, and the security headers added, by http. */
#ifndef LK_EXCHANGE_RES_H
#define LK_EXCHANGE_RES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "exchange/req.h"

struct page_asset;

#define RES_BODY_MAX_BYTES 131072u

struct res_cookie {
	bool is_set;	     /* false: leave what the browser has */
	struct lk_str value; /* empty: remove it */
	int32_t life_s;	     /* 0: as long as the browser runs */
};
struct res {
	int status;		  /* 0: not filled yet */
	const char *content_type; /* NULL with no body */
	struct lk_buf body;
	struct lk_str location; /* of a 302 or 303, our own path or a registered address */
	struct res_cookie cookie[COOKIE_COUNT];
	int retry_after_s;		/* 0: none */
	const struct page_asset *asset; /* body from here instead, cached for ever */
	struct lk_str disposition;	/* Content-Disposition, or nothing */
	int64_t not_before_mono_ms;	/* leaves no earlier than this (even_out); 0: at once */
	bool wants_close;
};

#endif
