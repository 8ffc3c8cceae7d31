/* SPDX-License-Identifier: MIT */
/* Addresses that are not of the web. Pure. */
#ifndef LK_BASE_URL_H
#define LK_BASE_URL_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Is it an address in an application's own scheme, "com.example.app:/done"? The scheme is a domain
 * name turned round, in small letters, with a dot at least, so that none the browser or the system
 * has a meaning for (javascript, data, file, http) is one; behind it a path and no host, in
 * printable ASCII without blanks, quotes, '*' or '#'.
 *
 * Source: RFC 8252 s7.1; RFC 3986 s3.1, s3.3.
 */
bool lk_url_is_own(struct lk_str url);

#endif
