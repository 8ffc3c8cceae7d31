/* SPDX-License-Identifier: MIT */
/* Codes and devices, and the life of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store_keys.h"
#include "store/store_try.h"
#include "support/grant_help.h"

static void
a_code_is_read_until_its_end_and_not_in_another_epoch(void **state)
{
	struct crypto_digest key = help_digest(5);
	struct store_code out, code = {.grant = make_grant(SID_A),
				       .redirect_uri = LK_STR("https://app.example/cb"),
				       .ends_at_s = now_s() + 60,
				       .was_redirect_sent = true};
	struct store_change put = {
	    .kind = STORE_CODE_PUT, .key = &key, .code = &code, .life_s = 120};

	(void)state;
	help_begin(&h, 3000);
	assert_int_equal(store_code_get(h.store, &key, &out), LK_E_NOT_FOUND);
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	help_begin(&h, 3000);
	assert_int_equal(store_code_get(h.store, &key, &out), LK_OK);
	assert_true(lk_str_is(out.redirect_uri, "https://app.example/cb"));
	assert_true(lk_str_is(out.grant.sub, "sub-1") && out.was_redirect_sent);
	h.clock.ahead_s = 60;
	help_begin(&h, 3000);
	assert_int_equal(store_code_get(h.store, &key, &out), LK_E_NOT_FOUND);
	h.clock.ahead_s = 0;
	code.grant.epoch--;
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	help_begin(&h, 3000);
	assert_int_equal(store_code_get(h.store, &key, &out), LK_E_NOT_FOUND);
}

static enum lk_err
put_code(uint8_t name, struct lk_str client_id)
{
	struct crypto_digest key = help_digest(name);
	struct store_code code = {.grant = make_grant(SID_A), .ends_at_s = now_s() + 60};
	struct store_change put = {
	    .kind = STORE_CODE_PUT, .key = &key, .code = &code, .life_s = 60};

	code.grant.client_id = client_id;
	return commit(&put, 1, NULL);
}

/* As an exchange does: a grant, if the code is still there. */
static enum lk_err
exchange(uint8_t name)
{
	struct crypto_digest key = help_digest(name);
	struct store_grant grant = make_grant(SID_A);
	struct store_change changes[] = {
	    {.kind = STORE_CODE_NEED, .key = &key},
	    {.kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60}};

	return commit(changes, 2, NULL);
}

static enum lk_err
end_given(struct lk_str person_id, struct lk_str client_id)
{
	struct store_change end = {
	    .kind = STORE_GIVEN_END, .person_id = person_id, .client_id = client_id};

	return commit(&end, 1, NULL);
}

static void
what_a_person_gave_an_application_ends_and_nothing_else(void **state)
{
	struct lk_str person = LK_STR("person-a"), mail = LK_STR("mail");
	static char long_name[200];

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	assert_int_equal(end_given(person, mail), LK_OK); /* there is none */
	assert_int_equal(put_code(5, mail), LK_OK);
	assert_int_equal(put_code(6, mail), LK_OK);
	assert_int_equal(put_code(7, LK_STR("mai")), LK_OK);
	assert_int_equal(put_code(8, lk_str_c(long_name)), LK_E_FORMAT);
	assert_int_equal(exchange(4), LK_E_STORE_CONFLICT);
	assert_int_equal(exchange(5), LK_OK);
	assert_int_equal(end_given(LK_STR("person-b"), mail), LK_OK);
	assert_int_equal(exchange(6), LK_OK);
	assert_int_equal(end_given(person, mail), LK_OK);
	assert_int_equal(exchange(5), LK_E_STORE_CONFLICT);
	assert_int_equal(exchange(6), LK_E_STORE_CONFLICT);
	assert_int_equal(exchange(7), LK_OK);
	assert_int_equal(put_code(5, mail), LK_OK);
	assert_int_equal(exchange(5), LK_OK);
}

static struct store_device
make_device(uint8_t user_code)
{
	return (struct store_device){.revision = 1,
				     .epoch = epoch(),
				     .state = STORE_DEVICE_PENDING,
				     .asked_at_s = now_s(),
				     .ends_at_s = now_s() + 600,
				     .interval_s = 5,
				     .client_id = LK_STR("tv"),
				     .place = LK_STR("Cardiff"),
				     .user_code = help_digest(user_code)};
}

static enum lk_err
change_device(enum store_change_kind kind, uint8_t name, const struct store_device *device,
	      uint32_t revision)
{
	struct crypto_digest key = help_digest(name);
	struct store_change change = {
	    .kind = kind, .key = &key, .device = device, .life_s = 600, .revision = revision};

	return commit(&change, 1, NULL);
}

static enum lk_err
get_device(uint8_t name, struct store_device *out)
{
	struct crypto_digest key = help_digest(name);

	help_begin(&h, 3000);
	return store_device_get(h.store, &key, out);
}

static enum lk_err
get_by_user_code(uint8_t user_code, struct crypto_digest *out_key)
{
	struct crypto_digest digest = help_digest(user_code);
	struct store_device device;

	help_begin(&h, 3000);
	return store_device_by_user_code(h.store, &digest, out_key, &device);
}

static void
a_device_is_found_by_its_code_and_by_what_people_type(void **state)
{
	struct store_device device = make_device(7), out;
	struct crypto_digest key;

	(void)state;
	assert_int_equal(get_by_user_code(7, &key), LK_E_NOT_FOUND);
	assert_int_equal(change_device(STORE_DEVICE_PUT, 6, &device, 0), LK_OK);
	assert_int_equal(get_device(6, &out), LK_OK);
	assert_true(lk_str_is(out.place, "Cardiff"));
	assert_int_equal(get_by_user_code(7, &key), LK_OK);
	help_begin(&h, 3000);
	assert_int_equal(store_device_get(h.store, &key, &out), LK_OK);
	assert_int_equal(get_by_user_code(8, &key), LK_E_NOT_FOUND);
	assert_int_equal(change_device(STORE_DEVICE_END, 6, &device, 0), LK_OK);
	assert_int_equal(get_device(6, &out), LK_E_NOT_FOUND);
	assert_int_equal(get_by_user_code(7, &key), LK_E_NOT_FOUND);
}

static void
no_two_devices_have_one_user_code(void **state)
{
	struct store_device device = make_device(7), out;
	struct crypto_digest key;

	(void)state;
	assert_int_equal(change_device(STORE_DEVICE_PUT, 6, &device, 0), LK_OK);
	assert_int_equal(change_device(STORE_DEVICE_PUT, 5, &device, 0), LK_E_USED);
	assert_int_equal(get_device(5, &out), LK_E_NOT_FOUND);
	assert_int_equal(get_by_user_code(7, &key), LK_OK);
	assert_memory_equal(key.bytes, help_digest(6).bytes, 16);
}

static void
a_device_moves_only_from_where_it_stands_and_ends_with_its_epoch(void **state)
{
	struct store_device device = make_device(7), next = device, out;
	struct crypto_digest key;

	(void)state;
	next.revision = 2;
	next.state = STORE_DEVICE_APPROVED;
	next.grant = make_grant(SID_A);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 0), LK_E_STORE_CONFLICT);
	assert_int_equal(change_device(STORE_DEVICE_PUT, 6, &device, 0), LK_OK);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 1), LK_OK);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 1), LK_E_STORE_CONFLICT);
	assert_int_equal(get_device(6, &out), LK_OK);
	assert_int_equal(out.state, STORE_DEVICE_APPROVED);
	assert_true(lk_str_is(out.grant.sub, "sub-1"));
	next.epoch--;
	next.revision = 3;
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 2), LK_OK);
	assert_int_equal(get_device(6, &out), LK_E_NOT_FOUND);
	assert_int_equal(get_by_user_code(7, &key), LK_E_NOT_FOUND);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 3), LK_E_STORE_CONFLICT);
}

static void
a_device_that_was_allowed_ends_with_what_was_given(void **state)
{
	struct store_device device = make_device(7), waiting = make_device(8), next = device, out;

	(void)state;
	next.revision = 2;
	next.state = STORE_DEVICE_APPROVED;
	next.grant = make_grant(SID_A);
	assert_int_equal(change_device(STORE_DEVICE_PUT, 6, &device, 0), LK_OK);
	assert_int_equal(change_device(STORE_DEVICE_PUT, 5, &waiting, 0), LK_OK);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 1), LK_OK);
	assert_int_equal(end_given(LK_STR("person-a"), LK_STR("mail")), LK_OK);
	assert_int_equal(get_device(6, &out), LK_E_NOT_FOUND);
	assert_int_equal(change_device(STORE_DEVICE_MOVE, 6, &next, 2), LK_E_STORE_CONFLICT);
	assert_int_equal(get_device(5, &out), LK_OK);
}

static void
of_fifty_who_spend_one_code_one_wins(void **state)
{
	struct store_change change = {.kind = STORE_SPEND,
				      .mark = STORE_MARK_CODE,
				      .value = 77,
				      .person_id = LK_STR("n4bQgYhMfWWaL-qgxVrQFa"),
				      .life_s = 120};
	int won;

	(void)state;
	run_race(&change, LK_E_USED, &won);
	assert_int_equal(won, 1);
}

/* --- lives */

static void
write_what_applications_hold(void)
{
	struct crypto_digest key = help_digest(1);
	struct store_grant grant = make_grant(SID_A);
	struct store_token token = {.made_at_s = now_s(), .ends_at_s = now_s() + 300};
	struct store_code code = {.grant = grant, .ends_at_s = now_s() + 60};
	struct store_device device = make_device(2);
	struct store_change changes[] = {
	    {.kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60},
	    {.kind = STORE_TOKEN_PUT, .key = &key, .token = &token},
	    {.kind = STORE_CODE_PUT, .key = &key, .code = &code, .life_s = 60},
	    {.kind = STORE_DEVICE_PUT, .key = &key, .device = &device, .life_s = 600}};

	assert_int_equal(commit(changes, 4, NULL), LK_OK);
}

/* One that came from a session and ended: who held it must hear of it. */
static void
end_a_grant(void)
{
	struct crypto_digest key = help_digest(3);
	struct store_grant grant = make_grant(SID_B);
	struct store_change changes[] = {
	    {.kind = STORE_GRANT_PUT, .key = &key, .grant = &grant, .life_s = 60},
	    {.kind = STORE_GRANT_END, .key = &key},
	    {.kind = STORE_GRANTS_END_SESSION, .sid = SID_B}};

	assert_int_equal(commit(changes, 3, NULL), LK_OK);
}

static void
write_what_people_do(void)
{
	struct crypto_digest key = help_digest(1);
	struct store_session session = help_session(&h);
	struct store_journey journey = {.revision = 1, .job = 1, .state = 2, .epoch = epoch()};
	struct store_change changes[] = {
	    {.kind = STORE_JOURNEY_MOVE, .key = &key, .journey = &journey, .life_s = 900},
	    {.kind = STORE_SPEND, .mark = STORE_MARK_TOTP, .person_id = LK_STR("p"), .life_s = 90},
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session},
	    {.kind = STORE_TRUST_PUT, .key = &key, .person_id = LK_STR("p"), .life_s = 9},
	    {.kind = STORE_WAITING_COUNT, .key = &key, .value = 1, .max = 9, .life_s = 60}};
	struct store_try attempt = {.scope = STORE_SCOPE_CODE,
				    .person_id = LK_STR("p"),
				    .limit_count = 2,
				    .window_s = 60,
				    .lock_s = 60};
	struct store_try_state out;

	assert_int_equal(commit(changes, 5, NULL), LK_OK);
	for (uint8_t i = 0; i < 2; i++) {
		attempt.answer = help_digest(i);
		help_begin(&h, 2000);
		assert_int_equal(store_try_begin(h.store, &attempt, &out), LK_OK);
		assert_int_equal(store_try_end(h.store, &attempt, STORE_TRY_WRONG, &out), LK_OK);
	}
}

static void
every_key_but_the_epoch_has_a_life(void **state)
{
	redisContext *there = help_redis_connect(&redis);
	redisReply *keys, *life;

	(void)state;
	write_what_people_do();
	write_what_applications_hold();
	end_a_grant();
	assert_non_null(there);
	freeReplyObject(redisCommand(there, "SELECT 1"));
	keys = redisCommand(there, "KEYS *");
	/* A loop's sign of life is looked at where there is a loop: store_track_test. */
	assert_int_equal(keys->elements, STORE_KEY_COUNT - 1);
	for (size_t i = 0; i < keys->elements; i++) {
		struct lk_str key = lk_str_n(keys->element[i]->str, keys->element[i]->len);

		life = redisCommand(there, "TTL %b", key.ptr, key.len);
		if (lk_str_is(key, "lk:epoch"))
			assert_int_equal(life->integer, -1);
		else
			assert_in_range(life->integer, 1, 7 * 86400);
		freeReplyObject(life);
	}
	freeReplyObject(keys);
	redisFree(there);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_code_is_read_until_its_end_and_not_in_another_epoch),
	    TEST(a_device_is_found_by_its_code_and_by_what_people_type),
	    TEST(no_two_devices_have_one_user_code),
	    TEST(a_device_moves_only_from_where_it_stands_and_ends_with_its_epoch),
	    TEST(what_a_person_gave_an_application_ends_and_nothing_else),
	    TEST(a_device_that_was_allowed_ends_with_what_was_given),
	    TEST(of_fifty_who_spend_one_code_one_wins),
	    TEST(every_key_but_the_epoch_has_a_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
