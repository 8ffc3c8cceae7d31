/* SPDX-License-Identifier: MIT */
#include "local/listener.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

static enum lk_err
broken(struct lk_why *why, const char *path, const char *what)
{
	lk_why_add(why, "%s: %s: %s", path, what, strerrordesc_np(errno));
	return LK_E_BROKEN;
}

/* Whoever may write the folder could put a socket of their own in our place. */
static enum lk_err
folder_check(const struct sockaddr_un *where, struct lk_why *why)
{
	char folder[sizeof(where->sun_path)];
	const char *slash = strrchr(where->sun_path, '/');
	struct stat found;

	if (slash == NULL || slash == where->sun_path) {
		lk_why_add(why, "%s: needs a folder of its own", where->sun_path);
		return LK_E_FORMAT;
	}
	memset(folder, 0, sizeof(folder));
	memcpy(folder, where->sun_path, (size_t)(slash - where->sun_path));
	if (mkdir(folder, 0755) == 0)
		(void)chmod(folder, 0755); /* whatever our umask says */
	else if (errno != EEXIST)
		return broken(why, folder, "cannot be made");
	if (stat(folder, &found) != 0)
		return broken(why, folder, "cannot be looked at");
	if (!S_ISDIR(found.st_mode) || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		lk_why_add(why, "%s: must be a folder only its owner may write (0755)", folder);
		return LK_E_FORMAT;
	}
	return LK_OK;
}

/* Does somebody answer there? A socket that is left over refuses. */
static bool
is_listened_on(const struct sockaddr_un *where)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_so;

	if (fd < 0)
		return true;
	is_so = connect(fd, (const struct sockaddr *)where, sizeof(*where)) == 0 ||
		errno != ECONNREFUSED;
	(void)close(fd);
	return is_so;
}

static enum lk_err
stale_remove(const struct sockaddr_un *where, struct lk_why *why)
{
	struct stat found;

	if (lstat(where->sun_path, &found) != 0)
		return errno == ENOENT ? LK_OK
				       : broken(why, where->sun_path, "cannot be looked at");
	if (!S_ISSOCK(found.st_mode)) {
		lk_why_add(why, "%s: something else than a socket stands there", where->sun_path);
		return LK_E_FORMAT;
	}
	if (is_listened_on(where)) {
		lk_why_add(why, "%s: somebody listens there already", where->sun_path);
		return LK_E_BUSY;
	}
	if (unlink(where->sun_path) != 0 && errno != ENOENT)
		return broken(why, where->sun_path, "cannot be replaced");
	return LK_OK;
}

/* The file is never more open than mode, not even for a moment: fchmod before bind decides it. */
static enum lk_err
bind_as(struct listener *listener, mode_t mode, struct lk_why *why)
{
	const char *path = listener->where.sun_path;
	struct stat made;

	if (fchmod(listener->fd, mode) != 0 ||
	    bind(listener->fd, (const struct sockaddr *)&listener->where,
		 sizeof(listener->where)) != 0)
		return broken(why, path, "cannot be made");
	if (chmod(path, mode) != 0 || lstat(path, &made) != 0)
		return broken(why, path, "cannot be opened to its users");
	listener->device = made.st_dev;
	listener->inode = made.st_ino;
	if (listen(listener->fd, BACKLOG) != 0)
		return broken(why, path, "cannot be listened on");
	return LK_OK;
}

enum lk_err
listener_open(struct listener *listener, const char *path, mode_t mode, struct lk_why *why)
{
	size_t len = strlen(path);
	enum lk_err err;

	*listener = (struct listener){.fd = -1, .where = {.sun_family = AF_UNIX}};
	if (len >= sizeof(listener->where.sun_path)) {
		lk_why_add(why, "%s: a socket's path has at most %zu characters", path,
			   sizeof(listener->where.sun_path) - 1);
		return LK_E_FORMAT;
	}
	memcpy(listener->where.sun_path, path, len);
	err = folder_check(&listener->where, why);
	if (err == LK_OK)
		err = stale_remove(&listener->where, why);
	if (err != LK_OK)
		return err;
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return broken(why, path, "no socket");
	err = bind_as(listener, mode, why);
	if (err != LK_OK)
		listener_close(listener);
	return err;
}

void
listener_close(struct listener *listener)
{
	struct stat found;

	if (listener->fd < 0)
		return;
	if (listener->inode != 0 && lstat(listener->where.sun_path, &found) == 0 &&
	    found.st_dev == listener->device && found.st_ino == listener->inode)
		(void)unlink(listener->where.sun_path);
	(void)close(listener->fd);
	listener->fd = -1;
}
