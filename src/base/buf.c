/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>

void
lk_buf_init(struct lk_buf *buf, size_t max_bytes)
{
	*buf = (struct lk_buf){.max_bytes = max_bytes};
}

void
lk_buf_done(struct lk_buf *buf)
{
	if (buf->bytes != NULL)
		sodium_memzero(buf->bytes, buf->len);
	free(buf->bytes);
	*buf = (struct lk_buf){.max_bytes = buf->max_bytes};
}

void
lk_buf_done_auto(struct lk_buf *buf)
{
	lk_buf_done(buf);
}

void
lk_buf_clear(struct lk_buf *buf)
{
	if (buf->bytes != NULL)
		sodium_memzero(buf->bytes, buf->len + 1);
	buf->len = 0;
	buf->has_failed = false;
}

/* Not realloc: it could leave an unwiped copy behind. */
static bool
grow(struct lk_buf *buf, size_t need)
{
	size_t room = buf->room == 0 ? 256 : buf->room;
	char *bytes;

	while (room < need + 1)
		room *= 2;
	bytes = malloc(room);
	if (bytes == NULL)
		return false;
	if (buf->bytes != NULL) {
		memcpy(bytes, buf->bytes, buf->len);
		sodium_memzero(buf->bytes, buf->room);
		free(buf->bytes);
	}
	buf->bytes = bytes;
	buf->room = room;
	return true;
}

static bool
make_room(struct lk_buf *buf, size_t extra)
{
	if (buf->has_failed)
		return false;
	if (extra > buf->max_bytes || buf->len > buf->max_bytes - extra) {
		buf->has_failed = true;
		return false;
	}
	if (buf->len + extra + 1 > buf->room && !grow(buf, buf->len + extra)) {
		buf->has_failed = true;
		return false;
	}
	return true;
}

void
lk_buf_add(struct lk_buf *buf, const void *bytes, size_t len)
{
	char *at = lk_buf_begin(buf, len);

	if (at == NULL)
		return;
	if (len > 0)
		memcpy(at, bytes, len);
	lk_buf_end(buf, at + len);
}

void
lk_buf_add_str(struct lk_buf *buf, struct lk_str s)
{
	lk_buf_add(buf, s.ptr, s.len);
}

void
lk_buf_add_byte(struct lk_buf *buf, char byte)
{
	char *at = lk_buf_begin(buf, 1);

	if (at == NULL)
		return;
	*at = byte;
	lk_buf_end(buf, at + 1);
}

char *
lk_buf_grow(struct lk_buf *buf, size_t most)
{
	return make_room(buf, most) ? buf->bytes + buf->len : NULL;
}

void
lk_buf_add_number(struct lk_buf *buf, int64_t value)
{
	char digits[LK_I64_DIGITS];

	lk_buf_add_str(buf, lk_str_of_i64(value, digits));
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void
lk_buf_add_percent(struct lk_buf *buf, struct lk_str text, const char *kept)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_unreserved(c) || (c != '\0' && strchr(kept, c) != NULL))
			lk_buf_add_byte(buf, c);
		else
			lk_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* What was written past the end is no part of it. */
static void
cut(struct lk_buf *buf)
{
	if (buf->bytes != NULL)
		sodium_memzero(buf->bytes + buf->len, buf->room - buf->len);
}

void
lk_buf_printf(struct lk_buf *buf, const char *format, ...)
{
	size_t left = buf->room - buf->len;
	va_list args;
	int len;

	/* Where it fits it is written at once. */
	va_start(args, format);
	len = vsnprintf(left == 0 ? NULL : buf->bytes + buf->len, left, format, args);
	va_end(args);
	if (len < 0 || !make_room(buf, (size_t)len)) {
		cut(buf);
		buf->has_failed = true;
		return;
	}
	if ((size_t)len >= left) {
		va_start(args, format);
		vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, args);
		va_end(args);
	}
	buf->len += (size_t)len;
}

bool
lk_buf_is_ok(const struct lk_buf *buf)
{
	return !buf->has_failed;
}

struct lk_str
lk_buf_str(const struct lk_buf *buf)
{
	return lk_str_n(buf->bytes, buf->len);
}
