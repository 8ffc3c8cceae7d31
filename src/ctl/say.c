/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "ctl/ctl.h"

#define LINE_MAX_BYTES 65536u

/* Bytes of the character at s that a terminal would obey or that would turn the writing; 0: none.
 */
static size_t
steering_len(struct lk_str s)
{
	const unsigned char *at = (const unsigned char *)s.ptr;

	if (at[0] < 0x20 || at[0] == 0x7f)
		return 1;
	if (s.len >= 2 && at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* U+0080 to U+009F */
		return 2;
	if (s.len < 3 || at[0] != 0xe2)
		return 0;
	if (at[1] == 0x80 && ((at[2] >= 0xa8 && at[2] <= 0xae) || at[2] == 0x8e || at[2] == 0x8f))
		return 3; /* U+2028 to U+202E, U+200E, U+200F */
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0; /* U+2066 to U+2069 */
}

void
ctl_plain(struct lk_buf *out, struct lk_str text)
{
	while (text.len > 0) {
		size_t skip = steering_len(text);

		lk_buf_add_byte(out, skip > 0 ? '?' : text.ptr[0]);
		text = lk_str_from(text, skip > 0 ? skip : 1);
	}
}

void
ctl_put(struct ctl *ctl, struct lk_str text)
{
	struct lk_str line;

	if (lk_str_ends(text, "\n"))
		text.len--;
	while (lk_str_split(&text, '\n', &line)) {
		LK_AUTO_BUF plain;

		lk_buf_init(&plain, LINE_MAX_BYTES);
		ctl_plain(&plain, line);
		fprintf(ctl->out, "%.*s\n", LK_STR_ARGS(lk_buf_str(&plain)));
	}
}

LK_PRINTF(2, 0)
static void
say(const struct ctl *ctl, const char *format, va_list values)
{
	char text[1024];
	LK_AUTO_BUF plain;

	lk_buf_init(&plain, LINE_MAX_BYTES);
	(void)vsnprintf(text, sizeof(text), format, values);
	ctl_plain(&plain, lk_str_c(text));
	fprintf(ctl->err, "latchkeyctl: %.*s\n", LK_STR_ARGS(lk_buf_str(&plain)));
}

void
ctl_complain(const struct ctl *ctl, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(ctl, format, values);
	va_end(values);
}

void
ctl_note(const struct ctl *ctl, const char *format, ...)
{
	va_list values;

	if (ctl->is_set[CTL_OPTION_QUIET])
		return;
	va_start(values, format);
	say(ctl, format, values);
	va_end(values);
}

void
ctl_time(struct lk_buf *out, int64_t at_s)
{
	time_t at = (time_t)at_s;
	char text[32];
	struct tm parts;

	if (at_s == 0 || localtime_r(&at, &parts) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
		lk_buf_add_c(out, "never");
	else
		lk_buf_add_c(out, text);
}

static bool
day_read(struct lk_str text, int64_t *out_at_s)
{
	struct tm day = {.tm_isdst = -1};
	char copy[11];
	time_t at;

	if (text.len != 10)
		return false;
	memcpy(copy, text.ptr, 10);
	copy[10] = '\0';
	if (strptime(copy, "%Y-%m-%d", &day) != copy + 10)
		return false;
	day.tm_isdst = -1;
	at = mktime(&day);
	if (at == (time_t)-1)
		return false;
	*out_at_s = (int64_t)at;
	return true;
}

bool
ctl_since(struct lk_str text, int64_t now_s, int64_t *out_at_s)
{
	static const struct {
		char letter;
		uint64_t s;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	uint64_t count;

	if (text.len < 2 || !lk_str_to_u64(lk_str_n(text.ptr, text.len - 1), &count))
		return day_read(text, out_at_s);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text.ptr[text.len - 1] != units[i].letter ||
		    count > 4000u * 86400u / units[i].s)
			continue;
		*out_at_s = now_s - (int64_t)(count * units[i].s);
		return true;
	}
	return false;
}

bool
ctl_confirm(const struct ctl *ctl, const char *question)
{
	char answer[16];

	if (ctl->is_set[CTL_OPTION_YES])
		return true;
	if (isatty(fileno(ctl->in)) == 0) {
		ctl_complain(ctl, "nobody is there to be asked; give --yes");
		return false;
	}
	fprintf(ctl->err, "%s [y/N] ", question);
	(void)fflush(ctl->err);
	if (fgets(answer, sizeof(answer), ctl->in) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	ctl_complain(ctl, "nothing was changed");
	return false;
}
