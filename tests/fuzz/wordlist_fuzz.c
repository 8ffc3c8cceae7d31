/* SPDX-License-Identifier: MIT */
/* A list of common passwords: refused, or searched without reading past its end. */
/* Folders: base policy conf */
/* Libraries: libsodium jansson */
/* Others: zxcvbn */
#include "policy/wordlist.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str file = lk_str_n((const char *)bytes, len);
	size_t cut;

	if (wordlist_fault(file) != NULL)
		return 0;
	for (cut = 0; cut < 16 && cut < len; cut++)
		(void)wordlist_bytes_have(file, lk_str_n(file.ptr, cut));
	return 0;
}
