/* SPDX-License-Identifier: MIT */
/* Hours that can be read say for each minute of the week whether it is open, and written again they
 * are the same hours. */
/* Folders: base */
/* Files: page/page_hours */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "page/page_hours.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
write_again(struct lk_buf *out, const struct page_hours *hours)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	size_t i;

	for (i = 0; i < hours->count; i++) {
		const struct page_span *span = &hours->spans[i];

		lk_buf_printf(out, "%s%s-%s %02d:%02d-%02d:%02d", i > 0 ? ", " : "",
			      days[span->first_day], days[span->last_day], span->opens_min / 60,
			      span->opens_min % 60, span->closes_min / 60, span->closes_min % 60);
	}
}

/* Open until later, or closed until it opens: one of them, and nothing between. */
static void
check_minute(const struct page_hours *hours, int day, int minute)
{
	int until = page_hours_until(hours, day, minute), next;

	if (until >= 0) {
		must(until > minute);
		return;
	}
	next = page_hours_next(hours, day, minute);
	must(next > minute && next <= minute + 8 * PAGE_DAY_MINUTES);
	must(page_hours_until(hours, (day + next / PAGE_DAY_MINUTES) % 7,
			      next % PAGE_DAY_MINUTES) >= 0);
	next--;
	must(page_hours_until(hours, (day + next / PAGE_DAY_MINUTES) % 7, next % PAGE_DAY_MINUTES) <
	     0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct page_hours hours, again;
	int minute;
	LK_AUTO_BUF text;

	lk_buf_init(&text, 4096);
	if (page_hours_read(lk_str_n((const char *)bytes, len), &hours) != LK_OK)
		return 0;
	must(hours.count > 0 && hours.count <= PAGE_SPANS_MAX);
	memset(&again, 0, sizeof again);
	write_again(&text, &hours);
	must(page_hours_read(lk_buf_str(&text), &again) == LK_OK);
	must(again.count == hours.count &&
	     memcmp(again.spans, hours.spans, hours.count * sizeof hours.spans[0]) == 0);
	for (minute = 0; minute < 7 * PAGE_DAY_MINUTES; minute += 37)
		check_minute(&hours, minute / PAGE_DAY_MINUTES, minute % PAGE_DAY_MINUTES);
	return 0;
}
