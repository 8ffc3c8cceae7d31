/* SPDX-License-Identifier: MIT */
/*
 * Mails on their way, a file each in one folder: written whole and synced before the answer that
 * promises them leaves; taken by latchkey-mailer, which may be killed at any moment. A mail is sent
 * at least once and, but for a kill between the server's yes and the unlink, exactly once.
 *
 *   new/NAME    being written; a mail only once renamed into the folder itself
 *   NAME        waits: AT_S.RANDOM; first line "to: ADDRESS", second "tries: N next: AT_S", then a
 *               blank line and the mail
 *   bad/NAME    could not be delivered in SPOOL_LIFE_S, or was refused for good
 *   calls/      a folder just like this one, of what applications are told over HTTPS: there the
 *               first line is "call: URL" and the body of the call stands behind the blank line.
 *               Of its own, so that no mail waits behind an application that is down. With
 *               "fetch: URL" that address is read, the body is a client id, and what was read
 *               stands in calls/keys/CLIENT_ID
 *
 * This is the side that puts; the one that takes is spool/waiting.h.
 */
#ifndef LK_SPOOL_SPOOL_H
#define LK_SPOOL_SPOOL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define SPOOL_MAIL_MAX_BYTES 65536u
#define SPOOL_COUNT_MAX	     100000u
#define SPOOL_LIFE_S	     (5 * 86400)

#define SPOOL_CALLS		"calls"
#define SPOOL_URL_MAX_BYTES	500u
#define SPOOL_CALLS_COUNT_MAX	10000u
#define SPOOL_CALL_LIFE_S	3600
#define SPOOL_CLIENT_MAX_LEN	100u
#define SPOOL_KEYS_MAX_BYTES	65536u
#define SPOOL_KEYS_FILE_MAX_BYTES (SPOOL_KEYS_MAX_BYTES + SPOOL_URL_MAX_BYTES + 1u)

/*
 * Makes the folder, its own ones and calls/ (0700) when missing; the folder above must be there.
 *
 * Returns: LK_OK · LK_E_FORMAT others may write it, or it is somebody else's (why says) ·
 *          LK_E_BROKEN it cannot be made or looked at (why says)
 */
enum lk_err
spool_init(const char *dir, struct lk_why *why) LK_MUST_CHECK;
/*
 * Put one mail; synced when this returns. Nothing stays behind unless LK_OK.
 *
 *   dir   made by spool_init
 *   to    one address: one '@', no blanks, control characters or signs that part addresses, UTF-8,
 *         at most 254 bytes
 *   mail  headers and text, as page_mail gave it; not empty, no byte 0, at most
 *         SPOOL_MAIL_MAX_BYTES
 *
 * Time:    two syncs, and one look at each name in the folder.
 * Returns: LK_OK · LK_E_FORMAT to is no address, or mail none · LK_E_MEMORY · LK_E_BROKEN the disk
 *          says no, or the spool holds SPOOL_COUNT_MAX mails
 * Threads: any.
 */
enum lk_err
spool_put(const char *dir, struct lk_str to, struct lk_str mail, int64_t now_s) LK_MUST_CHECK;
/*
 * Put one call, likewise.
 *
 *   dir   made by spool_init; it goes into its calls/
 *   url   https://, or http:// to 127.0.0.1, [::1] or localhost; printable ASCII without blanks and
 *         quotes, at most SPOOL_URL_MAX_BYTES
 *   body  as spool_put's mail
 *
 * Returns: as spool_put; LK_E_BROKEN with SPOOL_CALLS_COUNT_MAX calls
 */
enum lk_err
spool_put_call(const char *dir, struct lk_str url, struct lk_str body,
	       int64_t now_s) LK_MUST_CHECK;
/*
 * Have the keys an application publishes at url read, into calls/keys/CLIENT_ID.
 *
 *   client_id  letters, digits, "._~-", no '.' first, at most SPOOL_CLIENT_MAX_LEN
 *
 * Returns: as spool_put_call
 */
enum lk_err
spool_put_fetch(const char *dir, struct lk_str url, struct lk_str client_id,
		int64_t now_s) LK_MUST_CHECK;
/*
 * What was read, behind a line with the address it was read from; and when, in any unit; newer than
 * *inout_at only.
 *
 * Returns: LK_OK · LK_E_NOT_FOUND nothing newer · LK_E_FORMAT no such client_id, or more than
 *          SPOOL_KEYS_FILE_MAX_BYTES · LK_E_BROKEN
 */
enum lk_err
spool_keys_get(const char *dir, struct lk_str client_id, struct lk_buf *out,
	       int64_t *inout_at) LK_MUST_CHECK;
/* How many calls wait, and how many were given up. LK_E_BROKEN: a folder cannot be read. */
struct spool_counts {
	size_t waiting, bad;
};
enum lk_err
spool_calls_count(const char *dir, struct spool_counts *out) LK_MUST_CHECK;

#endif
