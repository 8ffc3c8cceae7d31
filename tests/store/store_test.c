/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "metric/metric.h"
#include "support/store_help.h"

static struct help_redis redis;
static struct store_shared *shared;
static struct help_store h;

static int
begin(void **state)
{
	(void)state;
	help_redis_start(&redis, NULL);
	shared = help_shared(&redis, 1000, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&redis);
	return 0;
}

static enum lk_err
commit(const struct store_change *changes, size_t count, struct store_result *out)
{
	help_begin(&h, 2000);
	return store_commit(h.store, changes, count, out);
}

static struct store_answer
fetch(const struct crypto_digest *session, const struct crypto_digest *journey)
{
	struct store_ask ask = {.session = session, .journey = journey};
	struct store_answer answer;

	help_begin(&h, 2000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	return answer;
}

static void
put_session(uint8_t name, int64_t auth_at_s)
{
	struct crypto_digest key = help_digest(name);
	struct store_session session = help_session(&h);
	struct store_change change = {.kind = STORE_SESSION_PUT, .key = &key, .session = &session};

	if (auth_at_s != 0)
		session.auth_at_s = auth_at_s;
	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static bool
has_session(uint8_t name)
{
	struct crypto_digest key = help_digest(name);

	return fetch(&key, NULL).has_session;
}

static struct store_journey
make_journey(uint32_t revision)
{
	struct store_answer answer = fetch(NULL, NULL);

	return (struct store_journey){.revision = revision,
				      .job = 1,
				      .state = 2,
				      .username = LK_STR("asha"),
				      .epoch = answer.epoch};
}

static enum lk_err
move_journey(uint32_t from, uint32_t to)
{
	struct crypto_digest key = help_digest(9);
	struct store_journey journey = make_journey(to);
	struct store_change change = {.kind = STORE_JOURNEY_MOVE,
				      .key = &key,
				      .journey = &journey,
				      .revision = from,
				      .life_s = 900};
	struct store_result result;

	return commit(&change, 1, &result);
}

static void
what_was_put_is_found_by_its_key_and_by_no_other(void **state)
{
	struct crypto_digest key = help_digest(1), other = help_digest(2);
	struct store_answer answer;

	(void)state;
	put_session(1, 0);
	answer = fetch(&key, NULL);
	assert_true(answer.has_session);
	assert_true(lk_str_is(answer.session.username, "asha"));
	assert_true(lk_str_is(answer.session.applications, "mail wiki"));
	assert_int_equal(answer.session.proofs, STORE_PROOF_PASSWORD | STORE_PROOF_TOTP);
	assert_false(fetch(&other, NULL).has_session);
}

/* From INFO commandstats: what the server was asked since the last reset. */
static long
calls(const char *command)
{
	char name[64];

	snprintf(name, sizeof name, "cmdstat_%s:calls=", command);
	return help_redis_stat(&redis, "INFO commandstats", name);
}

static void
a_request_asks_once_and_writes_once(void **state)
{
	struct crypto_digest key = help_digest(1), journey = help_digest(2), from = help_digest(3);
	struct store_ask ask = {.session = &key, .journey = &journey, .address = &from};
	struct store_session session = help_session(&h);
	struct store_change changes[] = {
	    {.kind = STORE_SPEND,
	     .mark = STORE_MARK_TOTP,
	     .value = 5,
	     .person_id = LK_STR("p"),
	     .life_s = 90},
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session}};
	struct store_answer answer;

	(void)state;
	assert_int_equal(commit(changes, 2, NULL), LK_OK);
	changes[0].value = 6;
	help_redis_do(&redis, "CONFIG RESETSTAT");
	help_begin(&h, 2000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	assert_int_equal(calls("mget"), 1);
	assert_int_equal(commit(changes, 2, NULL), LK_OK);
	assert_int_equal(calls("evalsha"), 1);
	assert_int_equal(calls("eval"), 0);
	assert_int_equal(calls("select"), 0);
}

static void
scripts_forgotten_by_the_server_are_sent_again(void **state)
{
	(void)state;
	put_session(1, 0);
	help_redis_do(&redis, "SCRIPT FLUSH");
	put_session(2, 0);
	assert_true(has_session(1) && has_session(2));
}

static void
a_journey_moves_only_from_where_it_stands(void **state)
{
	struct crypto_digest key = help_digest(9);

	(void)state;
	assert_int_equal(move_journey(1, 2), LK_E_STORE_CONFLICT);
	assert_int_equal(move_journey(0, 1), LK_OK);
	assert_int_equal(move_journey(0, 1), LK_E_STORE_CONFLICT);
	assert_int_equal(move_journey(1, 2), LK_OK);
	assert_int_equal(fetch(NULL, &key).journey.revision, 2);
	assert_int_equal(move_journey(1, 2), LK_E_STORE_CONFLICT);
}

static void
a_journey_put_takes_the_place_of_any_other(void **state)
{
	struct crypto_digest key = help_digest(9);
	struct store_journey journey = make_journey(1);
	struct store_change put = {
	    .kind = STORE_JOURNEY_PUT, .key = &key, .journey = &journey, .life_s = 900};
	struct store_change gone = {.kind = STORE_JOURNEY_END, .key = &key};

	(void)state;
	assert_int_equal(move_journey(0, 7), LK_OK);
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	assert_int_equal(fetch(NULL, &key).journey.revision, 1);
	assert_int_equal(commit(&gone, 1, NULL), LK_OK);
	assert_false(fetch(NULL, &key).has_journey);
}

static void
a_journey_of_an_earlier_epoch_is_left_out_and_may_be_begun_anew(void **state)
{
	struct crypto_digest key = help_digest(9);
	struct store_journey journey = make_journey(4);
	struct store_change put = {
	    .kind = STORE_JOURNEY_PUT, .key = &key, .journey = &journey, .life_s = 900};

	(void)state;
	journey.epoch--;
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	assert_false(fetch(NULL, &key).has_journey);
	assert_int_equal(move_journey(4, 5), LK_E_STORE_CONFLICT);
	assert_int_equal(move_journey(0, 1), LK_OK);
}

static void
all_changes_or_none(void **state)
{
	struct crypto_digest key = help_digest(3), at = help_digest(9);
	struct store_session session = help_session(&h);
	struct store_journey journey = make_journey(2);
	struct store_change changes[] = {
	    {.kind = STORE_SESSION_PUT, .key = &key, .session = &session},
	    {.kind = STORE_SPEND,
	     .mark = STORE_MARK_TOTP,
	     .value = 5,
	     .person_id = LK_STR("person-a"),
	     .life_s = 90},
	    {.kind = STORE_JOURNEY_MOVE,
	     .key = &at,
	     .journey = &journey,
	     .revision = 1,
	     .life_s = 60}};
	struct store_result result = {0};

	(void)state;
	assert_int_equal(commit(changes, 3, &result), LK_E_STORE_CONFLICT);
	assert_int_equal(result.refused_at, 2);
	assert_false(has_session(3));
	assert_int_equal(move_journey(0, 1), LK_OK);
	assert_int_equal(commit(changes, 3, &result), LK_OK); /* so the mark was not there */
	journey.revision = 3;
	changes[2].revision = 2;
	assert_int_equal(commit(changes, 3, &result), LK_E_USED);
	assert_int_equal(result.refused_at, 1);
	assert_int_equal(fetch(NULL, &at).journey.revision, 2);
}

/* What a stranger may have us keep. */
static void
what_waits_of_an_address_is_counted_and_kept_no_more_past_its_maximum(void **state)
{
	struct crypto_digest at = help_digest(9), address = help_digest(7), other = help_digest(8);
	struct store_journey journey = make_journey(1);
	struct store_change changes[] = {
	    {.kind = STORE_JOURNEY_PUT, .key = &at, .journey = &journey, .life_s = 900},
	    {.kind = STORE_WAITING_COUNT, .key = &address, .value = 4, .max = 9, .life_s = 1}};
	struct store_result result = {0};

	(void)state;
	for (journey.revision = 1; journey.revision <= 2; journey.revision++)
		assert_int_equal(commit(changes, 2, &result), LK_OK);
	assert_int_equal(commit(changes, 2, &result), LK_E_SIGNIN_TOO_FAST);
	assert_int_equal(result.refused_at, 1);
	assert_int_equal(fetch(NULL, &at).journey.revision, 2);
	changes[1].value = 1;
	assert_int_equal(commit(changes, 2, &result), LK_OK);
	assert_int_equal(commit(changes, 2, &result), LK_E_SIGNIN_TOO_FAST);
	changes[1].key = &other;
	assert_int_equal(commit(changes, 2, &result), LK_OK);
	changes[1].key = &address;
	help_sleep_ms(1100);
	assert_int_equal(commit(changes, 2, &result), LK_OK);
}

static void
a_mark_twice_in_one_commit_is_refused(void **state)
{
	struct store_change change = {.kind = STORE_SPEND,
				      .mark = STORE_MARK_RECOVERY,
				      .value = UINT64_MAX,
				      .person_id = LK_STR("p"),
				      .life_s = 90};
	struct store_change twice[] = {change, change};
	struct store_result result;

	(void)state;
	assert_int_equal(commit(twice, 2, &result), LK_E_USED);
	assert_int_equal(result.refused_at, 1);
	assert_int_equal(commit(&change, 1, NULL), LK_OK);
}

static void
what_is_too_large_is_refused_before_it_is_sent(void **state)
{
	static char note[STORE_RECORD_MAX_BYTES];
	struct crypto_digest key = help_digest(9);
	struct store_journey journey = make_journey(1);
	struct store_change put = {
	    .kind = STORE_JOURNEY_PUT, .key = &key, .journey = &journey, .life_s = 900};

	(void)state;
	journey.note = lk_str_n(note, sizeof note);
	assert_int_equal(commit(&put, 1, NULL), LK_E_FORMAT);
	assert_false(fetch(NULL, &key).has_journey);
}

/* --- sessions of a person */

static void
ending_all_sessions_keeps_the_one_named(void **state)
{
	struct crypto_digest keep = help_digest(2);
	struct store_change all = {
	    .kind = STORE_SESSIONS_END_ALL, .person_id = LK_STR("person-a"), .key = &keep};
	struct store_change trust = {
	    .kind = STORE_TRUST_PUT, .person_id = LK_STR("person-a"), .key = &keep, .life_s = 9};
	struct store_change forget = {.kind = STORE_TRUST_END_ALL, .person_id = LK_STR("person-a")};
	struct store_result result;

	(void)state;
	for (uint8_t name = 1; name <= 4; name++)
		put_session(name, 0);
	assert_int_equal(commit(&all, 1, &result), LK_OK);
	assert_int_equal(result.ended_count, 3);
	assert_true(has_session(2));
	assert_false(has_session(1) || has_session(3) || has_session(4));
	all.key = NULL;
	assert_int_equal(commit((struct store_change[]){trust, all, forget}, 3, &result), LK_OK);
	assert_int_equal(result.ended_count, 1);
	assert_false(has_session(2));
}

static void
ending_sessions_up_to_a_time_keeps_later_ones(void **state)
{
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct store_change all = {
	    .kind = STORE_SESSIONS_END_ALL, .person_id = LK_STR("person-a"), .before_s = now - 10};
	struct store_result result;

	(void)state;
	put_session(1, now - 11);
	put_session(2, now - 10);
	put_session(3, now - 9);
	assert_int_equal(commit(&all, 1, &result), LK_OK);
	assert_int_equal(result.ended_count, 2);
	assert_true(has_session(3));
	assert_false(has_session(1) || has_session(2));
}

static void
sessions_of_a_person_are_listed_newest_first(void **state)
{
	int64_t now = lk_clock_wall_s(lk_clock_system());
	struct crypto_digest gone = help_digest(2);
	struct store_change change = {
	    .kind = STORE_SESSION_END, .key = &gone, .person_id = LK_STR("person-a")};
	struct store_session_row *rows;
	size_t count;

	(void)state;
	put_session(1, now - 5);
	put_session(2, now - 3);
	put_session(3, now - 1);
	put_session(4, now - 9);
	assert_int_equal(commit(&change, 1, NULL), LK_OK);
	help_begin(&h, 2000);
	assert_int_equal(store_sessions_find(h.store, LK_STR("person-a"), 2, &rows, &count), LK_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "03030303");
	assert_string_equal(rows[1].name, "01010101");
	assert_true(lk_str_is(rows[0].session.device, "Chromium on Linux"));
	gone = help_digest(3);
	assert_memory_equal(&rows[0].key, &gone, 16);
	help_begin(&h, 2000);
	assert_int_equal(store_sessions_find(h.store, LK_STR("nobody"), 2, &rows, &count), LK_OK);
	assert_int_equal(count, 0);
}

static void
a_session_that_was_found_is_replaced_by_its_key(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_session_row *rows;
	struct store_session moved;
	size_t count;

	(void)state;
	put_session(1, 0);
	help_begin(&h, 2000);
	assert_int_equal(store_sessions_find(h.store, LK_STR("person-a"), 2, &rows, &count), LK_OK);
	moved = rows[0].session;
	moved.claims = LK_STR("{\"department\":\"Planning\"}");
	assert_int_equal(store_session_replace(h.store, &rows[0].key, &rows[0].session, &moved),
			 LK_OK);
	assert_true(lk_str_is_equal(fetch(&key, NULL).session.claims, moved.claims));
}

static void
a_session_past_its_end_or_idle_is_left_out(void **state)
{
	(void)state;
	put_session(1, 0);
	h.clock.ahead_s = 599;
	assert_true(has_session(1));
	h.clock.ahead_s = 600;
	assert_false(has_session(1));
	h.clock.ahead_s = 3600;
	assert_false(has_session(1));
	h.clock.ahead_s = 0;
}

/* In the request that fetched the session. */
static enum lk_err
touch(uint8_t name, const struct store_session *session)
{
	struct crypto_digest key = help_digest(name);

	return store_session_touch(h.store, &key, session);
}

static void
a_touch_moves_the_idle_end_once_a_minute(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_session session = help_session(&h);

	(void)state;
	put_session(1, 0);
	session = fetch(&key, NULL).session;
	help_redis_do(&redis, "CONFIG RESETSTAT");
	h.clock.ahead_s = 50;
	session = fetch(&key, NULL).session;
	assert_int_equal(touch(1, &session), LK_OK);
	assert_int_equal(calls("evalsha"), 0);
	h.clock.ahead_s = 500;
	session = fetch(&key, NULL).session;
	assert_int_equal(touch(1, &session), LK_OK);
	h.clock.ahead_s = 1000;
	assert_true(has_session(1));
	h.clock.ahead_s = 1101;
	assert_false(has_session(1));
	h.clock.ahead_s = 0;
}

static void
a_touch_brings_no_ended_session_back_and_undoes_no_change(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_session session, changed;
	struct store_change put = {.kind = STORE_SESSION_PUT, .key = &key, .session = &changed};
	struct store_change over = {
	    .kind = STORE_SESSION_END, .key = &key, .person_id = LK_STR("person-a")};

	(void)state;
	put_session(1, 0);
	session = help_session(&h);
	changed = session;
	changed.proofs = STORE_PROOF_PASSWORD;
	assert_int_equal(commit(&put, 1, NULL), LK_OK);
	h.clock.ahead_s = 61;
	assert_int_equal(touch(1, &session), LK_OK);
	assert_int_equal(fetch(&key, NULL).session.proofs, STORE_PROOF_PASSWORD);
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_int_equal(touch(1, &changed), LK_OK);
	assert_false(has_session(1));
	h.clock.ahead_s = 0;
}

static void
a_notice_ends_with_what_it_tells_of_and_brings_no_session_back(void **state)
{
	struct crypto_digest key = help_digest(1);
	struct store_session session;
	struct store_change over = {
	    .kind = STORE_SESSION_END, .key = &key, .person_id = LK_STR("person-a")};

	(void)state;
	put_session(1, 0);
	session = fetch(&key, NULL).session;
	assert_int_equal(store_session_notice_end(h.store, &key, &session), LK_OK);
	session = fetch(&key, NULL).session;
	assert_int_equal(session.notice.len, 0);
	assert_int_equal(commit(&over, 1, NULL), LK_OK);
	assert_int_equal(store_session_notice_end(h.store, &key, &session), LK_OK);
	assert_false(has_session(1));
}

/* --- trusted devices */

static bool
is_trusted(uint8_t device, struct lk_str person_id)
{
	struct crypto_digest key = help_digest(device);
	bool is_trusted = false;

	help_begin(&h, 2000);
	assert_int_equal(store_trust_check(h.store, &key, person_id, &is_trusted), LK_OK);
	return is_trusted;
}

static void
a_device_is_trusted_by_one_person_until_all_are_forgotten(void **state)
{
	struct crypto_digest one = help_digest(1), two = help_digest(2);
	struct store_change changes[] = {
	    {.kind = STORE_TRUST_PUT, .key = &one, .person_id = LK_STR("a"), .life_s = 100},
	    {.kind = STORE_TRUST_PUT, .key = &two, .person_id = LK_STR("a"), .life_s = 100},
	    {.kind = STORE_TRUST_PUT, .key = &one, .person_id = LK_STR("b"), .life_s = 100}};
	struct store_change all = {.kind = STORE_TRUST_END_ALL, .person_id = LK_STR("a")};

	(void)state;
	assert_int_equal(commit(changes, 3, NULL), LK_OK);
	assert_true(is_trusted(1, LK_STR("a")) && is_trusted(2, LK_STR("a")));
	assert_false(is_trusted(2, LK_STR("b")));
	assert_int_equal(commit(&all, 1, NULL), LK_OK);
	assert_false(is_trusted(1, LK_STR("a")) || is_trusted(2, LK_STR("a")));
	assert_true(is_trusted(1, LK_STR("b")));
}

static void
a_clock_set_back_makes_no_spent_code_valid(void **state)
{
	struct store_change spend = {.kind = STORE_SPEND,
				     .mark = STORE_MARK_TOTP,
				     .value = 5,
				     .person_id = LK_STR("p"),
				     .life_s = 90};

	(void)state;
	assert_int_equal(commit(&spend, 1, NULL), LK_OK);
	h.clock.ahead_s = -86400;
	assert_int_equal(commit(&spend, 1, NULL), LK_E_USED);
	h.clock.ahead_s = 0;
}

static void
trips_are_counted_with_their_failures(void **state)
{
	struct metrics *metrics = metrics_new("test");
	struct store_settings settings = {.url = redis.url, .timeout_ms = 1000, .metrics = metrics};
	struct store_shared *counted = store_shared_new(&settings, lk_clock_system());
	struct store_ask ask = {0};
	struct store_answer answer;
	struct help_store node;
	LK_AUTO_BUF text;

	(void)state;
	lk_buf_init(&text, METRIC_TEXT_MAX_BYTES);
	assert_non_null(counted);
	help_store_on(&node, counted);
	assert_int_equal(store_look(node.store), STORE_HEALTH_NEW_EPOCH);
	help_redis_kill(&redis);
	assert_int_equal(store_look(node.store), STORE_HEALTH_DOWN);
	assert_int_equal(store_fetch(node.store, &ask, &answer), LK_E_STORE_DOWN);
	metrics_write(metrics, &text);
	assert_non_null(
	    strstr(text.bytes, "latchkey_store_request_duration_seconds_count{op=\"fetch\"} 2"));
	assert_non_null(strstr(text.bytes, "latchkey_store_failures_total{op=\"fetch\"} 1"));
	help_store_off(&node);
	store_shared_free(counted);
	metrics_free(metrics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_put_is_found_by_its_key_and_by_no_other),
	    TEST(a_request_asks_once_and_writes_once),
	    TEST(scripts_forgotten_by_the_server_are_sent_again),
	    TEST(a_journey_moves_only_from_where_it_stands),
	    TEST(a_journey_put_takes_the_place_of_any_other),
	    TEST(a_journey_of_an_earlier_epoch_is_left_out_and_may_be_begun_anew),
	    TEST(all_changes_or_none),
	    TEST(what_waits_of_an_address_is_counted_and_kept_no_more_past_its_maximum),
	    TEST(a_mark_twice_in_one_commit_is_refused),
	    TEST(what_is_too_large_is_refused_before_it_is_sent),
	    TEST(ending_all_sessions_keeps_the_one_named),
	    TEST(ending_sessions_up_to_a_time_keeps_later_ones),
	    TEST(sessions_of_a_person_are_listed_newest_first),
	    TEST(a_session_that_was_found_is_replaced_by_its_key),
	    TEST(a_session_past_its_end_or_idle_is_left_out),
	    TEST(a_touch_moves_the_idle_end_once_a_minute),
	    TEST(a_touch_brings_no_ended_session_back_and_undoes_no_change),
	    TEST(a_notice_ends_with_what_it_tells_of_and_brings_no_session_back),
	    TEST(a_device_is_trusted_by_one_person_until_all_are_forgotten),
	    TEST(trips_are_counted_with_their_failures),
	    TEST(a_clock_set_back_makes_no_spent_code_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
