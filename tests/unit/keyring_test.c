/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/crypto_help.h"

struct bad {
	const char *text;
	const char *why; /* must be in it */
};

static void
a_bad_file_is_refused_with_its_line(void **state)
{
	static const struct bad rows[] = {
	    {"", "no key"},
	    {"# only words\n\n", "no key"},
	    {"1 " KEY_A "\n1 " KEY_B "\n", "line 2"},
	    {"# x\n0 " KEY_A "\n", "line 2"},
	    {"4294967296 " KEY_A, "line 1"},
	    {"-1 " KEY_A, "line 1"},
	    {"1", "line 1"},
	    {"1 " KEY_A "=", "line 1"},
	    {"1 " KEY_A "A", "line 1"},
	    {"1 AAAA", "line 1"},
	    {"1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "not all zero"},
	    {"1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", "line 1"}, /* spare bits */
	    {"1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAE", "line 1"},
	    {"1\t" KEY_A, "line 1"},
	    {"one " KEY_A, "line 1"},
	};
	struct crypto_ring *ring = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct lk_why why = {.len = 0};

		assert_int_equal(crypto_ring_read(lk_str_c(rows[i].text), &why, &ring),
				 LK_E_FORMAT);
		assert_non_null(strstr(why.text, rows[i].why));
		assert_null(strstr(why.text, "AAAA")); /* never a key */
		assert_null(ring);
	}
}

static void
the_last_line_is_the_newest_key(void **state)
{
	struct crypto_ring *ring = help_ring("# old\n9 " KEY_A "\r\n\n  # new\n3 " KEY_B "  \n");

	(void)state;
	assert_int_equal(crypto_ring_newest_id(ring), 3);
	crypto_ring_free(ring);
	crypto_ring_free(NULL);
}

static void
more_than_64_keys_are_refused(void **state)
{
	char text[80 * 64] = "";
	size_t len = 0;
	unsigned i;
	struct crypto_ring *ring = NULL;

	(void)state;
	for (i = 1; i <= 64; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%u " KEY_A "\n", i);
	assert_int_equal(crypto_ring_read(lk_str_n(text, len), NULL, &ring), LK_OK);
	crypto_ring_free(ring);
	ring = NULL;
	len += (size_t)snprintf(text + len, sizeof text - len, "%u " KEY_A "\n", i);
	assert_int_equal(crypto_ring_read(lk_str_n(text, len), NULL, &ring), LK_E_FORMAT);
	assert_null(ring);
}

static void
a_ring_of_one_needs_a_real_key(void **state)
{
	struct lk_secret *key = help_secret(*state, "0123456789abcdef0123456789abcdef", 32);
	struct crypto_ring *ring = NULL;

	assert_int_equal(crypto_ring_make(0, key, &ring), LK_E_FORMAT);
	assert_int_equal(crypto_ring_make(1, help_secret(*state, "short", 5), &ring), LK_E_FORMAT);
	assert_int_equal(crypto_ring_make(7, key, &ring), LK_OK);
	assert_int_equal(crypto_ring_newest_id(ring), 7);
	crypto_ring_free(ring);
}

static void
a_new_line_reads_back_with_the_next_number(void **state)
{
	struct crypto_ring *ring = help_ring("9 " KEY_A "\n3 " KEY_B "\n"), *again = NULL;
	LK_AUTO_BUF text;

	(void)state;
	lk_buf_init(&text, 1000);
	assert_int_equal(crypto_ring_line_make(NULL, &text), LK_OK);
	assert_true(lk_str_starts(lk_buf_str(&text), "1 "));
	assert_int_equal(crypto_ring_line_make(ring, &text), LK_OK);
	assert_int_equal(crypto_ring_read(lk_buf_str(&text), NULL, &again), LK_OK);
	assert_int_equal(crypto_ring_newest_id(again), 10);
	crypto_ring_free(ring);
	crypto_ring_free(again);
	ring = help_ring("4294967295 " KEY_A);
	assert_int_equal(crypto_ring_line_make(ring, &text), LK_E_FORMAT);
	crypto_ring_free(ring);
}

static void
write_key_file(const char *path, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("1 " KEY_A "\n", file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void
a_key_file_others_may_read_is_refused(void **state)
{
	static const mode_t bad[] = {0640, 0604, 0660, 0601, 0610, 0644, 0777};
	char path[] = "/tmp/lk-keyring-XXXXXX";
	struct crypto_ring *ring = NULL;
	struct lk_why why = {.len = 0};
	int fd = mkstemp(path);
	size_t i;

	(void)state;
	close(fd);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_key_file(path, bad[i]);
		lk_why_clear(&why);
		assert_int_equal(crypto_ring_load(path, &why, &ring), LK_E_FORMAT);
		assert_non_null(strstr(why.text, "chmod 600"));
		assert_null(ring);
	}
	write_key_file(path, 0600);
	assert_int_equal(crypto_ring_load(path, &why, &ring), LK_OK);
	crypto_ring_free(ring);
	unlink(path);
}

static void
what_is_no_key_file_is_refused(void **state)
{
	char folder[] = "/tmp/lk-keyring-XXXXXX", path[64];
	struct crypto_ring *ring = NULL;
	struct lk_why why = {.len = 0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(crypto_ring_load(folder, &why, &ring), LK_E_FORMAT);
	snprintf(path, sizeof path, "%s/keys", folder);
	assert_int_equal(crypto_ring_load(path, &why, &ring), LK_E_NOT_FOUND);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(crypto_ring_load(path, &why, &ring), LK_E_FORMAT);
	unlink(path);
	write_key_file(path, 0600);
	assert_int_equal(truncate(path, CRYPTO_RING_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(crypto_ring_load(path, &why, &ring), LK_E_FORMAT);
	assert_null(ring);
	unlink(path);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bad_file_is_refused_with_its_line),
	    cmocka_unit_test(the_last_line_is_the_newest_key),
	    cmocka_unit_test(more_than_64_keys_are_refused),
	    cmocka_unit_test(a_ring_of_one_needs_a_real_key),
	    cmocka_unit_test(a_new_line_reads_back_with_the_next_number),
	    cmocka_unit_test(a_key_file_others_may_read_is_refused),
	    cmocka_unit_test(what_is_no_key_file_is_refused),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
