/* SPDX-License-Identifier: MIT */
/* An instant that reads is written back as the same one. */
/* Folders: base metric crypto directory */
/* Libraries: libsodium liboath jansson ldap */
#include <stdlib.h>

#include "directory/dir_changes.h"
#include "directory/dir_time.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char text[DIR_TIME_BYTES];
	int64_t at_s, again_s;

	if (dir_csn_read(lk_str_n((const char *)bytes, len), &at_s) && at_s < 0)
		abort();
	if (!dir_time_read(lk_str_n((const char *)bytes, len), &at_s))
		return 0;
	if (at_s < 0)
		abort();
	dir_time_write(at_s, text);
	if (!dir_time_read(lk_str_c(text), &again_s) || again_s != at_s)
		abort();
	return 0;
}
