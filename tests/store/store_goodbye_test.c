/* SPDX-License-Identifier: MIT */
/* Whoever ends a session or a grant, and however: its applications are put down to be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_goodbye.h"
#include "support/grant_help.h"

#define PERSON LK_STR("person-a")
#define HOLD_S 30

static void
put_session(uint8_t name, struct lk_str sid)
{
	struct crypto_digest key = help_digest(name);
	struct store_session session = {.person_id = PERSON,
					.username = LK_STR("asha"),
					.display_name = LK_STR("Asha"),
					.sid = sid,
					.auth_at_s = now_s(),
					.seen_at_s = now_s(),
					.ends_at_s = now_s() + 3600,
					.idle_s = 1800};
	struct store_change change = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static void
put_grant(uint8_t name, struct lk_str sid, const char *client_id)
{
	struct crypto_digest key = help_digest(name);
	struct store_grant grant = make_grant(sid);
	struct store_change change = {
	    .kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60};

	grant.client_id = lk_str_c(client_id);
	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

/* Two sessions of one person, signed in at two applications each. */
static void
two_sessions(void)
{
	put_session(1, SID_A);
	put_session(2, SID_B);
	put_grant(11, SID_A, "mail");
	put_grant(12, SID_A, "wiki");
	put_grant(13, SID_A, "mail");
	put_grant(21, SID_B, "mail");
}

static struct store_goodbye *goodbyes;

static size_t
take(void)
{
	size_t count = 0;

	help_begin(&h, 3000);
	assert_int_equal(store_goodbyes_take(h.store, 100, HOLD_S, &goodbyes, &count), LK_OK);
	return count;
}

static bool
told(size_t count, struct lk_str sid, const char *client_id)
{
	size_t times = 0;

	for (size_t i = 0; i < count; i++)
		times += lk_str_is_equal(goodbyes[i].sid, sid) &&
			 lk_str_is(goodbyes[i].client_id, client_id) &&
			 lk_str_is(goodbyes[i].sub, "sub-1");
	assert_true(times <= 1);
	return times == 1;
}

static bool
has_grant(uint8_t name)
{
	struct crypto_digest key = help_digest(name);
	struct store_grant grant;

	help_begin(&h, 3000);
	return store_grant_get(h.store, &key, &grant) == LK_OK;
}

static void
end_session(void)
{
	struct crypto_digest key = help_digest(1);
	struct store_change change = {
	    .kind = STORE_SESSION_END, .key = &key, .person_id = PERSON};

	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static void
end_with(struct store_change change)
{
	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

/* --- how things end */

static void
a_session_that_ends_takes_its_grants_and_each_application_is_told_once(void **state)
{
	size_t count;

	(void)state;
	two_sessions();
	end_session();
	count = take();
	assert_int_equal(count, 2);
	assert_true(told(count, SID_A, "mail") && told(count, SID_A, "wiki"));
	assert_false(has_grant(11) || has_grant(12) || has_grant(13));
	assert_true(has_grant(21));
}

static void
all_sessions_but_one(void **state)
{
	struct crypto_digest keep = help_digest(1);
	size_t count;

	(void)state;
	two_sessions();
	end_with((struct store_change){
	    .kind = STORE_SESSIONS_END_ALL, .key = &keep, .person_id = PERSON});
	count = take();
	assert_int_equal(count, 1);
	assert_true(told(count, SID_B, "mail"));
	assert_true(has_grant(11) && has_grant(12));
	assert_false(has_grant(21));
}

static void
all_sessions(void **state)
{
	size_t count;

	(void)state;
	two_sessions();
	end_with((struct store_change){.kind = STORE_SESSIONS_END_ALL, .person_id = PERSON});
	count = take();
	assert_int_equal(count, 3);
	assert_true(told(count, SID_A, "mail") && told(count, SID_A, "wiki") &&
		    told(count, SID_B, "mail"));
}

static void
grants_forget(void)
{
	redisContext *there = help_redis_connect(&redis);
	redisReply *reply =
	    redisCommand(there, "EVAL %s 0",
			 "for _, k in ipairs(redis.call('KEYS', 'g:*')) do redis.call('DEL', k) "
			 "end");

	assert_true(reply != NULL && reply->type != REDIS_REPLY_ERROR);
	freeReplyObject(reply);
	redisFree(there);
}

/* An application's session outlives its tokens. */
static void
an_application_is_told_though_its_grant_is_over(void **state)
{
	size_t count;

	(void)state;
	put_session(1, SID_A);
	put_grant(11, SID_A, "mail");
	grants_forget();
	end_session();
	count = take();
	assert_true(told(count, SID_A, "mail"));
}

static void
one_grant_tells_its_own_application_unless_it_gave_it_back(void **state)
{
	struct crypto_digest mail = help_digest(11), wiki = help_digest(12);
	size_t count;

	(void)state;
	two_sessions();
	end_with((struct store_change){.kind = STORE_GRANT_END, .key = &mail});
	end_with((struct store_change){.kind = STORE_GRANT_END, .key = &wiki, .is_quiet = true});
	count = take();
	assert_int_equal(count, 1);
	assert_true(told(count, SID_A, "mail"));
	assert_false(has_grant(11) || has_grant(12));
}

static void
who_signs_in_anew_and_keeps_the_name_ends_nothing(void **state)
{
	struct crypto_digest old = help_digest(1), key = help_digest(3);
	struct store_session session = {.person_id = PERSON,
					.sid = SID_A,
					.auth_at_s = now_s(),
					.seen_at_s = now_s(),
					.ends_at_s = now_s() + 3600,
					.idle_s = 1800};
	const struct store_change changes[] = {
	    {.kind = STORE_SESSION_END, .key = &old, .person_id = PERSON},
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session},
	};

	(void)state;
	two_sessions();
	assert_int_equal(commit(changes, 2, NULL), LK_OK);
	assert_int_equal(take(), 0);
	assert_true(has_grant(11));
}

static void
somebody_else_in_the_same_browser_ends_it(void **state)
{
	struct crypto_digest old = help_digest(1), key = help_digest(3);
	struct store_session session = {.person_id = LK_STR("person-b"),
					.sid = LK_STR("CCCCCCCCCCCCCCCCCCCCCC"),
					.auth_at_s = now_s(),
					.seen_at_s = now_s(),
					.ends_at_s = now_s() + 3600,
					.idle_s = 1800};
	/* They know nothing of whose session it was. */
	const struct store_change changes[] = {
	    {.kind = STORE_SESSION_END, .key = &old, .person_id = LK_STR("person-b")},
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session},
	};

	(void)state;
	two_sessions();
	assert_int_equal(commit(changes, 2, NULL), LK_OK);
	assert_int_equal(take(), 2);
	assert_false(has_grant(11));
	assert_true(has_grant(21));
}

/* --- telling */

static void
what_was_taken_is_held_and_comes_again_unless_it_ended(void **state)
{
	size_t count;

	(void)state;
	two_sessions();
	end_with((struct store_change){.kind = STORE_SESSIONS_END_ALL, .person_id = PERSON});
	assert_int_equal(take(), 3);
	assert_int_equal(store_goodbye_end(h.store, &goodbyes[0]), LK_OK);
	assert_int_equal(take(), 0);
	h.clock.ahead_s += HOLD_S + 1;
	count = take();
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(store_goodbye_end(h.store, &goodbyes[i]), LK_OK);
	h.clock.ahead_s += HOLD_S + 1;
	assert_int_equal(take(), 0);
}

static void
visits_and_holders_are_found(void **state)
{
	struct store_goodbye *visits;
	struct lk_str *holders;
	size_t count = 0;

	(void)state;
	two_sessions();
	help_begin(&h, 3000);
	assert_int_equal(store_visits_find(h.store, PERSON, SID_A, &visits, &count), LK_OK);
	assert_int_equal(count, 2);
	assert_int_equal(store_visits_find(h.store, LK_STR("nobody"), SID_A, &visits, &count),
			 LK_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_holders_find(h.store, 0, 10, &holders, &count), LK_OK);
	assert_int_equal(count, 1);
	assert_true(lk_str_is_equal(holders[0], PERSON));
	assert_int_equal(store_holders_find(h.store, 1, 10, &holders, &count), LK_OK);
	assert_int_equal(count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_session_that_ends_takes_its_grants_and_each_application_is_told_once),
	    TEST(all_sessions_but_one),
	    TEST(all_sessions),
	    TEST(an_application_is_told_though_its_grant_is_over),
	    TEST(one_grant_tells_its_own_application_unless_it_gave_it_back),
	    TEST(who_signs_in_anew_and_keeps_the_name_ends_nothing),
	    TEST(somebody_else_in_the_same_browser_ends_it),
	    TEST(what_was_taken_is_held_and_comes_again_unless_it_ended),
	    TEST(visits_and_holders_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
