/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "store/store_fetch.h"
#include "store/store_put.h"
#include "store/store_try.h"

#define KEY_DIGEST_BYTES 16u
#define VISIT_MAX_BYTES	 1024u

/* Numbers of the script's steps. */
enum step_kind {
	STEP_MOVE = 1,
	STEP_PUT,
	STEP_DELETE,
	STEP_SPEND,
	STEP_LIST,	 /* put, and list under a person */
	STEP_UNLIST,	 /* delete, take off the list, and all that hangs on it, but for value */
	STEP_END_ALL,	 /* all of a list, but for key */
	STEP_FORGET_ALL, /* the same, not counted */
	STEP_MOVE_GRANT, /* of whatever epoch; there must be one, even for revision 0 */
	STEP_MOVE_DEVICE,
	STEP_ENLIST,	  /* list under a person or session what another step puts */
	STEP_END_GRANT,	  /* and take it off both its lists */
	STEP_END_SESSION, /* all of a session's list that are not offline, and the list */
	/* all of a person's list, but for those of the session in value, or of key */
	STEP_END_GRANTS,
	STEP_HOLD,   /* somebody holds something of that person; value: and where they are signed in
		      */
	STEP_ABSENT, /* key must not be there */
	STEP_COUNT   /* value more, and not more than extra then */
};

struct step {
	enum step_kind kind;
	struct lk_str key, list, value;
	int32_t life_s;
	/* MOVE: revision that must stand; LIST, ENLIST: when it ends; END_ALL, END_GRANTS: before
	 */
	int64_t extra;
};

struct plan {
	struct store_script_call *call;
	const struct store_change *changes;
	size_t count;
	size_t change; /* the one being written */
	int64_t now_s;
};

static void
add_step(const struct plan *plan, const struct step *step)
{
	store_script_key(plan->call, step->key);
	store_script_key(plan->call, step->list);
	store_script_number(plan->call, step->kind);
	store_script_number(plan->call, (int64_t)plan->change);
	store_script_number(plan->call, step->life_s);
	store_script_str(plan->call, step->value);
	store_script_number(plan->call, step->extra);
}

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
	add_step(plan, &step);
	return lk_buf_is_ok(&packed);
}

static bool
add_journey_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key key;

	store_key_digest(&key, STORE_KEY_JOURNEY, change->key);
	add_step(plan, &(struct step){.kind = STEP_DELETE, .key = store_key_str(&key)});
	return true;
}

static bool
add_spend(const struct plan *plan, const struct store_change *change)
{
	struct store_key key;

	assert(change->life_s > 0);
	if (!store_key_mark(&key, (uint8_t)change->mark, change->value, change->person_id))
		return false;
	add_step(plan, &(struct step){.kind = STEP_SPEND,
				      .key = store_key_str(&key),
				      .life_s = change->life_s});
	return true;
}

/* That the session of this name ended: kind says what is to be so. Of no name nothing is said. */
static bool
add_ended(const struct plan *plan, enum step_kind kind, struct lk_str sid)
{
	struct store_key key;

	if (sid.len == 0)
		return true;
	if (!store_key_person(&key, STORE_KEY_ENDED, sid))
		return false;
	add_step(plan, &(struct step){.kind = kind, .key = store_key_str(&key)});
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
	add_step(plan,
		 &(struct step){STEP_LIST, store_key_str(&key), store_key_str(&list),
				lk_buf_str(&packed), store_session_life_s(session, plan->now_s),
				session->ends_at_s});
	return lk_buf_is_ok(&packed) && add_ended(plan, STEP_DELETE, session->sid);
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
	add_step(plan, &(struct step){.kind = STEP_UNLIST,
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
	add_step(plan, &(struct step){.kind = STEP_END_GRANTS,
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
	add_step(plan, &(struct step){.kind = STEP_END_ALL,
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
	add_step(plan, &(struct step){.kind = STEP_FORGET_ALL, .list = store_key_str(&list)});
	return true;
}

static bool
add_delete_scope(const struct plan *plan, enum store_key_kind kind, uint8_t scope,
		 struct lk_str person_id)
{
	struct store_key key;

	if (!store_key_scope(&key, kind, scope, person_id))
		return false;
	add_step(plan, &(struct step){.kind = STEP_DELETE, .key = store_key_str(&key)});
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
	add_step(plan, &(struct step){.kind = STEP_LIST,
				      .key = store_key_str(&key),
				      .list = store_key_str(&list),
				      .life_s = change->life_s,
				      .extra = plan->now_s + change->life_s});
	return true;
}

/* --- what applications hold */

/* Listed under whom it names; a robot's is under nobody. */
static bool
enlist(const struct plan *plan, const struct step *put, enum store_key_kind kind,
       struct lk_str whose)
{
	struct store_key list;

	if (whose.len == 0)
		return true;
	if (!store_key_person(&list, kind, whose))
		return false;
	add_step(plan, &(struct step){.kind = STEP_ENLIST,
				      .key = put->key,
				      .list = store_key_str(&list),
				      .life_s = put->life_s,
				      .extra = plan->now_s + put->life_s});
	return true;
}

/*
 * Sessions last no longer than that, whatever the policy; an application's own may go on until
 * then, and it wants to hear.
 */
#define VISIT_S (7 * 86400)

/* Of whom something is held, and where they are signed in. */
static bool
hold(const struct plan *plan, const struct store_grant *grant, int32_t life_s)
{
	int32_t visit_s = grant->sid.len > 0 && life_s < VISIT_S ? VISIT_S : life_s;
	struct store_key holders, list;
	LK_AUTO_BUF visit;

	lk_buf_init(&visit, VISIT_MAX_BYTES);
	if (grant->person_id.len == 0)
		return true;
	store_key_plain(&holders, STORE_KEY_HOLDERS);
	if (!store_key_person(&list, STORE_KEY_VISITS, grant->person_id))
		return false;
	if (grant->sid.len > 0)
		lk_buf_printf(&visit, "%.*s %.*s %.*s", LK_STR_ARGS(grant->sid),
			      LK_STR_ARGS(grant->client_id), LK_STR_ARGS(grant->sub));
	add_step(plan, &(struct step){.kind = STEP_HOLD,
				      .key = store_key_str(&holders),
				      .list = store_key_str(&list),
				      .value = lk_buf_str(&visit),
				      .extra = plan->now_s + visit_s});
	return lk_buf_is_ok(&visit);
}

static bool
add_grant(const struct plan *plan, const struct store_change *change)
{
	const struct store_grant *grant = change->grant;
	struct step step = {.kind = STEP_PUT,
			    .life_s =
				store_life_until_s(grant->ends_at_s, plan->now_s, change->life_s)};
	struct store_key key;
	LK_AUTO_BUF packed;

	assert(change->life_s > 0);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_grant_pack(&packed, grant);
	store_key_digest(&key, STORE_KEY_GRANT, change->key);
	step.key = store_key_str(&key);
	step.value = lk_buf_str(&packed);
	if (change->kind == STORE_GRANT_MOVE) {
		step.kind = STEP_MOVE_GRANT;
		step.extra = change->revision;
	} else if (!add_ended(plan, STEP_ABSENT, grant->sid)) {
		return false;
	}
	add_step(plan, &step);
	return lk_buf_is_ok(&packed) &&
	       enlist(plan, &step, STORE_KEY_PERSON_GRANTS, grant->person_id) &&
	       enlist(plan, &step, STORE_KEY_SESSION_GRANTS, grant->sid) &&
	       hold(plan, grant, step.life_s);
}

static bool
add_grants_end_session(const struct plan *plan, const struct store_change *change)
{
	struct store_key list;

	if (!store_key_person(&list, STORE_KEY_SESSION_GRANTS, change->sid))
		return false;
	add_step(plan, &(struct step){.kind = STEP_END_SESSION, .list = store_key_str(&list)});
	return true;
}

/* One step on the key that kind and the change make. */
static bool
add_on_key(const struct plan *plan, const struct store_change *change, enum store_key_kind kind,
	   const struct step *step)
{
	struct step whole = *step;
	struct store_key key;

	store_key_digest(&key, kind, change->key);
	whole.key = store_key_str(&key);
	add_step(plan, &whole);
	return true;
}

static bool
add_token(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_PUT,
			    .life_s = store_life_until_s(change->token->ends_at_s, plan->now_s, 1)};
	LK_AUTO_BUF packed;

	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_token_pack(&packed, change->token);
	step.value = lk_buf_str(&packed);
	return add_on_key(plan, change, STORE_KEY_TOKEN, &step) && lk_buf_is_ok(&packed);
}

static bool
add_code(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_PUT, .life_s = change->life_s};
	LK_AUTO_BUF packed;

	assert(change->life_s > 0);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_code_pack(&packed, change->code);
	step.value = lk_buf_str(&packed);
	return add_on_key(plan, change, STORE_KEY_CODE, &step) && lk_buf_is_ok(&packed);
}

static bool
add_device(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_PUT, .life_s = change->life_s};
	struct step code = {.kind = STEP_SPEND, .life_s = change->life_s};
	struct store_key user_code;
	LK_AUTO_BUF packed;

	assert(change->life_s > 0);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_device_pack(&packed, change->device);
	step.value = lk_buf_str(&packed);
	if (change->kind == STORE_DEVICE_MOVE) {
		step.kind = STEP_MOVE_DEVICE;
		step.extra = change->revision;
	} else {
		store_key_digest(&user_code, STORE_KEY_USER_CODE, &change->device->user_code);
		code.key = store_key_str(&user_code);
		code.value = lk_str_n((const char *)change->key->bytes, KEY_DIGEST_BYTES);
		add_step(plan, &code);
	}
	return add_on_key(plan, change, STORE_KEY_DEVICE, &step) && lk_buf_is_ok(&packed);
}

static bool
add_device_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key user_code;

	store_key_digest(&user_code, STORE_KEY_USER_CODE, &change->device->user_code);
	add_step(plan, &(struct step){.kind = STEP_DELETE, .key = store_key_str(&user_code)});
	return add_on_key(plan, change, STORE_KEY_DEVICE, &(struct step){.kind = STEP_DELETE});
}

static bool
add_waiting_count(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_COUNT, .life_s = change->life_s, .extra = change->max};
	char digits[LK_U64_DIGITS];

	assert(change->life_s > 0);
	step.value = lk_str_of_u64(change->value, digits);
	return add_on_key(plan, change, STORE_KEY_WAITING, &step);
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
		return add_grant(plan, change);
	case STORE_GRANT_END:
		return add_on_key(
		    plan, change, STORE_KEY_GRANT,
		    &(struct step){.kind = STEP_END_GRANT, .extra = change->is_quiet});
	case STORE_GRANTS_END_SESSION:
		return add_grants_end_session(plan, change);
	case STORE_GRANTS_END_ALL:
		return add_grants_end_all(plan, change);
	case STORE_TOKEN_PUT:
		return add_token(plan, change);
	case STORE_TOKEN_END:
		return add_on_key(plan, change, STORE_KEY_TOKEN,
				  &(struct step){.kind = STEP_DELETE});
	case STORE_CODE_PUT:
		return add_code(plan, change);
	case STORE_DEVICE_PUT:
	case STORE_DEVICE_MOVE:
		return add_device(plan, change);
	case STORE_DEVICE_END:
		return add_device_end(plan, change);
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
