/* SPDX-License-Identifier: MIT */
/* By TCP, with and without the password. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>

#include "store/store_async.h"
#include "support/store_help.h"

static struct help_redis redis;
static struct lk_secret *right, *wrong;
static char port[8], url[64];

static int
begin(void **state)
{
	const char *const extra[] = {"--bind", "127.0.0.1", "--port", port, NULL};

	(void)state;
	assert_int_equal(crypto_init(), LK_OK);
	right = lk_secret_new(LK_STR("pass word\r\n%s$1"));
	wrong = lk_secret_new(LK_STR("not it, surely"));
	help_free_port(port);
	snprintf(url, sizeof url, "redis://127.0.0.1:%s/3", port);
	help_redis_start(&redis, extra);
	return right == NULL || wrong == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	help_redis_end(&redis);
	lk_secret_free(right);
	lk_secret_free(wrong);
	return 0;
}

static void
node_start(struct help_store *node, const struct lk_secret *password)
{
	struct store_settings settings = {.url = url, .password = password, .timeout_ms = 1000};
	struct store_shared *shared = store_shared_new(&settings, lk_clock_system());

	assert_non_null(shared);
	help_store_on(node, shared);
}

static void
node_end(struct help_store *node)
{
	help_store_off(node);
	store_shared_free(node->shared);
}

static void
demand_password(void)
{
	redisContext *there = help_redis_connect(&redis);
	redisReply *reply;

	assert_non_null(there);
	reply = redisCommand(there, "CONFIG SET requirepass %s", "pass word\r\n%s$1");
	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	freeReplyObject(reply);
	redisFree(there);
}

struct watched {
	int fd;
	uint32_t events;
};

static void
watch(void *context, int fd, uint32_t events)
{
	*(struct watched *)context = (struct watched){events == 0 ? -1 : fd, events};
}

static void
done(void *context, enum lk_err err, const struct store_answer *answer)
{
	(void)answer;
	*(int *)context = (int)err;
}

/* EPOLLIN and EPOLLOUT are POLLIN and POLLOUT. */
static enum lk_err
fetch_in_loop(struct help_store *node)
{
	struct watched watched = {-1, 0};
	struct store_async_loop loop = {watch, &watched};
	struct store_async *async = store_async_new(node->shared, &loop);
	struct store_ask ask = {0};
	int err = -1;

	assert_non_null(async);
	assert_int_equal(store_async_fetch(async, &node->call, &ask, done, &err), LK_OK);
	while (err == -1) {
		struct pollfd fd = {watched.fd, (short)watched.events, 0};

		if (poll(&fd, 1, 20) > 0)
			store_async_ready(async, fd.fd, (uint32_t)fd.revents);
		(void)store_async_tick(async);
	}
	store_async_free(async);
	return (enum lk_err)err;
}

static void
both_faces_work_by_tcp_in_the_database_named(void **state)
{
	struct help_store node;
	redisReply *reply;

	(void)state;
	node_start(&node, NULL);
	help_take_over(&node);
	assert_int_equal(fetch_in_loop(&node), LK_OK);
	node_end(&node);
	reply = help_redis_ask(&redis, "INFO keyspace");
	assert_non_null(strstr(reply->str, "db3:keys=1"));
	freeReplyObject(reply);
}

static void
the_right_password_opens_both_faces(void **state)
{
	struct help_store node;

	(void)state;
	demand_password();
	node_start(&node, right);
	help_take_over(&node);
	assert_int_equal(fetch_in_loop(&node), LK_OK);
	node_end(&node);
}

static void
a_wrong_or_missing_password_is_told_and_not_shown(void **state)
{
	struct help_store node;

	(void)state;
	demand_password();
	node_start(&node, wrong);
	assert_int_equal(store_look(node.store), STORE_HEALTH_DOWN);
	assert_non_null(strstr(node.why.text, "WRONGPASS"));
	assert_null(strstr(node.why.text, "not it, surely"));
	node_end(&node);
	node_start(&node, NULL);
	assert_int_equal(store_look(node.store), STORE_HEALTH_DOWN);
	assert_non_null(strstr(node.why.text, "NOAUTH"));
	node_end(&node);
}

static void
a_url_that_is_none_makes_no_store(void **state)
{
	struct store_settings settings = {.url = "http://127.0.0.1", .timeout_ms = 1000};

	(void)state;
	assert_null(store_shared_new(&settings, lk_clock_system()));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(both_faces_work_by_tcp_in_the_database_named),
	    TEST(the_right_password_opens_both_faces),
	    TEST(a_wrong_or_missing_password_is_told_and_not_shown),
	    cmocka_unit_test(a_url_that_is_none_makes_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
