/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/record_grant.h"

static struct lk_arena *arena;

static int
arena_make(void **state)
{
	(void)state;
	arena = lk_arena_new(4096, 1u << 24);
	return arena == NULL ? -1 : 0;
}

static int
arena_drop(void **state)
{
	(void)state;
	lk_arena_free(arena);
	return 0;
}

#define GRANT                                                                                      \
	{                                                                                          \
		.revision = 0x01020304, .epoch = UINT64_MAX, .auth_at_s = INT64_MIN,               \
		.began_at_s = -12, .ends_at_s = INT64_MAX, .proofs = 0xffffffffu,                  \
		.is_offline = true, .person_id = {"id", 2}, .sid = {"sid\0", 4},                   \
		.client_id = {"mail", 4}, .sub = {"sub", 3}, .username = {"asha", 4},              \
		.scope = {"openid email", 12}, .audience = {"https://api.example", 19},            \
		.claims = {"{\"a\":1}", 7}, .id_claims = {"email", 5}, .user_claims = {"name", 4}, \
		.acr = {"2", 1}, .access = {                                                       \
			{9, 8, 7}                                                                  \
		}                                                                                  \
	}

static const struct store_grant grant = GRANT;
static const struct store_token token = {.made_at_s = 1700000000,
					 .ends_at_s = (INT64_C(1) << 40) - 1,
					 .has_grant = true,
					 .client_id = {"robot", 5},
					 .scope = {"a b", 3},
					 .audience = {"https://api.example", 19}};
static const struct store_code code = {.grant = GRANT,
				       .redirect_uri = {"https://a.example/cb", 20},
				       .challenge = {"c", 1},
				       .nonce = {"n\0", 2},
				       .ends_at_s = -5,
				       .was_redirect_sent = true};
static const struct store_device device = {.revision = 7,
					   .epoch = 1,
					   .state = STORE_DEVICE_DONE,
					   .asked_at_s = 1,
					   .ends_at_s = -2,
					   .last_poll_at_s = 3,
					   .interval_s = -5,
					   .client_id = {"tv", 2},
					   .scope = {"openid", 6},
					   .audience = {"x", 1},
					   .place = {"Cardiff", 7},
					   .host = {"h", 1},
					   .address = {"192.0.2.1", 9},
					   .user_code = {{1, 2}},
					   .grant = GRANT};

static void
assert_same(struct lk_str a, struct lk_str b)
{
	assert_int_equal(a.len, b.len);
	assert_true(lk_str_is_equal(a, b));
}

static void
assert_same_grant(const struct store_grant *a, const struct store_grant *b)
{
	assert_int_equal(a->revision, b->revision);
	assert_true(a->epoch == b->epoch && a->auth_at_s == b->auth_at_s);
	assert_true(a->began_at_s == b->began_at_s && a->ends_at_s == b->ends_at_s);
	assert_true(a->proofs == b->proofs && a->is_offline == b->is_offline);
	assert_same(a->person_id, b->person_id);
	assert_same(a->sid, b->sid);
	assert_same(a->client_id, b->client_id);
	assert_same(a->sub, b->sub);
	assert_same(a->username, b->username);
	assert_same(a->scope, b->scope);
	assert_same(a->audience, b->audience);
	assert_same(a->claims, b->claims);
	assert_same(a->id_claims, b->id_claims);
	assert_same(a->user_claims, b->user_claims);
	assert_same(a->acr, b->acr);
	assert_memory_equal(a->access.bytes, b->access.bytes, sizeof a->access.bytes);
}

static void
a_grant_reads_as_it_was_written(void **state)
{
	struct store_grant out, head;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_grant_pack(&packed, &grant);
	assert_true(lk_buf_is_ok(&packed));
	assert_int_equal(store_grant_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_same_grant(&out, &grant);
	assert_int_equal(store_grant_head_unpack(lk_buf_str(&packed), arena, &head), LK_OK);
	assert_same(head.sub, grant.sub);
	assert_same(head.sid, grant.sid);
	assert_true(head.is_offline && head.auth_at_s == grant.auth_at_s);
	assert_int_equal(head.claims.len, 0);
}

static void
a_token_reads_as_it_was_written(void **state)
{
	static char scope[200];
	struct store_token one = token, out;
	LK_AUTO_BUF packed;

	(void)state;
	memset(scope, 's', sizeof scope);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	for (size_t len = 0; len <= sizeof scope; len++) {
		one.scope = lk_str_n(scope, len);
		lk_buf_clear(&packed);
		store_token_pack(&packed, &one);
		assert_int_equal(store_token_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
		assert_same(out.scope, one.scope);
		assert_same(out.client_id, one.client_id);
		assert_same(out.audience, one.audience);
		assert_true(out.made_at_s == one.made_at_s && out.ends_at_s == one.ends_at_s);
		assert_true(out.has_grant);
	}
}

/* Redis keeps up to 44 bytes in one piece of memory with the object itself. */
static void
a_token_is_small(void **state)
{
	struct store_token person = {.made_at_s = 1, .ends_at_s = 2, .has_grant = true};
	struct store_token robot = {.made_at_s = 1,
				    .ends_at_s = 2,
				    .client_id = LK_STR("nightly-export"),
				    .scope = LK_STR("payroll.read")};
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_token_pack(&packed, &person);
	assert_int_equal(packed.len, 15);
	lk_buf_clear(&packed);
	store_token_pack(&packed, &robot);
	assert_in_range(packed.len, 1, 44);
}

static void
a_time_a_token_cannot_hold_is_the_nearest_it_can(void **state)
{
	struct store_token odd = {.made_at_s = -1, .ends_at_s = INT64_MAX}, out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_token_pack(&packed, &odd);
	assert_int_equal(store_token_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_int_equal(out.made_at_s, 0);
	assert_true(out.ends_at_s == (INT64_C(1) << 40) - 1);
}

static void
a_code_reads_as_it_was_written(void **state)
{
	struct store_code out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_code_pack(&packed, &code);
	assert_int_equal(store_code_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_same_grant(&out.grant, &code.grant);
	assert_same(out.redirect_uri, code.redirect_uri);
	assert_same(out.challenge, code.challenge);
	assert_same(out.nonce, code.nonce);
	assert_true(out.ends_at_s == code.ends_at_s && out.was_redirect_sent);
}

static void
a_device_reads_as_it_was_written(void **state)
{
	struct store_device out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_device_pack(&packed, &device);
	assert_int_equal(store_device_unpack(lk_buf_str(&packed), arena, &out), LK_OK);
	assert_same_grant(&out.grant, &device.grant);
	assert_int_equal(out.revision, device.revision);
	assert_int_equal(out.state, device.state);
	assert_true(out.epoch == device.epoch && out.interval_s == device.interval_s);
	assert_true(out.asked_at_s == device.asked_at_s && out.ends_at_s == device.ends_at_s);
	assert_true(out.last_poll_at_s == device.last_poll_at_s);
	assert_same(out.client_id, device.client_id);
	assert_same(out.scope, device.scope);
	assert_same(out.audience, device.audience);
	assert_same(out.place, device.place);
	assert_same(out.host, device.host);
	assert_same(out.address, device.address);
	assert_true(crypto_digest_is_equal(&out.user_code, &device.user_code));
}

/* --- what is not a record */

static enum lk_err
grant_again(struct lk_str packed)
{
	struct store_grant out = {.revision = 77};
	enum lk_err err = store_grant_unpack(packed, arena, &out);

	assert_true(err == LK_OK || out.revision == 77);
	return err;
}

static enum lk_err
token_again(struct lk_str packed)
{
	struct store_token out = {.made_at_s = 77};
	enum lk_err err = store_token_unpack(packed, arena, &out);

	assert_true(err == LK_OK || out.made_at_s == 77);
	return err;
}

static enum lk_err
code_again(struct lk_str packed)
{
	struct store_code out = {.ends_at_s = 77};
	enum lk_err err = store_code_unpack(packed, arena, &out);

	assert_true(err == LK_OK || out.ends_at_s == 77);
	return err;
}

static enum lk_err
device_again(struct lk_str packed)
{
	struct store_device out = {.revision = 77};
	enum lk_err err = store_device_unpack(packed, arena, &out);

	assert_true(err == LK_OK || out.revision == 77);
	return err;
}

/* In memory of exactly that length, so that reading past it is seen. */
static enum lk_err
read_copy(enum lk_err (*again)(struct lk_str packed), struct lk_str packed, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	enum lk_err err;

	assert_non_null(copy);
	memcpy(copy, packed.ptr, len);
	err = again(lk_str_n(copy, len));
	free(copy);
	return err;
}

/* Every cut, a byte too many, and every version but the first. */
static void
assert_strict(enum lk_err (*again)(struct lk_str packed), struct lk_buf *packed)
{
	size_t whole = packed->len;

	for (size_t len = 0; len < whole; len++)
		assert_int_equal(read_copy(again, lk_buf_str(packed), len), LK_E_FORMAT);
	assert_int_equal(read_copy(again, lk_buf_str(packed), whole), LK_OK);
	lk_buf_add_byte(packed, 'x');
	assert_int_equal(read_copy(again, lk_buf_str(packed), whole + 1), LK_E_FORMAT);
	for (int version = 0; version < 256; version++) {
		packed->bytes[0] = (char)version;
		assert_int_equal(read_copy(again, lk_buf_str(packed), whole),
				 version == 1 ? LK_OK : LK_E_FORMAT);
	}
	lk_buf_clear(packed);
	lk_arena_reset(arena);
}

static void
no_record_cut_short_too_long_or_of_another_version_is_read(void **state)
{
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_grant_pack(&packed, &grant);
	assert_strict(grant_again, &packed);
	store_token_pack(&packed, &token);
	assert_strict(token_again, &packed);
	store_code_pack(&packed, &code);
	assert_strict(code_again, &packed);
	store_device_pack(&packed, &device);
	assert_strict(device_again, &packed);
}

static void
there_is_one_way_only_to_write_a_record(void **state)
{
	static const char long_len[] = "\1\0\0\0\0\0\1\0\0\0\0\2\x80\1c\0\0";
	static const char odd_flag[] = "\1\2\0\0\0\0\1\0\0\0\0\2\0\0\0";
	struct store_device lost = device;
	LK_AUTO_BUF packed;

	(void)state;
	assert_int_equal(token_again(lk_str_n(long_len, sizeof long_len - 1)), LK_E_FORMAT);
	assert_int_equal(token_again(lk_str_n(odd_flag, sizeof odd_flag - 1)), LK_E_FORMAT);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	for (int wrong = 0; wrong < 2; wrong++) {
		lost.state = wrong == 0 ? 0 : STORE_DEVICE_DONE + 1;
		lk_buf_clear(&packed);
		store_device_pack(&packed, &lost);
		assert_int_equal(device_again(lk_buf_str(&packed)), LK_E_FORMAT);
	}
}

static void
a_record_with_more_than_there_is_room_for_spoils_its_buffer(void **state)
{
	static char claims[70000];
	struct store_grant large = grant;
	struct store_code of_large = code;
	struct store_token with_large = token;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	for (size_t len = STORE_RECORD_MAX_BYTES; len <= sizeof claims; len += 9000) {
		large.claims = lk_str_n(claims, len);
		store_grant_pack(&packed, &large);
		assert_false(lk_buf_is_ok(&packed));
		lk_buf_clear(&packed);
		of_large.grant = large;
		store_code_pack(&packed, &of_large);
		assert_false(lk_buf_is_ok(&packed));
		lk_buf_clear(&packed);
		with_large.scope = large.claims;
		store_token_pack(&packed, &with_large);
		assert_false(lk_buf_is_ok(&packed));
		lk_buf_clear(&packed);
	}
}

static void
a_full_arena_is_said_and_not_taken_for_a_bad_record(void **state)
{
	struct lk_arena *small = lk_arena_new(16, 16);
	struct store_grant out;
	LK_AUTO_BUF packed;

	(void)state;
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_grant_pack(&packed, &grant);
	assert_int_equal(store_grant_unpack(lk_buf_str(&packed), small, &out), LK_E_MEMORY);
	lk_arena_free(small);
}

static void
tokens_and_grants_live_between_their_beginning_and_their_end(void **state)
{
	struct store_grant one = {.began_at_s = 10000, .ends_at_s = 20000};
	struct store_token two = {.made_at_s = 10000, .ends_at_s = 20000};

	(void)state;
	assert_true(store_grant_is_alive(&one, 10000) && store_token_is_alive(&two, 10000));
	assert_true(store_grant_is_alive(&one, 19999) && store_token_is_alive(&two, 19999));
	assert_false(store_grant_is_alive(&one, 20000) || store_token_is_alive(&two, 20000));
	/* Another node's clock may be a little behind; one that was set back is not little. */
	assert_true(store_grant_is_alive(&one, 9800) && store_token_is_alive(&two, 9800));
	assert_false(store_grant_is_alive(&one, 9000) || store_token_is_alive(&two, 9000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_grant_reads_as_it_was_written),
	    cmocka_unit_test(a_token_reads_as_it_was_written),
	    cmocka_unit_test(a_token_is_small),
	    cmocka_unit_test(a_time_a_token_cannot_hold_is_the_nearest_it_can),
	    cmocka_unit_test(a_code_reads_as_it_was_written),
	    cmocka_unit_test(a_device_reads_as_it_was_written),
	    cmocka_unit_test(no_record_cut_short_too_long_or_of_another_version_is_read),
	    cmocka_unit_test(there_is_one_way_only_to_write_a_record),
	    cmocka_unit_test(a_record_with_more_than_there_is_room_for_spoils_its_buffer),
	    cmocka_unit_test(a_full_arena_is_said_and_not_taken_for_a_bad_record),
	    cmocka_unit_test(tokens_and_grants_live_between_their_beginning_and_their_end),
	};

	return cmocka_run_group_tests(tests, arena_make, arena_drop);
}
