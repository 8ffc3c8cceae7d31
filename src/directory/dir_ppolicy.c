/* SPDX-License-Identifier: MIT */
#include "directory/dir_ppolicy.h"

/* BER tags of PasswordPolicyResponseValue. */
#define TAG_SEQUENCE 0x30
#define TAG_WARNING  0xA0 /* [0], holds one of the two */
#define TAG_EXPIRES  0x80
#define TAG_GRACE    0x81
#define TAG_ERROR    0x81 /* [1] ENUMERATED */

/* Cuts an element with this tag off *rest. Short lengths only: nothing here is longer than 20. */
static bool
element(struct lk_str *rest, unsigned char tag, struct lk_str *out)
{
	size_t len;

	if (rest->len < 2 || (unsigned char)rest->ptr[0] != tag)
		return false;
	len = (unsigned char)rest->ptr[1];
	if (len > 127 || len > rest->len - 2)
		return false;
	*out = lk_str_n(rest->ptr + 2, len);
	*rest = lk_str_from(*rest, len + 2);
	return true;
}

/* INTEGER or ENUMERATED from 0 to maxInt; false for others. */
static bool
number(struct lk_str content, int64_t *out)
{
	int64_t value = 0;
	size_t i;

	if (content.len == 0 || content.len > 5 || ((unsigned char)content.ptr[0] & 0x80) != 0)
		return false;
	for (i = 0; i < content.len; i++)
		value = value << 8 | (unsigned char)content.ptr[i];
	if (value > INT32_MAX)
		return false;
	*out = value;
	return true;
}

static bool
warning(struct lk_str content, struct dir_ppolicy *found)
{
	struct lk_str inner;
	int64_t value;

	if (element(&content, TAG_EXPIRES, &inner) && number(inner, &value))
		found->expires_in_s = value;
	else if (element(&content, TAG_GRACE, &inner) && number(inner, &value))
		found->grace_left = (int)value;
	else
		return false;
	return content.len == 0;
}

bool
dir_ppolicy_read(struct lk_str value, struct dir_ppolicy *out)
{
	struct dir_ppolicy found = DIR_PPOLICY_NOTHING;
	struct lk_str all, part;
	int64_t error;

	found.is_there = true;
	if (!element(&value, TAG_SEQUENCE, &all) || value.len != 0)
		return false;
	if (element(&all, TAG_WARNING, &part) && !warning(part, &found))
		return false;
	if (element(&all, TAG_ERROR, &part)) {
		if (!number(part, &error) || error > DIR_PPOLICY_LONG)
			return false;
		found.error = (enum dir_ppolicy_error)error;
	}
	if (all.len != 0)
		return false;
	*out = found;
	return true;
}

enum lk_err
dir_ppolicy_err(enum dir_ppolicy_error error)
{
	switch (error) {
	case DIR_PPOLICY_EXPIRED:
		return LK_E_PASSWORD_EXPIRED;
	case DIR_PPOLICY_LOCKED:
		return LK_E_ACCOUNT_LOCKED;
	case DIR_PPOLICY_NOT_ALLOWED:
		return LK_E_PASSWORD_NOT_ALLOWED;
	case DIR_PPOLICY_OLD_PASSWORD:
		return LK_E_SIGNIN_WRONG;
	case DIR_PPOLICY_SHORT:
		return LK_E_PASSWORD_SHORT;
	case DIR_PPOLICY_YOUNG:
		return LK_E_PASSWORD_TOO_SOON;
	case DIR_PPOLICY_HISTORY:
		return LK_E_PASSWORD_REUSED;
	case DIR_PPOLICY_LONG:
		return LK_E_PASSWORD_LONG;
	case DIR_PPOLICY_NONE:
	case DIR_PPOLICY_MUST_CHANGE:
	case DIR_PPOLICY_QUALITY:
		break;
	}
	return LK_E_PASSWORD_DIRECTORY;
}
