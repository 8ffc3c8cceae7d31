/* SPDX-License-Identifier: MIT */
/* What a live token takes of Redis: key, value and life, measured over a hundred thousand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_keys.h"
#include "support/grant_help.h"

#define TOKENS	   100000u
#define TOKEN_MOST 200 /* bytes */

static struct crypto_digest
token_key(uint32_t number)
{
	struct crypto_digest key = help_digest(0x5a);

	memcpy(key.bytes, &number, sizeof number);
	return key;
}

static void
put_many(const struct store_token *token, uint32_t from, uint32_t count)
{
	struct crypto_digest keys[STORE_CHANGES_MAX];
	struct store_change changes[STORE_CHANGES_MAX];
	uint32_t at = 0;

	for (uint32_t i = 0; i < count; i++) {
		keys[at] = token_key(from + i);
		changes[at] = (struct store_change){
		    .kind = STORE_TOKEN_PUT, .key = &keys[at], .token = token};
		if (++at < STORE_CHANGES_MAX && i + 1 < count)
			continue;
		assert_int_equal(commit(changes, at, NULL), LK_OK);
		at = 0;
	}
}

static long
used_bytes(void)
{
	return help_redis_stat(&redis, "INFO memory", "used_memory:");
}

/* By what Redis says of the one key. */
static long long
usage_of(uint32_t number)
{
	redisContext *there = help_redis_connect(&redis);
	struct crypto_digest digest = token_key(number);
	struct store_key key;
	redisReply *reply;
	long long usage;

	assert_non_null(there);
	store_key_digest(&key, STORE_KEY_TOKEN, &digest);
	freeReplyObject(redisCommand(there, "SELECT 1"));
	reply = redisCommand(there, "MEMORY USAGE %b", key.bytes, key.len);
	assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
	usage = reply->integer;
	freeReplyObject(reply);
	redisFree(there);
	return usage;
}

static void
measure(const struct store_token *token)
{
	long before, each;

	put_many(token, 0,
		 STORE_CHANGES_MAX); /* scripts, buffers and first pages are not counted */
	before = used_bytes();
	put_many(token, STORE_CHANGES_MAX, TOKENS);
	each = (used_bytes() - before) / (long)TOKENS;
	print_message("one token: %ld bytes of all, %lld of its own\n", each, usage_of(TOKENS));
	assert_in_range(each, 1, TOKEN_MOST);
	assert_in_range(usage_of(TOKENS), 1, TOKEN_MOST);
}

static void
a_persons_token_takes_little(void **state)
{
	struct store_token token = {
	    .made_at_s = now_s(), .ends_at_s = now_s() + 3600, .has_grant = true};

	(void)state;
	measure(&token);
}

/* As much as fits into 44 bytes: a longer one takes the next size of memory. */
static void
a_robots_token_takes_little(void **state)
{
	struct store_token token = {.made_at_s = now_s(),
				    .ends_at_s = now_s() + 3600,
				    .client_id = LK_STR("nightly-export"),
				    .scope = LK_STR("payroll.read")};

	(void)state;
	measure(&token);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_persons_token_takes_little),
	    TEST(a_robots_token_takes_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
