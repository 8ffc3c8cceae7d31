/* SPDX-License-Identifier: MIT */
/*
 * Text of strangers on its way into filters and names. Every byte may stand in value, 0 too; what
 * comes out means exactly those bytes. Pure. Fuzzed.
 * Source: RFC 4515 s3, RFC 4514 s2.4.
 */
#ifndef LK_DIRECTORY_DIR_ESCAPE_H
#define LK_DIRECTORY_DIR_ESCAPE_H

#include "base/buf.h"
#include "base/str.h"

void
dir_escape_filter(struct lk_buf *out, struct lk_str value);
void
dir_escape_dn(struct lk_buf *out, struct lk_str value);

#endif
