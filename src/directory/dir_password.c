/* SPDX-License-Identifier: MIT */
/* Trying and changing passwords. */
#include "crypto/token.h"
#include "directory/dir_again.h"
#include "directory/dir_ask.h"

static enum dir_verdict
verdict_of(const struct dir_answer *answer)
{
	switch (answer->ppolicy.error) {
	case DIR_PPOLICY_LOCKED:
		return DIR_PASSWORD_LOCKED;
	case DIR_PPOLICY_EXPIRED:
		return DIR_PASSWORD_EXPIRED;
	case DIR_PPOLICY_MUST_CHANGE:
		return answer->code == LDAP_SUCCESS ? DIR_PASSWORD_MUST_CHANGE : DIR_PASSWORD_WRONG;
	case DIR_PPOLICY_NONE:
	case DIR_PPOLICY_NOT_ALLOWED:
	case DIR_PPOLICY_OLD_PASSWORD:
	case DIR_PPOLICY_QUALITY:
	case DIR_PPOLICY_SHORT:
	case DIR_PPOLICY_YOUNG:
	case DIR_PPOLICY_HISTORY:
	case DIR_PPOLICY_LONG:
		break;
	}
	return answer->code == LDAP_SUCCESS ? DIR_PASSWORD_RIGHT : DIR_PASSWORD_WRONG;
}

/* A bind says something of the password only with these. */
static bool
is_about_password(int code)
{
	return code == LDAP_SUCCESS || code == LDAP_INVALID_CREDENTIALS ||
	       code == LDAP_INAPPROPRIATE_AUTH || code == LDAP_NO_SUCH_OBJECT ||
	       code == LDAP_INVALID_DN_SYNTAX;
}

enum lk_err
dir_password_check(struct dir *dir, const struct dir_person *person,
		   const struct lk_secret *password, struct dir_password_answer *out)
{
	struct dir_ask ask = {.kind = DIR_ASK_BIND,
			      .who = DIR_AS_PERSON,
			      .dn = person == NULL ? dir->settings->decoy_dn : person->dn.ptr,
			      .password = password};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err;

	if (lk_secret_len(password) == 0) {
		*out = (struct dir_password_answer){DIR_PASSWORD_WRONG, -1, -1};
		return LK_OK;
	}
	err = dir_ask(dir, &ask, &answer);
	if (err != LK_OK)
		return err;
	if (!is_about_password(answer.code)) {
		dir_answer_why(dir, &answer);
		return LK_E_DIRECTORY_DOWN;
	}
	*out = (struct dir_password_answer){verdict_of(&answer), answer.ppolicy.grace_left,
					    answer.ppolicy.expires_in_s};
	if (person == NULL)
		out->verdict = DIR_PASSWORD_WRONG;
	return LK_OK;
}

/* What ppolicy says of the old password of a change that never happens. */
enum old_password { OLD_RIGHT = 1, OLD_WRONG, OLD_UNKNOWN };

static enum lk_err
old_password_try(struct dir *dir, const struct dir_person *person, const struct lk_secret *password,
		 enum old_password *out)
{
	struct lk_str next = crypto_token_make("Lk1-", dir->call->arena);
	struct dir_ask ask = {.kind = DIR_ASK_TRY_PASSWORD,
			      .dn = person->dn.ptr,
			      .password = password,
			      .new_text = next.ptr};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = next.ptr == NULL ? LK_E_MEMORY : dir_ask(dir, &ask, &answer);

	if (err != LK_OK)
		return err;
	*out = OLD_UNKNOWN;
	if (answer.code == LDAP_ASSERTION_FAILED)
		*out = OLD_RIGHT;
	else if (answer.ppolicy.error == DIR_PPOLICY_OLD_PASSWORD)
		*out = OLD_WRONG;
	return LK_OK;
}

enum lk_err
dir_password_check_locked(struct dir *dir, const struct dir_person *person,
			  const struct lk_secret *password, bool *out_is_right)
{
	struct lk_str text = crypto_token_make("Lk0-", dir->call->arena);
	struct lk_secret *nobodys = lk_secret_make(dir->call->arena, text);
	enum old_password said = OLD_UNKNOWN;
	enum lk_err err;

	if (text.ptr == NULL || nobodys == NULL)
		return LK_E_MEMORY;
	*out_is_right = false;
	if (lk_secret_len(password) == 0)
		return LK_OK;
	err = old_password_try(dir, person, nobodys, &said);
	if (err != LK_OK || said != OLD_WRONG)
		return err;
	err = old_password_try(dir, person, password, &said);
	if (err == LK_OK)
		*out_is_right = said == OLD_RIGHT;
	return err;
}

/* What the answer to RFC 3062 means. */
static enum lk_err
changed_err(struct dir *dir, const struct dir_answer *answer)
{
	if (dir_answer_is_read_only(answer))
		return LK_E_DIRECTORY_READ_ONLY;
	if (answer->code == LDAP_CONSTRAINT_VIOLATION)
		return dir_ppolicy_err(answer->ppolicy.error);
	/* Another change within the same second: the history cannot hold both, or is not as it was.
	 */
	if (answer->code == LDAP_TYPE_OR_VALUE_EXISTS || answer->code == LDAP_NO_SUCH_ATTRIBUTE)
		return LK_E_PASSWORD_TOO_SOON;
	/* The connection was lost between bind and change, and the new one is nobody's. */
	if (answer->code == LDAP_STRONG_AUTH_REQUIRED)
		return LK_E_DIRECTORY_DOWN;
	if (answer->code == LDAP_INSUFFICIENT_ACCESS &&
	    answer->ppolicy.error == DIR_PPOLICY_NOT_ALLOWED)
		return LK_E_PASSWORD_NOT_ALLOWED;
	if (answer->code == LDAP_UNWILLING_TO_PERFORM &&
	    lk_str_starts(lk_str_c(answer->text), "unwilling to verify old password"))
		return LK_E_SIGNIN_WRONG;
	return dir_answer_err(dir, answer);
}

static enum lk_err
change(struct dir *dir, const struct dir_ask *ask)
{
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = dir_ask(dir, ask, &answer);

	return err != LK_OK ? err : changed_err(dir, &answer);
}

static enum lk_err
verdict_err(enum dir_verdict verdict)
{
	switch (verdict) {
	case DIR_PASSWORD_RIGHT:
	case DIR_PASSWORD_MUST_CHANGE:
		return LK_OK;
	case DIR_PASSWORD_LOCKED:
		return LK_E_ACCOUNT_LOCKED;
	case DIR_PASSWORD_EXPIRED:
		return LK_E_PASSWORD_EXPIRED;
	case DIR_PASSWORD_WRONG:
		break;
	}
	return LK_E_SIGNIN_WRONG;
}

enum lk_err
dir_password_change(struct dir *dir, const struct dir_person *person,
		    const struct lk_secret *now_pw, const struct lk_secret *new_pw)
{
	struct dir_ask ask = {.kind = DIR_ASK_PASSWORD,
			      .who = DIR_AS_PERSON,
			      .dn = person->dn.ptr,
			      .password = now_pw,
			      .new_password = new_pw};
	struct dir_password_answer now;
	enum lk_err err;

	if (lk_secret_len(new_pw) == 0)
		return LK_E_PASSWORD_EMPTY;
	err = dir_password_check(dir, person, now_pw, &now);
	if (err == LK_OK)
		err = verdict_err(now.verdict);
	return err != LK_OK ? err : change(dir, &ask);
}

enum lk_err
dir_password_reset(struct dir *dir, const struct dir_person *person, const struct lk_secret *new_pw)
{
	struct dir_ask ask = {
	    .kind = DIR_ASK_PASSWORD, .dn = person->dn.ptr, .new_password = new_pw};
	enum lk_err err;

	if (lk_secret_len(new_pw) == 0)
		return LK_E_PASSWORD_EMPTY;
	err = dir_again_check(dir, person);
	return err != LK_OK ? err : change(dir, &ask);
}

enum lk_err
dir_lock_clear(struct dir *dir, const struct dir_person *person)
{
	LDAPMod lock = {.mod_op = LDAP_MOD_REPLACE, .mod_type = "pwdAccountLockedTime"};
	LDAPMod *mods[] = {&lock, NULL};
	struct dir_ask ask = {.kind = DIR_ASK_MODIFY,
			      .dn = person->dn.ptr,
			      .mods = mods,
			      .assertion = "(!(pwdAccountLockedTime=000001010000Z))"};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = dir_again_check(dir, person);

	if (err == LK_OK)
		err = dir_ask(dir, &ask, &answer);
	if (err != LK_OK)
		return err;
	if (answer.code == LDAP_ASSERTION_FAILED)
		return LK_E_ACCOUNT_BLOCKED;
	return dir_answer_err(dir, &answer);
}
