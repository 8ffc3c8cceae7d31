/* SPDX-License-Identifier: MIT */
#include "audit/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
audit_lines_init(struct audit_lines *lines, int fd, uint64_t offset)
{
	lines->fd = fd;
	lines->offset = offset;
	lines->begin = lines->end = 0;
}

/* Moves what is left to the front and reads behind it; false at the end of the file. */
static bool
fill(struct audit_lines *lines)
{
	size_t left = lines->end - lines->begin;
	ssize_t n;

	memmove(lines->bytes, lines->bytes + lines->begin, left);
	lines->begin = 0;
	lines->end = left;
	do
		n = pread(lines->fd, lines->bytes + left, sizeof lines->bytes - left,
			  (off_t)(lines->offset + left));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	lines->end += (size_t)n;
	return true;
}

/* Gives len bytes and drops extra behind them. */
static struct lk_str
give(struct audit_lines *lines, size_t len, size_t extra)
{
	struct lk_str line = lk_str_n(lines->bytes + lines->begin, len);

	lines->begin += len + extra;
	lines->offset += len + extra;
	return line;
}

enum piece {
	PIECE_LINE = 1,
	PIECE_PART /* of a line with no end in sight */,
	PIECE_TORN,
	PIECE_END
};

static enum piece
next_piece(struct audit_lines *lines, struct lk_str *out)
{
	for (;;) {
		struct lk_str have =
		    lk_str_n(lines->bytes + lines->begin, lines->end - lines->begin);
		size_t len = lk_str_find(have, '\n');

		if (len < have.len) {
			*out = give(lines, len, 1);
			return PIECE_LINE;
		}
		if (have.len >= AUDIT_LINE_MAX_BYTES) {
			*out = give(lines, have.len, 0);
			return PIECE_PART;
		}
		if (fill(lines))
			continue;
		*out = give(lines, have.len, 0);
		return have.len > 0 ? PIECE_TORN : PIECE_END;
	}
}

enum audit_lines_kind
audit_lines_next(struct audit_lines *lines, struct lk_str *out)
{
	enum piece piece = next_piece(lines, out);

	if (piece == PIECE_END)
		return AUDIT_LINES_END;
	if (piece == PIECE_TORN)
		return AUDIT_LINES_TORN;
	if (piece == PIECE_LINE && out->len < AUDIT_LINE_MAX_BYTES)
		return AUDIT_LINES_WHOLE;
	while (piece == PIECE_PART)
		piece = next_piece(lines, out);
	*out = lk_str_n(NULL, 0);
	return AUDIT_LINES_LONG;
}
