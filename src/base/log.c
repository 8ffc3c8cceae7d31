/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 2048

static const char *const level_words[] = {
    [LK_LOG_DEBUG] = "debug",
    [LK_LOG_INFO] = "info",
    [LK_LOG_WARNING] = "warning",
    [LK_LOG_ERROR] = "error",
};

/* Copies text as the inside of a JSON string, ASCII only; returns bytes written, less than room. */
static size_t
quote(char *out, size_t room, const char *text, size_t len)
{
	size_t used = 0, i;

	for (i = 0; i < len && used + 7 < room; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\') {
			out[used++] = '\\';
			out[used++] = (char)c;
		} else if (c < 0x20 || c > 0x7e) {
			used += (size_t)snprintf(out + used, room - used, "\\u%04x", c);
		} else {
			out[used++] = (char)c;
		}
	}
	out[used] = '\0';
	return used;
}

void
lk_log(const struct lk_log *log, enum lk_log_level level, const char *event, struct lk_str ref,
    const char *format, ...)
{
	char text[512], quoted[1024], quoted_ref[64], when[32], line[LINE_BYTES];
	time_t now_s;
	struct tm utc;
	va_list args;
	int len;

	if (level < log->least)
		return;
	va_start(args, format);
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	va_end(args);
	now_s = (time_t)lk_clock_wall_s(log->clock);
	gmtime_r(&now_s, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
	quote(quoted, sizeof quoted, text, strlen(text));
	quote(quoted_ref, sizeof quoted_ref, ref.ptr, ref.len);
	len = snprintf(line, sizeof line,
	    "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"ref\":\"%s\",\"text\":\"%s\"}\n",
	    when, level_words[level], event, quoted_ref, quoted);
	if (len > 0 && len < (int)sizeof line && write(log->fd, line, (size_t)len) < 0)
		return; /* nobody left to tell */
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
