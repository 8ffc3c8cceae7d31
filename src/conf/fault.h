/* SPDX-License-Identifier: MIT */
/*
 * Everything wrong with files people wrote, collected so that all of it can be told at once as
 * "file:line:column: words". Words never hold a secret.
 */
#ifndef LK_CONF_FAULT_H
#define LK_CONF_FAULT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Past this many the rest is counted, not kept. */
#define CONF_FAULTS_MAX 100u

/* Where. line and column count from 1, columns in characters; line 0: the file as a whole. */
struct conf_place {
	const char *file;
	unsigned line;
	unsigned column;
};

struct conf_fault {
	struct conf_place place; /* file is owned by the faults */
	char words[320];
};

struct conf_faults {
	struct conf_fault *rows; /* NULL until the first */
	size_t count;		 /* kept in rows */
	size_t unkept_count;
};

/* All zero is a good start too. */
void
conf_faults_init(struct conf_faults *faults);
void
conf_faults_done(struct conf_faults *faults);
/* Words are cut at their limit; control characters become '?'. Without memory only counted. */
void
conf_fault_add(struct conf_faults *faults, struct conf_place place, const char *format, ...)
    LK_PRINTF(3, 4);
/* Kept or not. */
size_t
conf_faults_count(const struct conf_faults *faults);
/* Into file order: by the order files were first named, then line, then column. */
void
conf_faults_sort(struct conf_faults *faults);
/* A line each. */
void
conf_faults_write(const struct conf_faults *faults, struct lk_buf *out);

#endif
