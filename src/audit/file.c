/* SPDX-License-Identifier: MIT */
#include "audit/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/head.h"
#include "audit/line.h"
#include "audit/scan.h"

#define OPEN_FLAGS (O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

const struct audit_io *
audit_io_system(void)
{
	static const struct audit_io system_io = {write, fdatasync};

	return &system_io;
}

static enum lk_err
down(struct lk_why *why, const char *what)
{
	lk_why_add(why, "audit log %s: %s", what, strerrordesc_np(errno));
	return LK_E_AUDIT_DOWN;
}

/* --- adding ------------------------------------------------------------------------------------
 */

static bool
write_all(const struct audit_file *file, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = file->setup.io->write(file->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Nobody else wrote to it, and it has a name: lines in a removed file are gone with the process. */
static bool
is_ours(struct audit_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0 || st.st_nlink == 0)
		return false;
	file->is_foreign = (uint64_t)st.st_size != file->offset;
	return !file->is_foreign;
}

static bool
head_open(struct audit_file *file)
{
	char path[PATH_MAX];

	if (!audit_head_path(file->path, path, sizeof path))
		return false;
	file->head_fd = open(path, OPEN_FLAGS, 0600);
	return file->head_fd >= 0;
}

/* A head somebody removed is made again. */
static bool
head_write(struct audit_file *file)
{
	const struct audit_head head = {file->chain, file->offset};
	struct stat st;

	if (fstat(file->head_fd, &st) != 0)
		return false;
	if (st.st_nlink == 0) {
		close(file->head_fd);
		if (!head_open(file))
			return false;
	}
	return audit_head_write(file->head_fd, file->setup.ring, &head);
}

enum lk_err
audit_file_add(struct audit_file *file, const struct lk_str *fragments, size_t count)
{
	struct audit_chain chain = file->chain;
	size_t len = 0, i;

	if (!is_ours(file))
		return LK_E_AUDIT_DOWN;
	for (i = 0; i < count; i++)
		len += audit_chain_add(file->setup.ring, &chain, fragments[i], file->out + len);
	if (!write_all(file, file->out, len) || file->setup.io->sync(file->fd) != 0) {
		/* Nobody was told of these lines. If this fails too, mending does it. */
		file->is_torn = ftruncate(file->fd, (off_t)file->offset) != 0;
		return LK_E_AUDIT_DOWN;
	}
	file->chain = chain;
	file->offset += len;
	file->has_head_fault = !head_write(file);
	return LK_OK;
}

/* --- lines of our own --------------------------------------------------------------------------
 */

struct own_line {
	enum audit_event event;
	const char *before; /* members before the fragment, and after it */
	const char *after;
	const char *detail;
};

static enum lk_err
add_own(struct audit_file *file, const struct own_line *own)
{
	const struct audit_line line = {
	    .event = own->event, .door = LK_STR("audit"), .detail = lk_str_c(own->detail)};
	char fragment[AUDIT_FRAGMENT_MAX_BYTES], text[AUDIT_FRAGMENT_MAX_BYTES];
	struct lk_str whole;
	bool is_missing;
	size_t len;

	len = audit_line_write(&line, lk_clock_wall_s(file->setup.clock), fragment, &is_missing);
	whole.ptr = text;
	whole.len = (size_t)snprintf(text, sizeof text, "%s%.*s%s", own->before, (int)len, fragment,
				     own->after);
	return audit_file_add(file, &whole, 1);
}

/* The first line of a file that goes on from another. */
static enum lk_err
add_continued(struct audit_file *file)
{
	char prev[AUDIT_MAC_LEN + 16], mac[AUDIT_MAC_LEN + 1], detail[80];

	audit_mac_show(&file->chain.mac, mac);
	snprintf(prev, sizeof prev, "\"prev\":\"%s\",", mac);
	snprintf(detail, sizeof detail, "goes on from line number %" PRIu64, file->chain.number);
	return add_own(file, &(struct own_line){AUDIT_CHAIN_CONTINUED, prev, "", detail});
}

static enum lk_err
add_mended(struct audit_file *file, uint64_t cut_bytes)
{
	char detail[120];

	snprintf(detail, sizeof detail, "%" PRIu64 " bytes nobody was told of were cut off the end",
		 cut_bytes);
	return add_own(file, &(struct own_line){AUDIT_CHAIN_MENDED, "", "", detail});
}

static bool
begins_continued(const struct audit_file *file)
{
	return file->offset == 0 && file->chain.number > 0;
}

/* --- opening -----------------------------------------------------------------------------------
 */

static enum lk_err
log_open(const char *path, struct lk_why *why, int *out_fd)
{
	struct stat st;
	int fd = open(path, OPEN_FLAGS | O_APPEND, 0600);

	if (fd < 0)
		return down(why, "cannot be opened");
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		lk_why_add(why, "audit log is not a file");
		return LK_E_FORMAT;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		lk_why_add(why, "audit log is held by another process");
		return LK_E_BUSY;
	}
	*out_fd = fd;
	return LK_OK;
}

/* So that a new file's name survives a power cut too. */
static bool
folder_sync(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, failed;

	snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
		 slash == NULL ? "." : path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	failed = fsync(fd);
	close(fd);
	return failed == 0;
}

/* The head and the folder on disk, before the first line that needs them. */
static enum lk_err
settle(struct audit_file *file, struct lk_why *why)
{
	if (!head_write(file) || fsync(file->head_fd) != 0)
		return down(why, "head cannot be written");
	return folder_sync(file->path) ? LK_OK : down(why, "folder cannot be synced");
}

/* Finds the end of the chain, cuts a torn tail. *out_cut is how much. */
static enum lk_err
find_end(struct audit_file *file, struct lk_why *why, uint64_t *out_cut)
{
	struct audit_end end;
	enum lk_err err = audit_scan_end(
	    &(struct audit_scan){file->fd, file->head_fd, file->setup.ring}, why, &end);

	if (err != LK_OK)
		return err;
	file->chain = end.chain;
	file->offset = end.offset;
	*out_cut = end.torn_bytes;
	if (end.torn_bytes > 0 && ftruncate(file->fd, (off_t)end.offset) != 0)
		return down(why, "cannot be cut");
	/* Lines may have been written but not synced when the last process ended. */
	return file->setup.io->sync(file->fd) == 0 ? LK_OK : down(why, "cannot be synced");
}

static enum lk_err
begin(struct audit_file *file, struct lk_why *why)
{
	uint64_t cut_bytes = 0;
	enum lk_err err = find_end(file, why, &cut_bytes);

	if (err == LK_OK)
		err = settle(file, why);
	if (err != LK_OK)
		return err;
	if (begins_continued(file))
		err = add_continued(file);
	else if (cut_bytes > 0)
		err = add_mended(file, cut_bytes);
	return err == LK_OK ? LK_OK : down(why, "cannot be written");
}

enum lk_err
audit_file_open(struct audit_file *file, const struct audit_setup *setup, struct lk_why *why)
{
	enum lk_err err;
	size_t path_len;

	*file = (struct audit_file){.setup = *setup, .fd = -1, .head_fd = -1};
	path_len = strlen(setup->path);
	if (path_len >= sizeof file->path - 8) {
		lk_why_add(why, "audit log has too long a path");
		return LK_E_FORMAT;
	}
	memcpy(file->path, setup->path, path_len + 1);
	file->setup.path = file->path;
	file->out = malloc(AUDIT_BATCH_MAX * AUDIT_LINE_MAX_BYTES);
	if (file->out == NULL)
		return LK_E_MEMORY;
	err = log_open(file->path, why, &file->fd);
	if (err == LK_OK && !head_open(file))
		err = down(why, "head cannot be opened");
	if (err == LK_OK)
		err = begin(file, why);
	if (err != LK_OK)
		audit_file_close(file);
	return err;
}

void
audit_file_close(struct audit_file *file)
{
	if (file->head_fd >= 0) {
		(void)fsync(file->head_fd);
		close(file->head_fd);
	}
	if (file->fd >= 0)
		close(file->fd);
	free(file->out);
	file->fd = file->head_fd = -1;
	file->out = NULL;
}

/* --- mending and moving on ----------------------------------------------------------------------
 */

static bool
is_at_its_path(const struct audit_file *file)
{
	struct stat here, there;

	return fstat(file->fd, &here) == 0 && stat(file->path, &there) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

enum lk_err
audit_file_mend(struct audit_file *file, struct lk_why *why)
{
	struct stat st;
	uint64_t cut_bytes;
	enum lk_err err;

	if (fstat(file->fd, &st) != 0)
		return down(why, "cannot be looked at");
	if (st.st_nlink == 0)
		return audit_file_next(file, why);
	if (file->is_foreign) {
		lk_why_add(why, "audit log was changed by somebody else: move it away and reload");
		return LK_E_AUDIT_DOWN;
	}
	cut_bytes = (uint64_t)st.st_size > file->offset ? (uint64_t)st.st_size - file->offset : 0;
	if (ftruncate(file->fd, (off_t)file->offset) != 0 || file->setup.io->sync(file->fd) != 0 ||
	    !head_write(file))
		return down(why, "cannot be mended");
	file->is_torn = false;
	err = begins_continued(file) ? add_continued(file) : add_mended(file, cut_bytes);
	return err == LK_OK && !file->has_head_fault ? LK_OK : down(why, "cannot be written");
}

/* The old file's last line tells that it ends there. When it cannot be written, the new file's
 * first line still does. */
static void
put_away(struct audit_file *file)
{
	const struct own_line end = {AUDIT_CHAIN_CONTINUED, "", ",\"end\":true",
				     "this file ends here and goes on in another"};

	if (file->is_torn && ftruncate(file->fd, (off_t)file->offset) != 0)
		return;
	(void)!add_own(file, &end);
}

enum lk_err
audit_file_next(struct audit_file *file, struct lk_why *why)
{
	struct stat st;
	enum lk_err err;
	int fd;

	if (is_at_its_path(file))
		return LK_OK;
	err = log_open(file->path, why, &fd);
	if (err != LK_OK)
		return err;
	if (fstat(fd, &st) != 0 || st.st_size != 0) {
		close(fd);
		lk_why_add(why, "another file stands where the audit log was");
		return LK_E_FORMAT;
	}
	put_away(file);
	close(file->fd);
	file->fd = fd;
	file->offset = 0;
	file->is_foreign = file->is_torn = false;
	err = settle(file, why);
	if (err != LK_OK)
		return err;
	return add_continued(file) == LK_OK ? LK_OK : down(why, "cannot be written");
}
