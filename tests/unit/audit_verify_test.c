/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/audit_help.h"

#define LINES 6

static char original[16384], head[256], copy[16384];
static size_t original_len, head_len;
static size_t starts[LINES + 1]; /* of each line, and the end */

/* A whole log, remembered for each test to damage. */
static void
begin(struct help_log *log)
{
	size_t at, line = 0;

	help_log_init(log);
	help_log_fill(log, LINES);
	original_len = help_read_file(log->path, original, sizeof original);
	head_len = help_read_file(log->head, head, sizeof head);
	starts[line++] = 0;
	for (at = 0; at < original_len; at++) {
		if (original[at] == '\n')
			starts[line++] = at + 1;
	}
	assert_int_equal(line, LINES + 1);
	assert_int_equal(help_log_verify(log, NULL), LK_OK);
}

static uint64_t
faulty_line(struct help_log *log, const char *bytes, size_t len)
{
	struct audit_fault fault;

	help_write_file(log->path, bytes, len);
	return help_log_verify(log, &fault) == LK_OK ? 0 : fault.line;
}

static size_t
line_of(size_t at)
{
	size_t line = 0;

	while (at >= starts[line + 1])
		line++;
	return line + 1;
}

static void
a_flipped_bit_is_found_at_its_line(void **state)
{
	struct help_log log;
	size_t at;

	(void)state;
	begin(&log);
	for (at = 0; at < original_len; at += 3) {
		uint64_t found;

		memcpy(copy, original, original_len);
		copy[at] = (char)(copy[at] ^ (1 << at % 7));
		found = faulty_line(&log, copy, original_len);
		assert_int_equal(found, line_of(at));
	}
	help_log_done(&log);
}

static void
a_dropped_line_is_found_where_it_stood(void **state)
{
	struct help_log log;
	size_t line;

	(void)state;
	begin(&log);
	for (line = 0; line < LINES; line++) {
		size_t len = starts[line + 1] - starts[line];

		memcpy(copy, original, starts[line]);
		memcpy(copy + starts[line], original + starts[line + 1],
		       original_len - starts[line + 1]);
		assert_int_equal(faulty_line(&log, copy, original_len - len), line + 1);
	}
	help_log_done(&log);
}

static void
a_doubled_and_an_exchanged_line_are_found(void **state)
{
	struct help_log log;
	size_t line, a, b;

	(void)state;
	begin(&log);
	for (line = 0; line + 1 < LINES; line++) {
		a = starts[line + 1] - starts[line];
		b = starts[line + 2] - starts[line + 1];
		memcpy(copy, original, original_len);
		memcpy(copy + starts[line], original + starts[line + 1], b);
		memcpy(copy + starts[line] + b, original + starts[line], a);
		assert_int_equal(faulty_line(&log, copy, original_len), line + 1);
		memcpy(copy, original, starts[line + 1]);
		memcpy(copy + starts[line + 1], original + starts[line],
		       original_len - starts[line]);
		assert_int_equal(faulty_line(&log, copy, original_len + a), line + 2);
	}
	help_log_done(&log);
}

static void
lines_cut_off_the_end_are_found(void **state)
{
	struct help_log log;
	size_t line, at;

	(void)state;
	begin(&log);
	for (line = 0; line < LINES; line++)
		assert_int_equal(faulty_line(&log, original, starts[line]), line + 1);
	for (at = starts[LINES - 1] + 1; at < original_len; at += 5)
		assert_int_equal(faulty_line(&log, original, at), LINES);
	help_log_done(&log);
}

static void
a_foreign_line_is_found(void **state)
{
	static const char junk[] = "{\"n\":7,\"event\":\"started\"}\n";
	struct help_log log;

	(void)state;
	begin(&log);
	memcpy(copy, original, original_len);
	memcpy(copy + original_len, junk, sizeof junk - 1);
	assert_int_equal(faulty_line(&log, copy, original_len + sizeof junk - 1), LINES + 1);
	memset(copy + original_len, 'x', 5000);
	copy[original_len + 5000] = '\n';
	assert_int_equal(faulty_line(&log, copy, original_len + 5001), LINES + 1);
	help_log_done(&log);
}

static void
a_log_without_its_head_or_with_a_forged_one_is_found(void **state)
{
	struct help_log log;
	struct audit_fault fault;
	size_t at;

	(void)state;
	begin(&log);
	for (at = 0; at < head_len; at++) {
		memcpy(copy, head, head_len);
		copy[at] = copy[at] == '0' ? '1' : '0';
		help_write_file(log.head, copy, head_len);
		assert_int_equal(help_log_verify(&log, &fault), LK_E_FORMAT);
		assert_int_equal(fault.line, LINES + 1);
	}
	help_write_file(log.head, head, head_len - 1);
	assert_int_equal(help_log_verify(&log, NULL), LK_E_FORMAT);
	unlink(log.head);
	assert_int_equal(help_log_verify(&log, NULL), LK_E_FORMAT);
	help_log_done(&log);
}

static void
a_log_of_another_key_does_not_verify(void **state)
{
	struct help_log log;
	struct audit_fault fault;

	(void)state;
	begin(&log);
	crypto_ring_free(log.ring);
	log.ring = help_ring("1 " KEY_B);
	assert_int_equal(help_log_verify(&log, &fault), LK_E_FORMAT);
	assert_int_equal(fault.line, 1);
	crypto_ring_free(log.ring);
	log.ring = help_ring("2 " KEY_A);
	assert_int_equal(help_log_verify(&log, &fault), LK_E_FORMAT);
	assert_non_null(strstr(fault.words, "key 1"));
	help_log_done(&log);
}

static void
a_key_change_goes_on_in_one_chain(void **state)
{
	struct help_log log;

	(void)state;
	begin(&log);
	crypto_ring_free(log.ring);
	log.ring = help_ring("1 " KEY_A "\n2 " KEY_B);
	help_log_fill(&log, 2);
	assert_int_equal(help_log_verify(&log, NULL), LK_OK);
	assert_true(help_read_file(log.path, copy, sizeof copy) > original_len);
	assert_non_null(strstr(copy, "\"key\":2"));
	help_log_done(&log);
}

static void
no_log_is_said_so(void **state)
{
	struct help_log log;

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_verify(&log, NULL), LK_E_NOT_FOUND);
	assert_int_equal(audit_read(log.path, &(struct audit_query){0}, NULL, NULL),
			 LK_E_NOT_FOUND);
	help_log_done(&log);
}

struct seen {
	int count;
	int stop_after;
	uint64_t last_number;
	int meanings; /* of their kinds, one after the other as digits */
};

static bool
see(const struct audit_record *record, void *context)
{
	struct seen *seen = context;

	seen->last_number = record->number;
	seen->meanings = seen->meanings * 10 + (record->kind == NULL ? 0 : record->kind->meaning);
	return ++seen->count != seen->stop_after;
}

static int
count_read(struct help_log *log, struct audit_query query, int stop_after)
{
	struct seen seen = {.stop_after = stop_after};

	assert_int_equal(audit_read(log->path, &query, see, &seen), LK_OK);
	return seen.count;
}

static void
reading_finds_by_person_name_reference_and_time(void **state)
{
	struct help_log log;
	int64_t now_s = lk_clock_wall_s(lk_clock_system());

	(void)state;
	begin(&log);
	assert_int_equal(count_read(&log, (struct audit_query){0}, 0), LINES);
	assert_int_equal(count_read(&log, (struct audit_query){0}, 2), 2);
	assert_int_equal(count_read(&log, (struct audit_query){.username = LK_STR("ASHA")}, 0),
			 LINES);
	assert_int_equal(count_read(&log, (struct audit_query){.username = LK_STR("ash")}, 0), 0);
	assert_int_equal(count_read(&log, (struct audit_query){.ref = LK_STR("7Q4M-2XPD")}, 0),
			 LINES);
	assert_int_equal(count_read(&log, (struct audit_query){.person_id = LK_STR("x")}, 0), 0);
	assert_int_equal(count_read(&log, (struct audit_query){.since_s = now_s + 60}, 0), 0);
	memcpy(copy, original, original_len);
	copy[starts[1]] = 'x'; /* a bad line is passed over */
	help_write_file(log.path, copy, original_len);
	assert_int_equal(count_read(&log, (struct audit_query){0}, 0), LINES - 1);
	help_log_done(&log);
}

static void
add_line(struct help_log *log, struct audit_line line)
{
	line.ref = LK_STR("7Q4M-2XPD");
	line.actor = LK_STR("payroll");
	assert_int_equal(
	    audit_append(log->audit, &line, lk_clock_mono_ms(lk_clock_system()) + 5000), LK_OK);
}

/* Lines are passed over unread by how they look; what people wrote may look like anything. */
static void
reading_finds_by_kind_whatever_stands_in_the_values(void **state)
{
	static const struct audit_kind ended[] = {{AUDIT_SIGNED_OUT, NULL, 7}};
	static const struct audit_kind both[] = {{AUDIT_SIGNED_OUT, NULL, 1},
						 {AUDIT_TOKEN_ISSUED, "refresh_token ", 2},
						 {AUDIT_SIGNED_OUT, NULL, 3}};
	const struct audit_query of_ended = {.kinds = ended, .kind_count = 1};
	const struct audit_query of_both = {.kinds = both, .kind_count = 3};
	struct audit_query later = of_both;
	struct seen seen = {0};
	struct help_log log;

	(void)state;
	help_log_init(&log);
	assert_int_equal(help_log_open(&log, NULL), LK_OK);
	add_line(&log, (struct audit_line){.event = AUDIT_SIGNED_OUT, .person_id = LK_STR("p-1")});
	add_line(&log, (struct audit_line){.event = AUDIT_TOKEN_ISSUED,
					   .detail = LK_STR("refresh_token KEY 2; scope: openid")});
	add_line(&log, (struct audit_line){.event = AUDIT_TOKEN_ISSUED,
					   .detail = LK_STR("client_credentials; refresh_token ")});
	add_line(&log,
		 (struct audit_line){.event = AUDIT_TOKEN_ISSUED,
				     .username = LK_STR("\",\"event\":\"signed_out\",\"a\":\""),
				     .person_id = LK_STR("p-\"1\""),
				     .detail = LK_STR("x\",\"detail\":\"refresh_token ")});
	add_line(&log,
		 (struct audit_line){.event = AUDIT_SIGNED_OUT,
				     .username = LK_STR("\",\"event\":\"token_issued\",\"a\":\""),
				     .person_id = LK_STR("\"event\":\"")});
	help_log_close(&log);
	assert_int_equal(count_read(&log, (struct audit_query){0}, 0), 5);
	assert_int_equal(count_read(&log, of_ended, 0), 2);
	assert_int_equal(audit_read(log.path, &of_both, see, &seen), LK_OK);
	assert_int_equal(seen.meanings, 121);
	assert_int_equal(count_read(&log, (struct audit_query){.person_id = LK_STR("p-1")}, 0), 1);
	assert_int_equal(count_read(&log, (struct audit_query){.person_id = LK_STR("p-\"1\"")}, 0),
			 1);
	later.since_s = lk_clock_wall_s(lk_clock_system()) - 60;
	assert_int_equal(count_read(&log, later, 0), 3);
	later.since_s += 120;
	assert_int_equal(count_read(&log, later, 0), 0);
	help_log_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flipped_bit_is_found_at_its_line),
	    cmocka_unit_test(a_dropped_line_is_found_where_it_stood),
	    cmocka_unit_test(a_doubled_and_an_exchanged_line_are_found),
	    cmocka_unit_test(lines_cut_off_the_end_are_found),
	    cmocka_unit_test(a_foreign_line_is_found),
	    cmocka_unit_test(a_log_without_its_head_or_with_a_forged_one_is_found),
	    cmocka_unit_test(a_log_of_another_key_does_not_verify),
	    cmocka_unit_test(a_key_change_goes_on_in_one_chain),
	    cmocka_unit_test(no_log_is_said_so),
	    cmocka_unit_test(reading_finds_by_person_name_reference_and_time),
	    cmocka_unit_test(reading_finds_by_kind_whatever_stands_in_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
