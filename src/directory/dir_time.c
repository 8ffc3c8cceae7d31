/* SPDX-License-Identifier: MIT */
#include "directory/dir_time.h"

#include "base/utc.h"

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
	struct lk_utc utc = {year, month, day, hour, minute, second};

	if (!lk_utc_is_real(&utc) || !is_end(lk_str_from(text, at)))
		return false;
	*out_s = lk_utc_to_s(&utc);
	return true;
}

void
dir_time_write(int64_t at_s, char out[DIR_TIME_BYTES])
{
	lk_utc_write(at_s, "00000000000000Z", out);
}
