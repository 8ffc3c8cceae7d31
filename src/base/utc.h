/* SPDX-License-Identifier: MIT */
/*
 * Seconds since 1970 as a date and a time of day, and back: pure, and without the lock that one
 * process' gmtime_r callers share.
 *
 * Source: the proleptic Gregorian calendar; POSIX.1-2017 XBD 4.16 (a leap second is the one behind
 *         it); H. Hinnant, chrono-Compatible Low-Level Date Algorithms, for counting from March.
 */
#ifndef LK_BASE_UTC_H
#define LK_BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>

struct lk_utc {
	int year;  /* 1970 to 9999 */
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour, minute;
	int second; /* up to 60 */
};
#define LK_UTC_LAST_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Does the calendar have such a day, and a clock such a time? */
bool
lk_utc_is_real(const struct lk_utc *utc);
/* Of one that is real. */
int64_t
lk_utc_to_s(const struct lk_utc *utc);
/* Before 1970 it is the first of these moments, after 9999 the last. */
void
lk_utc_of_s(int64_t at_s, struct lk_utc *out);
/*
 * In the form of "0000-00-00T00:00:00Z": its noughts become the digits of year, month, day, hour,
 * minute and second, as many of them as it has. out has room for as much as form.
 */
void
lk_utc_write(int64_t at_s, const char *form, char *out);

#endif
