/* SPDX-License-Identifier: MIT */
/* The head beside the log: what is taken is what we wrote. */
/* Folders: base crypto audit */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/head.h"
#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char text[] = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n";
	struct crypto_ring *ring = NULL;
	struct audit_head head;
	char again[256];
	int fd = memfd_create("head", MFD_CLOEXEC);

	if (crypto_init() != LK_OK || fd < 0 || write(fd, bytes, len) != (ssize_t)len ||
	    crypto_ring_read(lk_str_c(text), NULL, &ring) != LK_OK)
		abort();
	if (audit_head_read(fd, ring, &head) == AUDIT_HEAD_GOOD &&
	    (!audit_head_write(fd, ring, &head) || len > sizeof again ||
	     pread(fd, again, len, 0) != (ssize_t)len || memcmp(again, bytes, len) != 0))
		abort();
	crypto_ring_free(ring);
	close(fd);
	return 0;
}
