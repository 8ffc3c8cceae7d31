/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "metric/metric.h"

#define THREADS 8
#define TIMES	20000

static int
begin(void **state)
{
	*state = metrics_new("1.2.3");
	return *state == NULL ? -1 : 0;
}

static int
end(void **state)
{
	metrics_free(*state);
	return 0;
}

static struct lk_buf
text_of(const struct metrics *metrics)
{
	struct lk_buf out;

	lk_buf_init(&out, METRIC_TEXT_MAX_BYTES);
	metrics_write(metrics, &out);
	assert_true(lk_buf_is_ok(&out));
	return out;
}

static void
must_have(const struct metrics *metrics, const char *line)
{
	struct lk_buf out = text_of(metrics);
	char with_ends[300];

	snprintf(with_ends, sizeof with_ends, "\n%s\n", line);
	if (strstr(out.bytes, with_ends) == NULL)
		fail_msg("no line: %s", line);
	lk_buf_done(&out);
}

static void *
count_many(void *metrics)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		metric_count_http_requests_total(metrics, METRIC_ROUTE_healthz, METRIC_STATUS_200);
		metric_time_lane_wait_seconds(metrics, METRIC_NONE, METRIC_NONE, 250);
		metric_move_lane_depth(metrics, METRIC_NONE, METRIC_NONE, i % 2 == 0 ? 1 : -1);
	}
	return NULL;
}

static void
no_count_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, *state), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	must_have(*state, "latchkey_http_requests_total{route=\"healthz\",status=\"200\"} 160000");
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"0.0001\"} 0");
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"0.00025\"} 160000");
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"+Inf\"} 160000");
	must_have(*state, "latchkey_lane_wait_seconds_sum 40");
	must_have(*state, "latchkey_lane_wait_seconds_count 160000");
	must_have(*state, "latchkey_lane_depth 0");
}

static void
results_and_doors_are_named_as_in_their_tables(void **state)
{
	metric_count_signins_total(*state, LK_OK, METRIC_DOOR_web);
	metric_count_signins_total(*state, LK_E_SIGNIN_WRONG, METRIC_DOOR_pam);
	metric_count_signins_total(*state, LK_E_SIGNIN_WRONG, METRIC_DOOR_pam);
	metric_set_part_up(*state, METRIC_PART_directory, METRIC_NONE, 1);
	must_have(*state, "latchkey_signins_total{result=\"ok\",door=\"web\"} 1");
	must_have(*state, "latchkey_signins_total{result=\"signin_wrong\",door=\"pam\"} 2");
	must_have(*state, "latchkey_part_up{part=\"directory\"} 1");
	must_have(*state, "latchkey_part_up{part=\"store\"} 0");
	must_have(*state, "latchkey_build_info{version=\"1.2.3\"} 1");
}

static void
a_status_that_is_not_listed_is_other(void **state)
{
	assert_int_equal(metric_status(303), METRIC_STATUS_303);
	assert_int_equal(metric_status(418), METRIC_STATUS_other);
	assert_int_equal(metric_status(-1), METRIC_STATUS_other);
	metric_count_http_requests_total(*state, METRIC_ROUTE_none, metric_status(418));
	must_have(*state, "latchkey_http_requests_total{route=\"none\",status=\"other\"} 1");
}

static void
a_label_out_of_its_list_cannot_write_elsewhere(void **state)
{
	metric_add(*state, (struct metric_at){METRIC_http_requests_total, 100000, 100000}, 1);
	must_have(*state, "latchkey_http_requests_total{route=\"none\",status=\"other\"} 1");
}

static void
times_out_of_range_still_count(void **state)
{
	metric_time_lane_wait_seconds(*state, METRIC_NONE, METRIC_NONE, -5);
	metric_time_lane_wait_seconds(*state, METRIC_NONE, METRIC_NONE, 3600000000);
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"0.0001\"} 1");
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"10\"} 1");
	must_have(*state, "latchkey_lane_wait_seconds_bucket{le=\"+Inf\"} 2");
	must_have(*state, "latchkey_lane_wait_seconds_sum 3600");
}

static bool
is_line(const char *line, const char *line_end)
{
	const char *at = line;

	if (*line == '#')
		return strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0;
	while (at < line_end && (isalnum((unsigned char)*at) || *at == '_'))
		at++;
	if (at == line || at >= line_end)
		return false;
	if (*at == '{')
		at = memchr(at, '}', (size_t)(line_end - at));
	if (at == NULL)
		return false;
	at += *at == '}' ? 1 : 0;
	return *at == ' ' && strspn(at + 1, "-0123456789.e+") == (size_t)(line_end - at - 1);
}

/* Prometheus exposition format 0.0.4: each line a comment or NAME{LABELS} NUMBER. */
static void
every_line_is_one_a_scraper_takes(void **state)
{
	struct lk_buf out;
	const char *line, *line_end;
	unsigned count = 0;

	metric_count_proofs_total(*state, METRIC_METHOD_totp, LK_E_CODE_USED);
	metric_time_http_request_duration_seconds(*state, METRIC_ROUTE_signin, METRIC_NONE, 1);
	metric_time_journey_duration_seconds(*state, METRIC_JOURNEY_reset, METRIC_NONE, 29000000);
	out = text_of(*state);
	for (line = out.bytes; (line_end = strchr(line, '\n')) != NULL; line = line_end + 1) {
		if (!is_line(line, line_end))
			fail_msg("%.*s", (int)(line_end - line), line);
		count++;
	}
	assert_true(*line == '\0' && count > 100);
	assert_non_null(strstr(out.bytes, "\nprocess_resident_memory_bytes "));
	assert_non_null(strstr(out.bytes, "\nprocess_start_time_seconds "));
	assert_non_null(strstr(out.bytes, "\nprocess_open_fds "));
	lk_buf_done(&out);
}

static void
without_metrics_nothing_is_counted(void **state)
{
	(void)state;
	metric_count_reloads_total(NULL, LK_OK, METRIC_NONE);
	metric_set_lane_depth(NULL, METRIC_NONE, METRIC_NONE, 1);
	metric_move_lane_depth(NULL, METRIC_NONE, METRIC_NONE, 1);
	metric_time_lane_wait_seconds(NULL, METRIC_NONE, METRIC_NONE, 1);
	metrics_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_count_is_lost_between_threads, begin, end),
	    cmocka_unit_test_setup_teardown(results_and_doors_are_named_as_in_their_tables, begin,
					    end),
	    cmocka_unit_test_setup_teardown(a_status_that_is_not_listed_is_other, begin, end),
	    cmocka_unit_test_setup_teardown(a_label_out_of_its_list_cannot_write_elsewhere, begin,
					    end),
	    cmocka_unit_test_setup_teardown(times_out_of_range_still_count, begin, end),
	    cmocka_unit_test_setup_teardown(every_line_is_one_a_scraper_takes, begin, end),
	    cmocka_unit_test(without_metrics_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
