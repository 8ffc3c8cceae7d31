/* SPDX-License-Identifier: MIT */
/* Folders and files for tests. Include after cmocka.h. */
#ifndef LK_TESTS_FILES_HELP_H
#define LK_TESTS_FILES_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELP_PATH_BYTES 512

/* A new folder under the temporary one; remove it with help_folder_remove. */
static inline void
help_folder(char path[HELP_PATH_BYTES])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, HELP_PATH_BYTES, "%s/lk-test-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	assert_non_null(mkdtemp(path));
}

static inline void
help_folder_remove(const char *path)
{
	char command[HELP_PATH_BYTES + 16];

	assert_non_null(strstr(path, "/lk-test-"));
	snprintf(command, sizeof command, "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
}

static inline const char *
help_path(char out[HELP_PATH_BYTES], const char *folder, const char *name)
{
	int len = snprintf(out, HELP_PATH_BYTES, "%s/%s", folder, name);

	assert_true(len > 0 && len < HELP_PATH_BYTES);
	return out;
}

static inline void
help_write(const char *folder, const char *name, mode_t mode, const char *text)
{
	char path[HELP_PATH_BYTES];
	FILE *file = fopen(help_path(path, folder, name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline void
help_subfolder(const char *folder, const char *name)
{
	char path[HELP_PATH_BYTES];

	assert_int_equal(mkdir(help_path(path, folder, name), 0700), 0);
}

/* A file of the source tree; make check says where that is. */
static inline const char *
help_source(char out[HELP_PATH_BYTES], const char *name)
{
	const char *srcdir = getenv("srcdir");

	return help_path(out, srcdir == NULL ? "." : srcdir, name);
}

/* Whole, NUL behind it; yours to free. */
static inline char *
help_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) < 65535);
	fclose(file);
	return text;
}

#endif
