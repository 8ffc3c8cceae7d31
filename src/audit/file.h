/* SPDX-License-Identifier: MIT */
/*
 * The log as a file: open and mend it, add lines and sync, move on to a new one. One thread at a
 * time; audit.c sees to that. For this folder and its tests.
 */
#ifndef LK_AUDIT_FILE_H
#define LK_AUDIT_FILE_H

#include <limits.h>
#include <sys/types.h>

#include "audit/audit.h"
#include "audit/chain.h"

#define AUDIT_BATCH_MAX 256u /* lines written and synced together */

/* What reaches the disk; tests count here, and let it fail. */
struct audit_io {
	ssize_t (*write)(int fd, const void *bytes, size_t len);
	int (*sync)(int fd);
};
const struct audit_io *audit_io_system(void);

struct audit_setup {
	const char *path;
	const struct crypto_ring *ring; /* borrowed for the file's life, as the next two */
	const struct lk_clock *clock;
	const struct audit_io *io;
};

struct audit_file {
	struct audit_setup setup; /* path is the copy below */
	char path[PATH_MAX];
	int fd, head_fd;
	struct audit_chain chain; /* of the last line that is on disk */
	uint64_t offset;          /* of its end */
	bool has_head_fault;      /* the last head could not be written */
	bool is_torn;             /* part of a line nobody was told of stands at its end */
	bool is_foreign;          /* somebody else wrote to the file */
	char *out;                /* AUDIT_BATCH_MAX lines */
};

/* See audit_open. A file that did not open needs no close. */
enum lk_err audit_file_open(
    struct audit_file *file, const struct audit_setup *setup, struct lk_why *why) LK_MUST_CHECK;
void audit_file_close(struct audit_file *file);

/* Add count fragments, at most AUDIT_BATCH_MAX, and sync: all or none. LK_OK · LK_E_AUDIT_DOWN */
enum lk_err audit_file_add(
    struct audit_file *file, const struct lk_str *fragments, size_t count) LK_MUST_CHECK;
/* After a failed add: cut off what nobody was told of, and say so in a line. Returns as add. */
enum lk_err audit_file_mend(struct audit_file *file, struct lk_why *why) LK_MUST_CHECK;
/*
 * Move on to a new file when the old one is not at its path any more.
 *
 * Returns: LK_OK           also when it still is
 *          LK_E_AUDIT_DOWN
 *          LK_E_FORMAT     another file with something in it is there
 *          LK_E_BUSY       another process holds it
 */
enum lk_err audit_file_next(struct audit_file *file, struct lk_why *why) LK_MUST_CHECK;

#endif
