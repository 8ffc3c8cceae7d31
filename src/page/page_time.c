/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "page/page.h"
#include "page/page_hours.h"

#define WORDS_MAX_BYTES 256u
#define DAY_S		86400

static const char ZONES[] = "/usr/share/zoneinfo/";

enum lk_err
page_zone_set(const char *zone)
{
	char path[PATH_MAX];
	struct stat st;
	int len = snprintf(path, sizeof path, "%s%s", ZONES, zone);

	if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, "..") != NULL || len < 0 ||
	    (size_t)len >= sizeof path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return LK_E_FORMAT;
	if (setenv("TZ", zone, 1) != 0)
		return LK_E_MEMORY;
	tzset();
	return LK_OK;
}

static struct tm
local(int64_t at_s)
{
	time_t at = (time_t)at_s;
	struct tm tm = {.tm_mday = 1};

	(void)localtime_r(&at, &tm);
	return tm;
}

/* Days since some day, by the calendar of the zone. */
static int64_t
day_number(const struct tm *tm)
{
	int64_t year = tm->tm_year + 1899;

	return year * 365 + year / 4 - year / 100 + year / 400 + tm->tm_yday;
}

/* Sentences with a few places of their own: filled one after the other, said at the end. */
struct saying {
	struct page_values values;
	char room[6][WORDS_MAX_BYTES];
	int used;
	enum lang lang;
};

static void
saying_init(struct saying *saying, enum lang lang)
{
	page_values_init(&saying->values);
	saying->used = 0;
	saying->lang = lang;
}

/* Empties into the saying's own room. */
static void
put_buf(struct saying *saying, enum place place, struct lk_buf *value)
{
	struct lk_str text = lk_buf_str(value);
	char *room = saying->room[saying->used++];

	if (text.len > WORDS_MAX_BYTES)
		text.len = WORDS_MAX_BYTES;
	if (text.len > 0)
		memcpy(room, text.ptr, text.len);
	page_set(&saying->values, place, lk_str_n(room, text.len));
	lk_buf_done(value);
}

static void
put_text(struct saying *saying, enum place place, enum text_id text)
{
	struct lk_buf value;

	lk_buf_init(&value, WORDS_MAX_BYTES);
	page_sentence(&value, text, saying->lang, NULL);
	put_buf(saying, place, &value);
}

static void
put_number(struct saying *saying, enum place place, int64_t number)
{
	struct lk_buf value;

	lk_buf_init(&value, WORDS_MAX_BYTES);
	lk_buf_printf(&value, "%lld", (long long)number);
	put_buf(saying, place, &value);
}

static void
say_minute(struct lk_buf *out, enum lang lang, int minute)
{
	int hour = minute / 60 % 24, clock = hour % 12 == 0 ? 12 : hour % 12;

	if (minute % 60 == 0 && hour % 12 == 0)
		page_sentence(out, hour == 0 ? TEXT_time_midnight : TEXT_time_midday, lang, NULL);
	else if (minute % 60 == 0)
		lk_buf_printf(out, "%d%s", clock, hour < 12 ? "am" : "pm");
	else
		lk_buf_printf(out, "%d:%02d%s", clock, minute % 60, hour < 12 ? "am" : "pm");
}

static void
put_minute(struct saying *saying, enum place place, int minute)
{
	struct lk_buf value;

	lk_buf_init(&value, WORDS_MAX_BYTES);
	say_minute(&value, saying->lang, minute);
	put_buf(saying, place, &value);
}

void
page_time_of_day(struct lk_buf *out, enum lang lang, int64_t at_s)
{
	struct tm tm = local(at_s);

	say_minute(out, lang, tm.tm_hour * 60 + tm.tm_min);
}

/* Days of the week in three places of a sentence: inside, at its beginning, softened. */
static enum text_id
day_text(int day)
{
	static const enum text_id texts[] = {TEXT_day_0, TEXT_day_1, TEXT_day_2, TEXT_day_3,
					     TEXT_day_4, TEXT_day_5, TEXT_day_6};

	return texts[day % 7];
}

static enum text_id
day_first_text(int day)
{
	static const enum text_id texts[] = {TEXT_day_first_0, TEXT_day_first_1, TEXT_day_first_2,
					     TEXT_day_first_3, TEXT_day_first_4, TEXT_day_first_5,
					     TEXT_day_first_6};

	return texts[day % 7];
}

static enum text_id
month_text(int month)
{
	static const enum text_id texts[] = {
	    TEXT_month_1, TEXT_month_2, TEXT_month_3, TEXT_month_4,  TEXT_month_5,  TEXT_month_6,
	    TEXT_month_7, TEXT_month_8, TEXT_month_9, TEXT_month_10, TEXT_month_11, TEXT_month_12};

	return texts[month % 12];
}

void
page_date(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s)
{
	struct tm at = local(at_s), now = local(now_s);
	bool is_this_year = at.tm_year == now.tm_year;
	struct saying saying;

	saying_init(&saying, lang);
	put_text(&saying, PLACE_weekday, day_text(at.tm_wday));
	put_number(&saying, PLACE_day, at.tm_mday);
	put_text(&saying, PLACE_month, month_text(at.tm_mon));
	put_number(&saying, PLACE_year, at.tm_year + 1900);
	page_sentence(out, is_this_year ? TEXT_date_this_year : TEXT_date_year, lang,
		      &saying.values);
}

void
page_time(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s)
{
	struct tm at = local(at_s), now = local(now_s);
	int64_t days = day_number(&at) - day_number(&now);
	struct saying saying;
	struct lk_buf date;

	saying_init(&saying, lang);
	put_minute(&saying, PLACE_time_of_day, at.tm_hour * 60 + at.tm_min);
	lk_buf_init(&date, WORDS_MAX_BYTES);
	page_date(&date, lang, at_s, now_s);
	put_buf(&saying, PLACE_date, &date);
	page_sentence(out,
		      days == 0	   ? TEXT_time_today
		      : days == 1  ? TEXT_time_tomorrow
		      : days == -1 ? TEXT_time_yesterday
				   : TEXT_time_date,
		      lang, &saying.values);
}

static int64_t
up(int64_t duration_s, int64_t unit_s)
{
	return duration_s / unit_s + (duration_s % unit_s > 0);
}

void
page_duration(struct lk_buf *out, enum lang lang, int64_t duration_s)
{
	struct saying saying;
	enum text_id text = TEXT_duration_days;
	int64_t count, minutes = duration_s < 1 ? 1 : up(duration_s, 60);

	if (minutes % (24 * 60) == 0 || minutes >= 48 * 60) {
		count = up(minutes, 24 * 60);
	} else if (minutes % 60 == 0 || minutes >= 120) {
		text = TEXT_duration_hours;
		count = up(minutes, 60);
	} else {
		text = TEXT_duration_minutes;
		count = minutes;
	}
	saying_init(&saying, lang);
	put_number(&saying, PLACE_count, count);
	page_sentence(out, text, lang, &saying.values);
}

/* "Open now, until …": today, in the coming night, or on another day. */
static void
say_until(struct lk_buf *out, struct saying *saying, const struct tm *now, int until)
{
	enum text_id text = TEXT_help_open_day;

	put_minute(saying, PLACE_time_of_day, until % PAGE_DAY_MINUTES);
	put_text(saying, PLACE_weekday, day_text(now->tm_wday + until / PAGE_DAY_MINUTES));
	if (until - (now->tm_hour * 60 + now->tm_min) >= 7 * PAGE_DAY_MINUTES)
		text = TEXT_help_open_always;
	else if (until <= PAGE_DAY_MINUTES)
		text = TEXT_help_open_until;
	page_sentence(out, text, saying->lang, &saying->values);
}

static void
say_next(struct lk_buf *out, struct saying *saying, const struct tm *now, int next)
{
	put_minute(saying, PLACE_time_of_day, next % PAGE_DAY_MINUTES);
	put_text(saying, PLACE_weekday, day_text(now->tm_wday + next / PAGE_DAY_MINUTES));
	page_sentence(out,
		      next < PAGE_DAY_MINUTES	    ? TEXT_help_closed_today
		      : next < 2 * PAGE_DAY_MINUTES ? TEXT_help_closed_tomorrow
						    : TEXT_help_closed_day,
		      saying->lang, &saying->values);
}

enum lk_err
page_help_open(struct lk_buf *out, enum lang lang, const char *hours, int64_t now_s)
{
	struct tm now = local(now_s);
	int minute = now.tm_hour * 60 + now.tm_min, until;
	struct page_hours read;
	struct saying saying;

	if (page_hours_read(lk_str_c(hours), &read) != LK_OK)
		return LK_E_FORMAT;
	saying_init(&saying, lang);
	until = page_hours_until(&read, now.tm_wday, minute);
	if (until >= 0)
		say_until(out, &saying, &now, until);
	else
		say_next(out, &saying, &now, page_hours_next(&read, now.tm_wday, minute));
	return LK_OK;
}

static void
say_span(struct lk_buf *out, enum lang lang, const struct page_span *span)
{
	bool is_all_day = span->opens_min == 0 && span->closes_min == PAGE_DAY_MINUTES;
	bool is_one_day = span->first_day == span->last_day;
	struct saying saying;

	saying_init(&saying, lang);
	put_text(&saying, PLACE_weekday, day_first_text(span->first_day));
	put_text(&saying, PLACE_last_weekday, day_text(span->last_day));
	put_minute(&saying, PLACE_from, span->opens_min);
	put_minute(&saying, PLACE_until, span->closes_min);
	if (is_all_day)
		page_sentence(out, is_one_day ? TEXT_hours_all_day : TEXT_hours_all_days, lang,
			      &saying.values);
	else
		page_sentence(out, is_one_day ? TEXT_hours_day : TEXT_hours_days, lang,
			      &saying.values);
}

enum lk_err
page_help_hours(struct lk_buf *out, enum lang lang, const char *hours)
{
	struct page_hours read;
	size_t i;

	if (page_hours_read(lk_str_c(hours), &read) != LK_OK)
		return LK_E_FORMAT;
	for (i = 0; i < read.count; i++) {
		if (i > 0)
			lk_buf_add_byte(out, ' ');
		say_span(out, lang, &read.spans[i]);
	}
	return LK_OK;
}
