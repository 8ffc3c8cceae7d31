/* SPDX-License-Identifier: MIT */
/* A directory's control says what it says, or nothing; never a number out of its range. */
/* Folders: base metric crypto directory */
/* Libraries: libsodium liboath jansson ldap */
#include <stdlib.h>

#include "directory/dir_ppolicy.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct dir_ppolicy said = DIR_PPOLICY_NOTHING;

	if (!dir_ppolicy_read(lk_str_n((const char *)bytes, len), &said)) {
		if (said.is_there || said.error != DIR_PPOLICY_NONE)
			abort();
		return 0;
	}
	if (!said.is_there || said.error < DIR_PPOLICY_NONE || said.error > DIR_PPOLICY_LONG ||
	    said.grace_left < -1 || said.expires_in_s < -1 || said.expires_in_s > INT32_MAX ||
	    (said.grace_left >= 0 && said.expires_in_s >= 0))
		abort();
	if (dir_ppolicy_err(said.error) == LK_OK)
		abort();
	return 0;
}
