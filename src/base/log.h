/* SPDX-License-Identifier: MIT */
/*
 * One JSON object a line on standard error: {"time","level","event","ref",…}. Values are escaped,
 * so no text from outside can make a line of its own. Never a secret, a password, a code, a token,
 * a name: ids and references only. Nothing below src/flow logs at more than LK_LOG_DEBUG.
 */
#ifndef LK_BASE_LOG_H
#define LK_BASE_LOG_H

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

enum lk_log_level { LK_LOG_DEBUG = 1, LK_LOG_INFO, LK_LOG_WARNING, LK_LOG_ERROR };

struct lk_log {
	const struct lk_clock *clock;
	enum lk_log_level least; /* lines below this are dropped */
	int fd;                  /* where lines go */
};

/*
 * Write one line. event is a short fixed word ("listen", "request"); ref is the request's reference
 * or nothing. format gives the free text of "text".
 */
void lk_log(const struct lk_log *log, enum lk_log_level level, const char *event, struct lk_str ref,
    const char *format, ...) LK_PRINTF(5, 6);

/*
 * Lines of one thread, gathered and written together: for a loop that answers many requests between
 * two sleeps. Whoever gathers writes them before they sleep and before they end. The rest is as
 * with lk_log.
 */
#define LK_LOG_LINES_BYTES 8192
struct lk_log_lines {
	char bytes[LK_LOG_LINES_BYTES];
	size_t len;
	int fd;
	int64_t time_s; /* of time */
	char time[32];
};
struct lk_log_head {
	enum lk_log_level level;
	const char *event;
	struct lk_str ref;
};
void lk_log_lines_init(struct lk_log_lines *lines);
/* The text is what the pieces make. When there is no room for a line, those before are written. */
void lk_log_gather(struct lk_log_lines *lines, const struct lk_log *log,
    const struct lk_log_head *head, const struct lk_str *pieces, size_t count);
void lk_log_lines_write(struct lk_log_lines *lines);

/* "debug" … "error" to level; false for any other word. */
bool lk_log_level_find(struct lk_str word, enum lk_log_level *out_level);

#endif
