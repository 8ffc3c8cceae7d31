/* SPDX-License-Identifier: MIT */
/*
 * What people prove themselves with besides their password: one entry a person below factors_base,
 * named by the person's id (contrib/directory/latchkey.schema). Rules of dir.h hold.
 *
 * Time:    1 round trip; 2 for the first factor of a person (the entry is made).
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN nothing was sent or changed · LK_E_MEMORY
 *          LK_E_BROKEN the directory refuses what we ask (rights, schema; why says)
 *          and where something is written
 *          LK_E_DIRECTORY_UNSURE no answer, it may be written: read back
 *          LK_E_DIRECTORY_READ_ONLY nothing changed; no referral is followed
 */
#ifndef LK_DIRECTORY_DIR_FACTORS_H
#define LK_DIRECTORY_DIR_FACTORS_H

#include "base/err.h"
#include "base/str.h"
#include "directory/dir_person.h"

struct dir;

/*
 * LK_OK with has_entry false when the person has none. person NULL: reads the decoy's, for equal
 * work, and has_entry is false.
 */
enum lk_err
dir_factors_get(struct dir *dir, const struct dir_person *person,
		struct dir_factors *out) LK_MUST_CHECK;
/*
 * Put or replace the authenticator (makes the entry when missing). sealed: 1 to 1024 bytes; name:
 * UTF-8, at most 256 bytes, may be empty.
 */
enum lk_err
dir_totp_put(struct dir *dir, const struct dir_person *person, struct lk_str sealed,
	     struct lk_str name) LK_MUST_CHECK;
/*
 * The same authenticator under another seal, in place of this one; nothing else of it changes.
 * Returns: as above · LK_E_USED another one stands there, or none
 */
enum lk_err
dir_totp_reseal(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes) LK_MUST_CHECK;
/* LK_OK also when there was none. */
enum lk_err
dir_totp_remove(struct dir *dir, const struct dir_person *person) LK_MUST_CHECK;
/* Replace the whole set of recovery code hashes, at most 64; count 0 removes all. */
enum lk_err
dir_recovery_put(struct dir *dir, const struct dir_person *person, const struct lk_str *hashes,
		 size_t count) LK_MUST_CHECK;
/*
 * Take one recovery hash away: the directory lets exactly one of many succeed.
 * Returns: besides the above LK_E_USED, it was not there any more
 */
enum lk_err
dir_recovery_take(struct dir *dir, const struct dir_person *person,
		  struct lk_str hash) LK_MUST_CHECK;

/*
 * Put one value of what a person allowed applications to know in the place of another, in one step;
 * nothing: there was none, or none shall be (makes the entry when missing). At most 2048 bytes.
 * Returns: besides the above LK_E_USED, was is not there any more
 */
enum lk_err
dir_allowed_put(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes) LK_MUST_CHECK;

#endif
