/* SPDX-License-Identifier: MIT */
/* Mended text is text, cut text is text, and text stays as it is. */
/* Folders: base */
/* Libraries: libsodium jansson */
#include <stdlib.h>

#include "base/utf8.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str s = lk_str_n((const char *)bytes, len);
	LK_AUTO_BUF out;
	size_t i;

	lk_buf_init(&out, 3 * len + 1);
	lk_utf8_mend(&out, s);
	must(lk_buf_is_ok(&out));
	must(lk_utf8_check(lk_buf_str(&out)));
	must(lk_utf8_check(s) == lk_str_is_equal(s, lk_buf_str(&out)));
	for (i = 0; i <= len && i < 16; i++)
		must(lk_utf8_cut(s, i).len <= i &&
		     (!lk_utf8_check(s) || lk_utf8_check(lk_utf8_cut(s, i))));
	return 0;
}
