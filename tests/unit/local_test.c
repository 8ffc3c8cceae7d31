/* SPDX-License-Identifier: MIT */
/* The two local sockets, real ones, before lanes and flows that do what a test wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "client/latchkey.h"
#include "local/local.h"
#include "support/files_help.h"

#define OTHER_UID 65534

/* --- what stands behind the sockets ---------------------------------------------------------- */

static atomic_llong turned_ms; /* added to the machine's clock */
static atomic_int held, asked_pam, asked_admin;
static atomic_uint seen_uid;
static enum lanes { LANES_RUN, LANES_FULL, LANES_DROP, LANES_KEEP } lanes;
static struct lane_job *kept;
static bool flow_is_silent;

static int64_t
wall_s(const struct lk_clock *clock)
{
	(void)clock;
	return 1700000000;
}

static int64_t
mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return lk_clock_mono_ms(lk_clock_system()) + turned_ms;
}

static const struct lk_clock test_clock = {wall_s, mono_ms};
static const struct lk_log quiet = {&test_clock, LK_LOG_ERROR, 2};
static const char *admins[] = {"root", NULL, NULL};
static struct conf conf = {.admin_users = {admins, 1}};
static const struct fast fast = {.conf = &conf, .log = &quiet};

const struct fast *
live_hold(struct live *live)
{
	(void)live;
	held++;
	return &fast;
}

void
live_drop(struct live *live, const struct fast *given)
{
	(void)live;
	assert_ptr_equal(given, &fast);
	held--;
}

static void *
lane_run(void *context)
{
	struct lane_job *job = context;
	struct flow flow = {.fast = job->fast, .call = &job->call};

	job->run(&flow, job);
	job->done(job, true);
	return NULL;
}

static void
on_a_lane(void *(*run)(void *), struct lane_job *job)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run, job), 0);
	assert_int_equal(pthread_detach(thread), 0);
}

static void *
lane_drop(void *context)
{
	struct lane_job *job = context;

	job->done(job, false);
	return NULL;
}

enum lk_err
lane_submit(struct lane_pool *pool, struct lane_job *job)
{
	(void)pool;
	if (lanes == LANES_FULL)
		return LK_E_BUSY;
	if (lanes == LANES_KEEP)
		kept = job;
	else
		on_a_lane(lanes == LANES_DROP ? lane_drop : lane_run, job);
	return LK_OK;
}

static void
pam_answer(struct flow *flow, const struct pam_question *question, struct wire_out *out)
{
	assert_non_null(flow->call->arena);
	assert_true(lk_call_left_ms(flow->call) > 3000);
	assert_int_equal(question->reference.len, CRYPTO_REFERENCE_LEN);
	asked_pam++;
	seen_uid = question->peer_uid;
	if (flow_is_silent)
		return;
	wire_put_number(out, WIRE_VERDICT, WIRE_VERDICT_DONE);
	wire_put(out, WIRE_INFO, question->frame->value[WIRE_USERNAME].ptr,
		 question->frame->value[WIRE_USERNAME].len);
}

static void
admin_answer(struct flow *flow, const struct admin_question *question, struct lk_buf *out_json)
{
	struct lk_str verb;

	(void)flow;
	asked_admin++;
	assert_true(lk_json_to_str(lk_json_find(question->asked, "verb"), &verb));
	lk_buf_printf(out_json, "{\"ok\":true,\"user\":\"%.*s\",\"verb\":\"%.*s\"}",
		      LK_STR_ARGS(question->peer_user), LK_STR_ARGS(verb));
}

/* --- a running pair of sockets --------------------------------------------------------------- */

static char folder[HELP_PATH_BYTES], pam_path[HELP_PATH_BYTES], admin_path[HELP_PATH_BYTES];
static struct local *local;
static struct lk_why why;

static enum lk_err
start(void)
{
	const struct local_settings settings = {
	    .pam_path = pam_path,
	    .admin_path = admin_path,
	    .clock = &test_clock,
	    .log = &quiet,
	    .pam_answer = pam_answer,
	    .admin_answer = admin_answer,
	};

	lk_why_clear(&why);
	return local_start(&settings, &why, &local);
}

static int
folder_set_up(void **state)
{
	(void)state;
	help_folder(folder);
	assert_int_equal(chmod(folder, 0755), 0);
	help_path(pam_path, folder, "pam.sock");
	help_path(admin_path, folder, "admin.sock");
	turned_ms = 0;
	held = asked_pam = asked_admin = 0;
	lanes = LANES_RUN;
	flow_is_silent = false;
	admins[1] = NULL;
	conf.admin_users.count = 1;
	return 0;
}

static int
set_up(void **state)
{
	static char number[16];

	folder_set_up(state);
	snprintf(number, sizeof(number), "%u", (unsigned)getuid());
	admins[1] = number;
	conf.admin_users.count = 2;
	assert_int_equal(start(), LK_OK);
	return 0;
}

static int
folder_tear_down(void **state)
{
	(void)state;
	help_folder_remove(folder);
	return 0;
}

static int
tear_down(void **state)
{
	local_stop(local, mono_ms(NULL) + 5000);
	assert_int_equal(held, 0);
	return folder_tear_down(state);
}

static int
connected(const char *path)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(where.sun_path, sizeof(where.sun_path), "%.100s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	return fd;
}

static size_t
frame_make(unsigned char *bytes, enum wire_kind kind, enum wire_field field, const char *text)
{
	struct wire_out out;
	size_t len;

	wire_begin(&out, bytes, WIRE_FRAME_MAX_BYTES, kind);
	wire_put_c(&out, field, text);
	len = wire_end(&out);
	assert_true(len > 0);
	return len;
}

/* False: the other side closed without a word. */
static bool
answer_read(int fd, unsigned char *bytes, struct wire_frame *out)
{
	size_t len = WIRE_HEAD_BYTES;

	for (size_t have = 0; have < len;) {
		struct pollfd place = {.fd = fd, .events = POLLIN};
		ssize_t got;

		assert_int_equal(poll(&place, 1, 20000), 1);
		got = recv(fd, bytes + have, len - have, 0);
		if (got <= 0) {
			assert_true(got == 0 || errno == ECONNRESET);
			return false;
		}
		have += (size_t)got;
		if (have == WIRE_HEAD_BYTES)
			len = wire_frame_len(bytes);
	}
	assert_true(wire_read(bytes, len, out));
	assert_int_equal(out->kind, WIRE_ANSWER);
	return true;
}

static void
send_all(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static uint32_t
verdict_of(const char *path, enum wire_kind kind, uint32_t *out_reason)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(path);
	uint32_t verdict = 0;

	send_all(fd, bytes,
		 frame_make(bytes, kind, kind == WIRE_ADMIN ? WIRE_JSON : WIRE_USERNAME,
			    kind == WIRE_ADMIN ? "{\"verb\":\"status\"}" : "sm10001"));
	if (answer_read(fd, bytes, &answer)) {
		verdict = wire_number(&answer, WIRE_VERDICT, 0);
		*out_reason = wire_number(&answer, WIRE_REASON, 0);
	}
	close(fd);
	return verdict;
}

static void
closed_without_a_word(const char *path, const void *bytes, size_t len)
{
	unsigned char room[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(path);

	send_all(fd, bytes, len);
	assert_false(answer_read(fd, room, &answer));
	close(fd);
}

static void
still_answers(void)
{
	uint32_t reason = 0;

	assert_int_equal(verdict_of(pam_path, WIRE_AUTH, &reason), WIRE_VERDICT_DONE);
}

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

static mode_t
mode_of(const char *path)
{
	struct stat found;

	assert_int_equal(stat(path, &found), 0);
	return found.st_mode & 07777;
}

static void
the_files_are_as_open_as_said(void **state)
{
	(void)state;
	assert_int_equal(mode_of(pam_path), 0666);
	assert_int_equal(mode_of(admin_path), 0660);
}

static void
a_socket_somebody_listens_on_stays_theirs(void **state)
{
	struct local *first = local;

	(void)state;
	assert_int_equal(start(), LK_E_BUSY);
	assert_non_null(strstr(why.text, "somebody listens there already"));
	local = first;
	still_answers();
}

static void
after_quiesce_nothing_is_handed_on(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(pam_path);

	(void)state;
	still_answers();
	local_quiesce(local);
	send_all(fd, bytes, frame_make(bytes, WIRE_AUTH, WIRE_USERNAME, "late"));
	assert_true(answer_read(fd, bytes, &answer));
	assert_int_equal(wire_number(&answer, WIRE_VERDICT, 0), WIRE_VERDICT_UNAVAILABLE);
	assert_int_equal(asked_pam, 1);
	close(fd);
	assert_int_equal(access(pam_path, F_OK), -1);
	assert_int_equal(access(admin_path, F_OK), -1);
}

static void
a_socket_file_left_over_is_replaced(void **state)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(where.sun_path, sizeof(where.sun_path), "%.100s", pam_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	close(fd);
	assert_int_equal(start(), LK_OK);
	still_answers();
	local_stop(local, mono_ms(NULL) + 1000);
}

static void
another_file_is_never_replaced(void **state)
{
	(void)state;
	help_write(folder, "pam.sock", 0644, "mine");
	assert_int_equal(start(), LK_E_FORMAT);
	assert_int_equal(access(pam_path, F_OK), 0);
}

static void
a_folder_others_may_write_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(start(), LK_E_FORMAT);
	assert_non_null(strstr(why.text, "only its owner may write"));
}

static void
a_missing_folder_is_made(void **state)
{
	char sub[HELP_PATH_BYTES];

	(void)state;
	help_path(sub, folder, "run");
	help_path(pam_path, folder, "run/pam.sock");
	help_path(admin_path, folder, "run/admin.sock");
	assert_int_equal(start(), LK_OK);
	assert_int_equal(mode_of(sub), 0755);
	local_stop(local, mono_ms(NULL) + 1000);
}

static void
a_path_too_long_is_refused(void **state)
{
	(void)state;
	memset(pam_path + strlen(pam_path), 'x', 120);
	assert_int_equal(start(), LK_E_FORMAT);
	memset(pam_path, 0, sizeof(pam_path));
}

#define RUNNING(test)  cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define STARTING(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

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
	    RUNNING(who_hangs_up_at_work_harms_nobody),
	    RUNNING(a_thousand_connections_leave_us_alive),
	    RUNNING(one_user_gets_their_share_only),
	    RUNNING(the_files_are_as_open_as_said),
	    RUNNING(a_socket_somebody_listens_on_stays_theirs),
	    RUNNING(after_quiesce_nothing_is_handed_on),
	    STARTING(a_socket_file_left_over_is_replaced),
	    STARTING(another_file_is_never_replaced),
	    STARTING(a_folder_others_may_write_is_refused),
	    STARTING(a_missing_folder_is_made),
	    STARTING(a_path_too_long_is_refused),
	};

	if (crypto_init() != LK_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
