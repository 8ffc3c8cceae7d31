/* SPDX-License-Identifier: MIT */
#include "base/utc.h"

#define DAY_S	 86400
#define ERA_DAYS 146097 /* 400 years, after which the calendar begins again */
/* Of the years here, which begin in March so that a leap day is the last of its year. */
#define DAYS_TO_1970 719468 /* since March of the year 0 */

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool
lk_utc_is_real(const struct lk_utc *utc)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (utc->year < 1970 || utc->year > 9999 || utc->month < 1 || utc->month > 12)
		return false;
	return utc->day >= 1 &&
	       utc->day <= days[utc->month - 1] + (utc->month == 2 && is_leap(utc->year)) &&
	       utc->hour >= 0 && utc->hour <= 23 && utc->minute >= 0 && utc->minute <= 59 &&
	       utc->second >= 0 && utc->second <= 60;
}

/* Days of a year before month, both counted from March, the first of which is 0. */
static int
days_before(int month)
{
	return (153 * month + 2) / 5;
}

int64_t
lk_utc_to_s(const struct lk_utc *utc)
{
	int month = (utc->month + 9) % 12, year = utc->year - (utc->month <= 2);
	int64_t days = (int64_t)year * 365 + year / 4 - year / 100 + year / 400 +
		       days_before(month) + utc->day - 1 - DAYS_TO_1970;

	return days * DAY_S + utc->hour * 3600 + utc->minute * 60 + utc->second;
}

void
lk_utc_of_s(int64_t at_s, struct lk_utc *out)
{
	int64_t real_s = at_s < 0 ? 0 : at_s > LK_UTC_LAST_S ? LK_UTC_LAST_S : at_s;
	int days = (int)(real_s / DAY_S) + DAYS_TO_1970, second = (int)(real_s % DAY_S);
	int day = days % ERA_DAYS;
	/* A leap day more each 1461 days, not at the end of a century, but at the end of an era. */
	int year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	int month;

	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	out->day = day - days_before(month) + 1;
	out->month = (month + 2) % 12 + 1;
	out->year = days / ERA_DAYS * 400 + year + (out->month <= 2);
	out->hour = second / 3600;
	out->minute = second / 60 % 60;
	out->second = second % 60;
}

static void
digits_write(char *out, int value, unsigned count)
{
	for (; count > 0; count--, value /= 10)
		out[count - 1] = (char)('0' + value % 10);
}

void
lk_utc_write(int64_t at_s, const char *form, char *out)
{
	char digits[14];
	const char *next = digits;
	struct lk_utc utc;

	lk_utc_of_s(at_s, &utc);
	digits_write(digits, utc.year, 4);
	digits_write(digits + 4, utc.month, 2);
	digits_write(digits + 6, utc.day, 2);
	digits_write(digits + 8, utc.hour, 2);
	digits_write(digits + 10, utc.minute, 2);
	digits_write(digits + 12, utc.second, 2);
	for (; *form != '\0'; form++)
		*out++ = *form == '0' && next != digits + sizeof digits ? *next++ : *form;
	*out = '\0';
}
