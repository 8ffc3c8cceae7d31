/* SPDX-License-Identifier: MIT */
/* An application's file as text: one key changed, all else, comments too, as it was. Pure, fuzzed.
 */
#ifndef LK_CTL_APP_TEXT_H
#define LK_CTL_APP_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * text with "key = value" where key stood, or at the end when it stood nowhere; an empty value
 * takes the key away. Of a key that stood twice all lines go but the first.
 *
 *   value  one line: without control characters
 */
void
app_text_set(struct lk_str text, struct lk_str key, struct lk_str value, struct lk_buf *out);
/* Is it one line that reads back as it is? */
bool
app_text_check(struct lk_str value);

#endif
