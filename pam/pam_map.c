/* SPDX-License-Identifier: MIT */
#include "pam_map.h"

#include <security/_pam_types.h>

/*
 * sshd shows what was said only with PAM_AUTH_ERR, PAM_ACCT_EXPIRED and PAM_MAXTRIES; with the last
 * it stops asking, which is right where a next try could not succeed.
 */
static int
auth_reason(enum latchkey_reason reason)
{
	switch (reason) {
	case LATCHKEY_TOO_FAST:
	case LATCHKEY_LOCKED:
		return PAM_MAXTRIES;
	case LATCHKEY_LEFT:
	case LATCHKEY_NOT_STARTED:
	case LATCHKEY_BLOCKED:
		return PAM_ACCT_EXPIRED;
	case LATCHKEY_REASON_NONE:
	case LATCHKEY_WRONG:
	case LATCHKEY_UNKNOWN:
	case LATCHKEY_PASSWORD_RULE:
	case LATCHKEY_UNSURE:
	case LATCHKEY_NOT_HERE:
	case LATCHKEY_NOT_ALLOWED:
	default:
		return PAM_AUTH_ERR;
	}
}

static int
account_reason(enum latchkey_reason reason)
{
	if (reason == LATCHKEY_UNKNOWN)
		return PAM_USER_UNKNOWN;
	return reason == LATCHKEY_LEFT ? PAM_ACCT_EXPIRED : PAM_PERM_DENIED;
}

static int
change_reason(enum latchkey_reason reason)
{
	switch (reason) {
	case LATCHKEY_UNKNOWN:
		return PAM_USER_UNKNOWN;
	case LATCHKEY_WRONG:
	case LATCHKEY_TOO_FAST:
		return PAM_AUTHTOK_RECOVERY_ERR;
	case LATCHKEY_LOCKED:
	case LATCHKEY_LEFT:
	case LATCHKEY_NOT_STARTED:
	case LATCHKEY_BLOCKED:
	case LATCHKEY_NOT_HERE:
	case LATCHKEY_NOT_ALLOWED:
		return PAM_PERM_DENIED;
	case LATCHKEY_REASON_NONE:
	case LATCHKEY_PASSWORD_RULE:
	case LATCHKEY_UNSURE:
	default:
		return PAM_AUTHTOK_ERR;
	}
}

int
pam_map_auth(const struct latchkey_answer *answer)
{
	if (answer->verdict == LATCHKEY_DONE)
		return PAM_SUCCESS;
	return answer->verdict == LATCHKEY_REFUSED ? auth_reason(answer->reason)
						   : PAM_AUTHINFO_UNAVAIL;
}

int
pam_map_account(const struct latchkey_answer *answer)
{
	if (answer->verdict == LATCHKEY_DONE)
		return PAM_SUCCESS;
	if (answer->verdict == LATCHKEY_NEW_PASSWORD)
		return PAM_NEW_AUTHTOK_REQD;
	return answer->verdict == LATCHKEY_REFUSED ? account_reason(answer->reason)
						   : PAM_AUTHINFO_UNAVAIL;
}

int
pam_map_change(const struct latchkey_answer *answer)
{
	if (answer->verdict == LATCHKEY_DONE)
		return PAM_SUCCESS;
	return answer->verdict == LATCHKEY_REFUSED ? change_reason(answer->reason)
						   : PAM_AUTHINFO_UNAVAIL;
}
