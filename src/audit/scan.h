/* SPDX-License-Identifier: MIT */
/* Where does a log end? Reads only. For this folder. */
#ifndef LK_AUDIT_SCAN_H
#define LK_AUDIT_SCAN_H

#include "audit/chain.h"
#include "base/err.h"

struct audit_scan {
	int fd, head_fd;
	const struct crypto_ring *ring;
};

struct audit_end {
	struct audit_chain chain;
	uint64_t offset;
	uint64_t torn_bytes; /* behind it: a line that was being written when the machine stopped */
};

/*
 * Walks from the head on: the lines before it were checked when they were written, and audit_verify
 * checks them all again.
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  no head, or not ours; lines cut off; anything behind the chain that is not
 *                       a torn line
 *          LK_E_MEMORY · LK_E_AUDIT_DOWN cannot be read
 */
enum lk_err audit_scan_end(
    const struct audit_scan *scan, struct lk_why *why, struct audit_end *out) LK_MUST_CHECK;

#endif
