/* SPDX-License-Identifier: MIT */
/* A file line by line, in bounded memory, byte 0 and all. For this folder. */
#ifndef LK_AUDIT_LINES_H
#define LK_AUDIT_LINES_H

#include <stdint.h>

#include "audit/chain.h"

enum audit_lines_kind {
	AUDIT_LINES_WHOLE = 1,
	AUDIT_LINES_LONG, /* AUDIT_LINE_MAX_BYTES or more: skipped, not shown */
	AUDIT_LINES_TORN, /* the file ends in it */
	AUDIT_LINES_END
};

struct audit_lines {
	int fd;            /* borrowed */
	uint64_t offset;   /* where the next line begins; where to begin reading */
	size_t begin, end; /* private, as all below */
	char bytes[16 * AUDIT_LINE_MAX_BYTES];
};

/* Begin at offset. */
void audit_lines_init(struct audit_lines *lines, int fd, uint64_t offset);
/* The next line, without its end; borrowed until the next call. A read error ends the file. */
enum audit_lines_kind audit_lines_next(struct audit_lines *lines, struct lk_str *out);

#endif
