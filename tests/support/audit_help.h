/* SPDX-License-Identifier: MIT */
/* A log in a folder of its own, for tests. Include after cmocka.h. */
#ifndef LK_TESTS_AUDIT_HELP_H
#define LK_TESTS_AUDIT_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/open.h"
#include "audit/read.h"
#include "support/crypto_help.h"

struct help_log {
	char folder[64];
	char path[80];
	char head[96];
	struct crypto_ring *ring;
	struct audit *audit;
};

/* Removes what a test may have left, too. */
static inline void
help_log_done(struct help_log *log)
{
	static const char *const names[] = {"log", "log.head", "log.1", "log.1.head", "log.2"};
	char path[96];
	size_t i;

	audit_close(log->audit);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", log->folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(log->folder), 0);
	crypto_ring_free(log->ring);
}

static inline void
help_log_init(struct help_log *log)
{
	*log = (struct help_log){.folder = "/tmp/lk-audit-XXXXXX"};
	assert_int_equal(crypto_init(), LK_OK);
	assert_non_null(mkdtemp(log->folder));
	snprintf(log->path, sizeof log->path, "%s/log", log->folder);
	snprintf(log->head, sizeof log->head, "%s/log.head", log->folder);
	log->ring = help_ring("1 " KEY_A "\n");
}

static inline enum lk_err
help_log_open_io(struct help_log *log, const struct audit_io *io, struct lk_why *why)
{
	return audit_open_setup(
	    &(struct audit_setup){log->path, log->ring, lk_clock_system(), io}, why, &log->audit);
}

static inline enum lk_err
help_log_open(struct help_log *log, struct lk_why *why)
{
	return help_log_open_io(log, audit_io_system(), why);
}

static inline void
help_log_close(struct help_log *log)
{
	audit_close(log->audit);
	log->audit = NULL;
}

/* One line with detail, five seconds to write it. */
static inline enum lk_err
help_log_add(struct help_log *log, const char *detail)
{
	const struct audit_line line = {.event = AUDIT_SIGNIN_DONE,
	    .ref = LK_STR("7Q4M-2XPD"),
	    .person_id = LK_STR("0b2d1f9c-0000-4000-8000-000000000001"),
	    .session = LK_STR("AbCdEfGh"),
	    .username = LK_STR("asha"),
	    .door = LK_STR("web"),
	    .detail = lk_str_c(detail)};

	return audit_append(log->audit, &line, lk_clock_mono_ms(lk_clock_system()) + 5000);
}

/* A closed log of count lines, details "0", "1", … */
static inline void
help_log_fill(struct help_log *log, int count)
{
	char detail[16];
	int i;

	assert_int_equal(help_log_open(log, NULL), LK_OK);
	for (i = 0; i < count; i++) {
		snprintf(detail, sizeof detail, "%d", i);
		assert_int_equal(help_log_add(log, detail), LK_OK);
	}
	help_log_close(log);
}

/* A NUL stands behind it. */
static inline size_t
help_read_file(const char *path, char *to, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	assert_non_null(file);
	len = fread(to, 1, room - 1, file);
	to[len] = '\0';
	fclose(file);
	return len;
}

static inline void
help_write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

/* What audit_verify says; *out_fault may be NULL. */
static inline enum lk_err
help_log_verify(const struct help_log *log, struct audit_fault *out_fault)
{
	struct audit_fault fault = {.line = 4242};
	enum lk_err err = audit_verify(log->path, log->ring, &fault);

	if (err == LK_E_FORMAT)
		assert_true(fault.line > 0 && fault.words[0] != '\0');
	if (err == LK_OK)
		assert_int_equal(fault.line, 0);
	if (out_fault != NULL)
		*out_fault = fault;
	return err;
}

#endif
