/* SPDX-License-Identifier: MIT */
/* Parameters on the end of an address. Pure. */
#ifndef LK_EXCHANGE_ADDRESS_H
#define LK_EXCHANGE_ADDRESS_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Add name=value behind what out holds, an address without fragment: with '?' when it has no query
 * yet, else '&'. Whatever is no letter, digit or one of "-._~" is coded; an empty value is left
 * out.
 *
 * Source: RFC 3986 s2.1, s2.3, s3.4.
 */
void
address_param_add(struct lk_buf *out, const char *name, struct lk_str value);

#endif
