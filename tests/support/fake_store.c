/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/store_epoch.h"
#include "support/fake_inside.h"

int64_t
fake_now_s(const struct store *store)
{
	return lk_clock_wall_s(store->clock);
}

void
store_begin(struct store *store, const struct lk_call *call)
{
	store->call = call;
}

/* --- things --------------------------------------------------------------------------------- */

/* Of a digest, in a key. */
#define KEY_BYTES 16u

struct fake_thing *
fake_find(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		struct fake_thing *thing = &store->things[i];

		if (thing->kind == kind && thing->ends_at_s > fake_now_s(store) &&
		    memcmp(&thing->key, key, KEY_BYTES) == 0)
			return thing;
	}
	return NULL;
}

struct fake_thing *
fake_need(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	struct fake_thing *thing = fake_find(store, kind, key);

	for (int i = 0; thing == NULL && i < FAKE_THINGS_MAX; i++)
		if (store->things[i].kind == FAKE_NOTHING ||
		    store->things[i].ends_at_s <= fake_now_s(store))
			thing = &store->things[i];
	assert_non_null(thing);
	*thing = (struct fake_thing){.kind = kind, .key = *key};
	return thing;
}

static bool
is_of(const struct fake_thing *thing, enum fake_kind kind, struct lk_str person_id)
{
	return thing->kind == kind && lk_str_is(person_id, thing->person_id);
}

int
fake_store_count(const struct store *store, enum fake_kind kind, struct lk_str person_id)
{
	int count = 0;

	for (int i = 0; i < FAKE_THINGS_MAX; i++)
		count += is_of(&store->things[i], kind, person_id) &&
			 store->things[i].ends_at_s > fake_now_s(store);
	return count;
}

void
fake_fill(struct fake_thing *thing, struct lk_str person_id, int64_t ends_at_s,
	  const struct lk_buf *buf)
{
	snprintf(thing->person_id, sizeof thing->person_id, "%.*s", LK_STR_ARGS(person_id));
	thing->ends_at_s = ends_at_s;
	if (buf == NULL)
		return;
	assert_true(lk_buf_is_ok(buf));
	assert_true(buf->len <= sizeof thing->packed);
	memcpy(thing->packed, buf->bytes, buf->len);
	thing->len = buf->len;
}

static void
session_read(struct store *store, const struct store_ask *ask, struct store_answer *out)
{
	struct fake_thing *thing =
	    ask->session == NULL ? NULL : fake_find(store, FAKE_SESSION, ask->session);

	if (thing == NULL)
		return;
	assert_int_equal(store_session_unpack(lk_str_n(thing->packed, thing->len),
					      store->call->arena, &out->session),
			 LK_OK);
	out->has_session = true;
}

static void
journey_read(struct store *store, const struct store_ask *ask, struct store_answer *out)
{
	struct fake_thing *thing =
	    ask->journey == NULL ? NULL : fake_find(store, FAKE_JOURNEY, ask->journey);
	struct store_journey journey;

	if (thing == NULL)
		return;
	assert_int_equal(
	    store_journey_unpack(lk_str_n(thing->packed, thing->len), store->call->arena, &journey),
	    LK_OK);
	if (journey.epoch != store->epoch)
		return;
	out->journey = journey;
	out->has_journey = true;
}

enum lk_err
store_fetch(struct store *store, const struct store_ask *ask, struct store_answer *out)
{
	HOOKED(store, "fetch");
	*out = (struct store_answer){
	    .epoch = store->epoch,
	    .epoch_began_at_s = store->epoch_began_at_s,
	    .address_wrong_count = store->address_wrong_count,
	};
	session_read(store, ask, out);
	journey_read(store, ask, out);
	fake_token_read(store, ask, out);
	return hooked;
}

/* --- commit --------------------------------------------------------------------------------- */

static struct crypto_digest
mark_key(const struct store_change *change)
{
	struct crypto_digest key = {{0}};

	memcpy(key.bytes, &change->value, sizeof change->value);
	key.bytes[8] = (uint8_t)change->mark;
	memcpy(key.bytes + 9, change->person_id.ptr + change->person_id.len - 12, 12);
	return key;
}

static enum lk_err
may(struct store *store, const struct store_change *change)
{
	struct fake_thing *thing;
	struct store_journey journey;
	struct crypto_digest key;

	if (change->kind == STORE_GRANT_PUT)
		return fake_may_put(store, change);
	if (change->kind == STORE_CODE_NEED)
		return fake_find(store, FAKE_CODE, change->key) != NULL ? LK_OK
									: LK_E_STORE_CONFLICT;
	if (change->kind == STORE_GRANT_MOVE || change->kind == STORE_DEVICE_MOVE)
		return fake_may_move(store, change);
	if (change->kind == STORE_DEVICE_PUT)
		return fake_user_code(store, &change->device->user_code) == NULL ? LK_OK
										 : LK_E_USED;
	if (change->kind == STORE_WAITING_COUNT) {
		thing = fake_find(store, FAKE_WAITING, change->key);
		return (thing == NULL ? 0 : thing->len) + change->value > change->max
			   ? LK_E_SIGNIN_TOO_FAST
			   : LK_OK;
	}
	if (change->kind == STORE_SPEND) {
		key = mark_key(change);
		return fake_find(store, FAKE_MARK, &key) == NULL ? LK_OK : LK_E_USED;
	}
	if (change->kind != STORE_JOURNEY_MOVE)
		return LK_OK;
	thing = fake_find(store, FAKE_JOURNEY, change->key);
	if (thing == NULL)
		return change->revision == 0 ? LK_OK : LK_E_STORE_CONFLICT;
	assert_int_equal(
	    store_journey_unpack(lk_str_n(thing->packed, thing->len), store->call->arena, &journey),
	    LK_OK);
	if (journey.epoch != store->epoch)
		return change->revision == 0 ? LK_OK : LK_E_STORE_CONFLICT;
	return journey.revision == change->revision ? LK_OK : LK_E_STORE_CONFLICT;
}

static void
journey_put(struct store *store, const struct store_change *change)
{
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, STORE_RECORD_MAX_BYTES);
	assert_true(change->life_s > 0);
	store_journey_pack(&buf, change->journey);
	fake_fill(fake_need(store, FAKE_JOURNEY, change->key), change->journey->person_id,
		  fake_now_s(store) + change->life_s, &buf);
}

static void
session_put(struct store *store, const struct store_change *change)
{
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, STORE_RECORD_MAX_BYTES);
	store_session_pack(&buf, change->session);
	fake_fill(fake_need(store, FAKE_SESSION, change->key), change->person_id,
		  change->session->ends_at_s, &buf);
	fake_ended_forget(store, change->session->sid);
}

static uint32_t
end_all(struct store *store, enum fake_kind kind, const struct store_change *change)
{
	uint32_t count = 0;

	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		struct fake_thing *thing = &store->things[i];

		if (!is_of(thing, kind, change->person_id))
			continue;
		if (kind == FAKE_SESSION && change->key != NULL &&
		    memcmp(&thing->key, change->key, sizeof thing->key) == 0)
			continue;
		if (kind == FAKE_SESSION)
			fake_ended_note(store, fake_sid(store, &thing->key));
		thing->kind = FAKE_NOTHING;
		count++;
	}
	return count;
}

void
fake_end_one(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	struct fake_thing *thing = fake_find(store, kind, key);

	if (thing != NULL)
		thing->kind = FAKE_NOTHING;
}

static void
waiting_count(struct store *store, const struct store_change *change)
{
	struct fake_thing *thing = fake_find(store, FAKE_WAITING, change->key);

	if (thing == NULL) {
		thing = fake_need(store, FAKE_WAITING, change->key);
		thing->ends_at_s = fake_now_s(store) + change->life_s;
	}
	thing->len += change->value;
}

static void
spend(struct store *store, const struct store_change *change)
{
	struct crypto_digest key = mark_key(change);

	fake_fill(fake_need(store, FAKE_MARK, &key), change->person_id,
		  fake_now_s(store) + change->life_s, NULL);
}

static void
apply(struct store *store, const struct store_change *change, struct store_result *out)
{
	switch (change->kind) {
	case STORE_JOURNEY_MOVE:
	case STORE_JOURNEY_PUT:
		journey_put(store, change);
		break;
	case STORE_JOURNEY_END:
		fake_end_one(store, FAKE_JOURNEY, change->key);
		break;
	case STORE_SPEND:
		spend(store, change);
		break;
	case STORE_SESSION_PUT:
		session_put(store, change);
		break;
	case STORE_SESSION_END:
		out->ended_grant_count += fake_session_grants_end(store, change->key);
		fake_end_one(store, FAKE_SESSION, change->key);
		break;
	case STORE_SESSIONS_END_ALL:
		out->ended_count += end_all(store, FAKE_SESSION, change);
		out->ended_grant_count += fake_grants_end(store, change);
		break;
	case STORE_TRY_FORGET:
		fake_tries_end(store, change->person_id, change->scope);
		break;
	case STORE_UNLOCK:
		fake_tries_end(store, change->person_id, 0);
		break;
	case STORE_TRUST_PUT:
		fake_fill(fake_need(store, FAKE_TRUST, change->key), change->person_id,
			  fake_now_s(store) + change->life_s, NULL);
		break;
	case STORE_TRUST_END_ALL:
		end_all(store, FAKE_TRUST, change);
		break;
	case STORE_WAITING_COUNT:
		waiting_count(store, change);
		break;
	case STORE_GRANT_PUT:
	case STORE_GRANT_MOVE:
	case STORE_GRANT_END:
	case STORE_GRANT_END_OLD:
	case STORE_GRANTS_END_SESSION:
	case STORE_GRANTS_END_ALL:
	case STORE_TOKEN_PUT:
	case STORE_TOKEN_END:
	case STORE_CODE_PUT:
	case STORE_CODE_NEED:
	case STORE_GIVEN_END:
	case STORE_DEVICE_PUT:
	case STORE_DEVICE_MOVE:
	case STORE_DEVICE_END:
	default:
		fake_grant_apply(store, change, out);
	}
}

enum lk_err
store_commit(struct store *store, const struct store_change *changes, size_t count,
	     struct store_result *out)
{
	struct store_result result;

	HOOKED(store, "commit");
	assert_true(count <= STORE_CHANGES_MAX);
	out = out == NULL ? &result : out;
	*out = (struct store_result){.epoch_began_at_s = store->epoch_began_at_s};
	for (size_t i = 0; i < count; i++) {
		enum lk_err err = may(store, &changes[i]);

		out->refused_at = i;
		if (err != LK_OK)
			return err;
	}
	store->batch = changes;
	store->batch_count = count;
	for (size_t i = 0; i < count; i++)
		apply(store, &changes[i], out);
	store->batch = NULL;
	store->batch_count = 0;
	store->commits++;
	return hooked;
}

enum lk_err
store_session_touch(struct store *store, const struct crypto_digest *key,
		    const struct store_session *session)
{
	(void)store, (void)key, (void)session;
	return LK_OK;
}

static void
session_replace(struct store *store, const struct crypto_digest *key,
		const struct store_session *becomes)
{
	if (fake_find(store, FAKE_SESSION, key) != NULL)
		session_put(store, &(struct store_change){.key = key,
							  .session = becomes,
							  .person_id = becomes->person_id});
}

enum lk_err
store_session_notice_end(struct store *store, const struct crypto_digest *key,
			 const struct store_session *session)
{
	struct store_session quiet = *session;

	HOOKED(store, "notice_end");
	quiet.notice = (struct lk_str){NULL, 0};
	session_replace(store, key, &quiet);
	return LK_OK;
}

enum lk_err
store_session_replace(struct store *store, const struct crypto_digest *key,
		      const struct store_session *was, const struct store_session *becomes)
{
	(void)was;
	HOOKED(store, "session_replace");
	session_replace(store, key, becomes);
	return LK_OK;
}

enum lk_err
store_trust_check(struct store *store, const struct crypto_digest *device, struct lk_str person_id,
		  bool *out_is_trusted)
{
	struct fake_thing *thing = fake_find(store, FAKE_TRUST, device);

	HOOKED(store, "trust_check");
	*out_is_trusted = thing != NULL && lk_str_is(person_id, thing->person_id);
	return LK_OK;
}

enum lk_err
store_sessions_find(struct store *store, struct lk_str person_id, size_t max,
		    struct store_session_row **out, size_t *out_count)
{
	struct store_session_row *rows = lk_arena_alloc(store->call->arena, max * sizeof *rows);
	size_t count = 0;

	HOOKED(store, "sessions_find");
	for (int i = 0; i < FAKE_THINGS_MAX && count < max; i++) {
		struct fake_thing *thing = &store->things[i];
		const uint8_t *key = thing->key.bytes;

		if (!is_of(thing, FAKE_SESSION, person_id))
			continue;
		snprintf(rows[count].name, sizeof rows[count].name, "%02x%02x%02x%02x", key[0],
			 key[1], key[2], key[3]);
		rows[count].key = thing->key;
		assert_int_equal(store_session_unpack(lk_str_n(thing->packed, thing->len),
						      store->call->arena, &rows[count++].session),
				 LK_OK);
	}
	*out = rows;
	*out_count = count;
	return LK_OK;
}
