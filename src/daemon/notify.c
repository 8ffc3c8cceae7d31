/* SPDX-License-Identifier: MIT */
#include "daemon/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or '@' and an abstract name. */
static socklen_t
address_make(const char *text, struct sockaddr_un *out)
{
	size_t len = strlen(text);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((text[0] != '/' && text[0] != '@') || len >= sizeof out->sun_path)
		return 0;
	memcpy(out->sun_path, text, len);
	if (text[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Best effort: whoever listens may be gone. */
static void
tell(const char *words)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t len = where == NULL ? 0 : address_make(where, &address);
	int fd;

	if (len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, words, strlen(words), MSG_NOSIGNAL, (struct sockaddr *)&address, len);
	close(fd);
}

void
notify_ready(void)
{
	tell("READY=1\nSTATUS=People can sign in.\n");
}

void
notify_reloading(int64_t now_us)
{
	char words[64];

	snprintf(words, sizeof words, "RELOADING=1\nMONOTONIC_USEC=%lld\n", (long long)now_us);
	tell(words);
}

void
notify_stopping(void)
{
	tell("STOPPING=1\nSTATUS=Stopping.\n");
}

void
notify_alive(const char *status)
{
	char words[160];

	snprintf(words, sizeof words, "WATCHDOG=1\nSTATUS=%s\n", status);
	tell(words);
}
