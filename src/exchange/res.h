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
#define RES_HEADERS_MAX 12u
struct res_header {
	const char *name;
	struct lk_str value; /* borrowed */
};
struct res {
	int status;		  /* 0: not filled yet */
	const char *content_type; /* a literal; NULL with no body */
	struct lk_buf body;
	struct lk_str location; /* of a 302 or 303, our own path or a registered address */
	struct res_cookie cookie[COOKIE_COUNT];
	int retry_after_s;		/* 0: none */
	const struct page_asset *asset; /* body from here instead, cached for ever */
	struct lk_str disposition;  /* Content-Disposition, or nothing */
	int64_t not_before_mono_ms; /* leaves no earlier than this (even_out); 0: at once */
	bool wants_close;
	/* For whoever asks the same in the same state (flow_state). Of what memory told of a token
	 * no other answer leaves without a trip to the store (http/answer.c). */
	bool is_repeatable;
	struct res_header header[RES_HEADERS_MAX]; /* res_header_add */
	size_t header_count;
	bool is_spoilt;		   /* a header could not be added: nothing of this is sent */
	const char *cache_control; /* a literal; NULL: no-store */
	struct lk_str form_action; /* origins a form of this page may lead to, besides ours */
	struct lk_str frame_src;   /* origins this page may show in a frame */
	struct lk_str cors_origin; /* whose scripts may read this; "*": anybody's */
};

/*
 * One more header. A value that holds a control byte is not added, nor one too many: res is then
 * spoilt, and what is sent is a refusal.
 */
void
res_header_add(struct res *res, const char *name, struct lk_str value);
/*
 * The origin an address begins with ("https://app.example:8443"), for form_action, frame_src and
 * cors_origin. Borrowed; nothing when it is not http or https.
 */
struct lk_str
res_origin(struct lk_str address);
/* Can a policy for content name it? No address of IPv6. Source: CSP3 s2.3.1, host-char. */
bool
res_origin_is_source(struct lk_str origin);

#endif
