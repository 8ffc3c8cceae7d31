/* SPDX-License-Identifier: MIT */
/* Only home of libqrencode. */
#include <qrencode.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"

#define QR_MAX_BYTES 1024u
#define QUIET	     4 /* modules of white around it */

static bool
is_dark(const QRcode *code, int x, int y)
{
	return x < code->width && (code->data[y * code->width + x] & 1) != 0;
}

/* The dark runs of one row as strokes: "M4 4.5h7m1 0h1". */
static void
add_row(struct lk_buf *out, const QRcode *code, int y)
{
	int x, from = 0, end = -1; /* of the last stroke */

	for (x = 0; x < code->width; x++) {
		if (!is_dark(code, x, y))
			continue;
		for (from = x; is_dark(code, x, y); x++)
			;
		if (end < 0)
			lk_buf_printf(out, "M%d %d.5", from + QUIET, y + QUIET);
		else
			lk_buf_printf(out, "m%d 0", from - end);
		lk_buf_printf(out, "h%d", x - from);
		end = x;
	}
}

static void
add_svg(struct lk_buf *out, const QRcode *code, struct lk_str label)
{
	int y, width = code->width + 2 * QUIET;

	lk_buf_add_c(out, "<svg class=\"qr\" role=\"img\" aria-label=\"");
	page_escape_html(out, label);
	lk_buf_printf(out,
		      "\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
		      "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path stroke=\"#000\" d=\"",
		      width, width, width, width);
	for (y = 0; y < code->width; y++)
		add_row(out, code, y);
	lk_buf_add_c(out, "\"/></svg>");
}

enum lk_err
page_qr(struct lk_buf *out, struct lk_str text, struct lk_str label)
{
	char copy[QR_MAX_BYTES + 1];
	QRcode *code;
	int cause;

	if (text.len == 0 || text.len > QR_MAX_BYTES || lk_str_find(text, '\0') < text.len)
		return LK_E_FORMAT;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	code = QRcode_encodeString8bit(copy, 0, QR_ECLEVEL_M);
	cause = errno;
	explicit_bzero(copy, sizeof copy);
	if (code == NULL)
		return cause == ENOMEM ? LK_E_MEMORY : LK_E_FORMAT;
	add_svg(out, code, label);
	explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return LK_OK;
}
