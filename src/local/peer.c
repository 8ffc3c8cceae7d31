/* SPDX-License-Identifier: MIT */
#include "local/peer.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

void
peer_name(uid_t uid, char out[PEER_NAME_BYTES])
{
	char room[4096];
	struct passwd entry, *found = NULL;

	if (uid == 0)
		(void)snprintf(out, PEER_NAME_BYTES, "root");
	else if (getpwuid_r(uid, &entry, room, sizeof(room), &found) == 0 && found != NULL &&
		 strlen(entry.pw_name) < PEER_NAME_BYTES)
		memcpy(out, entry.pw_name, strlen(entry.pw_name) + 1);
	else
		(void)snprintf(out, PEER_NAME_BYTES, "%u", (unsigned)uid);
}

bool
peer_is_admin(const struct conf *conf, uid_t uid, const char *name)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", (unsigned)uid);
	for (size_t i = 0; i < conf->admin_users.count; i++) {
		const char *listed = conf->admin_users.items[i];

		if (strcmp(listed, name) == 0 || strcmp(listed, number) == 0)
			return true;
	}
	return false;
}
