/* SPDX-License-Identifier: MIT */
#include "pam_args.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "client/latchkey.h"

static bool
uid_read(const char *text, uid_t *out)
{
	struct passwd entry, *found = NULL;
	char room[2048];
	char *end;
	unsigned long number;

	if (text[0] >= '0' && text[0] <= '9') {
		errno = 0;
		number = strtoul(text, &end, 10);
		if (errno != 0 || *end != '\0' || number >= (unsigned long)(uid_t)-1)
			return false;
		*out = (uid_t)number;
		return true;
	}
	if (getpwnam_r(text, &entry, room, sizeof(room), &found) != 0 || found == NULL)
		return false;
	*out = found->pw_uid;
	return true;
}

static bool
word_read(const char *word, struct pam_args *out)
{
	if (strncmp(word, "socket=", 7) == 0) {
		out->socket_path = word + 7;
		return word[7] == '/';
	}
	if (strncmp(word, "uid=", 4) == 0)
		return uid_read(word + 4, &out->daemon_uid);
	if (strcmp(word, "try_first_pass") == 0)
		out->is_try_first = true;
	else if (strcmp(word, "use_first_pass") == 0)
		out->is_use_first = true;
	else if (strcmp(word, "quiet") == 0)
		out->is_quiet = true;
	else
		return false;
	return true;
}

const char *
pam_args_read(int argc, const char **argv, struct pam_args *out)
{
	*out = (struct pam_args){.socket_path = LATCHKEY_SOCKET};
	for (int i = 0; i < argc; i++)
		if (argv[i] == NULL || !word_read(argv[i], out))
			return argv[i] == NULL ? "" : argv[i];
	return NULL;
}
