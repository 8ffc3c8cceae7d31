/* SPDX-License-Identifier: MIT */
#include "policy/wordlist.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "LKWORDS";

struct wordlist {
	struct lk_str file; /* mapped */
};

static uint64_t
number_at(const char *at)
{
	uint64_t number;

	memcpy(&number, at, sizeof number);
	return le64toh(number);
}

static uint64_t
hash_at(struct lk_str file, uint64_t index)
{
	return number_at(file.ptr + WORDLIST_HEAD_BYTES + index * 8);
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
	return hash ^ hash >> 32;
}

/* Of what is no secret: nobody gains by two words that look alike to it. */
uint64_t
wordlist_hash(struct lk_str form)
{
	uint64_t hash = 0xCBF29CE484222325u ^ form.len;
	size_t i;

	for (i = 0; i < form.len; i++)
		hash = (hash ^ (unsigned char)form.ptr[i]) * 0x100000001B3u;
	return mix(mix(hash, form.len), hash);
}

const char *
wordlist_fault(struct lk_str file)
{
	uint64_t count, i, check = 0, hash, before = 0;

	if (file.len < WORDLIST_HEAD_BYTES || memcmp(file.ptr, magic, sizeof magic) != 0)
		return "is no list of common passwords";
	if (number_at(file.ptr + 8) != WORDLIST_VERSION)
		return "is of another version";
	count = number_at(file.ptr + 16);
	if (count == 0)
		return "is empty";
	if (count != (file.len - WORDLIST_HEAD_BYTES) / 8 || file.len % 8 != 0)
		return "is cut off or too long";
	for (i = 0; i < count; i++) {
		hash = hash_at(file, i);
		if (i > 0 && hash <= before)
			return "is out of order";
		check = mix(check, hash);
		before = hash;
	}
	return check == number_at(file.ptr + 24) ? NULL : "is damaged";
}

bool
wordlist_bytes_have(struct lk_str file, struct lk_str form)
{
	uint64_t low = 0, high = number_at(file.ptr + 16), middle;
	uint64_t wanted = wordlist_hash(form), hash;

	while (low < high) {
		middle = low + (high - low) / 2;
		hash = hash_at(file, middle);
		if (hash == wanted)
			return true;
		if (hash < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
wordlist_has(const struct wordlist *list, struct lk_str form)
{
	return wordlist_bytes_have(list->file, form);
}

size_t
wordlist_count(const struct wordlist *list)
{
	return (size_t)number_at(list->file.ptr + 16);
}

static void
number_add(struct lk_buf *out, uint64_t number)
{
	uint64_t little = htole64(number);

	lk_buf_add(out, &little, sizeof little);
}

void
wordlist_write(const uint64_t *hashes, size_t count, struct lk_buf *out)
{
	uint64_t check = 0;
	size_t i;

	for (i = 0; i < count; i++)
		check = mix(check, hashes[i]);
	lk_buf_add(out, magic, sizeof magic);
	number_add(out, WORDLIST_VERSION);
	number_add(out, count);
	number_add(out, check);
	for (i = 0; i < count; i++)
		number_add(out, hashes[i]);
}

static const char *
stat_fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a file";
	/* It is mapped: who can shorten it can end the daemon. */
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "may be written by group or others";
	if (st->st_size < (off_t)WORDLIST_HEAD_BYTES || st->st_size > (off_t)WORDLIST_MAX_BYTES)
		return "is no list of common passwords";
	return NULL;
}

static const char *
fd_map(int fd, struct lk_str *out)
{
	const char *fault;
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) != 0)
		return strerrordesc_np(errno);
	fault = stat_fault(&st);
	if (fault != NULL)
		return fault;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return strerrordesc_np(errno);
	*out = lk_str_n(bytes, (size_t)st.st_size);
	fault = wordlist_fault(*out);
	if (fault != NULL)
		munmap(bytes, (size_t)st.st_size);
	else
		/* Looked at once; from here on only a few pages are needed, and seldom. */
		madvise(bytes, (size_t)st.st_size, MADV_DONTNEED);
	return fault;
}

enum lk_err
wordlist_load(const char *path, struct lk_why *why, struct wordlist **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct wordlist *list;
	struct lk_str file;
	const char *fault;

	if (fd < 0) {
		enum lk_err err = errno == ENOENT ? LK_E_NOT_FOUND : LK_E_FORMAT;

		lk_why_add(why, "cannot be opened: %s", strerrordesc_np(errno));
		return err;
	}
	fault = fd_map(fd, &file);
	close(fd);
	if (fault != NULL) {
		lk_why_add(why, "%s", fault);
		return LK_E_FORMAT;
	}
	list = malloc(sizeof *list);
	if (list == NULL) {
		munmap((void *)file.ptr, file.len);
		return LK_E_MEMORY;
	}
	list->file = file;
	*out = list;
	return LK_OK;
}

void
wordlist_free(struct wordlist *list)
{
	if (list == NULL)
		return;
	munmap((void *)list->file.ptr, list->file.len);
	free(list);
}
