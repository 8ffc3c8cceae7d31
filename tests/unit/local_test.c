/* SPDX-License-Identifier: MIT */
/* What the local sockets do with frames, whole, half, wrong and many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "client/latchkey.h"
#include "support/files_help.h"
#include "support/local_help.h"

#define OTHER_UID 65534

/* --- tests ----------------------------------------------------------------------------------- */

static void
the_client_is_answered_and_its_user_told(void **state)
{
	struct latchkey latchkey = {pam_path, getuid(), LATCHKEY_BUDGET_MS};
	const struct latchkey_request request = {.verb = LATCHKEY_AUTH, .username = "sm10001"};
	struct latchkey_answer answer;

	(void)state;
	latchkey_ask(&latchkey, &request, &answer);
	assert_int_equal(answer.verdict, LATCHKEY_DONE);
	assert_string_equal(answer.info, "sm10001");
	assert_int_equal(seen_uid, getuid());
}

static void
an_admin_is_answered_in_json(void **state)
{
	struct latchkey latchkey = {admin_path, getuid(), LATCHKEY_BUDGET_MS};
	char out[WIRE_FRAME_MAX_BYTES];

	(void)state;
	assert_true(latchkey_admin_ask(&latchkey, "{\"verb\":\"status\"}", out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"verb\":\"status\""));
	assert_int_equal(asked_admin, 1);
}

static void
who_is_not_one_of_admin_users_is_told_and_nothing_is_asked(void **state)
{
	struct latchkey latchkey = {admin_path, getuid(), LATCHKEY_BUDGET_MS};
	char out[WIRE_FRAME_MAX_BYTES];

	(void)state;
	admins[0] = "nobody-else";
	conf.admin_users.count = 1;
	assert_int_equal(latchkey_admin_ask(&latchkey, "{\"verb\":\"status\"}", out, sizeof(out)),
			 -2);
	admins[0] = "root";
	assert_int_equal(asked_admin, 0);
}

static void
what_is_no_json_object_is_refused(void **state)
{
	struct latchkey latchkey = {admin_path, getuid(), LATCHKEY_BUDGET_MS};
	char out[WIRE_FRAME_MAX_BYTES];

	(void)state;
	assert_int_equal(latchkey_admin_ask(&latchkey, "[1]", out, sizeof(out)), -1);
	assert_int_equal(latchkey_admin_ask(&latchkey, "{", out, sizeof(out)), -1);
	assert_int_equal(asked_admin, 0);
}

static void
each_socket_takes_only_its_own_frames(void **state)
{
	uint32_t reason = 0;

	(void)state;
	assert_int_equal(verdict_of(pam_path, WIRE_ADMIN, &reason), WIRE_VERDICT_REFUSED);
	assert_int_equal(reason, WIRE_REASON_NOT_ALLOWED);
	assert_int_equal(verdict_of(admin_path, WIRE_AUTH, &reason), WIRE_VERDICT_REFUSED);
	assert_int_equal(reason, WIRE_REASON_NOT_ALLOWED);
	assert_int_equal(asked_pam + asked_admin, 0);
}

static void
frames_follow_each_other_on_one_connection(void **state)
{
	unsigned char bytes[2 * WIRE_FRAME_MAX_BYTES], room[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(pam_path);
	size_t len = frame_make(bytes, WIRE_AUTH, WIRE_USERNAME, "one");

	(void)state;
	len += frame_make(bytes + len, WIRE_ACCOUNT, WIRE_USERNAME, "two");
	send_all(fd, bytes, len);
	assert_true(answer_read(fd, room, &answer));
	assert_memory_equal(answer.value[WIRE_INFO].ptr, "one", 3);
	assert_true(answer_read(fd, room, &answer));
	assert_memory_equal(answer.value[WIRE_INFO].ptr, "two", 3);
	close(fd);
}

static void
a_frame_may_come_in_pieces(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES], room[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(pam_path);
	size_t len = frame_make(bytes, WIRE_AUTH, WIRE_USERNAME, "sm10001");

	(void)state;
	for (size_t i = 0; i < len; i++)
		send_all(fd, bytes + i, 1);
	assert_true(answer_read(fd, room, &answer));
	close(fd);
}

static void
garbage_and_frames_too_large_end_the_connection(void **state)
{
	unsigned char answer[64], large[] = {'L', 'K', 1, WIRE_AUTH, 0, 1, 0, 0};

	(void)state;
	closed_without_a_word(pam_path, "GET / HTTP/1.1\r\n\r\n", 18);
	closed_without_a_word(pam_path, large, sizeof(large));
	closed_without_a_word(pam_path, answer,
			      frame_make(answer, WIRE_ANSWER, WIRE_USERNAME, "x"));
	closed_without_a_word(admin_path, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(asked_pam, 0);
	still_answers();
}

/* The loop looks at its clock whenever something happens. */
static void
time_goes_by(long long ms)
{
	turned_ms += ms;
	close(connected(pam_path));
}

static void
half_a_frame_ends_after_five_seconds(void **state)
{
	unsigned char room[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int slow = connected(pam_path), idle = connected(pam_path);

	(void)state;
	send_all(slow, "LK\1", 3);
	still_answers();
	time_goes_by(LOCAL_FRAME_MS + 1);
	assert_false(answer_read(slow, room, &answer));
	assert_false(answer_read(idle, room, &answer));
	close(slow);
	close(idle);
	still_answers();
}

static void
full_lanes_are_unavailable(void **state)
{
	uint32_t reason = 0;

	(void)state;
	lanes = LANES_FULL;
	assert_int_equal(verdict_of(pam_path, WIRE_AUTH, &reason), WIRE_VERDICT_UNAVAILABLE);
	lanes = LANES_DROP;
	assert_int_equal(verdict_of(pam_path, WIRE_AUTH, &reason), WIRE_VERDICT_UNAVAILABLE);
	assert_int_equal(asked_pam, 0);
}

static void
an_answer_without_verdict_is_unavailable(void **state)
{
	uint32_t reason = 0;

	(void)state;
	flow_is_silent = true;
	assert_int_equal(verdict_of(pam_path, WIRE_AUTH, &reason), WIRE_VERDICT_UNAVAILABLE);
}

static void
an_answer_leaves_no_earlier_than_its_flow_says(void **state)
{
	int64_t began_ms = lk_clock_mono_ms(lk_clock_system());

	(void)state;
	hold_ms = 120;
	still_answers();
	assert_true(lk_clock_mono_ms(lk_clock_system()) - began_ms >= hold_ms);
}

static void
who_hangs_up_at_work_harms_nobody(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	int fd = connected(pam_path);

	(void)state;
	lanes = LANES_KEEP;
	kept = NULL;
	send_all(fd, bytes, frame_make(bytes, WIRE_AUTH, WIRE_USERNAME, "gone"));
	for (int i = 0; i < 1000 && *(struct lane_job *volatile *)&kept == NULL; i++)
		(void)poll(NULL, 0, 5);
	assert_non_null(kept);
	close(fd);
	on_a_lane(lane_run, kept);
	lanes = LANES_RUN;
	still_answers();
}

/* How many of count connections are still open after each had its turn. */
static int
open_of(int *fds, int count)
{
	int open_count = 0;

	for (int i = 0; i < count; i++) {
		char byte;

		open_count += recv(fds[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
	}
	return open_count;
}

static void
close_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

/* Opens count connections; returns how many are let stay, once at most max of them are. */
static int
flood(int *fds, int count, int max)
{
	int left = count;

	for (int i = 0; i < count; i++)
		fds[i] = connected(pam_path);
	for (int i = 0; i < 2000 && left > max; i++) {
		left = open_of(fds, count);
		(void)poll(NULL, 0, 5);
	}
	return left;
}

/* Once the loop has seen that others are gone. */
static bool
answers_again(void)
{
	uint32_t reason;

	for (int i = 0; i < 1000; i++)
		if (verdict_of(pam_path, WIRE_AUTH, &reason) == WIRE_VERDICT_DONE)
			return true;
	return false;
}

static void
a_thousand_connections_leave_us_alive(void **state)
{
	static int fds[1000];
	struct rlimit limit = {4096, 4096};

	(void)state;
	if (getuid() != 0 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
		skip();
	assert_int_equal(flood(fds, 1000, LOCAL_CONNECTIONS_MAX), LOCAL_CONNECTIONS_MAX);
	close_all(fds, 1000);
	assert_true(answers_again());
}

static void
one_user_gets_their_share_only(void **state)
{
	static int fds[100];
	int status;
	pid_t child;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (getuid() == 0 && setuid(OTHER_UID) != 0)
			_exit(2);
		_exit(flood(fds, 100, LOCAL_CONNECTIONS_A_USER) == LOCAL_CONNECTIONS_A_USER ? 0
											    : 1);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		if (getuid() == 0)
			still_answers(); /* root is not kept out meanwhile */
		(void)poll(NULL, 0, 10);
	}
	assert_int_equal(status, 0);
}

#define RUNNING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RUNNING(the_client_is_answered_and_its_user_told),
	    RUNNING(an_admin_is_answered_in_json),
	    RUNNING(who_is_not_one_of_admin_users_is_told_and_nothing_is_asked),
	    RUNNING(what_is_no_json_object_is_refused),
	    RUNNING(each_socket_takes_only_its_own_frames),
	    RUNNING(frames_follow_each_other_on_one_connection),
	    RUNNING(a_frame_may_come_in_pieces),
	    RUNNING(garbage_and_frames_too_large_end_the_connection),
	    RUNNING(half_a_frame_ends_after_five_seconds),
	    RUNNING(full_lanes_are_unavailable),
	    RUNNING(an_answer_without_verdict_is_unavailable),
	    RUNNING(an_answer_leaves_no_earlier_than_its_flow_says),
	    RUNNING(who_hangs_up_at_work_harms_nobody),
	    RUNNING(a_thousand_connections_leave_us_alive),
	    RUNNING(one_user_gets_their_share_only),
	};

	if (crypto_init() != LK_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
