/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: a person's entry read anew before something is done to it. */
#ifndef LK_DIRECTORY_DIR_AGAIN_H
#define LK_DIRECTORY_DIR_AGAIN_H

#include "directory/dir_inside.h"

/*
 * May Latchkey re-open this entry as it is now?
 * Returns: LK_OK · LK_E_ACCOUNT_BLOCKED · LK_E_ACCOUNT_LEFT · LK_E_ACCOUNT_NOT_STARTED ·
 *          LK_E_PERSON_NOT_FOUND gone, or another person under this name · LK_E_DIRECTORY_DOWN …
 */
enum lk_err
dir_again_check(struct dir *dir, const struct dir_person *person) LK_MUST_CHECK;

#endif
