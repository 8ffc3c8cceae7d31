/* SPDX-License-Identifier: MIT */
/* A socket file of ours: made, known again, removed. */
#ifndef LK_LOCAL_LISTENER_H
#define LK_LOCAL_LISTENER_H

#include <sys/stat.h>
#include <sys/un.h>

#include "base/err.h"

struct listener {
	int fd; /* -1: none */
	struct sockaddr_un where;
	dev_t device; /* of the file we made, so that no other is removed */
	ino_t inode;
};

/*
 * Listen at path; see local_start for what is refused. mode is that of the file.
 * Returns: LK_OK · LK_E_BUSY · LK_E_FORMAT · LK_E_BROKEN
 */
enum lk_err
listener_open(struct listener *listener, const char *path, mode_t mode,
	      struct lk_why *why) LK_MUST_CHECK;
/* Removes the file, unless another one stands there by now. Twice is fine. */
void
listener_close(struct listener *listener);

#endif
