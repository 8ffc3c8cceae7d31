/* SPDX-License-Identifier: MIT */
/* Instants as the directory writes them. Pure. Fuzzed. Source: RFC 4517 s3.3.13. */
#ifndef LK_DIRECTORY_DIR_TIME_H
#define LK_DIRECTORY_DIR_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define DIR_TIME_BYTES 16u /* "20261231235959Z" and a NUL */

/*
 * "20261231235959Z", also with a fraction (dropped) or without seconds; UTC only, years from 1970.
 * False for anything else.
 */
bool
dir_time_read(struct lk_str text, int64_t *out_s);
/* The other way, for years 1970 to 9999; outside them the nearest. */
void
dir_time_write(int64_t at_s, char out[DIR_TIME_BYTES]);

#endif
