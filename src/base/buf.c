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
		sodium_memzero(buf->bytes, buf->len);
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
	if (!make_room(buf, len))
		return;
	if (len > 0)
		memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
	buf->bytes[buf->len] = '\0';
}

void
lk_buf_add_str(struct lk_buf *buf, struct lk_str s)
{
	lk_buf_add(buf, s.ptr, s.len);
}

void
lk_buf_add_c(struct lk_buf *buf, const char *text)
{
	lk_buf_add(buf, text, strlen(text));
}

void
lk_buf_add_byte(struct lk_buf *buf, char byte)
{
	lk_buf_add(buf, &byte, 1);
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

void
lk_buf_printf(struct lk_buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !make_room(buf, (size_t)len)) {
		buf->has_failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, args);
	va_end(args);
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
