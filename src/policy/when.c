/* SPDX-License-Identifier: MIT */
#include "policy/when.h"

#include <string.h>

#include "base/utc.h"

#define DAY_MINUTES 1440u
#define DAYS	    7u

/* count digits at the start of *rest as a number, then the byte end (0: nothing more to take). */
static bool
digits_take(struct lk_str *rest, size_t count, char end, unsigned *out)
{
	unsigned value = 0;
	size_t i;

	if (rest->len < count + (end != '\0'))
		return false;
	for (i = 0; i < count; i++) {
		if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
			return false;
		value = value * 10 + (unsigned)(rest->ptr[i] - '0');
	}
	if (end != '\0' && rest->ptr[count] != end)
		return false;
	*rest = lk_str_from(*rest, count + (end != '\0'));
	*out = value;
	return true;
}

bool
policy_moment_read(struct lk_str text, int64_t *out_at_s)
{
	unsigned year, month, day, hour = 0, minute = 0;
	struct lk_utc utc;

	if (!digits_take(&text, 4, '-', &year) || !digits_take(&text, 2, '-', &month) ||
	    !digits_take(&text, 2, '\0', &day))
		return false;
	if (text.len > 0) {
		if (text.ptr[0] != 'T')
			return false;
		text = lk_str_from(text, 1);
		if (!digits_take(&text, 2, ':', &hour) || !digits_take(&text, 2, 'Z', &minute) ||
		    text.len > 0)
			return false;
	}
	utc = (struct lk_utc){(int)year, (int)month, (int)day, (int)hour, (int)minute, 0};
	if (!lk_utc_is_real(&utc))
		return false;
	*out_at_s = lk_utc_to_s(&utc);
	return true;
}

void
policy_moment_write(int64_t at_s, struct lk_buf *out)
{
	char text[sizeof "0000-00-00T00:00Z"];

	lk_utc_write(at_s, "0000-00-00T00:00Z", text);
	lk_buf_add_c(out, text);
}

static bool
moment_read(struct lk_str text, void *out, struct lk_buf *words)
{
	if (policy_moment_read(text, out))
		return true;
	lk_buf_printf(words, "must be %s", policy_moment_own.range);
	return false;
}

static void
moment_write(const void *value, struct lk_buf *out)
{
	if (*(const int64_t *)value > 0)
		policy_moment_write(*(const int64_t *)value, out);
}

const struct conf_own policy_moment_own = {moment_read, moment_write,
					   "a day like 2026-12-31, or 2026-12-31T10:00Z"};

static const char *const day_names[DAYS] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

static bool
day_take(struct lk_str *rest, unsigned *out)
{
	unsigned day;

	for (day = 0; day < DAYS; day++) {
		if (!lk_str_starts(*rest, day_names[day]))
			continue;
		*rest = lk_str_from(*rest, 3);
		*out = day;
		return true;
	}
	return false;
}

/* "Mon" or "Mon-Fri"; "Sat-Mon" goes over Sunday. */
static bool
days_take(struct lk_str *rest, uint8_t *out)
{
	unsigned first, last;

	if (!day_take(rest, &first))
		return false;
	last = first;
	if (lk_str_starts(*rest, "-")) {
		*rest = lk_str_from(*rest, 1);
		if (!day_take(rest, &last))
			return false;
	}
	*out = (uint8_t)(1u << last);
	for (; first != last; first = (first + 1) % DAYS)
		*out |= (uint8_t)(1u << first);
	return true;
}

/* "07:00" up to "24:00". */
static bool
time_take(struct lk_str *rest, uint16_t *out)
{
	unsigned hour, minute;

	if (!digits_take(rest, 2, ':', &hour) || !digits_take(rest, 2, '\0', &minute) ||
	    minute > 59 || hour * 60 + minute > DAY_MINUTES)
		return false;
	*out = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool
span_read(struct lk_str text, struct policy_span *out)
{
	struct policy_span span;

	text = lk_str_trim(text);
	if (!days_take(&text, &span.days) || !lk_str_starts(text, " "))
		return false;
	text = lk_str_trim(text);
	if (!time_take(&text, &span.begins_min) || !lk_str_starts(text, "-"))
		return false;
	text = lk_str_from(text, 1);
	if (!time_take(&text, &span.ends_min) || text.len > 0 || span.begins_min == DAY_MINUTES)
		return false;
	*out = span;
	return true;
}

static bool
hours_read(struct lk_str text, void *out, struct lk_buf *words)
{
	struct policy_hours hours = {.count = 0};
	struct lk_str piece;

	while (lk_str_split(&text, ',', &piece)) {
		if (hours.count == POLICY_SPANS_MAX ||
		    !span_read(piece, &hours.spans[hours.count])) {
			lk_buf_printf(words, "must be %s", policy_hours_own.range);
			return false;
		}
		hours.count++;
	}
	*(struct policy_hours *)out = hours;
	return true;
}

/* Where the days begin: they are one stretch of the week, or all of it. */
static unsigned
first_day(uint8_t days)
{
	unsigned day;

	for (day = 0; day < DAYS; day++) {
		if ((days & 1u << day) != 0 && (days & 1u << (day + DAYS - 1) % DAYS) == 0)
			return day;
	}
	return 1;
}

static void
span_write(const struct policy_span *span, struct lk_buf *out)
{
	unsigned first = first_day(span->days), day = first, next = (first + 1) % DAYS;

	for (; next != first && (span->days & 1u << next) != 0; next = (next + 1) % DAYS)
		day = next;
	lk_buf_add_c(out, day_names[first]);
	if (day != first)
		lk_buf_printf(out, "-%s", day_names[day]);
	lk_buf_printf(out, " %02u:%02u-%02u:%02u", span->begins_min / 60u, span->begins_min % 60u,
		      span->ends_min / 60u, span->ends_min % 60u);
}

static void
hours_write(const void *value, struct lk_buf *out)
{
	const struct policy_hours *hours = value;
	uint8_t i;

	for (i = 0; i < hours->count; i++) {
		if (i > 0)
			lk_buf_add_c(out, ", ");
		span_write(&hours->spans[i], out);
	}
}

const struct conf_own policy_hours_own = {hours_read, hours_write,
					  "days and times like Mon-Fri 07:00-19:00, "
					  "Sat 22:00-04:00 (16 at most)"};

static bool
span_has(const struct policy_span *span, unsigned day, unsigned minute)
{
	bool is_today = (span->days & 1u << day) != 0;
	bool is_yesterday = (span->days & 1u << (day + DAYS - 1) % DAYS) != 0;

	if (span->ends_min > span->begins_min)
		return is_today && minute >= span->begins_min && minute < span->ends_min;
	return (is_today && minute >= span->begins_min) ||
	       (is_yesterday && minute < span->ends_min);
}

bool
policy_hours_have(const struct policy_hours *hours, unsigned day, unsigned minute)
{
	uint8_t i;

	for (i = 0; i < hours->count; i++) {
		if (span_has(&hours->spans[i], day, minute))
			return true;
	}
	return hours->count == 0;
}
