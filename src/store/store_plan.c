/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "store/store_fetch.h"
#include "store/store_plan.h"
#include "store/store_put.h"

#define KEY_DIGEST_BYTES 16u
#define VISIT_MAX_BYTES	 1024u

void
store_plan_step(const struct plan *plan, const struct step *step)
{
	store_script_key(plan->call, step->key);
	store_script_key(plan->call, step->list);
	store_script_number(plan->call, step->kind);
	store_script_number(plan->call, (int64_t)plan->change);
	store_script_number(plan->call, step->life_s);
	store_script_str(plan->call, step->value);
	store_script_number(plan->call, step->extra);
}

bool
store_plan_on_key(const struct plan *plan, const struct store_change *change,
		  enum store_key_kind kind, const struct step *step)
{
	struct step whole = *step;
	struct store_key key;

	store_key_digest(&key, kind, change->key);
	whole.key = store_key_str(&key);
	store_plan_step(plan, &whole);
	return true;
}

bool
store_plan_ended(const struct plan *plan, enum step_kind kind, struct lk_str sid)
{
	struct store_key key;

	if (sid.len == 0)
		return true;
	if (!store_key_person(&key, STORE_KEY_ENDED, sid))
		return false;
	store_plan_step(plan, &(struct step){.kind = kind, .key = store_key_str(&key)});
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
	store_plan_step(plan, &(struct step){.kind = STEP_ENLIST,
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
	store_plan_step(plan, &(struct step){.kind = STEP_HOLD,
					     .key = store_key_str(&holders),
					     .list = store_key_str(&list),
					     .value = lk_buf_str(&visit),
					     .extra = plan->now_s + visit_s});
	return lk_buf_is_ok(&visit);
}

bool
store_plan_grant(const struct plan *plan, const struct store_change *change)
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
	} else if (!store_plan_ended(plan, STEP_ABSENT, grant->sid)) {
		return false;
	}
	store_plan_step(plan, &step);
	return lk_buf_is_ok(&packed) &&
	       enlist(plan, &step, STORE_KEY_PERSON_GRANTS, grant->person_id) &&
	       enlist(plan, &step, STORE_KEY_SESSION_GRANTS, grant->sid) &&
	       hold(plan, grant, step.life_s);
}

bool
store_plan_token(const struct plan *plan, const struct store_change *change)
{
	struct step step = {.kind = STEP_PUT,
			    .life_s = store_life_until_s(change->token->ends_at_s, plan->now_s, 1)};
	LK_AUTO_BUF packed;

	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_token_pack(&packed, change->token);
	step.value = lk_buf_str(&packed);
	return store_plan_on_key(plan, change, STORE_KEY_TOKEN, &step) && lk_buf_is_ok(&packed);
}

bool
store_plan_code(const struct plan *plan, const struct store_change *change)
{
	const struct store_grant *grant = &change->code->grant;
	struct step step = {
	    .kind = STEP_LIST, .life_s = change->life_s, .extra = plan->now_s + change->life_s};
	struct store_key list;
	LK_AUTO_BUF packed;

	assert(change->life_s > 0);
	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	if (!store_key_given(&list, grant->person_id, grant->client_id))
		return false;
	step.list = store_key_str(&list);
	store_code_pack(&packed, change->code);
	step.value = lk_buf_str(&packed);
	return store_plan_on_key(plan, change, STORE_KEY_CODE, &step) && lk_buf_is_ok(&packed);
}

/* What their person allowed and they have not fetched. */
static bool
note_device(const struct plan *plan, const struct store_change *change)
{
	const struct store_grant *grant = &change->device->grant;
	struct step step = {
	    .kind = STEP_NOTE, .life_s = change->life_s, .extra = plan->now_s + change->life_s};
	struct store_key list;

	if (change->device->state != STORE_DEVICE_APPROVED)
		return true;
	if (!store_key_given(&list, grant->person_id, grant->client_id))
		return false;
	step.list = store_key_str(&list);
	return store_plan_on_key(plan, change, STORE_KEY_DEVICE, &step);
}

bool
store_plan_device(const struct plan *plan, const struct store_change *change)
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
		store_plan_step(plan, &code);
	}
	return store_plan_on_key(plan, change, STORE_KEY_DEVICE, &step) &&
	       note_device(plan, change) && lk_buf_is_ok(&packed);
}

bool
store_plan_device_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key user_code;

	store_key_digest(&user_code, STORE_KEY_USER_CODE, &change->device->user_code);
	store_plan_step(plan,
			&(struct step){.kind = STEP_DELETE, .key = store_key_str(&user_code)});
	return store_plan_on_key(plan, change, STORE_KEY_DEVICE,
				 &(struct step){.kind = STEP_DELETE});
}

bool
store_plan_given_end(const struct plan *plan, const struct store_change *change)
{
	struct store_key list;

	if (!store_key_given(&list, change->person_id, change->client_id))
		return false;
	store_plan_step(plan,
			&(struct step){.kind = STEP_FORGET_ALL, .list = store_key_str(&list)});
	return true;
}
