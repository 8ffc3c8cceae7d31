/* SPDX-License-Identifier: MIT */
/* Answers to programs: JSON, the words of OAuth for what went wrong, and how to ask properly. */
#ifndef LK_EXCHANGE_REPLY_H
#define LK_EXCHANGE_REPLY_H

#include "base/err.h"
#include "exchange/res.h"

/* What is in res->body, or will be, is JSON; not kept by anybody unless res->cache_control says. */
void
reply_json(struct res *res, int status);
/*
 * {"error": "invalid_grant", "error_description": "…"} with the row's word and status. A row whose
 * page would be no refusal has 400. 401 says how to show who is asking; 429 and 503 when to come
 * again.
 *
 *   description  what is wrong, for developers; nothing: the row's own words. Never of what was
 *                sent. Kept to printable ASCII without '"' and '\': whatever else becomes '?'
 *
 * Source:  RFC 6749 s5.2; RFC 6750 s3, s3.1.
 */
void
reply_oauth(struct res *res, enum lk_err err, struct lk_str description);
/* A protected resource was asked for without a token: no word of what is wrong. RFC 6750 s3.1. */
void
reply_token_needed(struct res *res);

#endif
