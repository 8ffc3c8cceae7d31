/* SPDX-License-Identifier: MIT */
/* What is put into the spool for applications whose people's sessions ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "flow/goodbye.h"
#include "flow/session.h"
#include "flow/signing.h"
#include "spool/waiting.h"
#include "store/store_goodbye.h"
#include "support/signing_help.h"

/* --- a store with goodbyes in it -------------------------------------------------------------- */

static struct {
	struct store_goodbye each[4];
	size_t count, ended;
	enum lk_err err;
} due;

enum lk_err
store_goodbyes_take(struct store *store, size_t max, int hold_s, struct store_goodbye **out,
		    size_t *out_count)
{
	(void)store;
	assert_true(max >= due.count && hold_s > 0);
	*out = due.each;
	*out_count = due.count;
	return due.err;
}

enum lk_err
store_goodbye_end(struct store *store, const struct store_goodbye *goodbye)
{
	(void)store;
	(void)goodbye;
	due.ended++;
	return LK_OK;
}

/* --- a node that signs ------------------------------------------------------------------------ */

static struct node node;
static struct lk_arena *arena;

static int
begin(void **state)
{
	struct world *world;

	signing_world_begin(state);
	world = *state;
	world_policy(world, "applications/mail.conf",
		     "[application]\nclient_id = mail\nname = Mail\nkind = web\ngroups = everyone\n"
		     "redirect_uris = https://mail.example/cb\n"
		     "backchannel_logout_uri = https://mail.example/logout?of=us\n");
	world_policy(world, "applications/quiet.conf",
		     "[application]\nclient_id = quiet\nname = Quiet\nkind = web\n"
		     "groups = everyone\nredirect_uris = https://quiet.example/cb\n");
	node_begin(&node, world);
	arena = lk_arena_new(65536, 1u << 22);
	memset(&due, 0, sizeof due);
	return 0;
}

static int
end(void **state)
{
	lk_arena_free(arena);
	node_end(&node);
	return world_end(state);
}

static void
goodbye(const char *client_id, const char *sid)
{
	due.each[due.count++] = (struct store_goodbye){
	    lk_str_c(sid), lk_str_c(client_id), LK_STR("sub-of-asha"), LK_STR("kept")};
}

static enum lk_err
tell(struct world *world)
{
	struct lk_why why = {.len = 0};
	struct lk_call call = {node.fast.clock, arena, &why,
			       lk_clock_mono_ms(node.fast.clock) + 5000};
	struct flow flow = {.fast = &node.fast, .call = &call, .store = &world->store};

	return goodbyes_tell(&flow);
}

/* The calls that wait, oldest first. */
static size_t
calls(struct world *world, struct spool_mail *out, size_t max)
{
	char dir[HELP_PATH_BYTES];
	const char *const *names;
	struct spool *spool;
	size_t count = 0;

	help_path(dir, world->spool, "calls");
	assert_int_equal(spool_open(dir, 0, NULL, &spool), LK_OK);
	assert_int_equal(spool_list(spool, arena, &names, &count), LK_OK);
	for (size_t i = 0; i < count && i < max; i++)
		assert_int_equal(spool_get(spool, arena, names[i], &out[i]), LK_OK);
	spool_close(spool);
	return count;
}

/* --- what is told ----------------------------------------------------------------------------- */

static void
assert_text(const struct lk_json *json, const char *name, const char *value)
{
	struct lk_str text = {NULL, 0};

	if (!lk_json_to_str(lk_json_find(json, name), &text) || !lk_str_is(text, value))
		fail_msg("%s is '%.*s', not '%s'", name, LK_STR_ARGS(text), value);
}

static int64_t
number(const struct lk_json *json, const char *name)
{
	int64_t value = -1;

	assert_true(lk_json_to_i64(lk_json_find(json, name), &value));
	return value;
}

/* As the id token had it. */
static const char *
told_sid(const char *client_id, const char *sid)
{
	return lk_arena_c(arena, session_told(node.fast.ring, lk_str_c(client_id), lk_str_c(sid),
					      arena));
}

static void
a_logout_token_says_what_it_must_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct lk_str payload, jti = {NULL, 0};
	const struct lk_json *events;
	struct lk_json *json;
	struct spool_mail call;

	node_look(&node);
	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(due.ended, 1);
	assert_int_equal(calls(world, &call, 1), 1);
	assert_true(call.is_call && lk_str_is(call.to, "https://mail.example/logout?of=us"));
	assert_true(lk_str_starts(call.mail, "logout_token=eyJ"));
	assert_int_equal(signing_verify(&node.fast, "logout+jwt", lk_str_from(call.mail, 13), arena,
					&payload),
			 LK_OK);
	assert_int_equal(lk_json_read(payload, 8192, &json), LK_OK);
	assert_text(json, "iss", world->conf.base_url);
	assert_text(json, "aud", "mail");
	assert_text(json, "sub", "sub-of-asha");
	assert_text(json, "sid", told_sid("mail", "AAAAAAAAAAAAAAAAAAAAAA"));
	assert_true(lk_json_to_str(lk_json_find(json, "jti"), &jti) && jti.len >= 22);
	assert_int_equal(number(json, "iat"), world->clock.wall_s);
	assert_true(number(json, "exp") >= world->clock.wall_s + SPOOL_CALL_LIFE_S);
	events = lk_json_find(json, "events");
	assert_true(lk_json_is_object(
	    lk_json_find(events, "http://schemas.openid.net/event/backchannel-logout")));
	assert_null(lk_json_find(json, "nonce"));
	lk_json_free(json);
}

static struct lk_str
sid_of(const struct spool_mail *call)
{
	struct lk_str payload, sid = {NULL, 0};
	struct lk_json *json;

	assert_int_equal(signing_verify(&node.fast, "logout+jwt", lk_str_from(call->mail, 13),
					arena, &payload),
			 LK_OK);
	assert_int_equal(lk_json_read(payload, 8192, &json), LK_OK);
	assert_true(lk_json_to_str(lk_json_find(json, "sid"), &sid));
	sid = lk_arena_dup(arena, sid);
	lk_json_free(json);
	return sid;
}

/* One session, two applications that may call the person what they like. */
static void
two_applications_that_compare_logout_tokens_do_not_find_the_same_session(void **state)
{
	struct world *world = *state;
	struct spool_mail call[2];

	world_policy(world, "applications/wiki.conf",
		     "[application]\nclient_id = wiki\nname = Wiki\nkind = web\n"
		     "groups = everyone\nredirect_uris = https://wiki.example/cb\n"
		     "backchannel_logout_uri = https://wiki.example/logout\n");
	node.fast.policy = world->policy;
	node_look(&node);
	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	goodbye("wiki", "AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(calls(world, call, 2), 2);
	assert_int_equal(sid_of(&call[0]).len, 22);
	assert_false(lk_str_is_equal(sid_of(&call[0]), sid_of(&call[1])));
	assert_false(lk_str_is(sid_of(&call[0]), "AAAAAAAAAAAAAAAAAAAAAA"));
	assert_string_not_equal(told_sid("mail", "AAAAAAAAAAAAAAAAAAAAAA"),
				told_sid("mail", "BBBBBBBBBBBBBBBBBBBBBB"));
	assert_string_equal(told_sid("mail", ""), "");
}

static void
it_is_no_token_of_another_kind(void **state)
{
	struct world *world = *state;
	struct spool_mail call;
	struct lk_str payload;

	node_look(&node);
	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(calls(world, &call, 1), 1);
	assert_int_not_equal(
	    signing_verify(&node.fast, "JWT", lk_str_from(call.mail, 13), arena, &payload), LK_OK);
	assert_int_not_equal(
	    signing_verify(&node.fast, "at+jwt", lk_str_from(call.mail, 13), arena, &payload),
	    LK_OK);
}

static void
one_for_each_session_and_none_for_who_wants_none(void **state)
{
	struct world *world = *state;
	struct spool_mail call[4];

	node_look(&node);
	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	goodbye("mail", "BBBBBBBBBBBBBBBBBBBBBB");
	goodbye("quiet", "AAAAAAAAAAAAAAAAAAAAAA");
	goodbye("nobody", "AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(due.ended, 4);
	assert_int_equal(calls(world, call, 4), 2);
	assert_false(lk_str_is_equal(call[0].mail, call[1].mail));
}

static void
without_a_key_nothing_is_told_and_it_comes_again(void **state)
{
	struct world *world = *state;

	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(due.ended, 0);
	assert_int_equal(calls(world, NULL, 0), 0);
}

static void
a_spool_that_is_gone_loses_nothing(void **state)
{
	struct world *world = *state;
	const char *there = node.fast.conf->spool_dir;

	node_look(&node);
	goodbye("mail", "AAAAAAAAAAAAAAAAAAAAAA");
	world->conf.spool_dir = "/nowhere";
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(due.ended, 0);
	world->conf.spool_dir = there;
	assert_int_equal(tell(world), LK_OK);
	assert_int_equal(due.ended, 1);
}

static void
a_store_that_is_down_is_told(void **state)
{
	due.err = LK_E_STORE_DOWN;
	assert_int_equal(tell(*state), LK_E_STORE_DOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_logout_token_says_what_it_must_and_nothing_else),
	    TEST(two_applications_that_compare_logout_tokens_do_not_find_the_same_session),
	    TEST(it_is_no_token_of_another_kind),
	    TEST(one_for_each_session_and_none_for_who_wants_none),
	    TEST(without_a_key_nothing_is_told_and_it_comes_again),
	    TEST(a_spool_that_is_gone_loses_nothing),
	    TEST(a_store_that_is_down_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
