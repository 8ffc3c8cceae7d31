/* SPDX-License-Identifier: MIT */
/* One mail as a file: for this folder only. The reading and showing half is pure, fuzzed. */
#ifndef LK_SPOOL_SPOOL_FILE_H
#define LK_SPOOL_SPOOL_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "spool/waiting.h"

#define SPOOL_NEW	      "new"
#define SPOOL_BAD	      "bad"
#define SPOOL_KEYS	      "keys"
#define SPOOL_FILE_MAX_BYTES  (SPOOL_MAIL_MAX_BYTES + 512u)
#define SPOOL_ADDRESS_MAX_LEN 254u /* RFC 5321 s4.5.3.1.3, less "<>" */

/* May a mail go there? What spool_put asks of to. */
bool
spool_address_check(struct lk_str address);
/* May a call go there? What spool_put_call asks of url. */
bool
spool_url_check(struct lk_str url);
/* May keys stand under that name? */
bool
spool_client_check(struct lk_str client_id);
/* Is it a name of a mail, AT_S.RANDOM? *out_at_s is when it was put. */
bool
spool_name_read(struct lk_str name, int64_t *out_at_s);
/* The file's text into mail's members, borrowed from it; name and at_s are untouched. */
bool
spool_file_read(struct lk_str text, struct spool_mail *mail);
/* The other way round. */
void
spool_file_show(const struct spool_mail *mail, struct lk_buf *out);
/*
 * Write the whole file aside, sync it, rename it to mail->name and sync the folder. What stood
 * under that name stands there until then.
 *
 *   folder  descriptor of the spool
 *
 * Returns: LK_OK · LK_E_MEMORY · LK_E_BROKEN nothing new stays
 */
enum lk_err
spool_file_write(int folder, const struct spool_mail *mail) LK_MUST_CHECK;

/* Text under path, aside first, synced. LK_E_BROKEN: nothing new stays. */
enum lk_err
spool_text_write(int folder, const char *aside, const char *path, struct lk_str text) LK_MUST_CHECK;

#endif
