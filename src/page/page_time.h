/* SPDX-License-Identifier: MIT */
/*
 * Times and lengths of time as people say them, in the zone set once in main. In Welsh, days stand
 * as they do inside a sentence, softened: "ddydd Llun 1 Rhagfyr". Knows no clock.
 */
#ifndef LK_PAGE_PAGE_TIME_H
#define LK_PAGE_PAGE_TIME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "page/page_ids.h"

/*
 * The zone of every time people read, for the whole process; once in main, before any thread.
 *
 *   zone  "Europe/London"
 *
 * Returns: LK_OK · LK_E_FORMAT the machine does not know it
 */
enum lk_err
page_zone_set(const char *zone) LK_MUST_CHECK;

/* "10:11am today", "tomorrow at 9:40am", "yesterday at midday", "Monday 1 December at 7am"; with
 * the year when it is not now's. */
void
page_time(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s);
/* "10:11am", "7pm", "midday", "midnight". */
void
page_time_of_day(struct lk_buf *out, enum lang lang, int64_t at_s);
/* "Monday 1 December"; with the year when it is not now's. */
void
page_date(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s);
/*
 * "30 minutes", "1 minute", "2 hours", "3 days": rounded up, in minutes below two hours and in
 * hours below two days, unless it is a whole hour or day. Nothing and less is "1 minute".
 */
void
page_duration(struct lk_buf *out, enum lang lang, int64_t duration_s);

/*
 * When the service desk answers: "Open now, until 7pm." or "Closed, opens on Monday at 7am.".
 *
 *   hours  conf's help_hours: "Mon-Fri 07:00-19:00, Sat 08:00-13:00" (page_hours.h)
 *
 * Returns: LK_OK · LK_E_FORMAT hours cannot be read
 */
enum lk_err
page_help_open(struct lk_buf *out, enum lang lang, const char *hours, int64_t now_s) LK_MUST_CHECK;
/* The same hours as people say them: "Monday to Friday, 7am to 7pm. Saturday, 8am to 1pm." */
enum lk_err
page_help_hours(struct lk_buf *out, enum lang lang, const char *hours) LK_MUST_CHECK;

#endif
