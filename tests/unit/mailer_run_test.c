/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "mailer/backoff.h"
#include "mailer/run.h"
#include "mailer/smtp.h"
#include "support/files_help.h"

/* --- a server, a disk and a watch that do as a test says ------------------------------------ */

static struct {
	enum smtp_end end;   /* of every letter */
	int sent_count;	     /* letters the server saw */
	int connected_count; /* smtp_new, smtp_free */
	int open_count;
	int removals_failing; /* so many spool_remove fail */
	int put_back_failing;
	int rounds_left;
	int64_t least_ms[8], most_ms[8]; /* asked of watch_wait */
	int wait_count;
} world;

struct smtp {
	int unused;
};

struct smtp *
smtp_new(const struct conf *conf, const struct smtp_stop *stop)
{
	static struct smtp smtp;

	(void)conf;
	assert_false(stop->should_stop(stop->context));
	world.connected_count++;
	world.open_count++;
	return &smtp;
}

void
smtp_free(struct smtp *smtp)
{
	world.open_count -= smtp != NULL;
}

enum smtp_end
smtp_send(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_said *out)
{
	assert_non_null(smtp);
	assert_true(lk_str_starts(letter->message, "From: \"Staff sign-in\" <a@b>\r\nTo: <c@d>"));
	assert_string_equal(letter->from, "a@b");
	assert_string_equal(letter->to, "c@d");
	world.sent_count++;
	*out = (struct smtp_said){250, "words"};
	return world.end;
}

enum lk_err
__real_spool_remove(struct spool *spool, const char *name);
enum lk_err
__wrap_spool_remove(struct spool *spool, const char *name);
enum lk_err
__real_spool_put_back(struct spool *spool, const struct spool_mail *mail);
enum lk_err
__wrap_spool_put_back(struct spool *spool, const struct spool_mail *mail);
void
__wrap_watch_wait(struct watch *watch, int64_t least_ms, int64_t most_ms);
bool
__wrap_watch_is_stopped(const struct watch *watch);

enum lk_err
__wrap_spool_remove(struct spool *spool, const char *name)
{
	if (world.removals_failing == 0)
		return __real_spool_remove(spool, name);
	world.removals_failing--;
	return LK_E_BROKEN;
}

enum lk_err
__wrap_spool_put_back(struct spool *spool, const struct spool_mail *mail)
{
	if (world.put_back_failing == 0)
		return __real_spool_put_back(spool, mail);
	world.put_back_failing--;
	return LK_E_BROKEN;
}

void
__wrap_watch_wait(struct watch *watch, int64_t least_ms, int64_t most_ms)
{
	(void)watch;
	assert_int_equal(world.open_count, 0); /* no connection is held over a wait */
	assert_true(world.wait_count < 8);
	world.least_ms[world.wait_count] = least_ms;
	world.most_ms[world.wait_count++] = most_ms;
	world.rounds_left--;
}

bool
__wrap_watch_is_stopped(const struct watch *watch)
{
	(void)watch;
	return world.rounds_left <= 0;
}

/* --- a mailer in a folder of its own -------------------------------------------------------- */

struct post {
	char folder[HELP_PATH_BYTES], dir[HELP_PATH_BYTES];
	struct conf conf;
	struct lk_log log;
	struct spool *spool;
};

static int
begin(void **state)
{
	struct post *post = calloc(1, sizeof *post);

	help_folder(post->folder);
	help_path(post->dir, post->folder, "spool");
	post->conf.mail_from = "a@b";
	post->conf.service_name = "Staff sign-in";
	post->log = (struct lk_log){lk_clock_system(), LK_LOG_DEBUG, open("/dev/null", O_WRONLY)};
	assert_int_equal(spool_open(post->dir, 0, NULL, &post->spool), LK_OK);
	memset(&world, 0, sizeof world);
	*state = post;
	return 0;
}

static int
end(void **state)
{
	struct post *post = *state;

	close(post->log.fd);
	spool_close(post->spool);
	help_folder_remove(post->folder);
	free(post);
	return 0;
}

static void
put(const struct post *post)
{
	assert_int_equal(spool_put(post->dir, LK_STR("c@d"), LK_STR("Subject: x\n\ny\n"),
				   lk_clock_wall_s(lk_clock_system())),
			 LK_OK);
}

/* How many mails wait afterwards. */
static size_t
run_rounds(const struct post *post, int rounds, enum smtp_end how)
{
	const struct run_setup setup = {&post->conf, &post->log, post->spool, NULL};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	const char *const *names;
	size_t count = 0;

	world.end = how;
	world.rounds_left = rounds;
	assert_int_equal(run_mailer(&setup, false), LK_OK);
	assert_int_equal(spool_list(post->spool, arena, &names, &count), LK_OK);
	lk_arena_free(arena);
	return count;
}

static void
a_mail_that_cannot_be_removed_is_not_sent_again(void **state)
{
	const struct post *post = *state;

	put(post);
	put(post);
	world.removals_failing = 4;
	assert_int_equal(run_rounds(post, 4, SMTP_SENT), 2);
	assert_int_equal(world.sent_count, 1);
	assert_int_equal(run_rounds(post, 1, SMTP_SENT), 0);
	assert_int_equal(world.sent_count, 3); /* a new process does not know: that is the kill */
}

static void
once_it_can_be_removed_the_rest_is_sent(void **state)
{
	const struct post *post = *state;

	put(post);
	put(post);
	world.removals_failing = 2;
	assert_int_equal(run_rounds(post, 3, SMTP_SENT), 0);
	assert_int_equal(world.sent_count, 2);
}

static void
a_try_that_cannot_be_kept_is_not_repeated_at_once(void **state)
{
	const struct post *post = *state;

	put(post);
	world.put_back_failing = 3;
	assert_int_equal(run_rounds(post, 3, SMTP_LATER), 1);
	assert_int_equal(world.sent_count, 3);
	assert_in_range(world.least_ms[0], 750, 1250);
	assert_in_range(world.least_ms[1], 1500, 2500);
	assert_in_range(world.least_ms[2], 3000, 5000);
}

static void
a_server_that_is_down_is_asked_once_a_round(void **state)
{
	const struct post *post = *state;
	int i;

	for (i = 0; i < 5; i++)
		put(post);
	assert_int_equal(run_rounds(post, 3, SMTP_DOWN), 5);
	assert_int_equal(world.sent_count, 3);
	assert_in_range(world.least_ms[2], 3000, 5000);
	assert_int_equal(world.least_ms[2], world.most_ms[2]);
}

static void
one_connection_serves_a_round_and_none_is_made_for_nothing(void **state)
{
	const struct post *post = *state;

	assert_int_equal(run_rounds(post, 2, SMTP_SENT), 0);
	assert_int_equal(world.connected_count, 0);
	put(post);
	put(post);
	put(post);
	assert_int_equal(run_rounds(post, 2, SMTP_SENT), 0);
	assert_int_equal(world.connected_count, 1);
	assert_int_equal(world.open_count, 0);
}

static void
it_wakes_when_the_next_mail_is_due(void **state)
{
	const struct post *post = *state;

	assert_int_equal(run_rounds(post, 1, SMTP_SENT), 0);
	assert_int_equal(world.most_ms[0], 60000);
	put(post);
	assert_int_equal(run_rounds(post, 1, SMTP_LATER), 1);
	assert_int_equal(world.least_ms[1], 0);
	assert_in_range(world.most_ms[1], 10000, 19000);
}

static void
stopped_means_nothing_more_is_begun(void **state)
{
	const struct post *post = *state;

	put(post);
	assert_int_equal(run_rounds(post, 0, SMTP_SENT), 1);
	assert_int_equal(world.sent_count, 0);
}

static void
a_stopped_try_is_no_try(void **state)
{
	const struct post *post = *state;
	struct lk_arena *arena = lk_arena_new(1u << 18, 1u << 18);
	const char *const *names;
	struct spool_mail mail;
	size_t count;

	put(post);
	assert_int_equal(run_rounds(post, 1, SMTP_STOPPED), 1);
	assert_int_equal(spool_list(post->spool, arena, &names, &count), LK_OK);
	assert_int_equal(spool_get(post->spool, arena, names[0], &mail), LK_OK);
	assert_int_equal(mail.tries, 0);
	lk_arena_free(arena);
}

static void
a_time_from_a_wrong_clock_counts_as_now(void **state)
{
	const struct post *post = *state;

	help_write(post->dir, "1.A", 0600, "to: c@d\ntries: 1 next: 99999999999\n\nx\n");
	assert_int_equal(run_rounds(post, 1, SMTP_SENT), 0);
	assert_int_equal(world.sent_count, 1);
}

static void
waits_double_to_their_most_and_vary_by_a_quarter(void **state)
{
	const struct backoff backoff = {100, 1000};
	uint32_t failures;

	(void)state;
	assert_int_equal(backoff_make(&backoff, 1, 0), 75);
	assert_in_range(backoff_make(&backoff, 1, UINT32_MAX), 124, 125);
	assert_int_equal(backoff_make(&backoff, 2, 512), 200);
	assert_int_equal(backoff_make(&backoff, 4, 512), 800);
	for (failures = 5; failures < 70; failures++)
		assert_int_equal(backoff_make(&backoff, failures, 512), 1000);
	assert_int_equal(backoff_make(&backoff, UINT32_MAX, 512), 1000);
	assert_true(backoff_make(&backoff, 9, UINT32_MAX) <= backoff_longest(&backoff));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_mail_that_cannot_be_removed_is_not_sent_again),
	    TEST(once_it_can_be_removed_the_rest_is_sent),
	    TEST(a_try_that_cannot_be_kept_is_not_repeated_at_once),
	    TEST(a_server_that_is_down_is_asked_once_a_round),
	    TEST(one_connection_serves_a_round_and_none_is_made_for_nothing),
	    TEST(it_wakes_when_the_next_mail_is_due),
	    TEST(stopped_means_nothing_more_is_begun),
	    TEST(a_stopped_try_is_no_try),
	    TEST(a_time_from_a_wrong_clock_counts_as_now),
	    cmocka_unit_test(waits_double_to_their_most_and_vary_by_a_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
