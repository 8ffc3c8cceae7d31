/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/store_replicas.h"

static int
count(const char *text)
{
	redisReply reply = {.type = REDIS_REPLY_STRING, .str = (char *)(uintptr_t)text};

	reply.len = strlen(text);
	return store_replicas_count(&reply);
}

static void
only_those_that_follow_closely_count(void **state)
{
	(void)state;
	assert_int_equal(count("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"), 0);
	assert_int_equal(count("slave0:ip=::1,port=1,state=online,offset=5,lag=0\r\n"
			       "slave1:ip=::1,port=2,state=online,offset=5,lag=3\r\n"),
			 2);
	assert_int_equal(count("slave0:ip=::1,port=1,state=online,offset=5,lag=4\r\n"
			       "slave1:ip=::1,port=2,state=wait_bgsave,offset=0,lag=0\r\n"
			       "slave2:ip=::1,port=3,state=online,offset=5\r\n"
			       "slave3:ip=::1,port=3,state=online,offset=5,lag=-1\r\n"),
			 0);
	assert_int_equal(store_replicas_count(NULL), 0);
}

static void
the_first_look_holds_at_once(void **state)
{
	struct store_replicas_watch with = {.has_seen = false}, without = {.has_seen = false};

	(void)state;
	assert_true(store_replicas_see(&with, true, 1000));
	assert_false(store_replicas_see(&without, false, 1000));
}

static void
what_comes_and_goes_changes_nothing_until_it_stays(void **state)
{
	struct store_replicas_watch watch = {.has_seen = false};
	int64_t now = 1000;

	(void)state;
	assert_true(store_replicas_see(&watch, true, now));
	for (int i = 0; i < 20; i++)
		assert_true(store_replicas_see(&watch, i % 3 == 2, now += 1000));
	assert_true(store_replicas_see(&watch, true, now += 1000));
	assert_true(store_replicas_see(&watch, false, now += 1000));
	assert_true(store_replicas_see(&watch, false, now + 2999));
	assert_false(store_replicas_see(&watch, false, now + 3000));
	now += 3000;
	for (int i = 0; i < 20; i++)
		assert_false(store_replicas_see(&watch, i % 3 != 2, now += 1000));
	assert_false(store_replicas_see(&watch, false, now += 1000));
	assert_false(store_replicas_see(&watch, true, now += 1000));
	assert_false(store_replicas_see(&watch, true, now + 2999));
	assert_true(store_replicas_see(&watch, true, now + 3000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_those_that_follow_closely_count),
	    cmocka_unit_test(the_first_look_holds_at_once),
	    cmocka_unit_test(what_comes_and_goes_changes_nothing_until_it_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
