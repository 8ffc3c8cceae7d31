/* SPDX-License-Identifier: MIT */
/* Escaped text makes no markup, and read as HTML it is the same text, mended. */
/* Folders: base */
/* Files: page/page_escape */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "page/page_escape.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* What a browser makes of it. */
static void
unescape(struct lk_buf *out, struct lk_str s)
{
	static const struct {
		const char *entity;
		char byte;
	} rows[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
	size_t i;

	while (s.len > 0) {
		char byte = s.ptr[0];
		size_t used = 1;

		for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
			if (lk_str_starts(s, rows[i].entity)) {
				byte = rows[i].byte;
				used = strlen(rows[i].entity);
			}
		lk_buf_add_byte(out, byte);
		s = lk_str_from(s, used);
	}
}

/* Mended, byte 0 too. */
static void
mend(struct lk_buf *out, struct lk_str s)
{
	LK_AUTO_BUF text;
	size_t i;

	lk_buf_init(&text, 3 * s.len + 1);
	lk_utf8_mend(&text, s);
	for (i = 0; i < text.len; i++)
		if (text.bytes[i] == '\0')
			lk_buf_add_c(out, LK_UTF8_REPLACEMENT);
		else
			lk_buf_add_byte(out, text.bytes[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str s = lk_str_n((const char *)bytes, len);
	struct lk_buf escaped, read, mended;
	size_t i;

	lk_buf_init(&escaped, 6 * len + 1);
	lk_buf_init(&read, 6 * len + 1);
	lk_buf_init(&mended, 3 * len + 1);
	page_escape_html(&escaped, s);
	must(lk_buf_is_ok(&escaped) && lk_utf8_check(lk_buf_str(&escaped)));
	for (i = 0; i < escaped.len; i++)
		must(escaped.bytes[i] != 0 && strchr("<>\"'", escaped.bytes[i]) == NULL);
	unescape(&read, lk_buf_str(&escaped));
	mend(&mended, s);
	must(lk_str_is_equal(lk_buf_str(&read), lk_buf_str(&mended)));
	if (page_url_check(s))
		must(bytes[0] == '/' || memchr(bytes, ':', len) != NULL);
	lk_buf_done(&escaped);
	lk_buf_done(&read);
	lk_buf_done(&mended);
	return 0;
}
