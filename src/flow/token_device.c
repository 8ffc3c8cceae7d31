/* SPDX-License-Identifier: MIT */
/*
 * A device asks whether its person has answered (RFC 8628 s3.4, s3.5). It is given something once,
 * and only if the person, read anew, may still be let in: a yes of before is not enough.
 */
#include "flow/device_grant.h"
#include "flow/grant.h"
#include "flow/session.h"
#include "flow/token_ask.h"
#include "flow/trail.h"

#define SLOWER_S 5

struct redeeming {
	struct crypto_digest key;
	struct store_device device;
};

static enum lk_err
device_move(const struct token_ask *ask, const struct redeeming *on,
	    const struct store_device *next)
{
	struct store_change change = {
	    .kind = STORE_DEVICE_MOVE,
	    .key = &on->key,
	    .device = next,
	    .revision = on->device.revision,
	    .life_s = device_life_s(next, ask->asker.now_s),
	};
	struct store_result result;

	return store_commit(ask->asker.flow->store, &change, 1, &result);
}

/* --- nobody has answered -------------------------------------------------------------------- */

/* Two of them at one time are too many. */
static enum lk_err
pending(const struct token_ask *ask, const struct redeeming *on)
{
	struct store_device next = on->device;
	bool is_slow =
	    next.last_poll_at_s > 0 && ask->asker.now_s - next.last_poll_at_s < next.interval_s;
	enum lk_err err;

	next.revision++;
	next.last_poll_at_s = ask->asker.now_s;
	if (is_slow && next.interval_s < DEVICE_INTERVAL_MAX_S)
		next.interval_s += SLOWER_S;
	err = device_move(ask, on, &next);
	if (err != LK_OK)
		return err;
	return is_slow ? LK_E_OAUTH_SLOW : LK_E_OAUTH_PENDING;
}

/* --- somebody said yes ---------------------------------------------------------------------- */

/*
 * Whoever signed out since, or was signed out, has taken their yes back. Should it happen between
 * here and the commit, the store refuses the grant, and the device is told when it is looked at
 * once more.
 */
static enum lk_err
session_check(const struct token_ask *ask, const struct store_grant *grant)
{
	struct store_session_row session;
	enum lk_err err = session_find(&ask->asker, grant->person_id, grant->sid, &session);

	if (err != LK_E_NOT_FOUND)
		return err;
	lk_why_add(ask->asker.flow->call->why, "the session it was allowed in has ended");
	return LK_E_OAUTH_DENIED;
}

/* No for good: whatever changes afterwards, the device begins again. */
static enum lk_err
withdrawn(struct token_ask *ask, const struct redeeming *on)
{
	struct store_device next = on->device;
	struct subject subject = {.is_known = true};
	enum lk_err err;

	next.revision++;
	next.state = STORE_DEVICE_DENIED;
	subject.person.id = next.grant.person_id;
	subject.person.username = next.grant.username;
	err = device_move(ask, on, &next);
	if (err == LK_OK)
		err = trail_event(&ask->asker, &subject, AUDIT_DEVICE_REFUSED, LK_E_OAUTH_DENIED);
	return err == LK_OK ? LK_E_OAUTH_DENIED : err;
}

static enum lk_err
give(struct token_ask *ask, const struct redeeming *on)
{
	struct grant_check check = {ask->client.application, false};
	struct store_grant grant = on->device.grant;
	struct store_device next = on->device;
	struct subject subject;
	struct token_give giving = {
	    .metric = METRIC_GRANT_device,
	    .grant = &grant,
	    .subject = &subject,
	    .is_new = true,
	    .scope = grant.scope,
	    .first_count = 1,
	};
	enum lk_err err = token_audience(ask, grant.audience, &giving.audience);

	if (err != LK_OK)
		return err;
	err = session_check(ask, &grant);
	if (err == LK_OK)
		err = grant_renew(&ask->asker, &check, &grant, &subject);
	if (err == LK_E_OAUTH_DENIED || err == LK_E_OAUTH_GRANT)
		return withdrawn(ask, on);
	if (err != LK_OK)
		return err;
	next.revision++;
	next.state = STORE_DEVICE_DONE;
	giving.first[0] = (struct store_change){
	    .kind = STORE_DEVICE_MOVE,
	    .key = &on->key,
	    .device = &next,
	    .revision = on->device.revision,
	    .life_s = device_life_s(&next, ask->asker.now_s),
	};
	token_selector_make(&giving.selector);
	return token_give(ask, &giving);
}

/* --- where it stands ------------------------------------------------------------------------ */

static enum lk_err
find(struct token_ask *ask, struct redeeming *on)
{
	struct lk_str text = ask->req->param[PARAM_device_code];
	enum lk_err err;

	if (text.len == 0) {
		ask->wrong = "device_code is missing.";
		return LK_E_OAUTH_REQUEST;
	}
	token_key(ask->asker.flow->fast->ring, text, &on->key);
	err = store_device_get(ask->asker.flow->store, &on->key, &on->device);
	if (err == LK_E_NOT_FOUND)
		return LK_E_OAUTH_GRANT;
	if (err != LK_OK)
		return err;
	if (!lk_str_is(on->device.client_id, ask->client.application->client_id))
		return LK_E_OAUTH_GRANT; /* another's: nothing of it is told */
	return device_is_over(&on->device, ask->asker.now_s) ? LK_E_OAUTH_EXPIRED : LK_OK;
}

static enum lk_err
once(struct token_ask *ask)
{
	struct redeeming on;
	enum lk_err err = find(ask, &on);

	if (err != LK_OK)
		return err;
	switch (on.device.state) {
	case STORE_DEVICE_PENDING:
		return pending(ask, &on);
	case STORE_DEVICE_APPROVED:
		return give(ask, &on);
	case STORE_DEVICE_DENIED:
		return LK_E_OAUTH_DENIED;
	case STORE_DEVICE_DONE:
	default:
		return LK_E_OAUTH_GRANT;
	}
}

/* Somebody was quicker: the person with their answer, or the device with another question. */
enum lk_err
token_device(struct token_ask *ask)
{
	enum lk_err err;

	if (!ask->client.application->device)
		return LK_E_OAUTH_UNAUTHORIZED;
	err = once(ask);
	if (err != LK_E_STORE_CONFLICT)
		return err;
	err = once(ask);
	return err == LK_E_STORE_CONFLICT ? LK_E_OAUTH_SLOW : err;
}
