/* SPDX-License-Identifier: MIT */
#include "pam_talk.h"

#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define KEPT_NAME "pam_latchkey_kept"

static bool
text_copy(char *out, size_t room, const char *text)
{
	size_t len = text == NULL ? 0 : strnlen(text, room);

	out[0] = '\0';
	if (len == 0 || len >= room)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

static const char *
item_find(pam_handle_t *pamh, int item)
{
	const void *value = NULL;

	return pam_get_item(pamh, item, &value) == PAM_SUCCESS ? value : NULL;
}

/* Only how people like to read; nothing is decided by it. */
static const char *
language_find(void)
{
	static const char names[][12] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

static int
username_find(struct talk *talk)
{
	const char *username = NULL;
	int code = pam_get_user(talk->pamh, &username, NULL);

	if (code == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (code != PAM_SUCCESS)
		return code;
	if (username == NULL || username[0] == '\0' || strlen(username) > 256)
		return PAM_USER_UNKNOWN;
	talk->request.username = username;
	return PAM_SUCCESS;
}

int
talk_begin(struct talk *talk, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *wrong;

	memset(talk, 0, sizeof(*talk));
	talk->pamh = pamh;
	talk->is_silent = (flags & PAM_SILENT) != 0;
	wrong = pam_args_read(argc, argv, &talk->args);
	if (wrong != NULL) {
		pam_syslog(pamh, LOG_ERR,
			   "stack line: \"%.64s\" is not known; nobody gets in by it", wrong);
		return PAM_SERVICE_ERR;
	}
	talk->latchkey =
	    (struct latchkey){talk->args.socket_path, talk->args.daemon_uid, LATCHKEY_BUDGET_MS};
	talk->request.service = item_find(pamh, PAM_SERVICE);
	talk->request.rhost = item_find(pamh, PAM_RHOST);
	talk->request.tty = item_find(pamh, PAM_TTY);
	talk->request.ruser = item_find(pamh, PAM_RUSER);
	talk->request.language = language_find();
	return username_find(talk);
}

void
talk_done(struct talk *talk)
{
	latchkey_wipe(talk, sizeof(*talk));
}

static void
response_free(struct pam_response *response)
{
	if (response == NULL)
		return;
	if (response->resp != NULL) {
		latchkey_wipe(response->resp, strlen(response->resp));
		free(response->resp);
	}
	free(response);
}

/* One message through the service's own conversation; *out is the answer, to be given to
 * response_free. */
static int
converse(struct talk *talk, int style, const char *text, struct pam_response **out)
{
	const struct pam_message message = {.msg_style = style, .msg = text};
	const struct pam_message *messages = &message;
	const void *item = NULL;
	const struct pam_conv *conv;

	*out = NULL;
	if (pam_get_item(talk->pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return PAM_CONV_ERR;
	conv = item;
	if (conv->conv == NULL)
		return PAM_CONV_ERR;
	return conv->conv(1, &messages, out, conv->appdata_ptr);
}

void
talk_say(struct talk *talk, int style, const char *lines)
{
	char line[sizeof(talk->answer.info)];
	struct pam_response *response;

	if (style == PAM_TEXT_INFO && (talk->is_silent || talk->args.is_quiet))
		return;
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");

		if (len > 0 && len < sizeof(line)) {
			memcpy(line, lines, len);
			line[len] = '\0';
			(void)converse(talk, style, line, &response);
			response_free(response);
		}
		lines += len + (lines[len] == '\n');
	}
}

int
talk_prompt(struct talk *talk, bool is_echo, const char *text, char *out, size_t room)
{
	struct pam_response *response;
	int code =
	    converse(talk, is_echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, text, &response);

	out[0] = '\0';
	if (code == PAM_SUCCESS && response == NULL)
		code = PAM_CONV_ERR;
	if (code == PAM_SUCCESS && !text_copy(out, room, response->resp))
		code = PAM_AUTH_ERR;
	response_free(response);
	return code == PAM_SUCCESS || code == PAM_AUTH_ERR ? code : PAM_CONV_ERR;
}

void
talk_ask(struct talk *talk)
{
	latchkey_ask(&talk->latchkey, &talk->request, &talk->answer);
	if (talk->answer.verdict == LATCHKEY_UNAVAILABLE)
		pam_syslog(talk->pamh, LOG_WARNING, "latchkeyd at %s gives no answer",
			   talk->args.socket_path);
	if (talk->answer.handle[0] != '\0') {
		memcpy(talk->handle, talk->answer.handle, sizeof(talk->handle));
		talk->request.handle = talk->handle;
	}
	talk_say(talk, PAM_TEXT_INFO, talk->answer.info);
	talk_say(talk, PAM_ERROR_MSG, talk->answer.sentence);
}

bool
talk_item_find(struct talk *talk, int item, char *out, size_t room)
{
	return text_copy(out, room, item_find(talk->pamh, item));
}

void
talk_item_set(struct talk *talk, int item, const char *secret)
{
	(void)pam_set_item(talk->pamh, item, secret);
}

static void
kept_cleanup(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	if (data == NULL)
		return;
	latchkey_wipe(data, sizeof(struct talk_kept));
	free(data);
}

/* Without memory nothing is kept and the person is asked once more. */
void
talk_keep(struct talk *talk)
{
	struct talk_kept *kept = calloc(1, sizeof(*kept));

	if (kept == NULL)
		return;
	if (!text_copy(kept->username, sizeof(kept->username), talk->request.username) ||
	    !text_copy(kept->password, sizeof(kept->password), talk->password) ||
	    !text_copy(kept->handle, sizeof(kept->handle), talk->handle) ||
	    pam_set_data(talk->pamh, KEPT_NAME, kept, kept_cleanup) != PAM_SUCCESS)
		kept_cleanup(talk->pamh, kept, 0);
}

const struct talk_kept *
talk_kept(struct talk *talk)
{
	const void *data = NULL;
	const struct talk_kept *kept;

	if (pam_get_data(talk->pamh, KEPT_NAME, &data) != PAM_SUCCESS || data == NULL)
		return NULL;
	kept = data;
	return strcmp(kept->username, talk->request.username) == 0 ? kept : NULL;
}

void
talk_kept_forget(struct talk *talk)
{
	(void)pam_set_data(talk->pamh, KEPT_NAME, NULL, NULL);
}
