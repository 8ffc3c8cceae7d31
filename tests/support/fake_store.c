/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/store_epoch.h"
#include "support/fake_store.h"

#define HOOKED(store, verb)                                                                        \
	enum lk_err hooked =                                                                       \
	    (store)->hook == NULL ? LK_OK : (store)->hook((store)->context, verb);                 \
	if (hooked != LK_OK && !(store)->is_done_first)                                            \
	return hooked

static int64_t
now_s(const struct store *store)
{
	return lk_clock_wall_s(store->clock);
}

void
store_begin(struct store *store, const struct lk_call *call)
{
	store->call = call;
}

/* --- things --------------------------------------------------------------------------------- */

static struct fake_thing *
find(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	for (int i = 0; i < FAKE_THINGS_MAX; i++) {
		struct fake_thing *thing = &store->things[i];

		if (thing->kind == kind && thing->ends_at_s > now_s(store) &&
		    memcmp(&thing->key, key, sizeof *key) == 0)
			return thing;
	}
	return NULL;
}

static struct fake_thing *
need(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	struct fake_thing *thing = find(store, kind, key);

	for (int i = 0; thing == NULL && i < FAKE_THINGS_MAX; i++)
		if (store->things[i].kind == FAKE_NOTHING ||
		    store->things[i].ends_at_s <= now_s(store))
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
			 store->things[i].ends_at_s > now_s(store);
	return count;
}

static void
fill(struct fake_thing *thing, struct lk_str person_id, int64_t ends_at_s, const struct lk_buf *buf)
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
	    ask->session == NULL ? NULL : find(store, FAKE_SESSION, ask->session);

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
	    ask->journey == NULL ? NULL : find(store, FAKE_JOURNEY, ask->journey);
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

	if (change->kind == STORE_SPEND) {
		key = mark_key(change);
		return find(store, FAKE_MARK, &key) == NULL ? LK_OK : LK_E_USED;
	}
	if (change->kind != STORE_JOURNEY_MOVE)
		return LK_OK;
	thing = find(store, FAKE_JOURNEY, change->key);
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
	fill(need(store, FAKE_JOURNEY, change->key), change->journey->person_id,
	     now_s(store) + change->life_s, &buf);
}

static void
session_put(struct store *store, const struct store_change *change)
{
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, STORE_RECORD_MAX_BYTES);
	store_session_pack(&buf, change->session);
	fill(need(store, FAKE_SESSION, change->key), change->person_id, change->session->ends_at_s,
	     &buf);
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
		thing->kind = FAKE_NOTHING;
		count++;
	}
	return count;
}

static void
tries_end(struct store *store, struct lk_str person_id, uint8_t scope)
{
	for (int i = 0; i < 32; i++)
		if (lk_str_is(person_id, store->tries[i].person_id) &&
		    (scope == 0 || store->tries[i].scope == scope))
			store->tries[i] = (struct fake_tries){.count = 0};
}

static void
end_one(struct store *store, enum fake_kind kind, const struct crypto_digest *key)
{
	struct fake_thing *thing = find(store, kind, key);

	if (thing != NULL)
		thing->kind = FAKE_NOTHING;
}

static void
apply(struct store *store, const struct store_change *change, struct store_result *out)
{
	struct crypto_digest key;

	switch (change->kind) {
	case STORE_JOURNEY_MOVE:
	case STORE_JOURNEY_PUT:
		journey_put(store, change);
		break;
	case STORE_JOURNEY_END:
		end_one(store, FAKE_JOURNEY, change->key);
		break;
	case STORE_SPEND:
		key = mark_key(change);
		fill(need(store, FAKE_MARK, &key), change->person_id, now_s(store) + change->life_s,
		     NULL);
		break;
	case STORE_SESSION_PUT:
		session_put(store, change);
		break;
	case STORE_SESSION_END:
		end_one(store, FAKE_SESSION, change->key);
		break;
	case STORE_SESSIONS_END_ALL:
		out->ended_count += end_all(store, FAKE_SESSION, change);
		break;
	case STORE_TRY_FORGET:
		tries_end(store, change->person_id, change->scope);
		break;
	case STORE_UNLOCK:
		tries_end(store, change->person_id, 0);
		break;
	case STORE_TRUST_PUT:
		fill(need(store, FAKE_TRUST, change->key), change->person_id,
		     now_s(store) + change->life_s, NULL);
		break;
	case STORE_TRUST_END_ALL:
		end_all(store, FAKE_TRUST, change);
		break;
	default:
		fail_msg("no such change: %d", change->kind);
	}
}

enum lk_err
store_commit(struct store *store, const struct store_change *changes, size_t count,
	     struct store_result *out)
{
	HOOKED(store, "commit");
	assert_true(count <= 12);
	*out = (struct store_result){0};
	for (size_t i = 0; i < count; i++) {
		enum lk_err err = may(store, &changes[i]);

		out->refused_at = i;
		if (err != LK_OK)
			return err;
	}
	for (size_t i = 0; i < count; i++)
		apply(store, &changes[i], out);
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

enum lk_err
store_session_notice_end(struct store *store, const struct crypto_digest *key,
			 const struct store_session *session)
{
	struct store_session quiet = *session;

	HOOKED(store, "notice_end");
	quiet.notice = (struct lk_str){NULL, 0};
	if (find(store, FAKE_SESSION, key) != NULL)
		session_put(store, &(struct store_change){.key = key,
							  .session = &quiet,
							  .person_id = session->person_id});
	return LK_OK;
}

enum lk_err
store_trust_check(struct store *store, const struct crypto_digest *device, struct lk_str person_id,
		  bool *out_is_trusted)
{
	struct fake_thing *thing = find(store, FAKE_TRUST, device);

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
		assert_int_equal(store_session_unpack(lk_str_n(thing->packed, thing->len),
						      store->call->arena, &rows[count++].session),
				 LK_OK);
	}
	*out = rows;
	*out_count = count;
	return LK_OK;
}

/* --- tries ---------------------------------------------------------------------------------- */

static struct fake_tries *
tries_of(struct store *store, const struct store_try *attempt)
{
	struct fake_tries *free = NULL;

	for (int i = 31; i >= 0; i--) {
		struct fake_tries *tries = &store->tries[i];

		if (tries->scope == attempt->scope &&
		    lk_str_is(attempt->person_id, tries->person_id))
			return tries;
		if (tries->scope == 0)
			free = tries;
	}
	assert_non_null(free);
	free->scope = (uint8_t)attempt->scope;
	snprintf(free->person_id, sizeof free->person_id, "%.*s", LK_STR_ARGS(attempt->person_id));
	return free;
}

static uint32_t
place_of(const struct fake_tries *tries, const struct crypto_digest *answer)
{
	uint32_t i = 0;

	while (i < tries->count && memcmp(&tries->answers[i], answer, sizeof *answer) != 0)
		i++;
	return i;
}

static void
state_fill(const struct store *store, const struct fake_tries *tries, struct store_try_state *out)
{
	*out = (struct store_try_state){
	    .is_locked = tries->locked_until_s > now_s(store),
	    .locked_at_s = tries->locked_at_s,
	    .locked_until_s = tries->locked_until_s,
	    .wrong_count = tries->count,
	};
}

enum lk_err
store_try_begin(struct store *store, const struct store_try *attempt, struct store_try_state *out)
{
	struct fake_tries *tries = tries_of(store, attempt);
	uint32_t place = place_of(tries, &attempt->answer);

	HOOKED(store, "try_begin");
	state_fill(store, tries, out);
	if (out->is_locked)
		return LK_OK;
	if (place < tries->count) {
		out->is_known_wrong = !tries->is_pending[place];
		return LK_OK;
	}
	assert_true(tries->count < FAKE_ANSWERS_MAX);
	tries->answers[tries->count] = attempt->answer;
	tries->is_pending[tries->count++] = true;
	return LK_OK;
}

enum lk_err
store_try_end(struct store *store, const struct store_try *attempt, enum store_try_outcome outcome,
	      struct store_try_state *out)
{
	struct fake_tries *tries = tries_of(store, attempt);
	uint32_t place = place_of(tries, &attempt->answer);

	HOOKED(store, "try_end");
	if (outcome == STORE_TRY_WRONG) {
		store->address_wrong_count++;
		if (place < tries->count)
			tries->is_pending[place] = false;
	} else if (place < tries->count && tries->is_pending[place]) {
		tries->answers[place] = tries->answers[--tries->count];
		tries->is_pending[place] = tries->is_pending[tries->count];
	}
	if (outcome == STORE_TRY_WRONG && tries->count >= attempt->limit_count &&
	    tries->locked_until_s <= now_s(store)) {
		tries->locked_at_s = now_s(store);
		tries->locked_until_s = now_s(store) + attempt->lock_s;
	}
	state_fill(store, tries, out);
	return LK_OK;
}

enum store_health
store_shared_health(const struct store_shared *shared)
{
	(void)shared;
	return STORE_HEALTH_OK;
}
