/* SPDX-License-Identifier: MIT */
/*
 * Opening hours, read: "Mon-Fri 07:00-19:00, Sat 08:00-13:00". Days are Mon Tue Wed Thu Fri Sat
 * Sun; times run from 00:00 to 24:00, the second later than the first. Pure, fuzzed.
 */
#ifndef LK_PAGE_PAGE_HOURS_H
#define LK_PAGE_PAGE_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define PAGE_SPANS_MAX	 21u
#define PAGE_DAY_MINUTES 1440

struct page_span {
	int first_day, last_day; /* 0 Sunday … 6 Saturday, as struct tm; from first on to last */
	int opens_min, closes_min; /* since midnight */
};

struct page_hours {
	struct page_span spans[PAGE_SPANS_MAX];
	size_t count; /* at least 1 */
};

/* LK_E_FORMAT: not that, or more than PAGE_SPANS_MAX spans. */
enum lk_err
page_hours_read(struct lk_str text, struct page_hours *out) LK_MUST_CHECK;
/* Until when it stays open, in minutes from the day's midnight on (over midnights, 10080 more at
 * most); -1: closed at that minute. */
int
page_hours_until(const struct page_hours *hours, int day, int minute);
/* When it opens next after that minute, in minutes from the day's midnight on. */
int
page_hours_next(const struct page_hours *hours, int day, int minute);

#endif
