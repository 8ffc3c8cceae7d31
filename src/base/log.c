/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"

#define LINE_BYTES 2048

static const char *const level_words[] = {
    [LK_LOG_DEBUG] = "debug",
    [LK_LOG_INFO] = "info",
    [LK_LOG_WARNING] = "warning",
    [LK_LOG_ERROR] = "error",
};

/* The inside of a JSON string with a NUL behind it, cut to fit. */
static void
quote(char *out, size_t room, struct lk_str text)
{
	size_t used;

	out[lk_json_escape(text, out, room - 1, &used)] = '\0';
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
	quote(quoted, sizeof quoted, lk_str_c(text));
	quote(quoted_ref, sizeof quoted_ref, ref);
	len = snprintf(
	    line, sizeof line,
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
