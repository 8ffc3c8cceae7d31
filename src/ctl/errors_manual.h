/* SPDX-License-Identifier: MIT */
#ifndef LK_CTL_ERRORS_MANUAL_H
#define LK_CTL_ERRORS_MANUAL_H

#include <stdio.h>

/* latchkey-errors(7) from errors.def and the English texts. */
void
ctl_errors_manual_write(FILE *out);

#endif
