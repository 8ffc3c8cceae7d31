/* SPDX-License-Identifier: MIT */
/* The spool's folders: for this folder only. */
#ifndef LK_SPOOL_SPOOL_FOLDER_H
#define LK_SPOOL_SPOOL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* spool_init; the folder's descriptor in *out_fd. */
enum lk_err
spool_folder_open(const char *dir, struct lk_why *why, int *out_fd) LK_MUST_CHECK;

/* Sees each mail's name in no order, until it says false. */
struct spool_walk {
	bool (*see)(void *context, const char *name, int64_t at_s);
	void *context;
};
/* name: "." or one of its own. LK_E_BROKEN: cannot be read. */
enum lk_err
spool_folder_walk(int folder, const char *name, const struct spool_walk *walk) LK_MUST_CHECK;
/* How many stand there, up to most. LK_E_BROKEN: cannot be read. */
enum lk_err
spool_folder_count(int folder, const char *name, size_t most, size_t *out) LK_MUST_CHECK;
/* Are there most of them, or can nobody tell? */
bool
spool_folder_is_full(int folder, const char *name, size_t most);

#endif
