/* SPDX-License-Identifier: MIT */
/* Values made harmless where they stand. Pure, fuzzed. */
#ifndef LK_PAGE_PAGE_ESCAPE_H
#define LK_PAGE_PAGE_ESCAPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* & < > " ' and nothing else; bytes that are no UTF-8, and byte 0, become U+FFFD. */
void
page_escape_html(struct lk_buf *out, struct lk_str value);
/*
 * May it stand in href or action? Own paths (not "//…" or "/\…"), http: https: otpauth: and tel:
 * addresses and those of an application's own scheme, without blanks or control characters. Nothing
 * is not one.
 */
bool
page_url_check(struct lk_str url);

#endif
