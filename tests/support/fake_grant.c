/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/fake_inside.h"

static struct lk_str
packed_of(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	struct fake_thing *thing = key == NULL ? NULL : fake_find(store, kind, key);

	return thing == NULL ? lk_str_n(NULL, 0) : lk_str_n(thing->packed, thing->len);
}

void
fake_token_read(struct store *store, const struct store_ask *ask, struct store_answer *out)
{
	struct lk_arena *arena = store->call->arena;

	out->has_grant = store_grant_unpack(packed_of(store, FAKE_GRANT, ask->grant), arena,
					    &out->grant) == LK_OK &&
			 store_grant_is_alive(&out->grant, fake_now_s(store));
	out->has_token = store_token_unpack(packed_of(store, FAKE_TOKEN, ask->token), arena,
					    &out->token) == LK_OK &&
			 store_token_is_alive(&out->token, fake_now_s(store)) &&
			 (!out->token.has_grant || out->has_grant);
	if (out->has_token && !out->token.has_grant)
		out->has_grant = false;
}

static struct store_grant
grant_of(struct store *store, const struct fake_thing *thing)
{
	struct store_grant grant;

	assert_int_equal(
	    store_grant_unpack(lk_str_n(thing->packed, thing->len), store->call->arena, &grant),
	    LK_OK);
	return grant;
}

static struct store_device
device_of(struct store *store, const struct fake_thing *thing)
{
	struct store_device device;

	assert_int_equal(
	    store_device_unpack(lk_str_n(thing->packed, thing->len), store->call->arena, &device),
	    LK_OK);
	return device;
}

struct fake_thing *
fake_user_code(struct store *store, const struct crypto_digest *user_code)
{
	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		struct fake_thing *thing = &store->things[i];
		struct store_device device;

		if (thing->kind != FAKE_DEVICE || thing->ends_at_s <= fake_now_s(store))
			continue;
		device = device_of(store, thing);
		if (crypto_digest_is_equal(&device.user_code, user_code))
			return thing;
	}
	return NULL;
}

/* What must exist to be moved. */
enum lk_err
fake_may_move(struct store *store, const struct store_change *change)
{
	bool is_grant = change->kind == STORE_GRANT_MOVE;
	struct fake_thing *thing =
	    fake_find(store, is_grant ? FAKE_GRANT : FAKE_DEVICE, change->key);
	struct store_device device;

	if (thing == NULL)
		return LK_E_STORE_CONFLICT;
	if (is_grant)
		return grant_of(store, thing).revision == change->revision ? LK_OK
									   : LK_E_STORE_CONFLICT;
	device = device_of(store, thing);
	return device.revision == change->revision && device.epoch == store->epoch
		   ? LK_OK
		   : LK_E_STORE_CONFLICT;
}

static void
put_packed(struct store *store, enum fake_kind kind, const struct store_change *change)
{
	struct lk_str person_id = {NULL, 0};
	int64_t life_s = change->life_s;
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, STORE_RECORD_MAX_BYTES);
	if (kind == FAKE_GRANT) {
		store_grant_pack(&buf, change->grant);
		person_id = change->grant->person_id;
		if (life_s < change->grant->ends_at_s - fake_now_s(store))
			life_s = change->grant->ends_at_s - fake_now_s(store);
	} else if (kind == FAKE_TOKEN) {
		store_token_pack(&buf, change->token);
		life_s = change->token->ends_at_s - fake_now_s(store);
	} else if (kind == FAKE_CODE) {
		store_code_pack(&buf, change->code);
		person_id = change->code->grant.person_id;
	} else {
		store_device_pack(&buf, change->device);
	}
	assert_true(life_s > 0 && (kind == FAKE_TOKEN || change->life_s > 0));
	fake_fill(fake_need(store, kind, change->key), person_id, fake_now_s(store) + life_s, &buf);
}

static bool
must_end(const struct store_change *change, const struct store_grant *grant)
{
	if (change->kind == STORE_GRANTS_END_SESSION)
		return lk_str_is_equal(grant->sid, change->sid) && !grant->is_offline;
	if (change->before_s != 0 && grant->auth_at_s > change->before_s)
		return false;
	return lk_str_is_equal(grant->person_id, change->person_id) &&
	       (change->sid.len == 0 || grant->is_offline ||
		!lk_str_is_equal(grant->sid, change->sid));
}

struct lk_str
fake_sid(struct store *store, const struct crypto_digest *session)
{
	struct lk_str packed = packed_of(store, FAKE_SESSION, session);
	struct store_session found;

	if (store_session_unpack(packed, store->call->arena, &found) != LK_OK)
		return lk_str_n(NULL, 0);
	return found.sid;
}

static struct crypto_digest
ended_key(struct lk_str sid)
{
	struct crypto_digest key = {{0}};

	assert_true(sid.len <= sizeof key.bytes);
	if (sid.len > 0)
		memcpy(key.bytes, sid.ptr, sid.len);
	return key;
}

void
fake_ended_note(struct store *store, struct lk_str sid)
{
	struct crypto_digest key = ended_key(sid);

	if (sid.len > 0)
		fake_fill(fake_need(store, FAKE_ENDED, &key), lk_str_n(NULL, 0),
			  fake_now_s(store) + 900, NULL);
}

void
fake_ended_forget(struct store *store, struct lk_str sid)
{
	struct crypto_digest key = ended_key(sid);

	fake_end_one(store, FAKE_ENDED, &key);
}

enum lk_err
fake_may_put(struct store *store, const struct store_change *change)
{
	struct crypto_digest key = ended_key(change->grant->sid);

	return fake_find(store, FAKE_ENDED, &key) == NULL ? LK_OK : LK_E_STORE_CONFLICT;
}

uint32_t
fake_session_grants_end(struct store *store, const struct crypto_digest *session)
{
	const struct store_change end = {.kind = STORE_GRANTS_END_SESSION,
					 .sid = fake_sid(store, session)};

	for (size_t i = 0; i < store->batch_count; i++) {
		if (store->batch[i].kind == STORE_SESSION_PUT &&
		    lk_str_is_equal(store->batch[i].session->sid, end.sid))
			return 0;
	}
	return end.sid.len > 0 ? fake_grants_end(store, &end) : 0;
}

static uint32_t
grants_end(struct store *store, const struct store_change *change)
{
	uint32_t count = 0;

	if (change->kind == STORE_GRANTS_END_SESSION)
		fake_ended_note(store, change->sid);
	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		struct fake_thing *thing = &store->things[i];
		struct store_grant grant;

		if (thing->kind != FAKE_GRANT)
			continue;
		grant = grant_of(store, thing);
		if (!must_end(change, &grant))
			continue;
		thing->kind = FAKE_NOTHING;
		count++;
	}
	return count;
}

static bool
is_given(struct store *store, const struct fake_thing *thing, const struct store_change *change)
{
	struct store_device device;
	struct store_code code;

	if (thing->kind == FAKE_CODE) {
		assert_int_equal(store_code_unpack(lk_str_n(thing->packed, thing->len),
						   store->call->arena, &code),
				 LK_OK);
		return lk_str_is_equal(code.grant.person_id, change->person_id) &&
		       lk_str_is_equal(code.grant.client_id, change->client_id);
	}
	if (thing->kind != FAKE_DEVICE)
		return false;
	device = device_of(store, thing);
	return device.state == STORE_DEVICE_APPROVED &&
	       lk_str_is_equal(device.grant.person_id, change->person_id) &&
	       lk_str_is_equal(device.grant.client_id, change->client_id);
}

static void
given_end(struct store *store, const struct store_change *change)
{
	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		if (is_given(store, &store->things[i], change))
			store->things[i].kind = FAKE_NOTHING;
	}
}

void
fake_grant_apply(struct store *store, const struct store_change *change, struct store_result *out)
{
	switch ((int)change->kind) { /* the others are fake_store.c's */
	case STORE_GRANT_PUT:
	case STORE_GRANT_MOVE:
		put_packed(store, FAKE_GRANT, change);
		break;
	case STORE_GRANT_END:
		out->ended_grant_count += fake_find(store, FAKE_GRANT, change->key) != NULL;
		fake_end_one(store, FAKE_GRANT, change->key);
		break;
	case STORE_GRANTS_END_SESSION:
	case STORE_GRANTS_END_ALL:
		out->ended_grant_count += fake_grants_end(store, change);
		break;
	case STORE_TOKEN_PUT:
		put_packed(store, FAKE_TOKEN, change);
		break;
	case STORE_TOKEN_END:
		fake_end_one(store, FAKE_TOKEN, change->key);
		break;
	case STORE_CODE_PUT:
		put_packed(store, FAKE_CODE, change);
		break;
	case STORE_CODE_NEED:
		break;
	case STORE_GIVEN_END:
		given_end(store, change);
		break;
	case STORE_DEVICE_PUT:
	case STORE_DEVICE_MOVE:
		put_packed(store, FAKE_DEVICE, change);
		break;
	case STORE_DEVICE_END:
		fake_end_one(store, FAKE_DEVICE, change->key);
		break;
	default:
		fail_msg("no such change: %d", change->kind);
	}
}

uint32_t
fake_grants_end(struct store *store, const struct store_change *change)
{
	struct store_change whole = *change;

	if (whole.sid.len == 0 && whole.key != NULL)
		whole.sid = fake_sid(store, whole.key);
	return grants_end(store, &whole);
}

/* --- what applications hold ------------------------------------------------------------------ */

enum lk_err
store_grant_get(struct store *store, const struct crypto_digest *key, struct store_grant *out)
{
	struct fake_thing *thing = fake_find(store, FAKE_GRANT, key);
	struct store_grant grant;

	HOOKED(store, "grant_get");
	if (thing == NULL)
		return LK_E_NOT_FOUND;
	grant = grant_of(store, thing);
	if (!store_grant_is_alive(&grant, fake_now_s(store)))
		return LK_E_NOT_FOUND;
	*out = grant;
	return hooked;
}

enum lk_err
store_code_get(struct store *store, const struct crypto_digest *key, struct store_code *out)
{
	struct lk_str packed = packed_of(store, FAKE_CODE, key);
	struct store_code code;

	HOOKED(store, "code_get");
	if (store_code_unpack(packed, store->call->arena, &code) != LK_OK ||
	    code.ends_at_s <= fake_now_s(store) || code.grant.epoch != store->epoch)
		return LK_E_NOT_FOUND;
	*out = code;
	return hooked;
}

static enum lk_err
device_give(struct store *store, const struct fake_thing *thing, struct store_device *out)
{
	struct store_device device;

	if (thing == NULL)
		return LK_E_NOT_FOUND;
	device = device_of(store, thing);
	if (device.ends_at_s <= fake_now_s(store) || device.epoch != store->epoch)
		return LK_E_NOT_FOUND;
	*out = device;
	return LK_OK;
}

enum lk_err
store_device_get(struct store *store, const struct crypto_digest *key, struct store_device *out)
{
	HOOKED(store, "device_get");
	return device_give(store, fake_find(store, FAKE_DEVICE, key), out);
}

enum lk_err
store_device_by_user_code(struct store *store, const struct crypto_digest *user_code,
			  struct crypto_digest *out_key, struct store_device *out)
{
	struct fake_thing *thing = fake_user_code(store, user_code);
	enum lk_err err = device_give(store, thing, out);

	HOOKED(store, "device_by_user_code");
	if (err == LK_OK)
		*out_key = thing->key;
	return err;
}

enum lk_err
store_grants_find(struct store *store, const struct store_grants_of *whose, size_t max,
		  struct store_grant_row **out, size_t *out_count)
{
	struct store_grant_row *rows = lk_arena_alloc(store->call->arena, (max + 1) * sizeof *rows);
	size_t count = 0;

	HOOKED(store, "grants_find");
	for (int i = 0; i < FAKE_THINGS_MAX && count < max; i++) {
		struct fake_thing *thing = &store->things[i];
		struct store_grant grant;

		if (thing->kind != FAKE_GRANT || thing->ends_at_s <= fake_now_s(store))
			continue;
		grant = grant_of(store, thing);
		if (whose->person_id.len > 0 ? !lk_str_is_equal(grant.person_id, whose->person_id)
					     : !lk_str_is_equal(grant.sid, whose->sid))
			continue;
		rows[count++] =
		    (struct store_grant_row){thing->key, grant.client_id, grant.person_id,
					     grant.sid,	 grant.sub,	  grant.is_offline};
	}
	*out = rows;
	*out_count = count;
	return hooked;
}

/* --- where people are signed in -------------------------------------------------------------- */

/* A visit is a grant of that session; nobody is told anything. */
enum lk_err
store_visits_find(struct store *store, struct lk_str person_id, struct lk_str sid,
		  struct store_goodbye **out, size_t *out_count)
{
	const struct store_grants_of whose = {.person_id = person_id};
	struct store_grant_row *rows = NULL;
	struct store_goodbye *visits;
	size_t count = 0;
	enum lk_err err = store_grants_find(store, &whose, FAKE_THINGS_MAX, &rows, &count);

	if (err != LK_OK)
		return err;
	visits = lk_arena_alloc(store->call->arena, (count + 1) * sizeof *visits);
	*out_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (lk_str_is_equal(rows[i].sid, sid))
			visits[(*out_count)++] = (struct store_goodbye){
			    rows[i].sid, rows[i].client_id, rows[i].sub, {NULL, 0}};
	}
	*out = visits;
	return LK_OK;
}
