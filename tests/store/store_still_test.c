/* SPDX-License-Identifier: MIT */
/* Who got no processor for longer than the timeout, and what that says of the server: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/async_help.h"

/* --- a loop */

/* On a machine without a processor to spare: one answer lies there, one question has not left. */
static void
a_loop_that_stood_still_does_not_take_the_server_for_hung(void **state)
{
	struct heard sent = {0}, unsent = {0};

	(void)state;
	(void)ask_and_wait(1);
	help_begin(&h, 5000);
	ask_for(&sent, 1);
	turn();
	ask_for(&unsent, 1);
	help_sleep_ms(2 * TIMEOUT_MS);
	wait_for_answer(&sent);
	wait_for_answer(&unsent);
	assert_int_equal(sent.err, LK_OK);
	assert_int_equal(unsent.err, LK_OK);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
}

static void
a_greeting_is_not_late_because_the_loop_stood_still(void **state)
{
	struct heard heard = {0};

	(void)state;
	help_begin(&h, 5000);
	ask_for(&heard, 1);
	help_sleep_ms(2 * TIMEOUT_MS);
	wait_for_answer(&heard);
	assert_int_equal(heard.err, LK_OK);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
}

/* It has as much time again, once; and nobody more than was left to them. */
static void
a_server_that_hangs_is_told_by_a_loop_that_stood_still(void **state)
{
	struct heard heard = {0};
	int64_t woken;

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, 5000);
	ask_for(&heard, 1);
	help_sleep_ms(2 * TIMEOUT_MS);
	woken = lk_clock_mono_ms(lk_clock_system());
	turn();
	assert_int_equal(heard.count, 0);
	help_sleep_ms(2 * TIMEOUT_MS);
	turn();
	assert_int_equal(heard.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_DOWN);
	assert_in_range(lk_clock_mono_ms(lk_clock_system()) - woken, 2 * TIMEOUT_MS,
			2 * TIMEOUT_MS + 500);
	kill(redis.pid, SIGCONT);
	help_begin(&h, 2000);
	assert_int_equal(store_look(h.store), STORE_HEALTH_OK);
	assert_true(ask_and_wait(1).answer.has_session);
	assert_int_equal(heard.count, 1);
}

static void
a_deadline_is_over_also_for_a_loop_that_stood_still(void **state)
{
	struct heard heard = {0};

	(void)state;
	(void)ask_and_wait(1);
	kill(redis.pid, SIGSTOP);
	help_begin(&h, TIMEOUT_MS + 100);
	ask_for(&heard, 1);
	help_sleep_ms(2 * TIMEOUT_MS);
	turn();
	assert_int_equal(heard.err, LK_E_STORE_DOWN);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
	kill(redis.pid, SIGCONT);
	assert_true(ask_and_wait(1).answer.has_session);
	assert_int_equal(heard.count, 1);
}

/* --- a thread that waits */

static int64_t
now_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

static enum lk_err
fetch(struct store_answer *out)
{
	struct crypto_digest key = help_digest(1);
	struct store_ask ask = {.session = &key};

	help_begin(&h, 5000);
	return store_fetch(h.store, &ask, out);
}

/* A machine that stands still: the server, a moment later we, past the timeout. */
static pid_t
stand_still(bool server_goes_on)
{
	pid_t us = getpid(), other;

	kill(redis.pid, SIGSTOP);
	other = fork();
	if (other != 0)
		return other;
	help_sleep_ms(TIMEOUT_MS / 10);
	kill(us, SIGSTOP);
	help_sleep_ms(2 * TIMEOUT_MS);
	kill(us, SIGCONT);
	help_sleep_ms(TIMEOUT_MS / 10);
	if (server_goes_on)
		kill(redis.pid, SIGCONT);
	_exit(0);
}

static void
a_machine_that_stood_still_has_no_hung_server(void **state)
{
	struct store_answer answer;
	pid_t other;

	(void)state;
	other = stand_still(true);
	assert_int_equal(fetch(&answer), LK_OK);
	assert_true(answer.has_session);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_OK);
	assert_int_equal(waitpid(other, NULL, 0), other);
}

static void
a_server_that_hung_while_we_stood_still_is_given_up(void **state)
{
	struct store_answer answer;
	int64_t began;
	pid_t other;

	(void)state;
	other = stand_still(false);
	began = now_ms();
	assert_int_equal(fetch(&answer), LK_E_STORE_DOWN);
	assert_in_range(now_ms() - began, 3 * TIMEOUT_MS, 4 * TIMEOUT_MS + 500);
	assert_int_equal(store_shared_health(shared), STORE_HEALTH_DOWN);
	assert_int_equal(waitpid(other, NULL, 0), other);
	kill(redis.pid, SIGCONT);
	assert_int_equal(store_look(h.store), STORE_HEALTH_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_loop_that_stood_still_does_not_take_the_server_for_hung),
	    TEST(a_greeting_is_not_late_because_the_loop_stood_still),
	    TEST(a_server_that_hangs_is_told_by_a_loop_that_stood_still),
	    TEST(a_deadline_is_over_also_for_a_loop_that_stood_still),
	    TEST(a_machine_that_stood_still_has_no_hung_server),
	    TEST(a_server_that_hung_while_we_stood_still_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
