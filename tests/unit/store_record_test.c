/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "store/store_keys.h"
#include "store/store_place.h"

static struct lk_arena *arena;

static int
arena_make(void **state)
{
	(void)state;
	arena = lk_arena_new(4096, 1u << 20);
	return arena == NULL ? -1 : 0;
}

static int
arena_drop(void **state)
{
	(void)state;
	lk_arena_free(arena);
	return 0;
}

static const struct store_session session = {.person_id = {"id", 2},
					     .username = {"asha", 4},
					     .display_name = {"Asha \0 Ó", 9},
					     .language = {"cy", 2},
					     .applications = {"mail wiki", 9},
					     .device = {"Firefox", 7},
					     .notice = {"warned", 6},
					     .sid = {"AbCdEfGhIjKlMnOpQrStUv", 22},
					     .claims = {"{\"a\":1}", 7},
					     .notice_at_s = -1,
					     .proofs = 0xffffffffu,
					     .auth_at_s = INT64_MIN,
					     .seen_at_s = INT64_MAX,
					     .ends_at_s = 1,
					     .idle_s = -5};

static const struct store_journey journey = {.revision = 0x01020304,
					     .job = 255,
					     .state = 7,
					     .proofs = 3,
					     .person_id = {"id", 2},
					     .username = {"asha", 4},
					     .application = {"mail", 4},
					     .sealed = {"\0\1\2", 3},
					     .nonce = {"n", 1},
					     .note = {"8", 1},
					     .reference = {"7F3K2Q", 6},
					     .held = {"\0h", 2},
					     .password_at_s = -14,
					     .answer = {{1, 2, 3}},
					     .result = 9,
					     .at_s = 12,
					     .began_at_s = -12,
					     .epoch = UINT64_MAX};

static void
assert_same(struct lk_str a, struct lk_str b)
{
	assert_int_equal(a.len, b.len);
	assert_true(lk_str_is_equal(a, b));
}

static void
a_session_reads_as_it_was_written(void **state)
{
	struct store_session out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_session_pack(&packed, &session);
	assert_true(lk_buf_is_ok(&packed));
	assert_int_equal(store_session_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_same(out.person_id, session.person_id);
	assert_same(out.username, session.username);
	assert_same(out.display_name, session.display_name);
	assert_same(out.language, session.language);
	assert_same(out.applications, session.applications);
	assert_same(out.device, session.device);
	assert_same(out.notice, session.notice);
	assert_same(out.sid, session.sid);
	assert_same(out.claims, session.claims);
	assert_int_equal(out.notice_at_s, session.notice_at_s);
	assert_int_equal(out.proofs, session.proofs);
	assert_true(out.auth_at_s == session.auth_at_s && out.seen_at_s == session.seen_at_s);
	assert_true(out.ends_at_s == session.ends_at_s && out.idle_s == session.idle_s);
}

static void
a_session_lives_between_its_beginning_and_its_ends(void **state)
{
	struct store_session one = {
	    .auth_at_s = 10000, .seen_at_s = 11000, .ends_at_s = 20000, .idle_s = 1800};

	(void)state;
	assert_true(store_session_is_alive(&one, 11000));
	assert_true(store_session_is_alive(&one, 12799));
	assert_false(store_session_is_alive(&one, 12800));
	one.seen_at_s = 19999;
	assert_true(store_session_is_alive(&one, 19999));
	assert_false(store_session_is_alive(&one, 20000));
	/* Another node's clock may be a little behind; one that was set back is not little. */
	assert_true(store_session_is_alive(&one, 9800));
	assert_false(store_session_is_alive(&one, 9000));
}

static void
a_journey_reads_as_it_was_written(void **state)
{
	struct store_journey out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_journey_pack(&packed, &journey);
	assert_int_equal(store_journey_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_int_equal(out.revision, journey.revision);
	assert_int_equal(out.job, journey.job);
	assert_int_equal(out.state, journey.state);
	assert_int_equal(out.proofs, journey.proofs);
	assert_same(out.person_id, journey.person_id);
	assert_same(out.username, journey.username);
	assert_same(out.display_name, journey.display_name);
	assert_same(out.application, journey.application);
	assert_same(out.sealed, journey.sealed);
	assert_same(out.nonce, journey.nonce);
	assert_same(out.note, journey.note);
	assert_same(out.reference, journey.reference);
	assert_same(out.held, journey.held);
	assert_true(out.password_at_s == journey.password_at_s);
	assert_memory_equal(out.answer.bytes, journey.answer.bytes, sizeof out.answer.bytes);
	assert_true(out.result == journey.result && out.epoch == journey.epoch);
	assert_true(out.at_s == journey.at_s && out.began_at_s == journey.began_at_s);
}

/* In memory of exactly that length, so that reading past it is seen. */
static enum lk_err
unpack_copy(struct lk_str packed, size_t len, bool is_session)
{
	struct store_session s = {.idle_s = 77};
	struct store_journey j = {.job = 77};
	char *copy = malloc(len == 0 ? 1 : len);
	enum lk_err err;

	assert_non_null(copy);
	memcpy(copy, packed.ptr, len);
	err = is_session ? store_session_unpack(lk_str_n(copy, len), arena, &s)
			 : store_journey_unpack(lk_str_n(copy, len), arena, &j);
	if (err != LK_OK)
		assert_true(s.idle_s == 77 && j.job == 77);
	free(copy);
	return err;
}

static void
no_record_cut_short_or_too_long_is_read(void **state)
{
	(void)state;
	for (int is_session = 0; is_session < 2; is_session++) {
		LK_AUTO_BUF packed;

		lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
		if (is_session)
			store_session_pack(&packed, &session);
		else
			store_journey_pack(&packed, &journey);
		for (size_t len = 0; len < packed.len; len++)
			assert_int_equal(unpack_copy(lk_buf_str(&packed), len, is_session),
					 LK_E_FORMAT);
		assert_int_equal(unpack_copy(lk_buf_str(&packed), packed.len, is_session), LK_OK);
		lk_buf_add_byte(&packed, 'x');
		assert_int_equal(unpack_copy(lk_buf_str(&packed), packed.len, is_session),
				 LK_E_FORMAT);
	}
}

static void
a_record_of_another_version_is_not_read(void **state)
{
	(void)state;
	for (int version = 0; version < 256; version++) {
		LK_AUTO_BUF packed;

		lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
		store_session_pack(&packed, &session);
		packed.bytes[0] = (char)version;
		assert_int_equal(unpack_copy(lk_buf_str(&packed), packed.len, true),
				 version == 2 ? LK_OK : LK_E_FORMAT);
	}
}

static void
a_record_with_more_than_there_is_room_for_spoils_its_buffer(void **state)
{
	struct store_journey large = journey;
	static char note[70000];
	LK_AUTO_BUF packed;

	(void)state;
	for (size_t len = 16300; len <= sizeof note; len += 3000) {
		large.note = lk_str_n(note, len);
		lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
		store_journey_pack(&packed, &large);
		assert_false(lk_buf_is_ok(&packed));
		lk_buf_done(&packed);
	}
}

static void
a_full_arena_is_said_and_not_taken_for_a_bad_record(void **state)
{
	struct lk_arena *small = lk_arena_new(16, 16);
	struct store_session out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_session_pack(&packed, &session);
	assert_int_equal(store_session_unpack(lk_buf_str(&packed), small, &out), LK_E_MEMORY);
	lk_arena_free(small);
}

static void
keys_say_what_they_are_and_never_meet(void **state)
{
	struct crypto_digest digest = {{0xaa, 0xbb}};
	struct store_key a, b;

	(void)state;
	store_key_plain(&a, STORE_KEY_EPOCH);
	assert_same(store_key_str(&a), LK_STR("lk:epoch"));
	store_key_digest(&a, STORE_KEY_SESSION, &digest);
	assert_int_equal(a.len, 2 + 16);
	assert_memory_equal(a.bytes, "s:\xaa\xbb\0", 5);
	assert_true(store_key_scope(&a, STORE_KEY_TRY, 1, LK_STR("p")));
	assert_true(store_key_scope(&b, STORE_KEY_TRY, 2, LK_STR("p")));
	assert_false(lk_str_is_equal(store_key_str(&a), store_key_str(&b)));
	assert_true(store_key_mark(&a, 1, 0x0102, LK_STR("p")));
	assert_same(store_key_str(&a), LK_STR("m:\1\0\0\0\0\0\0\1\2p"));
	assert_true(store_key_mark(&b, 2, 0x0102, LK_STR("p")));
	assert_false(lk_str_is_equal(store_key_str(&a), store_key_str(&b)));
}

static void
an_id_too_long_or_empty_makes_no_key(void **state)
{
	static char id[STORE_ID_MAX_BYTES + 1];
	struct crypto_digest digest = {{0}};
	struct store_key key;

	(void)state;
	memset(id, 'x', sizeof id);
	assert_true(store_key_trust(&key, &digest, lk_str_n(id, STORE_ID_MAX_BYTES)));
	assert_true(store_key_mark(&key, 1, 1, lk_str_n(id, STORE_ID_MAX_BYTES)));
	assert_false(store_key_trust(&key, &digest, lk_str_n(id, sizeof id)));
	assert_false(store_key_person(&key, STORE_KEY_PERSON_SESSIONS, lk_str_n(id, sizeof id)));
	assert_false(store_key_person(&key, STORE_KEY_PERSON_SESSIONS, LK_STR("")));
}

static void
urls_are_read_and_others_refused(void **state)
{
	static const char *const wrong[] = {"",
					    "redis://",
					    "redis://:6379",
					    "http://a/0",
					    "redis://a:0/0",
					    "redis://a:65536/0",
					    "redis://a:x",
					    "redis://a/x",
					    "redis://a/1024",
					    "unix://",
					    "unix://relative",
					    "unix:///s?x=1",
					    "unix:///s?db=",
					    "redis://[::1]x/0"};
	struct store_place place;

	(void)state;
	assert_true(store_place_read(lk_str_c("redis://10.0.0.1:7000/3"), &place));
	assert_string_equal(place.host, "10.0.0.1");
	assert_int_equal(place.port, 7000);
	assert_int_equal(place.database, 3);
	assert_true(store_place_read(lk_str_c("redis://[::1]/2"), &place));
	assert_string_equal(place.host, "::1");
	assert_int_equal(place.port, 6379);
	assert_int_equal(place.database, 2);
	assert_true(store_place_read(lk_str_c("redis://[::1]:7000"), &place));
	assert_int_equal(place.port, 7000);
	assert_true(store_place_read(lk_str_c("unix:///run/redis/r.sock?db=4"), &place));
	assert_string_equal(place.path, "/run/redis/r.sock");
	assert_string_equal(place.host, "");
	assert_int_equal(place.database, 4);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (store_place_read(lk_str_c(wrong[i]), &place))
			fail_msg("read %s", wrong[i]);
	assert_int_equal(place.database, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_reads_as_it_was_written),
	    cmocka_unit_test(a_session_lives_between_its_beginning_and_its_ends),
	    cmocka_unit_test(a_journey_reads_as_it_was_written),
	    cmocka_unit_test(no_record_cut_short_or_too_long_is_read),
	    cmocka_unit_test(a_record_of_another_version_is_not_read),
	    cmocka_unit_test(a_record_with_more_than_there_is_room_for_spoils_its_buffer),
	    cmocka_unit_test(a_full_arena_is_said_and_not_taken_for_a_bad_record),
	    cmocka_unit_test(keys_say_what_they_are_and_never_meet),
	    cmocka_unit_test(an_id_too_long_or_empty_makes_no_key),
	    cmocka_unit_test(urls_are_read_and_others_refused),
	};

	return cmocka_run_group_tests(tests, arena_make, arena_drop);
}
