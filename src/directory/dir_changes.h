/* SPDX-License-Identifier: MIT */
/*
 * Who was changed in the directory by whomever, for the daemon, which ends what was given to people
 * on facts that are no longer so. Rules of dir.h hold.
 *
 * slapd gives an entry a new entryCSN with each change (a wrong password is one: being told here
 * says nothing yet), and its equality index also answers "from here on": a look costs two look-ups
 * in that index, whatever the number of people. What was deleted is not found this way.
 */
#ifndef LK_DIRECTORY_DIR_CHANGES_H
#define LK_DIRECTORY_DIR_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct dir;

#define DIR_CHANGES_MAX 400u

/* Where the last look ended. All zero: nothing was looked at yet. */
struct dir_changes_mark {
	int64_t at_s;	     /* everything before was seen */
	uint64_t seen[1024]; /* digests of what was seen around it, newest last, in a ring */
	size_t seen_count;
};
struct dir_changes {
	const struct lk_str *people; /* ids, in the arena */
	size_t people_count;
	bool has_groups; /* a group was changed */
	bool has_more;	 /* more than can be told: look at everybody */
};
/*
 * What was changed since the last look; the first one goes a minute back. mark moves on only with
 * LK_OK.
 *
 * Time:    2 round trips, 1 without groups.
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN · LK_E_MEMORY · LK_E_BROKEN no right to (why says)
 */
enum lk_err
dir_changes_find(struct dir *dir, struct dir_changes_mark *mark,
		 struct dir_changes *out) LK_MUST_CHECK;
/* The instant of "20261127202416.123456Z#000000#000#000000". Pure. False for anything else. */
bool
dir_csn_read(struct lk_str text, int64_t *out_s);

#endif
