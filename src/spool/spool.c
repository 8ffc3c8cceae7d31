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

enum lk_err
spool_folder_open(const char *dir, struct lk_why *why, int *out_fd)
{
	enum lk_err err;
	int fd;

	err = folder_open(AT_FDCWD, dir, why, &fd);
	if (err != LK_OK)
		return err;
	err = own_folder_init(fd, SPOOL_NEW, why);
	if (err == LK_OK)
		err = own_folder_init(fd, SPOOL_BAD, why);
	if (err == LK_OK && fsync(fd) != 0)
		err = broken(why, dir);
	if (err != LK_OK) {
		close(fd);
		return err;
	}
	*out_fd = fd;
	return LK_OK;
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

static bool
count_one(void *context, const char *name, int64_t at_s)
{
	size_t *count = context;

	(void)name;
	(void)at_s;
	return ++*count < SPOOL_COUNT_MAX;
}

bool
spool_folder_is_full(int folder, const char *name)
{
	size_t count = 0;

	return spool_folder_walk(folder, name, &(struct spool_walk){count_one, &count}) != LK_OK ||
	       count >= SPOOL_COUNT_MAX;
}

enum lk_err
spool_init(const char *dir, struct lk_why *why)
{
	enum lk_err err;
	int fd;

	err = spool_folder_open(dir, why, &fd);
	if (err != LK_OK)
		return err;
	close(fd);
	return LK_OK;
}

/* --- putting -------------------------------------------------------------------------------- */

static enum lk_err
put(int folder, struct lk_str to, struct lk_str text, int64_t now_s)
{
	char name[24 + RANDOM_LETTERS], random[RANDOM_LETTERS + 1] = "";
	const struct spool_mail mail = {.name = name, .to = to, .mail = text};
	enum lk_err err;

	if (spool_folder_is_full(folder, "."))
		return LK_E_BROKEN;
	crypto_letters_make(random, RANDOM_LETTERS);
	snprintf(name, sizeof name, "%" PRId64 ".%s", now_s < 0 ? 0 : now_s, random);
	err = spool_file_write(folder, &mail);
	if (err != LK_OK)
		unlinkat(folder, name, 0);
	return err;
}

enum lk_err
spool_put(const char *dir, struct lk_str to, struct lk_str mail, int64_t now_s)
{
	enum lk_err err;
	int folder;

	if (!spool_address_check(to) || mail.len == 0 || mail.len > SPOOL_MAIL_MAX_BYTES ||
	    lk_str_find(mail, '\0') < mail.len)
		return LK_E_FORMAT;
	folder = open(dir, FOLDER_FLAGS);
	if (folder < 0)
		return LK_E_BROKEN;
	err = put(folder, to, mail, now_s);
	close(folder);
	return err;
}
