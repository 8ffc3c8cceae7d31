/* SPDX-License-Identifier: MIT */
/*
 * latchkey-wordlist: makes the list of common passwords from lists of words, one a line.
 * What is the same word to somebody who guesses (policy/fold.h) is kept once.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "policy/fold.h"
#include "policy/wordlist.h"

/* Where Debian's packages put theirs: john-data, cracklib-runtime, wamerican, wbritish. */
static const char *const default_files[] = {
    "/usr/share/john/password.lst",
    "/usr/share/dict/cracklib-small",
    "/usr/share/dict/american-english",
    "/usr/share/dict/british-english",
};

#define WORD_MAX_BYTES 128u

struct hashes {
	uint64_t *rows;
	size_t count, room;
};

static int
fail(const char *what, const char *why)
{
	fprintf(stderr, "latchkey-wordlist: %s: %s\n", what, why);
	return 1;
}

static bool
hash_add(struct hashes *hashes, uint64_t hash)
{
	size_t room = hashes->room == 0 ? 65536 : hashes->room * 2;
	uint64_t *rows;

	if (hashes->count == hashes->room) {
		rows = reallocarray(hashes->rows, room, sizeof *rows);
		if (rows == NULL)
			return false;
		hashes->rows = rows;
		hashes->room = room;
	}
	hashes->rows[hashes->count++] = hash;
	return true;
}

/* A possessive is its word; john's list begins with remarks. */
static bool
is_word(struct lk_str line)
{
	return line.len > 0 && line.len <= WORD_MAX_BYTES && !lk_str_starts(line, "#!comment:") &&
	       !lk_str_ends(line, "'s");
}

static bool
line_add(struct lk_arena *arena, struct lk_str line, struct hashes *hashes)
{
	struct lk_str forms[POLICY_FORMS_MAX];
	size_t count, i;

	if (!is_word(line))
		return true;
	lk_arena_reset(arena);
	count = policy_forms(arena, line, forms);
	for (i = 0; i < count; i++) {
		if (!hash_add(hashes, wordlist_hash(forms[i])))
			return false;
	}
	return true;
}

static bool
lines_add(FILE *file, struct lk_arena *arena, struct hashes *hashes)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool is_ok = true;

	while (is_ok && (len = getline(&line, &room, file)) >= 0)
		is_ok = line_add(arena, lk_str_trim(lk_str_n(line, (size_t)len)), hashes);
	free(line);
	return is_ok && ferror(file) == 0;
}

static int
file_add(const char *path, struct hashes *hashes)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	FILE *file = fopen(path, "re");
	bool is_ok;

	if (file == NULL || arena == NULL) {
		lk_arena_free(arena);
		return fail(path, strerror(errno));
	}
	is_ok = lines_add(file, arena, hashes);
	lk_arena_free(arena);
	fclose(file);
	return is_ok ? 0 : fail(path, "cannot be read, or does not fit in memory");
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
sort_once(struct hashes *hashes)
{
	size_t i, kept = 0;

	qsort(hashes->rows, hashes->count, sizeof hashes->rows[0], compare);
	for (i = 0; i < hashes->count; i++) {
		if (kept == 0 || hashes->rows[kept - 1] != hashes->rows[i])
			hashes->rows[kept++] = hashes->rows[i];
	}
	hashes->count = kept;
}

static bool
write_all(int fd, struct lk_str bytes)
{
	ssize_t n;

	for (; bytes.len > 0; bytes = lk_str_from(bytes, (size_t)n)) {
		n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return false;
	}
	return true;
}

/* Beside it and renamed: the daemon may have the old one mapped. */
static int
file_put(const char *path, struct lk_str bytes)
{
	char beside[4096];
	bool is_ok;
	int fd;

	if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
		return fail(path, "name is too long");
	fd = mkstemp(beside);
	if (fd < 0)
		return fail(beside, strerror(errno));
	is_ok = write_all(fd, bytes) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	is_ok = close(fd) == 0 && is_ok;
	if (is_ok && rename(beside, path) == 0)
		return 0;
	fail(path, strerror(errno));
	unlink(beside);
	return 1;
}

static int
list_put(const char *path, struct hashes *hashes)
{
	LK_AUTO_BUF out = {0};

	if (hashes->count == 0)
		return fail(path, "not one word to put into it");
	sort_once(hashes);
	lk_buf_init(&out, WORDLIST_MAX_BYTES);
	wordlist_write(hashes->rows, hashes->count, &out);
	if (!lk_buf_is_ok(&out))
		return fail(path, "too many words");
	if (file_put(path, lk_buf_str(&out)) != 0)
		return 1;
	printf("%s: %zu words\n", path, hashes->count);
	return 0;
}

/* Those that are there; at least one must be. */
static int
defaults_add(struct hashes *hashes)
{
	size_t i, found = 0;

	for (i = 0; i < sizeof default_files / sizeof default_files[0]; i++) {
		if (access(default_files[i], R_OK) != 0)
			continue;
		found++;
		if (file_add(default_files[i], hashes) != 0)
			return 1;
	}
	if (found > 0)
		return 0;
	return fail("--default", "none of Debian's lists is here; install john-data, "
				 "cracklib-runtime, wamerican or wbritish");
}

static const char usage[] =
    "Usage: latchkey-wordlist --output FILE [--default] [LIST...]\n"
    "Make the list of common passwords latchkeyd refuses.\n"
    "\n"
    "  --output FILE  where to put it (common_passwords_file of latchkey.conf)\n"
    "  --default      take the word lists of Debian's john-data, cracklib-runtime,\n"
    "                 wamerican and wbritish, as far as they are installed\n"
    "  LIST           more lists, one word a line\n"
    "\n"
    "  latchkey-wordlist --default --output /usr/share/latchkey/common-passwords.bin\n";

struct wanted {
	const char *output;
	bool has_default, has_help;
};

static bool
options_read(int argc, char **argv, struct wanted *wanted)
{
	static const struct option options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"default", no_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "o:dh", options, NULL)) >= 0) {
		if (option == 'o')
			wanted->output = optarg;
		else if (option == 'd')
			wanted->has_default = true;
		else if (option == 'h')
			wanted->has_help = true;
		else
			return false;
	}
	return wanted->has_help ||
	       (wanted->output != NULL && (wanted->has_default || optind < argc));
}

int
main(int argc, char **argv)
{
	struct wanted wanted = {.output = NULL};
	struct hashes hashes = {.rows = NULL};
	int failed = 0, i;

	if (!options_read(argc, argv, &wanted)) {
		fputs(usage, stderr);
		return 2;
	}
	if (wanted.has_help) {
		fputs(usage, stdout);
		return 0;
	}
	if (wanted.has_default)
		failed = defaults_add(&hashes);
	for (i = optind; failed == 0 && i < argc; i++)
		failed = file_add(argv[i], &hashes);
	if (failed == 0)
		failed = list_put(wanted.output, &hashes);
	free(hashes.rows);
	return failed;
}
