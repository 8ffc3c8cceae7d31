/* SPDX-License-Identifier: MIT */
/*
 * What the directory says beside an answer about a password. Pure. Fuzzed.
 * Source: draft-behera-ldap-password-policy-10 s6.2.
 */
#ifndef LK_DIRECTORY_DIR_PPOLICY_H
#define LK_DIRECTORY_DIR_PPOLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum dir_ppolicy_error {
	DIR_PPOLICY_NONE = -1,
	DIR_PPOLICY_EXPIRED = 0,
	DIR_PPOLICY_LOCKED = 1,
	DIR_PPOLICY_MUST_CHANGE = 2,
	DIR_PPOLICY_NOT_ALLOWED = 3,
	DIR_PPOLICY_OLD_PASSWORD = 4, /* to be supplied, or not right */
	DIR_PPOLICY_QUALITY = 5,
	DIR_PPOLICY_SHORT = 6,
	DIR_PPOLICY_YOUNG = 7,
	DIR_PPOLICY_HISTORY = 8,
	DIR_PPOLICY_LONG = 9,
};

struct dir_ppolicy {
	bool is_there;	/* slapd sends the control for every entry that exists, for no other */
	int grace_left; /* -1: not said */
	int64_t expires_in_s; /* -1: not said */
	enum dir_ppolicy_error error;
};

#define DIR_PPOLICY_NOTHING ((struct dir_ppolicy){false, -1, -1, DIR_PPOLICY_NONE})

/* The control's value, in BER. False (out untouched) for anything that is not one. */
bool
dir_ppolicy_read(struct lk_str value, struct dir_ppolicy *out);
/* The row for a refused password; LK_E_PASSWORD_DIRECTORY for what names no rule. */
enum lk_err
dir_ppolicy_err(enum dir_ppolicy_error error);

#endif
