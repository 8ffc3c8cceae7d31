/* SPDX-License-Identifier: MIT */
#include "flow/authorize_pending.h"

#include "flow/authorize_note.h"
#include "flow/session.h"
#include "flow/throttle.h"

#define ID_BYTES      16u
#define ID_LETTERS    22u
#define BROWSER_BYTES 16u

/* --- whose and where ------------------------------------------------------------------------ */

static bool
is_id(struct lk_str text)
{
	uint8_t bytes[ID_BYTES];

	return text.len == ID_LETTERS &&
	       crypto_base64url_into(text, bytes, sizeof bytes) == sizeof bytes;
}

bool
authorize_pending_path_check(struct lk_str path)
{
	return lk_str_starts(path, AUTHORIZE_PENDING_PATH) &&
	       is_id(lk_str_from(path, sizeof AUTHORIZE_PENDING_PATH - 1));
}

static void
key_make(const struct asker *asker, struct lk_str id, struct crypto_digest *out)
{
	steps_key(asker->flow->fast->ring, id, JOB_AUTHORIZE, out);
}

/* What is kept of the browser it belongs to. */
static struct lk_str
browser_mark(const struct asker *asker, struct lk_str browser)
{
	struct crypto_digest digest;

	if (browser.len == 0)
		return lk_str_n(NULL, 0);
	steps_key(asker->flow->fast->ring, browser, JOB_AUTHORIZE, &digest);
	return lk_arena_dup(asker->arena, lk_str_n((const char *)digest.bytes, BROWSER_BYTES));
}

static enum lk_err
change_make(const struct asker *asker, const struct authorize_pending *pending, int32_t for_s,
	    struct store_change *out)
{
	struct crypto_digest *key = lk_arena_alloc(asker->arena, sizeof *key);

	if (key == NULL)
		return LK_E_MEMORY;
	key_make(asker, pending->id, key);
	*out = (struct store_change){
	    .kind = STORE_JOURNEY_MOVE,
	    .key = key,
	    .journey = &pending->journey,
	    .revision = pending->journey.revision - 1,
	    .life_s = for_s,
	};
	return LK_OK;
}

/* --- verbs ---------------------------------------------------------------------------------- */

static struct lk_str
id_make(struct lk_arena *arena)
{
	char bytes[ID_BYTES];

	crypto_random(bytes, sizeof bytes);
	return crypto_base64url_make(lk_str_n(bytes, sizeof bytes), arena);
}

static void
journey_fill(const struct asker *asker, const struct req *req, struct lk_str browser,
	     struct store_journey *out)
{
	*out = (struct store_journey){
	    .revision = 1,
	    .job = JOB_AUTHORIZE,
	    .state = STATE_ASKED,
	    .application = req->param[PARAM_client_id],
	    .note = authorize_note_make(req),
	    .reference = asker->reference,
	    .held = browser_mark(asker, browser),
	    .began_at_s = asker->now_s,
	};
	if (asker->session.len > 0)
		out->username = session_label(asker, asker->session);
}

enum lk_err
authorize_pending_put(const struct asker *asker, const struct req *req, struct lk_str browser,
		      struct authorize_pending *out)
{
	struct store_ask ask = {.address = &asker->address_key};
	struct store_change changes[2];
	struct store_result result;
	struct store_answer now;
	enum lk_err err = store_fetch(asker->flow->store, &ask, &now);

	if (err != LK_OK)
		return err;
	out->id = id_make(asker->arena);
	journey_fill(asker, req, browser, &out->journey);
	out->journey.epoch = now.epoch;
	if (out->id.ptr == NULL)
		return LK_E_MEMORY;
	if (out->journey.note.ptr == NULL)
		return LK_E_OAUTH_REQUEST;
	err = change_make(asker, out, steps_signin_life_s(asker), &changes[0]);
	throttle_waiting(asker, out->journey.note.len, &changes[1]);
	if (err == LK_OK)
		err = store_commit(asker->flow->store, changes, 2, &result);
	if (err == LK_E_SIGNIN_TOO_FAST)
		return throttle_too_fast(asker);
	return err == LK_E_FORMAT ? LK_E_OAUTH_REQUEST : err;
}

/* From now on it is this browser's, unless another was quicker. */
static enum lk_err
browser_bind(const struct asker *asker, struct authorize_pending *pending)
{
	struct store_change change;
	struct store_result result;
	enum lk_err err;

	pending->journey.held = browser_mark(asker, asker->browser);
	pending->journey.revision++;
	if (pending->journey.held.ptr == NULL)
		return LK_E_FORM_STALE;
	err = change_make(asker, pending, steps_signin_life_s(asker), &change);
	if (err == LK_OK)
		err = store_commit(asker->flow->store, &change, 1, &result);
	return err == LK_E_STORE_CONFLICT ? LK_E_FORM_STALE : err;
}

enum lk_err
authorize_pending_get(const struct asker *asker, struct lk_str path, struct authorize_pending *out)
{
	struct crypto_digest key;
	struct store_ask ask = {.journey = &key};
	struct store_answer now;
	enum lk_err err;

	if (!authorize_pending_path_check(path))
		return LK_E_FORM_STALE;
	out->id = lk_str_from(path, sizeof AUTHORIZE_PENDING_PATH - 1);
	key_make(asker, out->id, &key);
	err = store_fetch(asker->flow->store, &ask, &now);
	if (err != LK_OK)
		return err;
	if (!now.has_journey || now.journey.job != JOB_AUTHORIZE)
		return LK_E_FORM_STALE;
	out->journey = now.journey;
	if (out->journey.held.len == 0)
		return browser_bind(asker, out);
	return crypto_is_equal(out->journey.held, browser_mark(asker, asker->browser))
		   ? LK_OK
		   : LK_E_FORM_STALE;
}

enum lk_err
authorize_pending_done(const struct asker *asker, struct authorize_pending *pending,
		       struct store_change *out)
{
	pending->journey.state = STATE_DONE;
	pending->journey.revision++;
	pending->journey.at_s = asker->now_s;
	return change_make(asker, pending, STEPS_DONE_LIFE_S, out);
}

bool
authorize_pending_is_fresh(const struct asker *asker, const struct authorize_pending *pending,
			   const struct store_session *session)
{
	return session->auth_at_s >= pending->journey.began_at_s &&
	       !lk_str_is_equal(session_label(asker, asker->session), pending->journey.username);
}
