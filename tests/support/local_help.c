/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/files_help.h"
#include "support/local_help.h"

/* --- what stands behind the sockets ---------------------------------------------------------- */

atomic_llong turned_ms; /* added to the machine's clock */
atomic_int held, asked_pam, asked_admin;
atomic_uint seen_uid;
enum lanes lanes;
struct lane_job *kept;
bool flow_is_silent;
int hold_ms;

static int64_t
wall_s(const struct lk_clock *clock)
{
	(void)clock;
	return 1700000000;
}

int64_t
mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return lk_clock_mono_ms(lk_clock_system()) + turned_ms;
}

static const struct lk_clock test_clock = {wall_s, mono_ms};
static const struct lk_log quiet = {&test_clock, LK_LOG_ERROR, 2};
const char *admins[] = {"root", NULL, NULL};
struct conf conf = {.admin_users = {admins, 1}};
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

void *
lane_run(void *context)
{
	struct lane_job *job = context;
	struct flow flow = {.fast = job->fast, .call = &job->call};

	job->run(&flow, job);
	job->done(job, true);
	return NULL;
}

void
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
	if (hold_ms > 0)
		flow->not_before_mono_ms = flow->began_mono_ms + hold_ms;
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

char folder[HELP_PATH_BYTES], pam_path[HELP_PATH_BYTES], admin_path[HELP_PATH_BYTES];
struct local *local;
struct lk_why why;

enum lk_err
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

int
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
	hold_ms = 0;
	admins[1] = NULL;
	conf.admin_users.count = 1;
	return 0;
}

int
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

int
folder_tear_down(void **state)
{
	(void)state;
	help_folder_remove(folder);
	return 0;
}

int
tear_down(void **state)
{
	local_stop(local, mono_ms(NULL) + 5000);
	assert_int_equal(held, 0);
	return folder_tear_down(state);
}

int
connected(const char *path)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(where.sun_path, sizeof(where.sun_path), "%.100s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	return fd;
}

size_t
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
bool
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

void
send_all(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

uint32_t
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

void
closed_without_a_word(const char *path, const void *bytes, size_t len)
{
	unsigned char room[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(path);

	send_all(fd, bytes, len);
	assert_false(answer_read(fd, room, &answer));
	close(fd);
}

void
still_answers(void)
{
	uint32_t reason = 0;

	assert_int_equal(verdict_of(pam_path, WIRE_AUTH, &reason), WIRE_VERDICT_DONE);
}
