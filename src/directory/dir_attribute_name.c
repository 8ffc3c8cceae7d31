/* SPDX-License-Identifier: MIT */
#include "directory/dir_attributes.h"

#define NAME_MAX_BYTES 64u

/*
 * Beginnings of names, in whatever case. The rights of contrib/directory forbid them all; nobody
 * should have to trust that a server's rights are as they were meant.
 */
static const char *const secret_names[] = {
    "userPassword", "authPassword", "userPKCS12", "pwd",	   "unicodePwd",
    "dBCSPwd",	    "ntPwd",	    "lmPwd",	  "supplementalC", "krb",
    "sambaNT",	    "sambaLM",	    "shadow",	  "ipaNTHash",	   "ipatoken",
    "oath",	    "lkTotp",	    "lkRecovery", "lkKey",
    "lkAllowed",
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
dir_attribute_is_askable(struct lk_str name)
{
	size_t i;

	if (name.len == 0 || name.len > NAME_MAX_BYTES || !is_letter(name.ptr[0]))
		return false;
	for (i = 1; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	for (i = 0; i < sizeof secret_names / sizeof secret_names[0]; i++) {
		struct lk_str secret = lk_str_c(secret_names[i]);

		if (name.len >= secret.len &&
		    lk_str_is_equal_nocase(lk_str_n(name.ptr, secret.len), secret))
			return false;
	}
	return true;
}
