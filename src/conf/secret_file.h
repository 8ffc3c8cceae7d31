/* SPDX-License-Identifier: MIT */
/* Secrets that stand in files of their own: one line, for the daemon's eyes only. */
#ifndef LK_CONF_SECRET_FILE_H
#define LK_CONF_SECRET_FILE_H

#include "base/err.h"
#include "base/secret.h"

/* Of the line, without its end. */
#define CONF_SECRET_MAX_BYTES 1024u

/*
 * Is path a file that only its owner can touch? NULL, or what is wrong with it: "is not a file",
 * "may be read by …", static words or errno's. Looks, does not read; for checking a configuration.
 */
const char *
conf_secret_file_fault(const char *path);
/*
 * Read it: one line, its end cut off, nothing else trimmed. crypto_init must have been called.
 *
 *   path  borrowed
 *   why   names the file and its fault, never its content; may be NULL
 *   out   yours: lk_secret_free
 *
 * Returns: LK_OK
 *          LK_E_NOT_FOUND  no such file
 *          LK_E_FORMAT     mode, owner, empty, more than one line, a byte 0, too long
 *          LK_E_MEMORY
 */
enum lk_err
conf_secret_file_read(const char *path, struct lk_why *why, struct lk_secret **out) LK_MUST_CHECK;

#endif
