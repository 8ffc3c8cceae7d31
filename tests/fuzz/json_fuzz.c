/* SPDX-License-Identifier: MIT */
/* Reading stays in bounds; what was quoted reads back as it was, mended. */
/* Folders: base */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
read_any(struct lk_str text)
{
	struct lk_json *doc = NULL;
	struct lk_str s;
	int64_t n;
	bool b;

	if (lk_json_read(text, 65536, &doc) != LK_OK)
		return;
	(void)lk_json_to_str(lk_json_find(doc, "a"), &s);
	(void)lk_json_to_i64(lk_json_find(doc, "a"), &n);
	(void)lk_json_to_bool(lk_json_at(doc, 0), &b);
	lk_json_free(doc);
}

static void
quote_and_read_back(struct lk_str text)
{
	struct lk_json *doc = NULL;
	struct lk_str back;
	LK_AUTO_BUF quoted, mended;

	lk_buf_init(&quoted, 6 * text.len + 10);
	lk_buf_init(&mended, 3 * text.len + 10);
	lk_buf_add_byte(&quoted, '[');
	lk_json_quote(&quoted, text);
	lk_buf_add_byte(&quoted, ']');
	lk_utf8_mend(&mended, text);
	must(lk_json_read(lk_buf_str(&quoted), quoted.len, &doc) == LK_OK);
	must(lk_json_to_str(lk_json_at(doc, 0), &back));
	must(text.len > 0 && memchr(text.ptr, 0, text.len) != NULL
		 ? back.len >= mended.len
		 : lk_str_is_equal(back, lk_buf_str(&mended)));
	lk_json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);

	read_any(text);
	quote_and_read_back(text);
	return 0;
}
