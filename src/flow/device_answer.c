/* SPDX-License-Identifier: MIT */
/*
 * Yes or no to a device that waits. A yes passes the gate as any other sign-in to that application;
 * what it allows is given only when the device asks again, and then the gate is asked again.
 *
 * Time: of the store a fetch, a try, a look-up, a commit; a yes also three directory searches.
 */
#include "flow/arrive.h"
#include "flow/device_grant.h"
#include "flow/grant.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"

#define TRIES_MAX 5 /* the device asks again and again, and moves its record each time */

struct answering {
	struct asker asker;
	const struct req *req;
	const struct store_answer *stored;
	struct res *res;
	struct device_found found;
	struct subject subject;
	unsigned has;
	struct gate_answer pass;
};

/* --- kept ----------------------------------------------------------------------------------- */

/* What the last page tells, for a minute, whoever pressed how often. */
static struct store_change
told_make(const struct answering *on, enum lk_err result, struct crypto_digest *key,
	  struct store_journey *journey)
{
	*journey = (struct store_journey){
	    .revision = 1,
	    .job = JOB_DEVICE,
	    .state = STATE_DONE,
	    .person_id = on->stored->session.person_id,
	    .username = on->stored->session.username,
	    .application = on->found.device.client_id,
	    .reference = on->asker.reference,
	    .result = (uint32_t)result,
	    .at_s = on->asker.now_s,
	    .began_at_s = on->asker.now_s,
	    .epoch = on->stored->epoch,
	};
	steps_key(on->asker.flow->fast->ring, on->asker.browser, JOB_DEVICE, key);
	return (struct store_change){
	    .kind = STORE_JOURNEY_PUT, .key = key, .journey = journey, .life_s = STEPS_DONE_LIFE_S};
}

/* As it will stand: approved with the grant, or denied, by this person. */
static enum lk_err
keep_once(struct answering *on, const struct store_grant *grant)
{
	struct store_device next = on->found.device;
	struct crypto_digest key;
	struct store_journey journey;
	struct store_change changes[2];
	struct store_result result;
	enum lk_err told = grant == NULL ? LK_E_OAUTH_DENIED : LK_OK;

	next.revision++;
	next.state = grant == NULL ? STORE_DEVICE_DENIED : STORE_DEVICE_APPROVED;
	next.grant = grant == NULL ? (struct store_grant){.revision = 1} : *grant;
	next.grant.person_id = on->stored->session.person_id;
	changes[0] = (struct store_change){
	    .kind = STORE_DEVICE_MOVE,
	    .key = &on->found.key,
	    .device = &next,
	    .revision = on->found.device.revision,
	    .life_s = device_life_s(&next, on->asker.now_s),
	};
	changes[1] = told_make(on, told, &key, &journey);
	return store_commit(on->asker.flow->store, changes, 2, &result);
}

/* Read anew after somebody else moved it. LK_E_USED: answered meanwhile. */
static enum lk_err
read_again(struct answering *on)
{
	enum lk_err err =
	    store_device_get(on->asker.flow->store, &on->found.key, &on->found.device);

	if (err == LK_E_NOT_FOUND ||
	    (err == LK_OK && device_is_over(&on->found.device, on->asker.now_s)))
		return LK_E_DEVICE_EXPIRED;
	if (err == LK_OK && on->found.device.state != STORE_DEVICE_PENDING)
		return LK_E_USED;
	return err;
}

static enum lk_err
keep(struct answering *on, const struct store_grant *grant)
{
	enum lk_err err = keep_once(on, grant);

	for (int i = 1; err == LK_E_STORE_CONFLICT && i < TRIES_MAX; i++) {
		err = read_again(on);
		if (err == LK_OK)
			err = keep_once(on, grant);
	}
	return err;
}

static enum lk_err
audit(const struct answering *on, enum audit_event event)
{
	const struct store_device *device = &on->found.device;
	struct subject subject = {.is_known = true};
	struct trail trail = {
	    .event = event,
	    .actor = device->client_id,
	    .session = session_label(&on->asker, on->asker.session),
	    .detail = lk_arena_printf(on->asker.arena, "from %.*s%s%.*s; scope: %.*s",
				      LK_STR_ARGS(device->address),
				      device->host.len > 0 ? ", says it is " : "",
				      LK_STR_ARGS(device->host), LK_STR_ARGS(device->scope)),
	};

	subject.person.id = on->stored->session.person_id;
	subject.person.username = on->stored->session.username;
	return trail_write(&on->asker, &subject, &trail);
}

/* Kept, written down, and on to the page that says so. Pressed twice, the first one counts. */
static enum lk_err
finish(struct answering *on, const struct store_grant *grant)
{
	enum lk_err err = keep(on, grant);

	if (err == LK_OK)
		err = audit(on, grant == NULL ? AUDIT_DEVICE_DENIED : AUDIT_DEVICE_ALLOWED);
	else if (err == LK_E_USED &&
		 device_is_answered_by(&on->found.device, on->stored->session.person_id))
		err = LK_OK;
	return err == LK_OK ? show_way(on->res, on->asker.arena, DEVICE_DONE_PATH) : err;
}

/* --- yes ------------------------------------------------------------------------------------ */

static enum lk_err
gate(struct answering *on)
{
	struct gate_question question = {
	    .purpose = GATE_GRANT,
	    .shown = on->stored->session.proofs & ~(unsigned)STORE_PROOF_LIMITED,
	    .is_in_grace = true, /* let in, they were */
	    .application = on->found.device.client_id,
	    .address = on->asker.address,
	};
	struct dir_factors factors;
	enum lk_err err = subject_get(&on->asker, on->stored->session.person_id, &on->subject);

	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_E_SESSION_ENDED;
	if (err == LK_OK)
		err = session_stay_check(&on->asker, &on->subject);
	if (err == LK_OK)
		err = dir_factors_get(on->asker.flow->dir, &on->subject.person, &factors);
	if (err != LK_OK)
		return err;
	on->has = question.has = gate_has(&factors);
	gate_ask(&on->asker, &on->subject, &question, &on->pass);
	return on->pass.verdict == GATE_DENY ? on->pass.why : LK_OK;
}

/* Too long ago for this application. */
static bool
is_stale(const struct answering *on)
{
	int64_t max_s = on->found.application->session_max_s;

	return max_s > 0 && on->asker.now_s - on->stored->session.auth_at_s > max_s;
}

/* A new sign-in, and back to the code. */
static enum lk_err
signin_way(struct answering *on)
{
	struct lk_str next = device_path(&on->asker, &on->found), path;

	path = lk_arena_printf(on->asker.arena, "/signin?application=%s&next=%.*s",
			       on->found.application->client_id, LK_STR_ARGS(next));
	return next.ptr == NULL || path.ptr == NULL ? LK_E_MEMORY
						    : show_way(on->res, on->asker.arena, path.ptr);
}

/* What was shown is not asked for again: the sign-in goes on behind it, and comes back here. */
static enum lk_err
more_way(struct answering *on)
{
	struct store_answer stored = {0};
	struct crypto_digest key, answer;
	struct store_ask ask = {.journey = &key};
	struct arrival arrival = {
	    .job = JOB_SIGNIN,
	    .event = EVENT_ALL_SHOWN,
	    .subject = &on->subject,
	    .stored = &stored,
	    .answer = &answer,
	    .shown = on->stored->session.proofs & ~(unsigned)STORE_PROOF_LIMITED,
	    .has = on->has,
	    .application = on->found.device.client_id,
	    .note = {.grace_left = -1, .next = device_path(&on->asker, &on->found)},
	};
	enum lk_err err;

	if (arrival.note.next.ptr == NULL)
		return LK_E_MEMORY;
	steps_key(on->asker.flow->fast->ring, on->asker.browser, JOB_SIGNIN, &key);
	err = store_fetch(on->asker.flow->store, &ask, &stored);
	if (err != LK_OK)
		return err;
	steps_hold_check(on->asker.flow->fast, on->req, JOB_SIGNIN, &stored);
	crypto_random(answer.bytes, sizeof answer.bytes);
	return arrive(&on->asker, &arrival, on->res);
}

static enum lk_err
allow(struct answering *on)
{
	struct store_grant grant;
	struct grant_wish wish = {
	    .pass = &on->pass,
	    .application = on->found.application,
	    .session = &on->stored->session,
	    .scope = on->found.device.scope,
	    .audience = on->found.device.audience,
	    .epoch = on->stored->epoch,
	};
	enum lk_err err;

	if (is_stale(on))
		return signin_way(on);
	err = gate(on);
	if (err != LK_OK)
		return err;
	if (on->pass.verdict != GATE_ALLOW)
		return more_way(on);
	err = grant_make(&on->asker, &on->subject, &wish, &grant);
	return err == LK_OK ? finish(on, &grant) : err;
}

/* --- the answer ----------------------------------------------------------------------------- */

/* Told where the code is entered, or as a page with the application's name. */
static enum lk_err
refuse(struct answering *on, enum lk_err err)
{
	struct show show;

	/* Whatever the code was: it does not wait any more. */
	if (err == LK_E_DEVICE_WRONG || err == LK_E_USED || err == LK_E_STORE_CONFLICT)
		err = LK_E_DEVICE_EXPIRED;
	if (err != LK_E_DEVICE_EXPIRED && err != LK_E_ACCESS_NONE)
		return err;
	show_begin(&show, on->asker.flow->fast, on->req, on->stored, on->res);
	show_application(&show, on->found.device.client_id);
	if (err == LK_E_ACCESS_NONE) {
		show_refusal(&show, err, NULL);
		return LK_OK;
	}
	err = show_form(&show, JOB_NONE);
	return err == LK_OK ? show_again(&show, PAGE_device, LK_E_DEVICE_EXPIRED) : err;
}

enum lk_err
device_answer_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		  struct res *res)
{
	struct answering on = {.req = req, .stored = stored, .res = res};
	bool is_yes = lk_str_is(req->field[FIELD_answer], "allow");
	enum lk_err err;

	if (!is_yes && !lk_str_is(req->field[FIELD_answer], "deny"))
		return LK_E_REQUEST_BAD;
	asker_of_req(flow, req, &on.asker);
	err = device_find(&on.asker, &stored->session, req->field[FIELD_user_code], &on.found);
	if (err == LK_OK && on.found.device.state != STORE_DEVICE_PENDING)
		return show_way(res, req->arena, DEVICE_DONE_PATH);
	if (err == LK_OK)
		err = is_yes ? allow(&on) : finish(&on, NULL);
	return err == LK_OK ? LK_OK : refuse(&on, err);
}
