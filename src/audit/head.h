/* SPDX-License-Identifier: MIT */
/*
 * Where the log ends, kept beside it (PATH.head) and written after each sync: without it nobody
 * could tell lines cut off the end from lines never written. Signed, so that nobody can make one
 * for an earlier line. For this folder.
 */
#ifndef LK_AUDIT_HEAD_H
#define LK_AUDIT_HEAD_H

#include "audit/chain.h"

struct audit_head {
	struct audit_chain chain;
	uint64_t offset; /* of the end of that line; 0: the file begins after it */
};

enum audit_head_state {
	AUDIT_HEAD_GOOD = 1,
	AUDIT_HEAD_NONE, /* empty: never written */
	AUDIT_HEAD_BAD   /* not ours, changed, or of a key the ring does not hold */
};

/* In place, in one write. False when that failed. */
bool audit_head_write(int fd, const struct crypto_ring *ring, const struct audit_head *head);
enum audit_head_state audit_head_read(
    int fd, const struct crypto_ring *ring, struct audit_head *out);
/* PATH.head; false when it does not fit. */
bool audit_head_path(const char *path, char *out, size_t room);

#endif
