/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "http/timer.h"

#define MANY 200

static struct timers timers;
static struct timer many[MANY];
static int64_t fired_at;
static int fired_count;

static void
fired(struct timer *timer)
{
	assert_int_equal(timer->place, 0);
	assert_true(timer->at_mono_ms >= fired_at);
	fired_at = timer->at_mono_ms;
	fired_count++;
}

static void
fired_again(struct timer *timer)
{
	fired_count++;
	timer_set(&timers, timer, timer->at_mono_ms + 100);
}

static int
begin(void **state)
{
	int i;

	(void)state;
	fired_at = 0;
	fired_count = 0;
	for (i = 0; i < MANY; i++) {
		many[i] = (struct timer){.fire = fired};
		if (!timers_reserve(&timers))
			return -1;
	}
	return 0;
}

static int
end(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		timer_clear(&timers, &many[i]);
		timers_release(&timers);
	}
	timers_done(&timers);
	return 0;
}

static void
timers_fire_in_order_and_once(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++)
		timer_set(&timers, &many[i], (i * 7919) % 1009);
	for (i = 0; i < MANY; i += 3)
		timer_set(&timers, &many[i], (i * 104729) % 997);
	timers_run(&timers, 400);
	assert_true(fired_count > 0 && fired_count < MANY);
	timers_run(&timers, 2000);
	assert_int_equal(fired_count, MANY);
	timers_run(&timers, 2000);
	assert_int_equal(fired_count, MANY);
}

static void
a_cleared_timer_does_not_fire(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++)
		timer_set(&timers, &many[i], (i * 7919) % 1009);
	for (i = 0; i < MANY; i += 2)
		timer_clear(&timers, &many[i]);
	timer_clear(&timers, &many[0]);
	timers_run(&timers, 2000);
	assert_int_equal(fired_count, MANY / 2);
}

static void
a_timer_may_set_itself_anew(void **state)
{
	(void)state;
	many[0].fire = fired_again;
	timer_set(&timers, &many[0], 10);
	timers_run(&timers, 50);
	assert_int_equal(fired_count, 1);
	assert_int_equal(timers_next_ms(&timers, 50), 60);
	timers_run(&timers, 110);
	assert_int_equal(fired_count, 2);
}

static void
what_was_put_off_fires_in_its_turn_and_no_earlier(void **state)
{
	(void)state;
	timer_set(&timers, &many[0], 100);
	timer_set(&timers, &many[1], 200);
	timer_set(&timers, &many[2], 250);
	timer_set(&timers, &many[0], 300);
	timer_set(&timers, &many[2], INT64_MAX);
	timers_run(&timers, 150);
	assert_int_equal(fired_count, 0);
	assert_int_equal(timers_next_ms(&timers, 150), 50);
	timers_run(&timers, 299);
	assert_int_equal(fired_count, 1);
	timer_set(&timers, &many[0], 299);
	timers_run(&timers, 299);
	assert_int_equal(fired_count, 2);
	timers_run(&timers, INT64_MAX - 1);
	assert_int_equal(fired_count, 2);
}

static void
hurry_fires_one_kind_only(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		many[i].fire = i % 2 == 0 ? fired : fired_again;
		timer_set(&timers, &many[i], 5000);
	}
	timers_hurry(&timers, fired);
	assert_int_equal(fired_count, MANY / 2);
	assert_int_equal(timers.count, MANY / 2);
}

static void
the_wait_is_never_past_the_next(void **state)
{
	(void)state;
	assert_int_equal(timers_next_ms(&timers, 0), 60000);
	timer_set(&timers, &many[0], 30);
	timer_set(&timers, &many[1], 20);
	assert_int_equal(timers_next_ms(&timers, 5), 15);
	assert_int_equal(timers_next_ms(&timers, 25), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(timers_fire_in_order_and_once, begin, end),
	    cmocka_unit_test_setup_teardown(a_cleared_timer_does_not_fire, begin, end),
	    cmocka_unit_test_setup_teardown(a_timer_may_set_itself_anew, begin, end),
	    cmocka_unit_test_setup_teardown(what_was_put_off_fires_in_its_turn_and_no_earlier,
					    begin, end),
	    cmocka_unit_test_setup_teardown(hurry_fires_one_kind_only, begin, end),
	    cmocka_unit_test_setup_teardown(the_wait_is_never_past_the_next, begin, end),
	};

	return cmocka_run_group_tests_name("http_timer", tests, NULL, NULL);
}
