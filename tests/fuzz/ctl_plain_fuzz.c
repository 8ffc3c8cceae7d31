/* SPDX-License-Identifier: MIT */
/* Whatever is shown to an operator holds nothing a terminal obeys or that turns the writing, and
 * everything else stays as it was. */
/* Folders: ctl/say.c base */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ctl/ctl.h"

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
	struct lk_str plain;
	struct lk_buf out, again;

	lk_buf_init(&out, 1048576);
	lk_buf_init(&again, 1048576);
	ctl_plain(&out, lk_str_n((const char *)bytes, len));
	must(lk_buf_is_ok(&out) && out.len <= len);
	plain = lk_buf_str(&out);
	for (size_t i = 0; i < plain.len; i++) {
		const unsigned char *at = (const unsigned char *)plain.ptr + i;

		must(at[0] >= 0x20 && at[0] != 0x7f);
		must(i + 1 >= plain.len || at[0] != 0xc2 || at[1] < 0x80 || at[1] >= 0xa0);
		must(i + 2 >= plain.len || at[0] != 0xe2 || at[1] != 0x80 || at[2] < 0xaa ||
		     at[2] > 0xae);
	}
	ctl_plain(&again, plain);
	must(again.len == out.len &&
	     (out.len == 0 || memcmp(again.bytes, out.bytes, out.len) == 0));
	lk_buf_done(&again);
	lk_buf_done(&out);
	return 0;
}
