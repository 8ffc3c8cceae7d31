/* SPDX-License-Identifier: MIT */
/* People as the directory keeps them, as plain values. All text lives in the call's arena. */
#ifndef LK_DIRECTORY_DIR_PERSON_H
#define LK_DIRECTORY_DIR_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum dir_state { /* what the entry itself says; DIR_OPEN does not mean the password is right */
		 DIR_OPEN = 1,
		 /* by wrong passwords at any door; locked_until_s says until when (0: until
		    unlocked) */
		 DIR_LOCKED,
		 DIR_BLOCKED,	  /* by administrators: pwdAccountLockedTime 000001010000Z */
		 DIR_NOT_STARTED, /* starts_at_s */
		 DIR_LEFT,	  /* ends_at_s */
};

/*
 * One person. id is the entryUUID in lower case, 36 characters: the only name anything of ours is
 * kept under. A lock that is over is no lock: state DIR_OPEN, both times 0.
 */
struct dir_person {
	struct lk_str id;
	struct lk_str dn;
	struct lk_str username; /* as the directory spells it */
	struct lk_str display_name;
	struct lk_str given_name, family_name;
	struct lk_str mail, phone;
	struct lk_str department;
	struct lk_str manager_dn;
	struct lk_str language;	     /* "en", "cy" or nothing */
	const struct lk_str *groups; /* names (cn), group_count of them */
	size_t group_count;
	enum dir_state state;
	int64_t locked_at_s, locked_until_s; /* 0: none */
	int64_t starts_at_s, ends_at_s;	     /* 0: none */
	int64_t password_changed_at_s;	     /* 0: never */
	int64_t password_expires_at_s;	     /* 0: never */
	int64_t password_may_change_at_s;    /* pwdMinAge over; 0: at any time */
	int64_t last_wrong_at_s;	     /* newest pwdFailureTime */
	int wrong_count;		     /* values of pwdFailureTime */
	bool must_change;		     /* pwdReset */
	bool is_password_fixed;		     /* their policy lets nobody set their own */
};

/* What a bind with a password said. */
enum dir_verdict {
	DIR_PASSWORD_RIGHT = 1,
	DIR_PASSWORD_WRONG,	  /* or the entry is not one that can bind */
	DIR_PASSWORD_LOCKED,	  /* locked: right or wrong is not known */
	DIR_PASSWORD_EXPIRED,	  /* right, but too old and no grace left */
	DIR_PASSWORD_MUST_CHANGE, /* right, and must be changed before anything else */
};

struct dir_password_answer {
	enum dir_verdict verdict;
	int grace_left;	      /* -1: not said */
	int64_t expires_in_s; /* -1: not said */
};

/* What is kept of a person in their entry below factors_base, first of all what they can prove
 * themselves with. */
struct dir_factors {
	bool has_entry;
	struct lk_str totp_sealed; /* empty: none; opened by crypto/seal with the person's id */
	struct lk_str totp_name;   /* what people call it */
	int64_t totp_added_at_s;
	const struct lk_str *recovery; /* hashes of unused recovery codes (crypto/recovery) */
	size_t recovery_count;
	const struct lk_str *allowed; /* what applications may know; flow/consent_text.h */
	size_t allowed_count;
};

#endif
