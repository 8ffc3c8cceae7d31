/* SPDX-License-Identifier: MIT */
#include "page/page_hours.h"

#define WEEK_MINUTES (7 * PAGE_DAY_MINUTES)

/* "Mon" → 1; -1: no day. */
static int
day_read(struct lk_str text)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	int i;

	for (i = 0; i < 7; i++)
		if (lk_str_is_equal_nocase(text, lk_str_c(days[i])))
			return i;
	return -1;
}

/* "07:00" → 420; -1: no time. */
static int
minute_read(struct lk_str text)
{
	uint64_t hour, minute;

	if (text.len != 5 || text.ptr[2] != ':' || !lk_str_to_u64(lk_str_n(text.ptr, 2), &hour) ||
	    !lk_str_to_u64(lk_str_n(text.ptr + 3, 2), &minute))
		return -1;
	if (minute > 59 || hour * 60 + minute > PAGE_DAY_MINUTES)
		return -1;
	return (int)(hour * 60 + minute);
}

/* "Mon-Fri 07:00-19:00" */
static bool
span_read(struct lk_str text, struct page_span *out)
{
	struct lk_str days, times, first, opens;

	times = text;
	if (!lk_str_split(&times, ' ', &days) || !lk_str_split(&days, '-', &first))
		return false;
	times = lk_str_trim(times);
	if (!lk_str_split(&times, '-', &opens))
		return false;
	out->first_day = day_read(first);
	out->last_day = days.ptr == NULL || days.len == 0 ? out->first_day : day_read(days);
	out->opens_min = minute_read(opens);
	out->closes_min = minute_read(times);
	return out->first_day >= 0 && out->last_day >= 0 && out->opens_min >= 0 &&
	       out->closes_min > out->opens_min;
}

enum lk_err
page_hours_read(struct lk_str text, struct page_hours *out)
{
	struct page_hours hours = {.count = 0};
	struct lk_str span;

	while (lk_str_split(&text, ',', &span)) {
		if (hours.count == PAGE_SPANS_MAX ||
		    !span_read(lk_str_trim(span), &hours.spans[hours.count]))
			return LK_E_FORMAT;
		hours.count++;
	}
	if (hours.count == 0)
		return LK_E_FORMAT;
	*out = hours;
	return LK_OK;
}

static bool
has_day(const struct page_span *span, int day)
{
	return (day - span->first_day + 7) % 7 <= (span->last_day - span->first_day + 7) % 7;
}

/* The latest end of the spans of that day that hold the minute; -1: none does. */
static int
end_of(const struct page_hours *hours, int day, int minute)
{
	int end = -1;
	size_t i;

	for (i = 0; i < hours->count; i++) {
		const struct page_span *span = &hours->spans[i];

		if (has_day(span, day) && span->opens_min <= minute && minute < span->closes_min &&
		    span->closes_min > end)
			end = span->closes_min;
	}
	return end;
}

int
page_hours_until(const struct page_hours *hours, int day, int minute)
{
	int at = minute, end = -1, next;

	while (at < minute + WEEK_MINUTES) {
		next = end_of(hours, (day + at / PAGE_DAY_MINUTES) % 7, at % PAGE_DAY_MINUTES);
		if (next < 0)
			break;
		end = at = at / PAGE_DAY_MINUTES * PAGE_DAY_MINUTES + next;
	}
	return end < 0 || end <= minute + WEEK_MINUTES ? end : minute + WEEK_MINUTES;
}

int
page_hours_next(const struct page_hours *hours, int day, int minute)
{
	int best = minute + WEEK_MINUTES + PAGE_DAY_MINUTES, ahead;
	size_t i;

	for (i = 0; i < hours->count; i++)
		for (ahead = 0; ahead <= 7; ahead++) {
			int opens = ahead * PAGE_DAY_MINUTES + hours->spans[i].opens_min;

			if (has_day(&hours->spans[i], (day + ahead) % 7) && opens > minute &&
			    opens < best)
				best = opens;
		}
	return best;
}
