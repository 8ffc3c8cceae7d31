/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "audit/line.h"
#include "support/crypto_help.h"

static char fragment[AUDIT_FRAGMENT_MAX_BYTES], whole[AUDIT_LINE_MAX_BYTES];

/* Writes line as the first of a chain; returns it without its end. */
static struct lk_str
make(const struct audit_line *line, int64_t at_s, bool *out_is_missing)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct audit_chain chain = {0};
	size_t len = audit_line_write(line, at_s, fragment, out_is_missing);

	len = audit_chain_add(ring, &chain, lk_str_n(fragment, len), whole);
	crypto_ring_free(ring);
	assert_int_equal(whole[len - 1], '\n');
	return lk_str_n(whole, len - 1);
}

static void
what_was_written_reads_back(void **state)
{
	const struct audit_line line = {.event = AUDIT_DESK_UNLOCKED,
					.result = LK_E_ACCOUNT_LOCKED,
					.ref = LK_STR("7Q4M-2XPD"),
					.person_id = LK_STR("id-1"),
					.username = LK_STR("si\xC3\xA2n"),
					.actor = LK_STR("desk:asha"),
					.door = LK_STR("ctl"),
					.address = LK_STR("2001:db8::1"),
					.reason = LK_STR("INC-1 \"quoted\" \\ \n new"),
					.session = LK_STR("AbCdEfGh")};
	struct audit_record got;
	struct lk_json *document;
	bool is_missing;

	(void)state;
	assert_int_equal(audit_line_read(make(&line, 1700000000, &is_missing), &document, &got),
			 LK_OK);
	assert_false(is_missing);
	assert_int_equal(got.number, 1);
	assert_int_equal(got.at_s, 1700000000);
	assert_int_equal(got.line.event, AUDIT_DESK_UNLOCKED);
	assert_int_equal(got.line.result, LK_E_ACCOUNT_LOCKED);
	assert_true(lk_str_is_equal(got.line.ref, line.ref));
	assert_true(lk_str_is_equal(got.line.person_id, line.person_id));
	assert_true(lk_str_is_equal(got.line.username, line.username));
	assert_true(lk_str_is_equal(got.line.actor, line.actor));
	assert_true(lk_str_is_equal(got.line.door, line.door));
	assert_true(lk_str_is_equal(got.line.address, line.address));
	assert_true(lk_str_is_equal(got.line.reason, line.reason));
	assert_true(lk_str_is_equal(got.line.session, line.session));
	assert_null(got.line.detail.ptr); /* empty: left out */
	lk_json_free(document);
}

static void
the_longest_line_stays_under_its_bound(void **state)
{
	static char long_text[5000];
	struct lk_str s = lk_str_n(long_text, sizeof long_text);
	struct audit_line line = {AUDIT_NONE, LK_OK, s, s, s, s, s, s, s, s, s};
	static const char fills[] = {'a', '\n', '"', '\xFF'};
	struct audit_record got;
	struct lk_json *document;
	bool is_missing;
	size_t i;
	int event;

	(void)state;
	for (i = 0; i < sizeof fills; i++) {
		memset(long_text, fills[i], sizeof long_text);
		for (event = 1; event < AUDIT_EVENT_COUNT; event++) {
			struct lk_str text;

			line.event = (enum audit_event)event;
			text = make(&line, 1700000000, &is_missing);
			assert_true(text.len < AUDIT_LINE_MAX_BYTES);
			assert_int_equal(audit_line_read(text, &document, &got), LK_OK);
			assert_true(lk_str_ends(got.line.detail, "\xE2\x80\xA6"));
			lk_json_free(document);
		}
	}
}

static void
text_from_outside_makes_no_line_and_no_member(void **state)
{
	const struct audit_line line = {
	    .event = AUDIT_SIGNIN_REFUSED,
	    .ref = LK_STR("7Q4M-2XPD"),
	    .username = LK_STR("x\",\"result\":\"OK\"}\n{\"n\":2,\0\xC0\xAE\xE2\x80\xA8\x1b[2J"),
	    .result = LK_E_SIGNIN_WRONG,
	    .detail = LK_STR(",\"end\":true,\"key\":1,\"mac\":\"")};
	struct audit_record got;
	struct audit_link link;
	struct lk_json *document;
	bool is_missing;
	struct lk_str text = make(&line, 1700000000, &is_missing);
	size_t i;

	(void)state;
	for (i = 0; i < text.len; i++)
		assert_true((unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f);
	assert_int_equal(audit_line_read(text, &document, &got), LK_OK);
	assert_int_equal(got.line.result, LK_E_SIGNIN_WRONG);
	assert_true(lk_str_starts(got.line.username, "x\",\"result\""));
	lk_json_free(document);
	assert_true(audit_link_read(text, &link));
	assert_false(link.is_end || link.has_prev);
}

static void
a_missing_slot_is_named_and_the_line_written(void **state)
{
	const struct audit_line line = {.event = AUDIT_DESK_UNLOCKED, .ref = LK_STR("7Q4M-2XPD")};
	bool is_missing = false;
	struct lk_str text = make(&line, 1700000000, &is_missing);

	(void)state;
	assert_true(is_missing);
	assert_non_null(strstr(whole, "\"missing\":\"PAW\""));
	assert_true(text.len > 0);
}

/* The name of an event is cut out of its text key: they must agree. */
static void
names_and_text_keys_agree(void **state)
{
	static const char *const names[] = {
#define LK_AUDIT(name, number, severity, needs, keep_days, text) #name,
#include "tables/audit.def"
	};
	static const char *const needs[] = {
#define LK_AUDIT(name, number, severity, needs, keep_days, text) needs,
#include "tables/audit.def"
	};
	static const int numbers[] = {
#define LK_AUDIT(name, number, severity, needs, keep_days, text) number,
#include "tables/audit.def"
	};
	size_t i, j;

	(void)state;
	assert_int_equal(sizeof names / sizeof names[0], AUDIT_EVENT_COUNT - 1);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *name = audit_event_name((enum audit_event)(i + 1));

		assert_int_equal(strlen(name), strlen(names[i]));
		for (j = 0; name[j] != '\0'; j++)
			assert_int_equal(name[j], tolower((unsigned char)names[i][j]));
		assert_true(lk_str_starts(lk_str_c(audit_event_text_key((enum audit_event)(i + 1))),
					  "audit_"));
		assert_true(strcmp(needs[i], "-") == 0 ||
			    strspn(needs[i], "PRASW") == strlen(needs[i]));
		for (j = 0; j < i; j++)
			assert_int_not_equal(numbers[i], numbers[j]);
	}
	assert_string_equal(audit_event_name(AUDIT_EVENT_COUNT), "none");
}

static void
odd_times_are_written_and_odd_lines_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "{}",
	    "[]",
	    "{\"n\":1}",
	    "{\"n\":0,\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"started\",\"result\":\"OK\"}",
	    "{\"n\":1,\"time\":\"2026-01-01T00:00:00z\",\"event\":\"started\",\"result\":\"OK\"}",
	    "{\"n\":1,\"time\":\"2026-13-01T00:00:00Z\",\"event\":\"started\",\"result\":\"OK\"}",
	    "{\"n\":1,\"time\":\"2026-01-01T00:00:00Z\",\"event\":7,\"result\":\"OK\"}"};
	static const int64_t times[] = {INT64_MIN, -1, 0, 253402300799, 253402300800, INT64_MAX};
	const struct audit_line line = {.event = AUDIT_STARTED};
	struct audit_record got;
	struct lk_json *document;
	bool is_missing;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(audit_line_read(lk_str_c(bad[i]), &document, &got), LK_E_FORMAT);
	for (i = 0; i < sizeof times / sizeof times[0]; i++) {
		assert_int_equal(
		    audit_line_read(make(&line, times[i], &is_missing), &document, &got), LK_OK);
		lk_json_free(document);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_reads_back),
	    cmocka_unit_test(the_longest_line_stays_under_its_bound),
	    cmocka_unit_test(text_from_outside_makes_no_line_and_no_member),
	    cmocka_unit_test(a_missing_slot_is_named_and_the_line_written),
	    cmocka_unit_test(names_and_text_keys_agree),
	    cmocka_unit_test(odd_times_are_written_and_odd_lines_refused),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
