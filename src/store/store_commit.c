/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "store/store_fetch.h"
#include "store/store_plan.h"
#include "store/store_try.h"

static bool
add_journey(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_PUT, .life_s = change->life_s};
	struct store_key key;
	LK_AUTO_BUF packed;

	assert(change->life_s > 0);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_journey_pack(&packed, change->journey);
	store_key_digest(&key, STORE_KEY_JOURNEY, change->key);
	step.key = store_key_str(&key);
	step.value = lk_buf_str(&packed);
	if (change->kind == STORE_JOURNEY_MOVE) {
		step.kind = STEP_MOVE;
		step.extra = change->revision;
	}
	store_plan_step(plan, &step);
	return lk_buf_is_ok(&packed);
}

static bool
add_journey_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key key;

	store_key_digest(&key, STORE_KEY_JOURNEY, change->key);
	store_plan_step(plan, &(struct step){.kind = STEP_DELETE, .key = store_key_str(&key)});
	return true;
}

static bool
add_spend(const struct plan *plan, const struct store_change *change)
{
	struct store_key key;

	assert(change->life_s > 0);
	if (!store_key_mark(&key, (uint8_t)change->mark, change->value, change->person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_SPEND,
					     .key = store_key_str(&key),
					     .life_s = change->life_s});
	return true;
}

static bool
add_session_put(const struct plan *plan, const struct store_change *change)
{
	const struct store_session *session = change->session;
	struct store_key key, list;
	LK_AUTO_BUF packed;

	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_session_pack(&packed, session);
	store_key_digest(&key, STORE_KEY_SESSION, change->key);
	if (!store_key_person(&list, STORE_KEY_PERSON_SESSIONS, session->person_id))
		return false;
	store_plan_step(plan, &(struct step){STEP_LIST, store_key_str(&key), store_key_str(&list),
					     lk_buf_str(&packed),
					     store_session_life_s(session, plan->now_s),
					     session->ends_at_s});
	return lk_buf_is_ok(&packed) && store_plan_ended(plan, STEP_DELETE, session->sid);
}

/* Who signs in anew may keep their session's name: then nothing of it ended. */
static struct lk_str
kept_sid(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->changes[i].kind == STORE_SESSION_PUT)
			return plan->changes[i].session->sid;
	}
	return LK_STR("");
}

static bool
add_session_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key key, list;

	store_key_digest(&key, STORE_KEY_SESSION, change->key);
	if (!store_key_person(&list, STORE_KEY_PERSON_SESSIONS, change->person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_UNLIST,
					     .key = store_key_str(&key),
					     .list = store_key_str(&list),
					     .value = kept_sid(plan)});
	return true;
}

static bool
add_grants_end_all(const struct plan *plan, const struct store_change *change)
{
	struct store_key keep = {.len = 0}, list;

	if (change->key != NULL)
		store_key_digest(&keep, STORE_KEY_SESSION, change->key);
	if (!store_key_person(&list, STORE_KEY_PERSON_GRANTS, change->person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_END_GRANTS,
					     .key = store_key_str(&keep),
					     .list = store_key_str(&list),
					     .value = change->sid,
					     .extra = change->before_s});
	return true;
}

static bool
add_end_all(const struct plan *plan, const struct store_change *change)
{
	struct store_key keep = {.len = 0}, list;

	if (change->key != NULL)
		store_key_digest(&keep, STORE_KEY_SESSION, change->key);
	if (!store_key_person(&list, STORE_KEY_PERSON_SESSIONS, change->person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_END_ALL,
					     .key = store_key_str(&keep),
					     .list = store_key_str(&list),
					     .extra = change->before_s});
	return add_grants_end_all(plan, change);
}

static bool
add_trust_end_all(const struct plan *plan, const struct store_change *change)
{
	struct store_key list;

	if (!store_key_person(&list, STORE_KEY_PERSON_TRUST, change->person_id))
		return false;
	store_plan_step(plan,
			&(struct step){.kind = STEP_FORGET_ALL, .list = store_key_str(&list)});
	return true;
}

static bool
add_delete_scope(const struct plan *plan, enum store_key_kind kind, uint8_t scope,
		 struct lk_str person_id)
{
	struct store_key key;

	if (!store_key_scope(&key, kind, scope, person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_DELETE, .key = store_key_str(&key)});
	return true;
}

static bool
add_unlock(const struct plan *plan, const struct store_change *change)
{
	for (uint8_t scope = 1; scope < STORE_SCOPE_COUNT; scope++)
		if (!add_delete_scope(plan, STORE_KEY_TRY, scope, change->person_id) ||
		    !add_delete_scope(plan, STORE_KEY_LOCK, scope, change->person_id))
			return false;
	return true;
}

static bool
add_trust(const struct plan *plan, const struct store_change *change)
{
	struct store_key key, list;

	assert(change->life_s > 0);
	if (!store_key_trust(&key, change->key, change->person_id) ||
	    !store_key_person(&list, STORE_KEY_PERSON_TRUST, change->person_id))
		return false;
	store_plan_step(plan, &(struct step){.kind = STEP_LIST,
					     .key = store_key_str(&key),
					     .list = store_key_str(&list),
					     .life_s = change->life_s,
					     .extra = plan->now_s + change->life_s});
	return true;
}

static bool
add_grants_end_session(const struct plan *plan, const struct store_change *change)
{
	struct store_key list;

	if (!store_key_person(&list, STORE_KEY_SESSION_GRANTS, change->sid))
		return false;
	store_plan_step(plan,
			&(struct step){.kind = STEP_END_SESSION, .list = store_key_str(&list)});
	return true;
}

static bool
add_waiting_count(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_COUNT, .life_s = change->life_s, .extra = change->max};
	char digits[LK_U64_DIGITS];

	assert(change->life_s > 0);
	step.value = lk_str_of_u64(change->value, digits);
	return store_plan_on_key(plan, change, STORE_KEY_WAITING, &step);
}

static bool
add_grant_end(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_END_GRANT, .extra = change->is_quiet};

	if (change->kind == STORE_GRANT_END_OLD)
		step = (struct step){.kind = STEP_END_OLD_GRANT, .extra = change->revision};
	return store_plan_on_key(plan, change, STORE_KEY_GRANT, &step);
}

/* False when a record or an id is larger than there is room for. */
static bool
add_change(const struct plan *plan, const struct store_change *change)
{
	switch (change->kind) {
	case STORE_JOURNEY_MOVE:
	case STORE_JOURNEY_PUT:
		return add_journey(plan, change);
	case STORE_JOURNEY_END:
		return add_journey_end(plan, change);
	case STORE_SPEND:
		return add_spend(plan, change);
	case STORE_SESSION_PUT:
		return add_session_put(plan, change);
	case STORE_SESSION_END:
		return add_session_end(plan, change);
	case STORE_SESSIONS_END_ALL:
		return add_end_all(plan, change);
	case STORE_TRY_FORGET:
		return add_delete_scope(plan, STORE_KEY_TRY, change->scope, change->person_id);
	case STORE_UNLOCK:
		return add_unlock(plan, change);
	case STORE_TRUST_PUT:
		return add_trust(plan, change);
	case STORE_TRUST_END_ALL:
		return add_trust_end_all(plan, change);
	case STORE_GRANT_PUT:
	case STORE_GRANT_MOVE:
		return store_plan_grant(plan, change);
	case STORE_GRANT_END:
	case STORE_GRANT_END_OLD:
		return add_grant_end(plan, change);
	case STORE_GRANTS_END_SESSION:
		return add_grants_end_session(plan, change);
	case STORE_GRANTS_END_ALL:
		return add_grants_end_all(plan, change);
	case STORE_TOKEN_PUT:
		return store_plan_token(plan, change);
	case STORE_TOKEN_END:
		return store_plan_on_key(plan, change, STORE_KEY_TOKEN,
					 &(struct step){.kind = STEP_DELETE});
	case STORE_CODE_PUT:
		return store_plan_code(plan, change);
	case STORE_CODE_NEED:
		return store_plan_on_key(plan, change, STORE_KEY_CODE,
					 &(struct step){.kind = STEP_PRESENT});
	case STORE_GIVEN_END:
		return store_plan_given_end(plan, change);
	case STORE_DEVICE_PUT:
	case STORE_DEVICE_MOVE:
		return store_plan_device(plan, change);
	case STORE_DEVICE_END:
		return store_plan_device_end(plan, change);
	case STORE_WAITING_COUNT:
		return add_waiting_count(plan, change);
	}
	return false;
}

static enum lk_err
read_result(struct store *store, const redisReply *reply, struct store_result *out)
{
	int64_t answer = -1, at = 0, ended = 0, grants = 0;
	struct store_result result = {.epoch_began_at_s = store->epoch.began_at_s};

	if (!store_reply_int(store_reply_at(reply, 0), &answer) ||
	    !store_reply_int(store_reply_at(reply, 1), &at)) {
		store_shared_refused(store->shared, reply, store->call->why);
		return LK_E_STORE_DOWN;
	}
	result.refused_at = (size_t)at;
	if (answer == STORE_SCRIPT_OK && store_reply_int(store_reply_at(reply, 2), &ended) &&
	    store_reply_int(store_reply_at(reply, 3), &grants)) {
		result.ended_count = (uint32_t)ended;
		result.ended_grant_count = (uint32_t)grants;
	} else if (answer != STORE_SCRIPT_CONFLICT && answer != STORE_SCRIPT_USED &&
		   answer != STORE_SCRIPT_FULL) {
		return LK_E_STORE_DOWN;
	}
	if (out != NULL)
		*out = result;
	if (answer == STORE_SCRIPT_OK)
		return LK_OK;
	if (answer == STORE_SCRIPT_FULL)
		return LK_E_SIGNIN_TOO_FAST;
	return answer == STORE_SCRIPT_USED ? LK_E_USED : LK_E_STORE_CONFLICT;
}

/*
 * Signing in and out, spending and unlocking must not be forgotten. A step of a journey may, and
 * what was only given: without it an application asks again.
 */
static bool
may_be_lost(enum store_change_kind kind)
{
	return kind == STORE_JOURNEY_MOVE || kind == STORE_JOURNEY_PUT ||
	       kind == STORE_JOURNEY_END || kind == STORE_TOKEN_PUT || kind == STORE_CODE_PUT ||
	       kind == STORE_DEVICE_PUT || kind == STORE_WAITING_COUNT;
}

static bool
is_security(const struct store_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!may_be_lost(changes[i].kind))
			return true;
	return false;
}

/* What the script makes the names of a grant's lists from. */
static void
add_prefix(struct store_script_call *call, enum store_key_kind kind)
{
	struct store_key prefix;

	store_key_plain(&prefix, kind);
	store_script_str(call, store_key_str(&prefix));
}

enum lk_err
store_commit_trip(struct store *store, struct store_trip *trip, const struct store_change *changes,
		  size_t count, struct store_result *out)
{
	struct plan plan = {.now_s = lk_clock_wall_s(store->call->clock)};
	enum lk_err err;
	STORE_AUTO_SCRIPT call;

	assert(count <= STORE_CHANGES_MAX);
	store_script_init(&call, STORE_SCRIPT_COMMIT, trip->is_of_no_epoch ? NULL : &store->epoch);
	call.is_security = is_security(changes, count);
	store_script_number(&call, plan.now_s);
	add_prefix(&call, STORE_KEY_PERSON_GRANTS);
	add_prefix(&call, STORE_KEY_SESSION_GRANTS);
	add_prefix(&call, STORE_KEY_VISITS);
	add_prefix(&call, STORE_KEY_PERSON_SESSIONS);
	add_prefix(&call, STORE_KEY_GOODBYES);
	add_prefix(&call, STORE_KEY_ENDED);
	plan.call = &call;
	plan.changes = changes;
	plan.count = count;
	for (; plan.change < count; plan.change++) {
		if (!add_change(&plan, &changes[plan.change])) {
			lk_why_add(store->call->why, "store: change %zu is too large", plan.change);
			return LK_E_FORMAT;
		}
	}
	err = store_script_run(store, trip, &call);
	if (err != LK_OK)
		return err;
	return read_result(store, trip->replies.reply[0], out);
}

enum lk_err
store_commit(struct store *store, const struct store_change *changes, size_t count,
	     struct store_result *out)
{
	enum lk_err err;
	STORE_AUTO_TRIP trip;

	store_trip_init(&trip, METRIC_STORE_OP_write);
	err = store_trip_begin(store, &trip);
	if (err != LK_OK)
		return err;
	return store_commit_trip(store, &trip, changes, count, out);
}
