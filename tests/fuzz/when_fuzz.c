/* SPDX-License-Identifier: MIT */
/* Instants and hours: what is read is written and read back as the same. */
/* Folders: base conf crypto policy */
/* Libraries: libsodium liboath jansson */
/* Others: zxcvbn */
#include <stdlib.h>
#include <string.h>

#include "policy/when.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
moment_look(struct lk_str text)
{
	int64_t at_s, again_s = -1;
	LK_AUTO_BUF out;

	lk_buf_init(&out, 100);
	if (!policy_moment_read(text, &at_s))
		return;
	must(at_s >= 0 && at_s < INT64_C(253402300800) && at_s % 60 == 0);
	policy_moment_write(at_s, &out);
	must(policy_moment_read(lk_buf_str(&out), &again_s) && again_s == at_s);
}

static void
hours_look(struct lk_str text)
{
	struct policy_hours hours = {.count = 0}, again = {.count = 0};
	LK_AUTO_BUF out;
	LK_AUTO_BUF words;
	unsigned minute;

	lk_buf_init(&out, 4096);
	lk_buf_init(&words, 400);
	if (!policy_hours_own.read(text, &hours, &words))
		return;
	must(hours.count <= POLICY_SPANS_MAX);
	policy_hours_own.write(&hours, &out);
	if (hours.count == 0)
		return;
	must(policy_hours_own.read(lk_buf_str(&out), &again, &words));
	for (minute = 0; minute < 7 * 1440; minute += 7)
		must(policy_hours_have(&hours, minute / 1440, minute % 1440) ==
		     policy_hours_have(&again, minute / 1440, minute % 1440));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	moment_look(lk_str_n((const char *)bytes, len));
	hours_look(lk_str_n((const char *)bytes, len));
	return 0;
}
