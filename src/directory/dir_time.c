/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "directory/dir_time.h"

#define LAST_S 253402300799 /* 9999-12-31 23:59:59 */

/* Digits at *at; advances. -1 when there are not count of them. */
static int
digits(struct lk_str text, size_t *at, size_t count)
{
	int value = 0;
	size_t i;

	if (text.len - *at < count)
		return -1;
	for (i = 0; i < count; i++) {
		char c = text.ptr[*at + i];

		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*at += count;
	return value;
}

/* Days since 1970 of a date in the Gregorian calendar, years from 1970. */
static int64_t
days(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int past = year - 1;
	int64_t leaps = past / 4 - past / 100 + past / 400 - 477;
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return (int64_t)(year - 1970) * 365 + leaps + before[month - 1] +
	       (is_leap && month > 2 ? 1 : 0) + day - 1;
}

static bool
is_date(int year, int month, int day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= lengths[month - 1] + (is_leap && month == 2 ? 1 : 0);
}

/* A fraction, or nothing, and "Z" to the end. */
static bool
is_end(struct lk_str rest)
{
	size_t at = 0;

	if (rest.len > 0 && (rest.ptr[0] == '.' || rest.ptr[0] == ',')) {
		for (at = 1; at < rest.len && rest.ptr[at] >= '0' && rest.ptr[at] <= '9';)
			at++;
		if (at == 1)
			return false;
	}
	return rest.len == at + 1 && rest.ptr[at] == 'Z';
}

bool
dir_time_read(struct lk_str text, int64_t *out_s)
{
	size_t at = 0;
	int year = digits(text, &at, 4), month = digits(text, &at, 2), day = digits(text, &at, 2);
	int hour = digits(text, &at, 2), minute = digits(text, &at, 2);
	int second = at < text.len && text.ptr[at] == 'Z' ? 0 : digits(text, &at, 2);

	if (!is_date(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	if (second < 0 || second > 60 || !is_end(lk_str_from(text, at)))
		return false;
	*out_s = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

void
dir_time_write(int64_t at_s, char out[DIR_TIME_BYTES])
{
	time_t at = (time_t)(at_s < 0 ? 0 : at_s > LAST_S ? LAST_S : at_s);
	struct tm parts;

	gmtime_r(&at, &parts);
	strftime(out, DIR_TIME_BYTES, "%Y%m%d%H%M%SZ", &parts);
}
