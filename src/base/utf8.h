/* SPDX-License-Identifier: MIT */
/* Is it text? UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF.
 * Pure. */
#ifndef LK_BASE_UTF8_H
#define LK_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define LK_UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/*
 * The character s begins with: returns its length in bytes, 1 to 4, and its number in *out_point; 0
 * when s is empty or begins with bytes that are no character (*out_point is untouched).
 */
size_t lk_utf8_next(struct lk_str s, uint32_t *out_point);
/* How many characters; a byte that belongs to none counts as one. */
size_t lk_utf8_count(struct lk_str s);
/* Is all of s characters? Nothing and byte 0 are. */
bool lk_utf8_check(struct lk_str s);
/* s with U+FFFD for each byte that belongs to no character; never longer than three times s. */
void lk_utf8_mend(struct lk_buf *out, struct lk_str s);
/* The first max_bytes of s or less, so that no character is cut in two. */
struct lk_str lk_utf8_cut(struct lk_str s, size_t max_bytes);

#endif
