/* SPDX-License-Identifier: MIT */
/* What people allowed applications to know of them, on their account page. */
#ifndef LK_FLOW_ACCOUNT_ALLOWED_H
#define LK_FLOW_ACCOUNT_ALLOWED_H

#include "flow/show.h"

/*
 * The page's list 1: applications that ask people and were allowed something. Returns: LK_OK ·
 * LK_E_MEMORY
 */
enum lk_err
account_allowed_fill(struct show *show, const struct dir_factors *factors) LK_MUST_CHECK;

#endif
