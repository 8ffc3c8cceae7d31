/* SPDX-License-Identifier: MIT */
/* Bytes of a file that is open. */
#ifndef LK_BASE_FILE_H
#define LK_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Read on until room bytes are there, or the file's end.
 *
 *   to  room for room bytes
 *
 * False: it cannot be read, and errno says why.
 */
bool lk_file_read(int fd, char *to, size_t room, size_t *out_len);

#endif
