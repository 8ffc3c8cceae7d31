/* SPDX-License-Identifier: MIT */
/*
 * A JSON object, written member by member: what tokens say and programs are answered. Empty values
 * are left out. Pure.
 */
#ifndef LK_FLOW_PAYLOAD_H
#define LK_FLOW_PAYLOAD_H

#include "base/buf.h"

void
payload_begin(struct lk_buf *out);
void
payload_text_n(struct lk_buf *out, struct lk_str name, struct lk_str value);
void
payload_number_n(struct lk_buf *out, struct lk_str name, int64_t value);
/* The same; here, so that a literal's length is known without counting. */
static inline void
payload_text(struct lk_buf *out, const char *name, struct lk_str value)
{
	payload_text_n(out, lk_str_c(name), value);
}
static inline void
payload_number(struct lk_buf *out, const char *name, int64_t value)
{
	payload_number_n(out, lk_str_c(name), value);
}
/* Of a blank separated list: one word stands alone, more are an array. */
void
payload_words(struct lk_buf *out, const char *name, struct lk_str list);
void
payload_end(struct lk_buf *out);

#endif
