/* SPDX-License-Identifier: MIT */
#include "spool/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/letters.h"
#include "spool/spool_file.h"
#include "spool/spool_folder.h"

#define RANDOM_LETTERS 16
#define FOLDER_FLAGS   (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* --- folders -------------------------------------------------------------------------------- */

static enum lk_err
broken(struct lk_why *why, const char *name)
{
	lk_why_add(why, "mail spool %s: %s", name, strerrordesc_np(errno));
	return LK_E_BROKEN;
}

/* Who may write there could have anything sent in our name. */
static enum lk_err
folder_check(int fd, const char *name, struct lk_why *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return broken(why, name);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		lk_why_add(why, "mail spool %s: others may write it: chmod 700 it", name);
		return LK_E_FORMAT;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		lk_why_add(why, "mail spool %s: belongs to somebody else", name);
		return LK_E_FORMAT;
	}
	return LK_OK;
}

/* at may be AT_FDCWD. */
static enum lk_err
folder_open(int at, const char *name, struct lk_why *why, int *out_fd)
{
	enum lk_err err;
	int fd;

	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		return broken(why, name);
	fd = openat(at, name, FOLDER_FLAGS);
	if (fd < 0)
		return broken(why, name);
	err = folder_check(fd, name, why);
	if (err != LK_OK) {
		close(fd);
		return err;
	}
	*out_fd = fd;
	return LK_OK;
}

static enum lk_err
own_folder_init(int folder, const char *name, struct lk_why *why)
{
	enum lk_err err;
	int fd;

	err = folder_open(folder, name, why, &fd);
	if (err != LK_OK)
		return err;
	close(fd);
	return LK_OK;
}

/* A spool's folder below at, with its own ones. */
static enum lk_err
whole_open(int at, const char *name, struct lk_why *why, int *out_fd)
{
	enum lk_err err;
	int fd;

	err = folder_open(at, name, why, &fd);
	if (err != LK_OK)
		return err;
	err = own_folder_init(fd, SPOOL_NEW, why);
	if (err == LK_OK)
		err = own_folder_init(fd, SPOOL_BAD, why);
	if (err == LK_OK)
		err = own_folder_init(fd, SPOOL_KEYS, why);
	if (err == LK_OK && fsync(fd) != 0)
		err = broken(why, name);
	if (err != LK_OK) {
		close(fd);
		return err;
	}
	*out_fd = fd;
	return LK_OK;
}

enum lk_err
spool_folder_open(const char *dir, struct lk_why *why, int *out_fd)
{
	return whole_open(AT_FDCWD, dir, why, out_fd);
}

/* The next name of a mail; NULL at the end, or with *out_err when the folder cannot be read on. */
static const char *
name_next(DIR *entries, int64_t *out_at_s, enum lk_err *out_err)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(entries);
		if (entry == NULL && errno != 0)
			*out_err = LK_E_BROKEN;
	} while (entry != NULL && !spool_name_read(lk_str_c(entry->d_name), out_at_s));
	return entry == NULL ? NULL : entry->d_name;
}

enum lk_err
spool_folder_walk(int folder, const char *name, const struct spool_walk *walk)
{
	int fd = openat(folder, name, FOLDER_FLAGS);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	enum lk_err err = LK_OK;
	const char *found;
	int64_t at_s;

	if (entries == NULL) {
		if (fd >= 0)
			close(fd);
		return LK_E_BROKEN;
	}
	do {
		found = name_next(entries, &at_s, &err);
	} while (found != NULL && walk->see(walk->context, found, at_s));
	closedir(entries);
	return err;
}

struct counting {
	size_t count, most;
};

static bool
count_one(void *context, const char *name, int64_t at_s)
{
	struct counting *counting = context;

	(void)name;
	(void)at_s;
	return ++counting->count < counting->most;
}

enum lk_err
spool_folder_count(int folder, const char *name, size_t most, size_t *out)
{
	struct counting counting = {0, most};
	enum lk_err err =
	    spool_folder_walk(folder, name, &(struct spool_walk){count_one, &counting});

	if (err == LK_OK)
		*out = counting.count;
	return err;
}

bool
spool_folder_is_full(int folder, const char *name, size_t most)
{
	size_t count;

	return spool_folder_count(folder, name, most, &count) != LK_OK || count >= most;
}

enum lk_err
spool_init(const char *dir, struct lk_why *why)
{
	enum lk_err err;
	int fd, calls_fd;

	err = whole_open(AT_FDCWD, dir, why, &fd);
	if (err != LK_OK)
		return err;
	err = whole_open(fd, SPOOL_CALLS, why, &calls_fd);
	if (err == LK_OK)
		close(calls_fd);
	close(fd);
	return err;
}

/* Its descriptor, or -1. */
static int
calls_open(const char *dir)
{
	int folder = open(dir, FOLDER_FLAGS);
	int calls = folder < 0 ? -1 : openat(folder, SPOOL_CALLS, FOLDER_FLAGS);

	if (folder >= 0)
		close(folder);
	return calls;
}

enum lk_err
spool_calls_count(const char *dir, struct spool_counts *out)
{
	struct spool_counts counts;
	enum lk_err err;
	int folder = calls_open(dir);

	if (folder < 0)
		return LK_E_BROKEN;
	err = spool_folder_count(folder, ".", SPOOL_COUNT_MAX, &counts.waiting);
	if (err == LK_OK)
		err = spool_folder_count(folder, SPOOL_BAD, SPOOL_COUNT_MAX, &counts.bad);
	close(folder);
	if (err == LK_OK)
		*out = counts;
	return err;
}

/* --- putting -------------------------------------------------------------------------------- */

static enum lk_err
put(int folder, struct spool_mail *mail, int64_t now_s)
{
	size_t most = mail->is_call ? SPOOL_CALLS_COUNT_MAX : SPOOL_COUNT_MAX;
	char name[24 + RANDOM_LETTERS], random[RANDOM_LETTERS + 1] = "";
	enum lk_err err;

	if (spool_folder_is_full(folder, ".", most))
		return LK_E_BROKEN;
	crypto_letters_make(random, RANDOM_LETTERS);
	snprintf(name, sizeof name, "%" PRId64 ".%s", now_s < 0 ? 0 : now_s, random);
	mail->name = name;
	err = spool_file_write(folder, mail);
	if (err != LK_OK)
		unlinkat(folder, name, 0);
	return err;
}

/* Closes folder. */
static enum lk_err
put_into(int folder, struct spool_mail *mail, int64_t now_s)
{
	enum lk_err err;

	if (folder < 0)
		return LK_E_BROKEN;
	err = put(folder, mail, now_s);
	close(folder);
	return err;
}

static bool
is_text(struct lk_str text)
{
	return text.len > 0 && text.len <= SPOOL_MAIL_MAX_BYTES &&
	       lk_str_find(text, '\0') == text.len;
}

enum lk_err
spool_put(const char *dir, struct lk_str to, struct lk_str mail, int64_t now_s)
{
	struct spool_mail text = {.to = to, .mail = mail};

	if (!spool_address_check(to) || !is_text(mail))
		return LK_E_FORMAT;
	return put_into(open(dir, FOLDER_FLAGS), &text, now_s);
}

enum lk_err
spool_put_call(const char *dir, struct lk_str url, struct lk_str body, int64_t now_s)
{
	struct spool_mail call = {.is_call = true, .to = url, .mail = body};

	if (!spool_url_check(url) || !is_text(body))
		return LK_E_FORMAT;
	return put_into(calls_open(dir), &call, now_s);
}

enum lk_err
spool_put_fetch(const char *dir, struct lk_str url, struct lk_str client_id, int64_t now_s)
{
	struct spool_mail fetch = {
	    .is_call = true, .is_fetch = true, .to = url, .mail = client_id};

	if (!spool_url_check(url) || !spool_client_check(client_id))
		return LK_E_FORMAT;
	return put_into(calls_open(dir), &fetch, now_s);
}

/* --- what was read -------------------------------------------------------------------------- */

static enum lk_err
keys_read(int fd, struct lk_buf *out, int64_t *inout_at)
{
	char piece[4096];
	struct stat st;
	int64_t at;
	ssize_t n;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return LK_E_BROKEN;
	at = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (at <= *inout_at)
		return LK_E_NOT_FOUND;
	lk_buf_clear(out);
	while ((n = read(fd, piece, sizeof piece)) > 0 && out->len <= SPOOL_KEYS_FILE_MAX_BYTES)
		lk_buf_add(out, piece, (size_t)n);
	if (n < 0)
		return LK_E_BROKEN;
	*inout_at = at;
	return lk_buf_is_ok(out) && out->len <= SPOOL_KEYS_FILE_MAX_BYTES ? LK_OK : LK_E_FORMAT;
}

enum lk_err
spool_keys_get(const char *dir, struct lk_str client_id, struct lk_buf *out, int64_t *inout_at)
{
	char path[sizeof SPOOL_KEYS + SPOOL_CLIENT_MAX_LEN + 2];
	int folder, fd;
	enum lk_err err;

	if (!spool_client_check(client_id))
		return LK_E_FORMAT;
	folder = calls_open(dir);
	if (folder < 0)
		return LK_E_BROKEN;
	snprintf(path, sizeof path, SPOOL_KEYS "/%.*s", LK_STR_ARGS(client_id));
	fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(folder);
	if (fd < 0)
		return errno == ENOENT ? LK_E_NOT_FOUND : LK_E_BROKEN;
	err = keys_read(fd, out, inout_at);
	close(fd);
	return err;
}
