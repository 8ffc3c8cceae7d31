/* SPDX-License-Identifier: MIT */
/* Six digits, or what is wrong with them in words. */
#ifndef LK_FLOW_DIGITS_H
#define LK_FLOW_DIGITS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

/* Returns: LK_OK · LK_E_CODE_EMPTY (NULL too) · LK_E_CODE_LETTERS · _SHORT · _LONG */
enum lk_err
digits_check(const struct lk_secret *code) LK_MUST_CHECK;

/* "PASSWORD,123456" in its two parts, in the arena; false when it is not of that shape. */
bool
digits_split(struct lk_arena *arena, const struct lk_secret *typed,
	     const struct lk_secret **out_password, const struct lk_secret **out_code);

#endif
