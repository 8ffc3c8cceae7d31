/* SPDX-License-Identifier: MIT */
/* What is made from the table besides help: completion and manuals. */
#ifndef LK_CTL_WRITTEN_H
#define LK_CTL_WRITTEN_H

#include <stdio.h>

/* For bash. */
void
ctl_completion_write(FILE *out);
/* latchkeyctl(1), in man macros. */
void
ctl_manual_write(FILE *out);
/* text as man source: hyphens are minus signs, and no line of it is a request. */
void
ctl_man_put(FILE *out, const char *text);

#endif
