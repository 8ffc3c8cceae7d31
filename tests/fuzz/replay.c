/* SPDX-License-Identifier: MIT */
/*
 * Runs one fuzz harness over its corpus, without a fuzzer: every file, every file cut at each
 * place, and with each byte changed. Linked with one NAME_fuzz.c; looks in
 * $srcdir/tests/fuzz/corpus/NAME, or at the files and folders named. An empty corpus is a failure.
 * For real fuzzing: tests/fuzz/run NAME SECONDS.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES 65536u
#define CHANGES_MAX    512u /* places cut or changed in one file */

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* In memory of exactly len bytes, so that a sanitizer sees a read past the end. */
static void
run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void
run_changed(uint8_t *bytes, size_t len)
{
	static const uint8_t changes[] = {0x01, 0x20, 0x80, 0xFF};
	size_t at, i;

	run(bytes, len);
	for (at = 0; at < len && at < CHANGES_MAX; at++) {
		run(bytes, at);
		for (i = 0; i < sizeof changes; i++) {
			bytes[at] ^= changes[i];
			run(bytes, len);
			bytes[at] ^= changes[i];
		}
	}
}

static unsigned
run_file(const char *path)
{
	static uint8_t bytes[FILE_MAX_BYTES];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	run_changed(bytes, len);
	return 1;
}

static unsigned
run_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	unsigned count = 0;
	char inside[4096];

	if (folder == NULL) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
		count += run_file(inside);
	}
	closedir(folder);
	return count;
}

static unsigned
run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return run_folder(path);
	return run_file(path);
}

/* ".../json_fuzz" → "$srcdir/tests/fuzz/corpus/json" */
static unsigned
run_own_corpus(const char *program)
{
	const char *name = strrchr(program, '/'), *srcdir = getenv("srcdir");
	char path[4096];

	name = name == NULL ? program : name + 1;
	snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%.*s", srcdir == NULL ? "." : srcdir,
		 (int)(strlen(name) - strlen("_fuzz")), name);
	return run_folder(path);
}

int
main(int argc, char **argv)
{
	unsigned count = 0;
	int i;

	for (i = 1; i < argc; i++)
		count += run_path(argv[i]);
	if (argc == 1)
		count = run_own_corpus(argv[0]);
	printf("%u files\n", count);
	return count > 0 ? 0 : 1;
}
