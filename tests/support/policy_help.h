/* SPDX-License-Identifier: MIT */
/* Policies and a small list of common passwords for tests. Include after cmocka.h and
 * support/files_help.h. */
#ifndef LK_TESTS_POLICY_HELP_H
#define LK_TESTS_POLICY_HELP_H

#include "policy/fold.h"
#include "policy/policy.h"
#include "policy/wordlist.h"

static inline int
help_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A list file's bytes; words is NULL-terminated. */
static inline void
help_list(const char *const *words, struct lk_buf *out)
{
	uint64_t hashes[256];
	size_t count = 0;
	struct lk_arena *arena = lk_arena_new(4096, 65536);

	for (; *words != NULL; words++) {
		struct lk_str forms[POLICY_FORMS_MAX];
		size_t i, n = policy_forms(arena, lk_str_c(*words), forms);

		for (i = 0; i < n; i++)
			hashes[count++] = wordlist_hash(forms[i]);
		assert_true(n > 0 && count < 250);
	}
	lk_arena_free(arena);
	qsort(hashes, count, sizeof hashes[0], help_compare);
	wordlist_write(hashes, count, out);
}

static inline void
help_write_bytes(const char *path, struct lk_str bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

/* folder/common.bin with a few words. */
static inline void
help_list_file(const char *folder)
{
	static const char *const words[] = {"password",		 "dragon", "letmein",
					    "interdisciplinary", "summer", "siân",
					    "123456789012",	 NULL};
	char path[HELP_PATH_BYTES];
	LK_AUTO_BUF bytes;

	lk_buf_init(&bytes, 65536);
	help_list(words, &bytes);
	help_write_bytes(help_path(path, folder, "common.bin"), lk_buf_str(&bytes));
}

/* Four files that set nothing. */
static inline void
help_policy_folder(const char *folder)
{
	help_write(folder, "password.policy", 0644, "[default]\n");
	help_write(folder, "lockout.policy", 0644, "[default]\n");
	help_write(folder, "reset.policy", 0644, "[default]\n");
	help_write(folder, "signin.policy", 0644, "[default]\n");
	help_subfolder(folder, "applications");
	help_list_file(folder);
}

/* dir's policies with folder's list. Faults, when there are any, in out. */
static inline struct policy *
help_policy_load(const char *dir, const char *folder, struct lk_buf *out)
{
	char list[HELP_PATH_BYTES];
	struct policy_from from = {dir, help_path(list, folder, "common.bin"), "Staff sign-in", 0};
	struct conf_faults faults = {.count = 0};
	struct policy *policy = NULL;
	enum lk_err err = policy_load(&from, &faults, &policy);

	conf_faults_write(&faults, out);
	assert_int_equal(err == LK_OK, policy != NULL);
	assert_int_equal(err == LK_OK, conf_faults_count(&faults) == 0);
	conf_faults_done(&faults);
	return policy;
}

/* The same, which must be good. */
static inline struct policy *
help_policy(const char *folder)
{
	struct policy *policy;
	LK_AUTO_BUF faults;

	lk_buf_init(&faults, 65536);
	policy = help_policy_load(folder, folder, &faults);
	if (policy == NULL)
		fail_msg("%s", faults.bytes);
	return policy;
}

/* Set-up and tear-down: *state is the folder. */
static inline int
help_policy_begin(void **state)
{
	*state = calloc(1, HELP_PATH_BYTES);
	help_folder(*state);
	help_policy_folder(*state);
	return 0;
}

static inline int
help_policy_end(void **state)
{
	help_folder_remove(*state);
	free(*state);
	return 0;
}

#endif
