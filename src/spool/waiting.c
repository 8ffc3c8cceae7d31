/* SPDX-License-Identifier: MIT */
#include "spool/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "spool/spool_file.h"
#include "spool/spool_folder.h"

#define LEFT_BEHIND_S	 3600
#define NAMES_FIRST	 64u
#define PATH_OWN_MAX_LEN 64

struct spool {
	int folder;
};

/* --- opening -------------------------------------------------------------------------------- */

struct sweep {
	int folder;
	int64_t before_s;
};

static bool
sweep_one(void *context, const char *name, int64_t at_s)
{
	const struct sweep *sweep = context;
	char path[PATH_OWN_MAX_LEN];

	snprintf(path, sizeof path, SPOOL_NEW "/%s", name);
	if (at_s < sweep->before_s)
		unlinkat(sweep->folder, path, 0);
	return true;
}

static enum lk_err
begin(const struct spool *spool, int64_t now_s, struct lk_why *why)
{
	struct sweep sweep = {spool->folder, now_s - LEFT_BEHIND_S};

	if (flock(spool->folder, LOCK_EX | LOCK_NB) != 0) {
		lk_why_add(why, "another latchkey-mailer sends from this spool");
		return LK_E_BUSY;
	}
	if (spool_folder_walk(spool->folder, SPOOL_NEW, &(struct spool_walk){sweep_one, &sweep}) !=
	    LK_OK) {
		lk_why_add(why, "mail spool cannot be read");
		return LK_E_BROKEN;
	}
	return LK_OK;
}

enum lk_err
spool_open(const char *dir, int64_t now_s, struct lk_why *why, struct spool **out)
{
	struct spool *spool = malloc(sizeof *spool);
	enum lk_err err;

	if (spool == NULL)
		return LK_E_MEMORY;
	spool->folder = -1;
	err = spool_folder_open(dir, why, &spool->folder);
	if (err == LK_OK)
		err = begin(spool, now_s, why);
	if (err != LK_OK) {
		spool_close(spool);
		return err;
	}
	*out = spool;
	return LK_OK;
}

void
spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	if (spool->folder >= 0)
		close(spool->folder);
	free(spool);
}

/* --- listing -------------------------------------------------------------------------------- */

struct names {
	struct lk_arena *arena;
	const char **list;
	size_t count, room;
	bool has_failed;
};

static bool
names_grow(struct names *names)
{
	size_t room = names->room == 0 ? NAMES_FIRST : 2 * names->room;
	const char **list = lk_arena_alloc(names->arena, room * sizeof *list);

	if (list == NULL)
		return false;
	if (names->count > 0)
		memcpy(list, names->list, names->count * sizeof *list);
	names->list = list;
	names->room = room;
	return true;
}

static bool
names_add(void *context, const char *name, int64_t at_s)
{
	struct names *names = context;
	const char *copy = lk_arena_c(names->arena, lk_str_c(name));

	(void)at_s;
	if (copy == NULL || (names->count == names->room && !names_grow(names))) {
		names->has_failed = true;
		return false;
	}
	names->list[names->count++] = copy;
	return names->count < SPOOL_COUNT_MAX;
}

static int
by_age(const void *a, const void *b)
{
	const char *one = *(const char *const *)a, *other = *(const char *const *)b;
	int64_t one_at_s = 0, other_at_s = 0;

	(void)spool_name_read(lk_str_c(one), &one_at_s);
	(void)spool_name_read(lk_str_c(other), &other_at_s);
	if (one_at_s != other_at_s)
		return one_at_s < other_at_s ? -1 : 1;
	return strcmp(one, other);
}

enum lk_err
spool_list(struct spool *spool, struct lk_arena *arena, const char *const **out_names,
	   size_t *out_count)
{
	struct names names = {.arena = arena};

	if (spool_folder_walk(spool->folder, ".", &(struct spool_walk){names_add, &names}) != LK_OK)
		return LK_E_BROKEN;
	if (names.has_failed)
		return LK_E_MEMORY;
	if (names.count > 1)
		qsort(names.list, names.count, sizeof names.list[0], by_age);
	*out_names = names.list;
	*out_count = names.count;
	return LK_OK;
}

/* --- one mail ------------------------------------------------------------------------------- */

/* Up to one byte more than fits, so that too long is seen. */
static enum lk_err
read_all(int fd, struct lk_arena *arena, struct lk_str *out)
{
	char *text = lk_arena_alloc(arena, SPOOL_FILE_MAX_BYTES + 1);
	size_t len = 0;
	ssize_t n = 1;

	if (text == NULL)
		return LK_E_MEMORY;
	while (n != 0 && len <= SPOOL_FILE_MAX_BYTES) {
		n = read(fd, text + len, SPOOL_FILE_MAX_BYTES + 1 - len);
		if (n < 0 && errno != EINTR)
			return errno == EISDIR ? LK_E_FORMAT : LK_E_BROKEN;
		len += n > 0 ? (size_t)n : 0;
	}
	*out = lk_str_n(text, len);
	return len <= SPOOL_FILE_MAX_BYTES ? LK_OK : LK_E_FORMAT;
}

/* A name that is no file of ours (a link, a folder, a pipe) reads as no mail. */
static enum lk_err
text_get(const struct spool *spool, struct lk_arena *arena, const char *name, struct lk_str *out)
{
	int fd = openat(spool->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum lk_err err;

	if (fd < 0 && errno == ENOENT)
		return LK_E_NOT_FOUND;
	if (fd < 0)
		return errno == ELOOP ? LK_E_FORMAT : LK_E_BROKEN;
	err = read_all(fd, arena, out);
	close(fd);
	return err;
}

enum lk_err
spool_get(struct spool *spool, struct lk_arena *arena, const char *name, struct spool_mail *out)
{
	struct spool_mail mail = {.name = name};
	struct lk_str text;
	enum lk_err err;

	if (!spool_name_read(lk_str_c(name), &mail.at_s))
		return LK_E_FORMAT;
	err = text_get(spool, arena, name, &text);
	if (err != LK_OK)
		return err;
	if (!spool_file_read(text, &mail))
		return LK_E_FORMAT;
	*out = mail;
	return LK_OK;
}

enum lk_err
spool_put_back(struct spool *spool, const struct spool_mail *mail)
{
	return spool_file_write(spool->folder, mail);
}

enum lk_err
spool_remove(struct spool *spool, const char *name)
{
	if (unlinkat(spool->folder, name, 0) != 0 && errno != ENOENT)
		return LK_E_BROKEN;
	return fsync(spool->folder) == 0 ? LK_OK : LK_E_BROKEN;
}

enum lk_err
spool_set_aside(struct spool *spool, const char *name)
{
	char path[PATH_OWN_MAX_LEN];

	if (spool_folder_is_full(spool->folder, SPOOL_BAD, SPOOL_COUNT_MAX))
		return spool_remove(spool, name);
	snprintf(path, sizeof path, SPOOL_BAD "/%s", name);
	if (renameat(spool->folder, name, spool->folder, path) != 0)
		return LK_E_BROKEN;
	return fsync(spool->folder) == 0 ? LK_OK : LK_E_BROKEN;
}

enum lk_err
spool_keys_put(struct spool *spool, const struct spool_mail *fetch, struct lk_str text)
{
	char path[PATH_OWN_MAX_LEN + SPOOL_CLIENT_MAX_LEN];
	LK_AUTO_BUF whole;

	lk_buf_init(&whole, SPOOL_KEYS_FILE_MAX_BYTES);
	if (!spool_client_check(fetch->mail) || text.len > SPOOL_KEYS_MAX_BYTES)
		return LK_E_FORMAT;
	snprintf(path, sizeof path, SPOOL_KEYS "/%.*s", LK_STR_ARGS(fetch->mail));
	lk_buf_add_str(&whole, fetch->to);
	lk_buf_add_byte(&whole, '\n');
	lk_buf_add_str(&whole, text);
	if (!lk_buf_is_ok(&whole))
		return LK_E_MEMORY;
	/* One program writes here, one file at a time: a killed one's half is written over. */
	unlinkat(spool->folder, SPOOL_NEW "/keys", 0);
	return spool_text_write(spool->folder, SPOOL_NEW "/keys", path, lk_buf_str(&whole));
}
