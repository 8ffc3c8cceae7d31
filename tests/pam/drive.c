/* SPDX-License-Identifier: MIT */
/*
 * A service with a conversation from its arguments: drive CONFDIR SERVICE USER VERBS [ANSWER…]
 *
 *   VERBS   letters in order: a authenticate · c acct_mgmt · p chauthtok · x chauthtok of an
 * expired password · s setcred · o open_session · k close_session; all on one PAM handle ANSWER
 * what is typed at each prompt, in order; "-" nobody answers
 *
 * Prints what was said ("info: …", "error: …", "hidden: …", "shown: …") and each verb's result ("a
 * PAM_AUTH_ERR").
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct typed {
	char **at;
};

static const char *
code_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
	    {PAM_SUCCESS, "PAM_SUCCESS"},
	    {PAM_AUTH_ERR, "PAM_AUTH_ERR"},
	    {PAM_AUTHINFO_UNAVAIL, "PAM_AUTHINFO_UNAVAIL"},
	    {PAM_USER_UNKNOWN, "PAM_USER_UNKNOWN"},
	    {PAM_MAXTRIES, "PAM_MAXTRIES"},
	    {PAM_NEW_AUTHTOK_REQD, "PAM_NEW_AUTHTOK_REQD"},
	    {PAM_ACCT_EXPIRED, "PAM_ACCT_EXPIRED"},
	    {PAM_PERM_DENIED, "PAM_PERM_DENIED"},
	    {PAM_SERVICE_ERR, "PAM_SERVICE_ERR"},
	    {PAM_CONV_ERR, "PAM_CONV_ERR"},
	    {PAM_AUTHTOK_ERR, "PAM_AUTHTOK_ERR"},
	    {PAM_AUTHTOK_RECOVERY_ERR, "PAM_AUTHTOK_RECOVERY_ERR"},
	    {PAM_TRY_AGAIN, "PAM_TRY_AGAIN"},
	    {PAM_BUF_ERR, "PAM_BUF_ERR"},
	    {PAM_IGNORE, "PAM_IGNORE"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return "another";
}

static void
say(const char *how, const char *text)
{
	printf("%s: %s\n", how, text);
}

static int
answer(int style, const char *text, struct typed *typed, struct pam_response *response)
{
	switch (style) {
	case PAM_TEXT_INFO:
		say("info", text);
		return PAM_SUCCESS;
	case PAM_ERROR_MSG:
		say("error", text);
		return PAM_SUCCESS;
	default:
		break;
	}
	say(style == PAM_PROMPT_ECHO_ON ? "shown" : "hidden", text);
	if (*typed->at == NULL || strcmp(*typed->at, "-") == 0)
		return PAM_CONV_ERR;
	response->resp = strdup(*typed->at++);
	return response->resp == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages, struct pam_response **out, void *data)
{
	struct pam_response *responses = calloc((size_t)count, sizeof(*responses));
	int code = responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;

	for (int i = 0; i < count && code == PAM_SUCCESS; i++)
		code = answer(messages[i]->msg_style, messages[i]->msg, data, &responses[i]);
	if (code == PAM_SUCCESS)
		*out = responses;
	else
		free(responses);
	return code;
}

static int
run(pam_handle_t *pamh, char verb)
{
	switch (verb) {
	case 'a':
		return pam_authenticate(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	case 'c':
		return pam_acct_mgmt(pamh, 0);
	case 'p':
		return pam_chauthtok(pamh, 0);
	case 'x':
		return pam_chauthtok(pamh, PAM_CHANGE_EXPIRED_AUTHTOK);
	case 's':
		return pam_setcred(pamh, PAM_ESTABLISH_CRED);
	case 'o':
		return pam_open_session(pamh, 0);
	case 'k':
		return pam_close_session(pamh, 0);
	default:
		return PAM_SYMBOL_ERR;
	}
}

int
main(int argc, char **argv)
{
	struct typed typed = {argv + 5};
	const struct pam_conv conv = {converse, &typed};
	pam_handle_t *pamh = NULL;
	int code = PAM_SYSTEM_ERR;

	if (argc < 5)
		return 2;
	code = pam_start_confdir(argv[2], argv[3], &conv, argv[1], &pamh);
	if (code != PAM_SUCCESS) {
		printf("start %s\n", code_name(code));
		return 1;
	}
	for (const char *verb = argv[4]; *verb != '\0'; verb++) {
		code = run(pamh, *verb);
		printf("%c %s\n", *verb, code_name(code));
	}
	return pam_end(pamh, code) == PAM_SUCCESS && code == PAM_SUCCESS ? 0 : 1;
}
