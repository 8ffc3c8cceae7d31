/* SPDX-License-Identifier: MIT */
/*
 * Bytes that grow, with a bound. Writing never fails aloud: past the bound or out of memory the
 * buffer is spoilt, takes nothing more, and lk_buf_is_ok says so once at the end. Freed bytes are
 * wiped.
 */
#ifndef LK_BASE_BUF_H
#define LK_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct lk_buf {
	char *bytes; /* NULL until the first write; always NUL-terminated once there */
	size_t len;
	size_t room;	  /* allocated, private */
	size_t max_bytes; /* private */
	bool has_failed;  /* private */
};

void lk_buf_init(struct lk_buf *buf, size_t max_bytes);
/* Wipes and frees; the buffer may be used again after another init. */
void lk_buf_done(struct lk_buf *buf);
/* Keeps the memory, wipes and forgets the content and the failure. */
void lk_buf_clear(struct lk_buf *buf);

void lk_buf_add(struct lk_buf *buf, const void *bytes, size_t len);
void lk_buf_add_str(struct lk_buf *buf, struct lk_str s);
static inline void
lk_buf_add_c(struct lk_buf *buf, const char *text)
{
	lk_buf_add(buf, text, strlen(text));
}
void lk_buf_add_byte(struct lk_buf *buf, char byte);
/*
 * Room for most bytes, to be written by hand and then told of: lk_buf_end with the first byte not
 * written. NULL when there is none; the buffer is then spoilt.
 */
char *lk_buf_grow(struct lk_buf *buf, size_t most); /* the same, when there may be none yet */
static inline char *
lk_buf_begin(struct lk_buf *buf, size_t most)
{
	bool has_room = !buf->has_failed && most <= buf->max_bytes &&
			buf->len <= buf->max_bytes - most && buf->len + most < buf->room;

	return has_room ? buf->bytes + buf->len : lk_buf_grow(buf, most);
}
static inline void
lk_buf_end(struct lk_buf *buf, char *end)
{
	buf->len = (size_t)(end - buf->bytes);
	*end = '\0';
}
/* In decimal digits. */
void lk_buf_add_number(struct lk_buf *buf, int64_t value);
/*
 * text as part of an address: %XX for all but letters, digits, '-', '.', '_', '~' (RFC 3986 s2.3)
 * and the bytes of kept.
 */
void lk_buf_add_percent(struct lk_buf *buf, struct lk_str text, const char *kept);
void lk_buf_printf(struct lk_buf *buf, const char *format, ...) LK_PRINTF(2, 3);

/* False once anything did not fit. */
bool lk_buf_is_ok(const struct lk_buf *buf) LK_MUST_CHECK;
/* Borrowed until the next write. */
struct lk_str lk_buf_str(const struct lk_buf *buf);

void lk_buf_done_auto(struct lk_buf *buf);
#define LK_AUTO_BUF __attribute__((cleanup(lk_buf_done_auto))) struct lk_buf

#endif
