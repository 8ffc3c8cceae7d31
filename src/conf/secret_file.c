/* SPDX-License-Identifier: MIT */
#include "conf/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* One more than fits, so that too long is seen; and a line end. */
#define ROOM_BYTES (CONF_SECRET_MAX_BYTES + 3)

static const char *
stat_fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a file";
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "may be touched by group or others: chmod 600 it, and think of its secret "
		       "as known";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to somebody else";
	if (st->st_size == 0)
		return "is empty";
	return NULL;
}

const char *
conf_secret_file_fault(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT ? "does not exist" : strerrordesc_np(errno);
	return stat_fault(&st);
}

/* Without the one line end a text editor leaves. */
static struct lk_str
line_of(const char *bytes, size_t len)
{
	struct lk_str line = lk_str_n(bytes, len);

	if (lk_str_ends(line, "\n"))
		line.len--;
	if (lk_str_ends(line, "\r"))
		line.len--;
	return line;
}

static const char *
line_fault(struct lk_str line)
{
	if (line.len == 0)
		return "is empty";
	if (line.len > CONF_SECRET_MAX_BYTES)
		return "is longer than 1024 bytes";
	if (lk_str_find(line, '\n') < line.len || lk_str_find(line, '\r') < line.len)
		return "holds more than one line";
	if (lk_str_find(line, '\0') < line.len)
		return "holds a byte 0";
	return NULL;
}

static const char *
fd_read(int fd, char *bytes, struct lk_str *out)
{
	const char *fault;
	struct stat st;
	size_t len;

	if (fstat(fd, &st) != 0)
		return strerrordesc_np(errno);
	fault = stat_fault(&st);
	if (fault != NULL)
		return fault;
	if (!lk_file_read(fd, bytes, ROOM_BYTES, &len))
		return strerrordesc_np(errno);
	*out = line_of(bytes, len);
	return line_fault(*out);
}

enum lk_err
conf_secret_file_read(const char *path, struct lk_why *why, struct lk_secret **out)
{
	/* NONBLOCK: a named pipe put there must not hold the start up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char bytes[ROOM_BYTES];
	struct lk_secret *secret = NULL;
	const char *fault;
	struct lk_str line;

	if (fd < 0) {
		enum lk_err err = errno == ENOENT ? LK_E_NOT_FOUND : LK_E_FORMAT;

		lk_why_add(why, "%s cannot be opened: %s", path, strerrordesc_np(errno));
		return err;
	}
	fault = fd_read(fd, bytes, &line);
	close(fd);
	if (fault == NULL)
		secret = lk_secret_new(line);
	explicit_bzero(bytes, sizeof bytes);
	if (fault != NULL) {
		lk_why_add(why, "%s %s", path, fault);
		return LK_E_FORMAT;
	}
	if (secret == NULL)
		return LK_E_MEMORY;
	*out = secret;
	return LK_OK;
}
