/* SPDX-License-Identifier: MIT */
#include "audit/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit/head.h"
#include "audit/line.h"
#include "audit/lines.h"

static enum lk_err
open_for_reading(const char *path, int *out_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? LK_E_NOT_FOUND : LK_E_AUDIT_DOWN;
	*out_fd = fd;
	return LK_OK;
}

/* --- looked over, before it is read ----------------------------------------------------------- */

struct look {
	const struct audit_query *query;
	char since[AUDIT_TIME_LEN + 1]; /* "": from the start */
};

static void
look_init(struct look *look, const struct audit_query *query)
{
	*look = (struct look){.query = query};
	if (query->since_s > 0)
		audit_time_write(query->since_s, look->since);
}

/*
 * What stands behind this in the line, up to the next quote; nothing when it is not there. Within
 * a value quotes are escaped: what a stranger wrote never reads like a member.
 */
static struct lk_str
member(struct lk_str line, const char *begin)
{
	size_t len = strlen(begin);
	const char *at = memmem(line.ptr, line.len, begin, len);
	struct lk_str rest;

	if (at == NULL)
		return lk_str_n(NULL, 0);
	rest = lk_str_from(line, (size_t)(at - line.ptr) + len);
	return lk_str_n(rest.ptr, lk_str_find(rest, '"'));
}

static const struct audit_kind *
kind_find(struct lk_str line, const struct audit_query *query)
{
	struct lk_str event = member(line, "\"event\":\"");
	size_t i;

	for (i = 0; i < query->kind_count; i++) {
		const struct audit_kind *kind = &query->kinds[i];

		if (lk_str_is(event, audit_event_name(kind->event)) &&
		    (kind->detail == NULL ||
		     lk_str_starts(member(line, "\"detail\":\""), kind->detail)))
			return kind;
	}
	return NULL;
}

/* What may be written in other ways is left to who reads the line. */
static bool
may_name(struct lk_str line, struct lk_str value)
{
	return value.len == 0 || !lk_str_is_plain(value) ||
	       memmem(line.ptr, line.len, value.ptr, value.len) != NULL;
}

/* No line that fits is left out; one that does not may be let in. */
static bool
may_fit(struct lk_str line, const struct look *look, const struct audit_kind **out_kind)
{
	const struct audit_query *query = look->query;
	struct lk_str time = look->since[0] == '\0' ? lk_str_n(NULL, 0)
						    : member(line, "\"time\":\"");

	if (time.len == AUDIT_TIME_LEN && memcmp(time.ptr, look->since, AUDIT_TIME_LEN) < 0)
		return false;
	*out_kind = query->kind_count == 0 ? NULL : kind_find(line, query);
	return (query->kind_count == 0 || *out_kind != NULL) &&
	       may_name(line, query->person_id) && may_name(line, query->ref);
}

/* --- audit_read
 * ----------------------------------------------------------------------------------- */

static bool
fits(const struct audit_query *query, const struct audit_record *record)
{
	const struct audit_line *line = &record->line;

	if (record->at_s < query->since_s)
		return false;
	if (query->person_id.len > 0 && !lk_str_is_equal(query->person_id, line->person_id))
		return false;
	if (query->username.len > 0 && !lk_str_is_equal_nocase(query->username, line->username))
		return false;
	return query->ref.len == 0 || lk_str_is_equal(query->ref, line->ref);
}

/* False when the visitor has seen enough. */
static bool
visit_line(struct lk_str line, const struct look *look, audit_visit *visit, void *context)
{
	const struct audit_kind *kind;
	struct audit_record record;
	struct lk_json *document;
	bool goes_on = true;

	if (!may_fit(line, look, &kind) || audit_line_read(line, &document, &record) != LK_OK)
		return true;
	record.kind = kind;
	if (fits(look->query, &record))
		goes_on = visit(&record, context);
	lk_json_free(document);
	return goes_on;
}

enum lk_err
audit_read(const char *path, const struct audit_query *query, audit_visit *visit, void *context)
{
	enum audit_lines_kind kind;
	struct audit_lines *lines;
	struct look look;
	struct lk_str line;
	enum lk_err err;
	int fd;

	look_init(&look, query);
	err = open_for_reading(path, &fd);
	if (err != LK_OK)
		return err;
	lines = malloc(sizeof *lines);
	if (lines == NULL) {
		close(fd);
		return LK_E_MEMORY;
	}
	audit_lines_init(lines, fd, 0);
	do
		kind = audit_lines_next(lines, &line);
	while (kind != AUDIT_LINES_END &&
	       (kind != AUDIT_LINES_WHOLE || visit_line(line, &look, visit, context)));
	free(lines);
	close(fd);
	return LK_OK;
}

/* --- audit_verify
 * --------------------------------------------------------------------------------- */

struct verify {
	const struct crypto_ring *ring;
	struct audit_lines *lines;
	bool is_live; /* a daemon holds the file: its last line may be half written */
	bool has_end; /* the file says that it goes on in another */
	enum audit_head_state head_state;
	struct audit_head head;
	struct crypto_digest at_head; /* mac of the line of the head's number, once met */
	bool has_met_head;
	struct audit_chain chain;
	struct audit_fault *fault;
};

static bool LK_PRINTF(2, 3) fail(struct verify *verify, const char *format, ...)
{
	va_list args;

	verify->fault->line = verify->fault->count;
	va_start(args, format);
	vsnprintf(verify->fault->words, sizeof verify->fault->words, format, args);
	va_end(args);
	return false;
}

static void
meet_head(struct verify *verify)
{
	if (verify->chain.number != verify->head.chain.number)
		return;
	verify->has_met_head = true;
	verify->at_head = verify->chain.mac;
}

static bool
check_fit(struct verify *verify, const struct audit_link *link)
{
	uint64_t next = verify->chain.number + 1;

	switch (audit_link_check(verify->ring, &verify->chain, link)) {
	case AUDIT_FIT_YES:
		meet_head(verify);
		verify->has_end = link->is_end;
		return true;
	case AUDIT_FIT_NUMBER:
		return fail(verify,
			    "here stands number %" PRIu64 " where number %" PRIu64
			    " belongs: lines were taken out or moved",
			    link->number, next);
	case AUDIT_FIT_KEY:
		return fail(verify,
			    "number %" PRIu64 " is signed with key %" PRIu32
			    ", which the key file does not hold",
			    link->number, link->key_id);
	case AUDIT_FIT_MAC:
	default:
		return fail(verify, "number %" PRIu64 " was changed, or the line before it was",
			    link->number);
	}
}

static bool
check_line(struct verify *verify, struct lk_str line)
{
	struct audit_link link;

	verify->fault->count++;
	if (!audit_link_read(line, &link))
		return fail(verify, "this is not a line of this log");
	if (verify->has_end)
		return fail(verify, "a line follows the one that ended this file");
	if (verify->fault->count == 1 && link.has_prev) {
		verify->chain = (struct audit_chain){link.number - 1, link.prev};
		meet_head(verify);
	}
	return check_fit(verify, &link);
}

static bool
check_lines(struct verify *verify)
{
	enum audit_lines_kind kind;
	struct lk_str line;

	meet_head(verify);
	while ((kind = audit_lines_next(verify->lines, &line)) == AUDIT_LINES_WHOLE) {
		if (!check_line(verify, line))
			return false;
	}
	if (kind == AUDIT_LINES_END || (kind == AUDIT_LINES_TORN && verify->is_live))
		return true;
	verify->fault->count++;
	if (kind == AUDIT_LINES_LONG)
		return fail(verify, "this is not a line of this log: it is too long");
	return fail(verify, "the last line is cut off in the middle");
}

static bool
check_end(struct verify *verify)
{
	uint64_t last = verify->chain.number, written = verify->head.chain.number;

	if (verify->has_end)
		return true;
	verify->fault->count++; /* what is wrong is what does not stand there */
	if (verify->head_state != AUDIT_HEAD_GOOD)
		return fail(verify, "the head beside the log is missing or was changed: nobody can "
				    "tell whether lines were cut off the end");
	if (written > last)
		return fail(verify,
			    "the log ends with number %" PRIu64 ", but number %" PRIu64
			    " was written: lines were cut off the end",
			    last, written);
	if (!verify->has_met_head ||
	    !crypto_digest_is_equal(&verify->at_head, &verify->head.chain.mac))
		return fail(verify,
			    "number %" PRIu64 " is not the line the head beside the log remembers",
			    written);
	verify->fault->count--;
	return true;
}

/* Before the log, so that a head of a log that is being written is never newer than what is read.
 */
static void
read_head(struct verify *verify, const char *path)
{
	char head_path[PATH_MAX];
	int fd;

	verify->head_state = AUDIT_HEAD_NONE;
	if (!audit_head_path(path, head_path, sizeof head_path) ||
	    open_for_reading(head_path, &fd) != LK_OK)
		return;
	verify->head_state = audit_head_read(fd, verify->ring, &verify->head);
	close(fd);
}

static bool
is_held(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return true;
	flock(fd, LOCK_UN);
	return false;
}

enum lk_err
audit_verify(const char *path, const struct crypto_ring *ring, struct audit_fault *out)
{
	struct audit_fault fault = {.line = 0};
	struct verify verify = {.ring = ring, .fault = &fault};
	bool is_whole;
	enum lk_err err;
	int fd;

	read_head(&verify, path);
	err = open_for_reading(path, &fd);
	if (err != LK_OK)
		return err;
	verify.lines = malloc(sizeof *verify.lines);
	if (verify.lines == NULL) {
		close(fd);
		return LK_E_MEMORY;
	}
	audit_lines_init(verify.lines, fd, 0);
	verify.is_live = is_held(fd);
	is_whole = check_lines(&verify) && check_end(&verify);
	free(verify.lines);
	close(fd);
	*out = fault;
	return is_whole ? LK_OK : LK_E_FORMAT;
}
