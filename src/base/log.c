/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"

/* The longest a line can be: its text cut at 1024 bytes, and what stands around it. */
#define LINE_BYTES 1408u
#define TEXT_BYTES 512u
#define WORD_BYTES 64u

static const char *const level_words[] = {
    [LK_LOG_DEBUG] = "debug",
    [LK_LOG_INFO] = "info",
    [LK_LOG_WARNING] = "warning",
    [LK_LOG_ERROR] = "error",
};

static void
add(struct lk_log_lines *lines, const char *text)
{
	size_t len = strlen(text);

	memcpy(lines->bytes + lines->len, text, len);
	lines->len += len;
}

/* The inside of a JSON string, cut to fit. */
static void
add_quoted(struct lk_log_lines *lines, struct lk_str text, size_t room)
{
	size_t used;

	lines->len += lk_json_escape(text, lines->bytes + lines->len, room, &used);
}

/* Made once a second. */
static void
add_time(struct lk_log_lines *lines, int64_t now_s)
{
	time_t at = (time_t)now_s;
	struct tm utc;

	if (lines->time[0] == '\0' || lines->time_s != now_s) {
		gmtime_r(&at, &utc);
		strftime(lines->time, sizeof lines->time, "%Y-%m-%dT%H:%M:%SZ", &utc);
		lines->time_s = now_s;
	}
	add(lines, lines->time);
}

void
lk_log_lines_init(struct lk_log_lines *lines)
{
	lines->len = 0;
	lines->time[0] = '\0';
}

void
lk_log_lines_write(struct lk_log_lines *lines)
{
	size_t len = lines->len;

	lines->len = 0;
	if (len > 0 && write(lines->fd, lines->bytes, len) < 0)
		return; /* nobody left to tell */
}

void
lk_log_gather(struct lk_log_lines *lines, const struct lk_log *log, const struct lk_log_head *head,
	      const struct lk_str *pieces, size_t count)
{
	size_t i, end;

	if (head->level < log->least)
		return;
	if (sizeof lines->bytes - lines->len < LINE_BYTES)
		lk_log_lines_write(lines);
	lines->fd = log->fd;
	add(lines, "{\"time\":\"");
	add_time(lines, lk_clock_wall_s(log->clock));
	add(lines, "\",\"level\":\"");
	add(lines, level_words[head->level]);
	add(lines, "\",\"event\":\"");
	add_quoted(lines, lk_str_c(head->event), WORD_BYTES);
	add(lines, "\",\"ref\":\"");
	add_quoted(lines, head->ref, WORD_BYTES);
	add(lines, "\",\"text\":\"");
	for (i = 0, end = lines->len + TEXT_BYTES * 2; i < count; i++)
		add_quoted(lines, pieces[i], end - lines->len);
	add(lines, "\"}\n");
}

void
lk_log(const struct lk_log *log, enum lk_log_level level, const char *event, struct lk_str ref,
       const char *format, ...)
{
	struct lk_log_head head = {level, event, ref};
	struct lk_log_lines lines;
	char text[TEXT_BYTES];
	struct lk_str piece;
	va_list args;

	if (level < log->least)
		return;
	va_start(args, format);
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	va_end(args);
	piece = lk_str_c(text);
	lk_log_lines_init(&lines);
	lk_log_gather(&lines, log, &head, &piece, 1);
	lk_log_lines_write(&lines);
}

bool
lk_log_level_find(struct lk_str word, enum lk_log_level *out_level)
{
	enum lk_log_level level;

	for (level = LK_LOG_DEBUG; level <= LK_LOG_ERROR; level++) {
		if (lk_str_is(word, level_words[level])) {
			*out_level = level;
			return true;
		}
	}
	return false;
}
