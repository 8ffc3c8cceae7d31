/* SPDX-License-Identifier: MIT */
#include "flow/session.h"

#include "exchange/cookie.h"
#include "flow/authorize_pending.h"
#include "flow/claims.h"
#include "flow/device.h"
#include "flow/scope.h"
#include "flow/trail.h"
#include "policy/application.h"
#include "policy/claims.h"

#define DAY_S		       86400
#define NONCE_BYTES	       16u
#define TOLD_BYTES	       16u
#define APPLICATIONS_MAX_BYTES 2048u
#define SESSIONS_MAX	       200u

void
session_key(const struct crypto_ring *ring, struct lk_str cookie, struct crypto_digest *out)
{
	crypto_digest_make(ring, CRYPTO_SESSION, &cookie, 1, out);
}

static struct lk_str
cookie_of(const struct asker *asker, struct lk_str nonce)
{
	struct lk_str text, pieces[] = {nonce, asker->browser};
	struct crypto_digest digest;

	crypto_digest_make(asker->flow->fast->ring, CRYPTO_SESSION_MAKE, pieces, 2, &digest);
	text = crypto_base64url_make(lk_str_n((const char *)digest.bytes, sizeof(digest.bytes)),
				     asker->arena);
	return lk_arena_printf(asker->arena, COOKIE_SESSION_PREFIX "%.*s", LK_STR_ARGS(text));
}

static struct lk_str
nonce_make(struct lk_arena *arena)
{
	char bytes[NONCE_BYTES];

	crypto_random(bytes, sizeof(bytes));
	return lk_arena_dup(arena, lk_str_n(bytes, sizeof(bytes)));
}

/* Client ids the person may see, so that the services page need ask nobody. */
static struct lk_str
applications_of(const struct asker *asker, const struct subject *subject)
{
	const struct policy *policy = asker->flow->fast->policy;
	const struct policy_application *application;
	struct policy_who who;
	struct lk_str out;
	LK_AUTO_BUF list;

	subject_who(subject, &who);
	lk_buf_init(&list, APPLICATIONS_MAX_BYTES);
	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		if (!policy_application_is_listed(application) ||
		    !policy_application_may_use(application, &who))
			continue;
		lk_buf_printf(&list, "%s%s", i == 0 ? "" : " ", application->client_id);
	}
	out = lk_arena_dup(asker->arena, lk_buf_str(&list));
	return out;
}

static void
lives_of(const struct asker *asker, const struct subject *subject, struct store_session *session)
{
	struct policy_who who;
	struct policy_signin signin;

	subject_who(subject, &who);
	policy_signin_ask(asker->flow->fast->policy, &who, &signin);
	session->idle_s = signin.session_idle_s;
	session->ends_at_s = asker->now_s + signin.session_max_s;
}

/*
 * What an application that asks for less let in is less than signing in: it opens that kind of
 * application, and nothing else before more is shown.
 */
static bool
is_limited(const struct asker *asker, const struct subject *subject,
	   const struct session_wish *wish)
{
	struct gate_question question = {
	    .purpose = GATE_SIGNIN,
	    .shown = wish->pass->shown,
	    .has = wish->has,
	    .is_in_grace = wish->is_in_grace,
	};
	struct gate_answer answer;

	gate_ask(asker, subject, &question, &answer);
	return !gate_pass_check(&answer, subject, GATE_SIGNIN);
}

void
session_reach_check(const struct route *route, struct store_answer *stored)
{
	static const char *const open[] = {AUTHORIZE_PENDING_PATH, "/signout", "/logout/confirm"};

	if (!stored->has_session || (stored->session.proofs & STORE_PROOF_LIMITED) == 0 ||
	    route->guard == GUARD_AUTHORIZE || route->guard == GUARD_FORWARD)
		return;
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
		if (lk_str_is(lk_str_c(route->path), open[i]))
			return;
	}
	stored->has_session = false;
}

/* --- what applications know it by ---------------------------------------------------------------
 */

struct lk_str
session_told(const struct crypto_ring *ring, struct lk_str client_id, struct lk_str sid,
	     struct lk_arena *arena)
{
	struct lk_str pieces[] = {client_id, sid};
	struct crypto_digest digest;

	if (sid.len == 0)
		return LK_STR("");
	crypto_digest_make(ring, CRYPTO_SID, pieces, 2, &digest);
	return crypto_base64url_make(lk_str_n((const char *)digest.bytes, TOLD_BYTES), arena);
}

/* Whoever had this browser before. */
static enum lk_err
session_before(const struct asker *asker, struct store_answer *out)
{
	struct crypto_digest key;
	struct store_ask ask = {.session = &key};

	*out = (struct store_answer){.has_session = false};
	if (asker->session.len == 0)
		return LK_OK;
	session_key(asker->flow->fast->ring, asker->session, &key);
	return store_fetch(asker->flow->store, &ask, out);
}

/* The same person, signing in again in the same browser, is the same session to applications. */
static enum lk_err
sid_make(const struct asker *asker, const struct subject *subject, struct lk_str *out)
{
	struct store_answer before;
	enum lk_err err = session_before(asker, &before);
	char bytes[NONCE_BYTES];

	if (err != LK_OK)
		return err;
	if (before.has_session && before.session.sid.len > 0 &&
	    lk_str_is_equal(before.session.person_id, subject->person.id)) {
		*out = before.session.sid;
		return LK_OK;
	}
	crypto_random(bytes, sizeof bytes);
	*out = crypto_base64url_make(lk_str_n(bytes, sizeof bytes), asker->arena);
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

/* For the time when the directory does not answer; signing in goes on without. */
static struct lk_str
claims_of(const struct asker *asker, const struct subject *subject)
{
	const struct conf_list *scopes = policy_scopes(asker->flow->fast->policy);
	struct lk_str all = LK_STR(""), json = LK_STR("{}");

	for (size_t i = 0; all.ptr != NULL && i < scopes->count; i++)
		all = scope_with(all, lk_str_c(scopes->items[i]), asker->arena);
	if (all.ptr == NULL || claims_make(asker, subject, NULL, all, &json) != LK_OK)
		return LK_STR("{}");
	return json;
}

void
session_describe(const struct asker *asker, const struct subject *subject,
		 struct store_session *session)
{
	const struct dir_person *person = &subject->person;

	session->username = person->username;
	session->display_name = person->display_name;
	session->language = person->language;
	session->applications = applications_of(asker, subject);
	session->claims = claims_of(asker, subject);
}

enum lk_err
session_find(const struct asker *asker, struct lk_str person_id, struct lk_str sid,
	     struct store_session_row *out)
{
	struct store_session_row *rows;
	size_t count;
	enum lk_err err =
	    store_sessions_find(asker->flow->store, person_id, SESSIONS_MAX, &rows, &count);

	for (size_t i = 0; err == LK_OK && i < count; i++) {
		if (sid.len == 0 || !lk_str_is_equal(rows[i].session.sid, sid))
			continue;
		*out = rows[i];
		return LK_OK;
	}
	return err == LK_OK ? LK_E_NOT_FOUND : err;
}

/* --- made ---------------------------------------------------------------------------------------
 */

static struct store_session *
session_make(const struct asker *asker, const struct subject *subject,
	     const struct session_wish *wish)
{
	struct store_session *session = lk_arena_alloc(asker->arena, sizeof(*session));

	if (session == NULL)
		return NULL;
	*session = (struct store_session){
	    .person_id = subject->person.id,
	    .device = asker->device_name,
	    .notice = wish->notice,
	    .notice_at_s = wish->notice_at_s,
	    .proofs = wish->pass->shown,
	    .auth_at_s = asker->now_s,
	    .seen_at_s = asker->now_s,
	};
	session_describe(asker, subject, session);
	if (is_limited(asker, subject, wish))
		session->proofs |= STORE_PROOF_LIMITED;
	lives_of(asker, subject, session);
	return session;
}

enum lk_err
session_prepare(const struct asker *asker, const struct subject *subject,
		const struct session_wish *wish, struct store_journey *done,
		struct store_change *out)
{
	struct crypto_digest *key = lk_arena_alloc(asker->arena, sizeof(*key));
	struct store_session *session;
	struct lk_str sid;
	enum lk_err err = sid_make(asker, subject, &sid);

	if (err != LK_OK)
		return err;
	if (!gate_pass_check(wish->pass, subject, GATE_SIGNIN) || asker->browser.len == 0)
		return LK_E_BROKEN;
	session = session_make(asker, subject, wish);
	done->nonce = nonce_make(asker->arena);
	if (key == NULL || session == NULL || done->nonce.ptr == NULL)
		return LK_E_MEMORY;
	session->sid = sid;
	session_key(asker->flow->fast->ring, cookie_of(asker, done->nonce), key);
	*out = (struct store_change){
	    .kind = STORE_SESSION_PUT,
	    .key = key,
	    .session = session,
	    .person_id = subject->person.id,
	};
	return LK_OK;
}

enum lk_err
session_give(const struct asker *asker, const struct store_journey *done, struct res *res)
{
	const struct fast *fast = asker->flow->fast;
	struct device_who who = {fast->ring, done->person_id, asker->now_s};
	struct policy_lockout lockout;

	if (done->nonce.len == 0)
		return LK_OK;
	policy_lockout_ask(fast->policy, &lockout);
	res->cookie[COOKIE_SESSION] = (struct res_cookie){true, cookie_of(asker, done->nonce), 0};
	res->cookie[COOKIE_DEVICE] = (struct res_cookie){
	    true, device_add(&who, asker->device, asker->arena), lockout.device_days * DAY_S};
	return res->cookie[COOKIE_SESSION].value.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

struct lk_str
session_label(const struct asker *asker, struct lk_str cookie)
{
	struct crypto_digest key;

	session_key(asker->flow->fast->ring, cookie, &key);
	return lk_arena_printf(asker->arena, "%02x%02x%02x%02x", key.bytes[0], key.bytes[1],
			       key.bytes[2], key.bytes[3]);
}

struct lk_str
session_name(const struct asker *asker, const struct store_journey *done)
{
	return session_label(asker, cookie_of(asker, done->nonce));
}

/* --- who may stay --------------------------------------------------------------------------- */

enum lk_err
session_end_all(const struct asker *asker, const struct subject *subject)
{
	struct store_change changes[] = {
	    {.kind = STORE_SESSIONS_END_ALL, .person_id = subject->person.id},
	    {.kind = STORE_TRUST_END_ALL, .person_id = subject->person.id},
	};
	struct store_result result = {0};
	enum lk_err err = store_commit(asker->flow->store, changes, 2, &result);

	/* Another node may have been first. */
	if (err == LK_OK && result.ended_count + result.ended_grant_count > 0)
		err = trail_event(asker, subject, AUDIT_SESSIONS_ENDED, LK_E_SESSION_ENDED);
	return err == LK_OK ? LK_E_SESSION_ENDED : err;
}

enum lk_err
session_stay_check(const struct asker *asker, const struct subject *subject)
{
	struct gate_question question = {.purpose = GATE_SESSION};
	struct gate_answer answer;

	gate_ask(asker, subject, &question, &answer);
	if (gate_pass_check(&answer, subject, GATE_SESSION))
		return LK_OK;
	return session_end_all(asker, subject);
}
