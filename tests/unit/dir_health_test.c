/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "directory/dir_health.h"
#include "directory/dir_inside.h"

#define THREADS	   8
#define TIMEOUT_MS 3000

static int64_t now_ms;

static int64_t
mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return now_ms;
}

static const struct lk_clock by_hand = {.mono_ms = mono_ms};

static int
begin(void **state)
{
	static const char *const uris[] = {"ldap://127.0.0.1:1", "ldap://127.0.0.1:2", NULL};
	static const struct dir_settings settings = {
	    .uris = uris, .operation_timeout_ms = TIMEOUT_MS, .clock = &by_hand};
	struct lk_why why;

	now_ms = 1000000;
	lk_why_clear(&why);
	*state = dir_servers_new(&settings, &why);
	return *state == NULL ? -1 : 0;
}

static int
end(void **state)
{
	dir_servers_free(*state);
	return 0;
}

static void
a_server_is_up_until_it_is_not(void **state)
{
	bool is_up = false;

	assert_string_equal(dir_servers_uri(*state, 0, &is_up), "ldap://127.0.0.1:1");
	assert_true(is_up);
	dir_health_bad(*state, 0);
	assert_non_null(dir_servers_uri(*state, 0, &is_up));
	assert_false(is_up);
	assert_true(dir_health_has_other(*state, 0));
	assert_false(dir_health_has_other(*state, 1));
	assert_null(dir_servers_uri(*state, 2, &is_up));
	dir_health_good(*state, 0);
	assert_true(dir_health_is_up(*state, 0));
}

static void
who_could_not_wait_says_nothing_of_a_server(void **state)
{
	dir_health_late(*state, 0, 20);
	dir_health_late(*state, 0, TIMEOUT_MS / 2 - 1);
	assert_true(dir_health_is_up(*state, 0));
	dir_health_late(*state, 0, TIMEOUT_MS / 2);
	assert_false(dir_health_is_up(*state, 0));
	now_ms += 100;
	assert_true(dir_health_may_try(*state, 0));
	dir_health_late(*state, 0, 20);
	now_ms += 199;
	assert_false(dir_health_may_try(*state, 0));
	now_ms += 1;
	assert_true(dir_health_may_try(*state, 0));
}

static void
a_server_that_fails_is_left_alone_longer_and_longer_up_to_a_second(void **state)
{
	static const int waits_ms[] = {100, 200, 400, 800, 1000, 1000, 1000};
	size_t i;

	for (i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
		dir_health_bad(*state, 0);
		now_ms += waits_ms[i] - 1;
		assert_false(dir_health_may_try(*state, 0));
		now_ms += 1;
		assert_true(dir_health_may_try(*state, 0));
	}
	dir_health_good(*state, 0);
	dir_health_bad(*state, 0);
	now_ms += 100;
	assert_true(dir_health_may_try(*state, 0));
}

static void
who_tries_and_never_comes_back_does_not_keep_others_away(void **state)
{
	dir_health_bad(*state, 0);
	now_ms += 100;
	assert_true(dir_health_may_try(*state, 0));
	now_ms += TIMEOUT_MS;
	assert_false(dir_health_may_try(*state, 0));
	now_ms += 100;
	assert_true(dir_health_may_try(*state, 0));
}

static void *
try_once(void *servers)
{
	return dir_health_may_try(servers, 0) ? servers : NULL;
}

static void
of_many_threads_one_tries_a_server_that_was_down(void **state)
{
	pthread_t threads[THREADS];
	int round, i, tried;

	for (round = 0; round < 200; round++) {
		void *may;

		dir_health_bad(*state, 0);
		now_ms += 1000;
		for (i = 0, tried = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, try_once, *state), 0);
		for (i = 0; i < THREADS; i++) {
			assert_int_equal(pthread_join(threads[i], &may), 0);
			tried += may == NULL ? 0 : 1;
		}
		assert_int_equal(tried, 1);
	}
}

static void
addresses_and_ca_files_that_cannot_be_read_are_said(void **state)
{
	const char *one[] = {NULL, NULL}, *many[DIR_SERVERS_MAX + 2] = {NULL};
	static const char *const wrong[] = {"",		"ldap://", "ldap:///",
					    "http://a", "a",	   "ldap://[::1"};
	struct dir_settings settings = {.uris = one};
	struct lk_why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		one[0] = wrong[i];
		lk_why_clear(&why);
		assert_null(dir_servers_new(&settings, &why));
		assert_true(why.len > 0);
	}
	one[0] = "ldaps://directory.example";
	settings.ca_file = "/nowhere/ca.pem";
	lk_why_clear(&why);
	assert_null(dir_servers_new(&settings, &why));
	assert_true(why.len > 0);
	for (i = 0; i <= DIR_SERVERS_MAX; i++)
		many[i] = "ldap://directory.example";
	settings = (struct dir_settings){.uris = many};
	assert_null(dir_servers_new(&settings, &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(who_could_not_wait_says_nothing_of_a_server, begin,
					    end),
	    cmocka_unit_test_setup_teardown(a_server_is_up_until_it_is_not, begin, end),
	    cmocka_unit_test_setup_teardown(
		a_server_that_fails_is_left_alone_longer_and_longer_up_to_a_second, begin, end),
	    cmocka_unit_test_setup_teardown(
		who_tries_and_never_comes_back_does_not_keep_others_away, begin, end),
	    cmocka_unit_test_setup_teardown(of_many_threads_one_tries_a_server_that_was_down, begin,
					    end),
	    cmocka_unit_test(addresses_and_ca_files_that_cannot_be_read_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
