/* SPDX-License-Identifier: MIT */
/* Which access token a program's request is about. Pure. */
#ifndef LK_FLOW_BEARER_H
#define LK_FLOW_BEARER_H

#include "flow/flow.h"

/*
 * The token of an Authorization header with scheme Bearer, in any case; nothing: no such header, or
 * more than one word behind it. Borrowed.
 *
 * Source: RFC 6750 s2.1; RFC 9110 s11.4.
 */
struct lk_str
bearer_find(const struct req *req);
/* Routes with guard TOKEN: parameter token, else that of the header, else parameter access_token.
 */
struct lk_str
bearer_token(const struct req *req);

#endif
