/* SPDX-License-Identifier: MIT */
/*
 * The second door: sshd, sudo, passwd and login ask the daemon of this machine. Holds no rule of
 * its own; the daemon decides what is asked, what is right and what is said. Every path that is not
 * the daemon's plain yes is a refusal.
 */
#include <security/pam_modules.h>
#include <string.h>
#include <unistd.h>

#include "pam_map.h"
#include "pam_talk.h"

/* Answers the daemon may ask for in one attempt, and new passwords it may turn down. */
#define ROUNDS_MAX    6
#define NEW_TRIES_MAX 3

/* The password another line of the stack already has: to sign in with, or the current one of a
 * change. */
static int
password_item(const struct talk *talk)
{
	return talk->request.verb == LATCHKEY_CHANGE ? PAM_OLDAUTHTOK : PAM_AUTHTOK;
}

/* An earlier line's password is tried once; after that the person is asked. */
static bool
fetch_first_password(struct talk *talk)
{
	if ((!talk->args.is_try_first && !talk->args.is_use_first) || talk->has_used_first)
		return false;
	talk->has_used_first = true;
	return talk_item_find(talk, password_item(talk), talk->password, sizeof(talk->password));
}

static int
fetch_password(struct talk *talk)
{
	int code;

	talk->request.password = talk->password;
	if (fetch_first_password(talk))
		return PAM_SUCCESS;
	if (talk->args.is_use_first)
		return PAM_AUTH_ERR;
	code = talk_prompt(talk, talk->answer.is_echo, talk->answer.text, talk->password,
			   sizeof(talk->password));
	if (code == PAM_SUCCESS) /* so that a local line after ours need not ask again */
		talk_item_set(talk, password_item(talk), talk->password);
	return code;
}

static int
fetch_code(struct talk *talk)
{
	talk->request.code = talk->code;
	return talk_prompt(talk, talk->answer.is_echo, talk->answer.text, talk->code,
			   sizeof(talk->code));
}

/* A code or password counts for the question it was typed for, no other. */
static int
fetch_proof(struct talk *talk)
{
	talk->request.password = NULL;
	talk->request.code = NULL;
	switch (talk->answer.prompt) {
	case LATCHKEY_PROMPT_PASSWORD:
	case LATCHKEY_PROMPT_CURRENT_PASSWORD:
		return fetch_password(talk);
	case LATCHKEY_PROMPT_CODE:
		return fetch_code(talk);
	case LATCHKEY_PROMPT_NONE:
	case LATCHKEY_PROMPT_NEW_PASSWORD:
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

/* Until the daemon decides. PAM_SUCCESS means only that talk->answer is its decision. */
static int
prove(struct talk *talk)
{
	int code;

	talk_ask(talk);
	for (int i = 0; i < ROUNDS_MAX && talk->answer.verdict == LATCHKEY_ASK; i++) {
		code = fetch_proof(talk);
		if (code != PAM_SUCCESS)
			return code;
		talk_ask(talk);
	}
	return PAM_SUCCESS;
}

static int
authenticate(struct talk *talk)
{
	int code = PAM_AUTH_ERR;

	talk->request.verb = LATCHKEY_AUTH;
	code = prove(talk);
	if (code != PAM_SUCCESS)
		return code;
	code = pam_map_auth(&talk->answer);
	if (code == PAM_SUCCESS)
		talk_keep(talk);
	return code;
}

static int
account(struct talk *talk)
{
	const struct talk_kept *kept = talk_kept(talk);

	talk->request.verb = LATCHKEY_ACCOUNT;
	talk->request.handle = kept == NULL ? NULL : kept->handle;
	talk_ask(talk);
	return pam_map_account(&talk->answer);
}

static bool
change_is_by_root(int flags)
{
	return getuid() == 0 && (flags & PAM_CHANGE_EXPIRED_AUTHTOK) == 0;
}

/* What was proven a moment ago at sign-in need not be typed again. */
static void
change_begin(struct talk *talk, int flags)
{
	const struct talk_kept *kept = talk_kept(talk);

	talk->request.verb = LATCHKEY_CHANGE;
	talk->request.is_root = change_is_by_root(flags);
	talk->request.is_forced = (flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0;
	talk->request.is_prelim = (flags & PAM_PRELIM_CHECK) != 0;
	if (kept == NULL)
		return;
	memcpy(talk->handle, kept->handle, sizeof(talk->handle));
	memcpy(talk->password, kept->password, sizeof(talk->password));
	talk->request.handle = talk->handle;
	talk->request.current_password = talk->password;
}

static int
change_prelim(struct talk *talk)
{
	int code = prove(talk);

	if (code != PAM_SUCCESS)
		return code == PAM_AUTH_ERR ? PAM_AUTHTOK_RECOVERY_ERR : code;
	code = pam_map_change(&talk->answer);
	if (code == PAM_SUCCESS)
		talk_keep(talk);
	return code;
}

/* PAM_TRY_AGAIN: both were not the same. */
static int
fetch_new_password_twice(struct talk *talk)
{
	char again[TALK_SECRET_BYTES];
	bool is_same;
	int code = talk_prompt(talk, false, talk->answer.text, talk->new_password,
			       sizeof(talk->new_password));

	if (code == PAM_SUCCESS)
		code = talk_prompt(talk, false, talk->answer.again, again, sizeof(again));
	if (code != PAM_SUCCESS)
		return code == PAM_AUTH_ERR ? PAM_AUTHTOK_ERR : code;
	is_same = strcmp(talk->new_password, again) == 0;
	latchkey_wipe(again, sizeof(again));
	if (is_same)
		return PAM_SUCCESS;
	talk_say(talk, PAM_ERROR_MSG, talk->answer.mismatch);
	return PAM_TRY_AGAIN;
}

static int
fetch_new_password(struct talk *talk)
{
	talk->request.new_password = talk->new_password;
	if (!talk->args.is_use_first)
		return fetch_new_password_twice(talk);
	if (talk->has_used_first)
		return PAM_AUTHTOK_ERR;
	talk->has_used_first = true;
	return talk_item_find(talk, PAM_AUTHTOK, talk->new_password, sizeof(talk->new_password))
		   ? PAM_SUCCESS
		   : PAM_AUTHTOK_ERR;
}

static int
change_update(struct talk *talk)
{
	int code = PAM_AUTHTOK_ERR;

	talk_ask(talk); /* how to ask for it */
	for (int i = 0; i < NEW_TRIES_MAX && talk->answer.verdict == LATCHKEY_ASK; i++) {
		if (talk->answer.prompt != LATCHKEY_PROMPT_NEW_PASSWORD)
			return PAM_AUTHTOK_ERR;
		code = fetch_new_password(talk);
		if (code == PAM_TRY_AGAIN)
			continue;
		if (code != PAM_SUCCESS)
			return code;
		talk_ask(talk);
	}
	if (talk->answer.verdict == LATCHKEY_ASK)
		return PAM_AUTHTOK_ERR;
	code = pam_map_change(&talk->answer);
	if (code == PAM_SUCCESS) {
		talk_item_set(talk, PAM_AUTHTOK, talk->new_password);
		talk_kept_forget(talk);
	}
	return code;
}

static int
change(struct talk *talk, int flags)
{
	change_begin(talk, flags);
	if ((flags & PAM_PRELIM_CHECK) != 0)
		return change_prelim(talk);
	return (flags & PAM_UPDATE_AUTHTOK) != 0 ? change_update(talk) : PAM_AUTHTOK_ERR;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct talk talk;
	int code = talk_begin(&talk, pamh, flags, argc, argv);

	if (code == PAM_SUCCESS)
		code = authenticate(&talk);
	talk_done(&talk);
	return code;
}

/* There is nothing to give: who somebody is was settled by pam_sm_authenticate, whose result libpam
 * remembers. */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct talk talk;
	int code = talk_begin(&talk, pamh, flags, argc, argv);

	if (code == PAM_SUCCESS)
		code = account(&talk);
	talk_done(&talk);
	return code;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct talk talk;
	int code = talk_begin(&talk, pamh, flags, argc, argv);

	if (code == PAM_SUCCESS)
		code = change(&talk, flags);
	talk_done(&talk);
	return code;
}

/* Sessions of this machine are none of ours. */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
