/* SPDX-License-Identifier: MIT */
#include "audit/scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/head.h"
#include "audit/lines.h"

static enum lk_err
broken(struct lk_why *why, const char *what)
{
	lk_why_add(
	    why,
	    "audit log %s; ask latchkeyctl audit verify where, and move it and its .head away "
	    "to begin a new one",
	    what);
	return LK_E_FORMAT;
}

/* Does the line that ends at the head's offset bear its number and mac? */
static bool
head_fits(int fd, const struct audit_head *head)
{
	char bytes[AUDIT_LINE_MAX_BYTES + 1];
	size_t len = head->offset < sizeof bytes ? (size_t)head->offset : sizeof bytes;
	struct lk_str line;
	struct audit_link link;
	size_t at;

	if (pread(fd, bytes, len, (off_t)(head->offset - len)) != (ssize_t)len ||
	    bytes[len - 1] != '\n')
		return false;
	for (at = len - 1; at > 0 && bytes[at - 1] != '\n'; at--)
		;
	line = lk_str_n(bytes + at, len - 1 - at);
	return audit_link_read(line, &link) && link.number == head->chain.number &&
	       crypto_digest_is_equal(&link.mac, &head->chain.mac);
}

/* Moves end over the lines that fit. */
static void
walk(const struct audit_scan *scan, struct audit_lines *lines, struct audit_end *end)
{
	struct audit_link link;
	struct lk_str line;

	audit_lines_init(lines, scan->fd, end->offset);
	while (audit_lines_next(lines, &line) == AUDIT_LINES_WHOLE) {
		if (!audit_link_read(line, &link) ||
		    audit_link_check(scan->ring, &end->chain, &link) != AUDIT_FIT_YES)
			return;
		end->offset = lines->offset;
	}
}

/*
 * What a stopped machine leaves behind the last whole line: its beginning, or nothing but the zeros
 * a file system puts where bytes never came. Anything that has an end of line was not left by us.
 */
static bool
is_torn(int fd, uint64_t from, uint64_t to)
{
	bool is_zero = true, has_end = false;
	char bytes[4096];

	while (from < to) {
		ssize_t n = pread(fd, bytes, sizeof bytes, (off_t)from), i;

		if (n <= 0)
			return false;
		for (i = 0; i < n; i++)
			is_zero = is_zero && bytes[i] == '\0';
		has_end = has_end || memchr(bytes, '\n', (size_t)n) != NULL;
		from += (uint64_t)n;
	}
	return is_zero || !has_end;
}

static enum lk_err
walk_on(const struct audit_scan *scan, uint64_t size, struct lk_why *why, struct audit_end *end)
{
	struct audit_lines *lines = malloc(sizeof *lines);

	if (lines == NULL)
		return LK_E_MEMORY;
	walk(scan, lines, end);
	free(lines);
	if (end->offset < size && !is_torn(scan->fd, end->offset, size)) {
		lk_why_add(why, "after line number %" PRIu64, end->chain.number);
		return broken(why, "was changed by somebody else");
	}
	end->torn_bytes = size - end->offset;
	return LK_OK;
}

enum lk_err
audit_scan_end(const struct audit_scan *scan, struct lk_why *why, struct audit_end *out)
{
	struct audit_head head = {.offset = 0};
	enum audit_head_state state = audit_head_read(scan->head_fd, scan->ring, &head);
	struct audit_end end;
	struct stat st;
	enum lk_err err;

	if (fstat(scan->fd, &st) != 0)
		return LK_E_AUDIT_DOWN;
	if (state == AUDIT_HEAD_BAD)
		return broken(why, "has a head that is not ours, or of a key that is gone");
	if (state == AUDIT_HEAD_NONE && st.st_size > 0)
		return broken(why, "has no head: lines may be missing at its end");
	if (st.st_size == 0)
		head.offset = 0; /* moved away while nobody ran: a new file goes on from the head */
	if ((uint64_t)st.st_size < head.offset)
		return broken(why, "is shorter than it was: lines are missing at its end");
	if (head.offset > 0 && !head_fits(scan->fd, &head))
		return broken(why, "does not fit its head: lines were changed or taken out");
	end = (struct audit_end){head.chain, head.offset, 0};
	err = walk_on(scan, (uint64_t)st.st_size, why, &end);
	if (err == LK_OK)
		*out = end;
	return err;
}
