/* SPDX-License-Identifier: MIT */
#include "flow/changed.h"

#include "flow/claims.h"
#include "flow/grant.h"
#include "flow/scope.h"
#include "flow/session.h"
#include "flow/trail.h"
#include "policy/application.h"
#include "store/store_grant.h"

#define GRANTS_MAX	 500u
#define SESSIONS_MAX	 50u
#define SCOPES_MAX_BYTES 2048u
#define A_COMMIT	 16u /* ends that many grants */
#define PLACE_SCOPE	 "groups"

struct held {
	struct store_grant_row *grants;
	struct store_session_row *sessions;
	size_t grant_count, session_count;
	struct lk_str place; /* department and groups as they are now; nothing: not asked for */
};

static enum lk_err
held_find(const struct asker *asker, struct lk_str person_id, struct held *out)
{
	const struct store_grants_of whose = {.person_id = person_id};
	struct store *store = asker->flow->store;
	enum lk_err err =
	    store_grants_find(store, &whose, GRANTS_MAX, &out->grants, &out->grant_count);

	if (err == LK_OK)
		err = store_sessions_find(store, person_id, SESSIONS_MAX, &out->sessions,
					  &out->session_count);
	return err;
}

/* Who is not there any more has left. */
static enum lk_err
subject_now(const struct asker *asker, struct lk_str person_id, struct subject *out)
{
	enum lk_err err = subject_get(asker, person_id, out);

	if (err != LK_E_PERSON_NOT_FOUND)
		return err;
	*out = (struct subject){
	    .is_known = true,
	    .key = person_id,
	    .person = {.id = person_id, .username = LK_STR(""), .state = DIR_LEFT},
	};
	return LK_OK;
}

/* --- what they were told of ------------------------------------------------------------------ */

/* All that application may ever ask for. */
static struct lk_str
scopes_of(const struct asker *asker, const struct policy_application *application)
{
	const struct conf_list *scopes = application->people_scopes;
	struct lk_str out;
	LK_AUTO_BUF list;

	lk_buf_init(&list, SCOPES_MAX_BYTES);
	for (size_t i = 0; scopes != NULL && i < scopes->count; i++)
		lk_buf_printf(&list, "%s%s", i == 0 ? "" : " ", scopes->items[i]);
	out = lk_arena_dup(asker->arena, lk_buf_str(&list));
	return out;
}

/* Is each thing they were told still so? When the entry was changed last is no such thing. */
static bool
is_still_so(struct lk_str told, struct lk_str now, struct lk_str names)
{
	struct lk_str name, was, is;
	char text[64];

	while (scope_next(&names, &name)) {
		if (name.len >= sizeof text || lk_str_is(name, "updated_at"))
			continue;
		memcpy(text, name.ptr, name.len);
		text[name.len] = '\0';
		if (!claims_find(told, text, &was))
			continue;
		if (!claims_find(now, text, &is) || !lk_str_is_equal(was, is))
			return false;
	}
	return true;
}

static enum lk_err
claims_check(const struct asker *asker, const struct subject *subject,
	     const struct policy_application *application, const struct store_grant *grant,
	     bool *out_may_stay)
{
	struct lk_str scopes = scopes_of(asker, application), now, names;
	enum lk_err err;

	if (grant->claims.len == 0) {
		*out_may_stay = true;
		return LK_OK;
	}
	err = claims_make(asker, subject, application, scopes, &now);
	if (err == LK_OK)
		err = claims_names(asker->flow->fast->policy, asker->arena, scopes,
				   (struct lk_str){NULL, 0}, &names);
	if (err == LK_OK)
		*out_may_stay = is_still_so(grant->claims, now, names);
	return err;
}

/* Is the session of before they moved? */
static bool
is_of_before(const struct held *held, const struct store_session *session)
{
	return held->place.len > 0 &&
	       !is_still_so(session->claims, held->place, LK_STR("department groups"));
}

/* Have they moved since they signed in on the session this came from? */
static bool
has_moved(const struct held *held, const struct store_grant_row *row)
{
	for (size_t i = 0; row->sid.len > 0 && i < held->session_count; i++) {
		if (lk_str_is_equal(held->sessions[i].session.sid, row->sid))
			return is_of_before(held, &held->sessions[i].session);
	}
	return false;
}

/* An application that renews its tokens asks the gate each time; a web server's never does. */
static enum lk_err
proofs_check(const struct asker *asker, const struct subject *subject,
	     const struct policy_application *application, const struct store_grant *grant,
	     bool *inout_may_stay)
{
	struct gate_answer answer;
	enum lk_err err;

	if (!*inout_may_stay || application->hosts.count == 0)
		return LK_OK;
	err = grant_gate_ask(asker, subject, grant, &answer);
	if (err == LK_OK)
		*inout_may_stay = answer.verdict != GATE_MORE && answer.verdict != GATE_ENROL;
	return err;
}

/* True also for what ended meanwhile: there is nothing more to do about it. */
static enum lk_err
grant_check(const struct asker *asker, const struct subject *subject,
	    const struct store_grant_row *row, bool *out_may_stay)
{
	const struct policy_application *application =
	    policy_application_find(asker->flow->fast->policy, row->client_id);
	struct store_grant grant;
	struct policy_who who;
	enum lk_err err = store_grant_get(asker->flow->store, &row->key, &grant);

	*out_may_stay = true;
	if (err != LK_OK)
		return err == LK_E_NOT_FOUND ? LK_OK : err;
	subject_who(subject, &who);
	if (application == NULL || !policy_application_may_use(application, &who) ||
	    !lk_str_is_equal(grant.username, subject->person.username)) {
		*out_may_stay = false;
		return LK_OK;
	}
	err = claims_check(asker, subject, application, &grant, out_may_stay);
	if (err == LK_OK)
		err = proofs_check(asker, subject, application, &grant, out_may_stay);
	return err;
}

/* --- ending ---------------------------------------------------------------------------------- */

static enum lk_err
grants_end(const struct asker *asker, const struct store_change *changes, size_t count,
	   uint32_t *ended)
{
	struct store_result result = {0};
	enum lk_err err = store_commit(asker->flow->store, changes, count, &result);

	*ended += result.ended_grant_count;
	return err;
}

static enum lk_err
each_check(const struct asker *asker, const struct subject *subject, const struct held *held,
	   uint32_t *ended)
{
	struct store_change changes[A_COMMIT];
	size_t count = 0;
	enum lk_err err = LK_OK;
	bool may_stay;

	for (size_t i = 0; i < held->grant_count && err == LK_OK; i++) {
		may_stay = !has_moved(held, &held->grants[i]);
		if (may_stay)
			err = grant_check(asker, subject, &held->grants[i], &may_stay);
		if (err != LK_OK || may_stay)
			continue;
		changes[count++] = (struct store_change){.kind = STORE_GRANT_END,
							 .key = &held->grants[i].key};
		if (count < A_COMMIT)
			continue;
		err = grants_end(asker, changes, count, ended);
		count = 0;
	}
	return err == LK_OK && count > 0 ? grants_end(asker, changes, count, ended) : err;
}

/* Only who ended something writes it down. */
static enum lk_err
grants_look(const struct asker *asker, const struct subject *subject, const struct held *held,
	    struct changed *out)
{
	struct trail trail = {.event = AUDIT_GRANTS_ENDED};
	uint32_t ended = 0;
	enum lk_err err = each_check(asker, subject, held, &ended);

	out->has_ended = ended > 0;
	if (ended == 0)
		return err;
	trail.detail = lk_arena_printf(asker->arena, "%u", (unsigned)ended);
	if (trail_write(asker, subject, &trail) != LK_OK)
		return LK_E_AUDIT_DOWN;
	return err;
}

/*
 * After what was given before has ended, or it would pass for given since. One that is used in this
 * very moment stays as it was, until the next change.
 */
static enum lk_err
sessions_move(const struct asker *asker, const struct subject *subject, const struct held *held)
{
	enum lk_err err = LK_OK;

	for (size_t i = 0; err == LK_OK && i < held->session_count; i++) {
		const struct store_session_row *row = &held->sessions[i];
		struct store_session moved = row->session;

		if (!is_of_before(held, &row->session))
			continue;
		session_describe(asker, subject, &moved);
		err = store_session_replace(asker->flow->store, &row->key, &row->session, &moved);
	}
	return err;
}

static enum lk_err
look(const struct asker *asker, const struct subject *subject, const struct held *held,
     struct changed *out)
{
	enum lk_err err;

	out->ends_at_s = subject->person.ends_at_s;
	err = subject->person.must_change ? session_end_all(asker, subject)
					  : session_stay_check(asker, subject);
	if (err == LK_OK)
		err = grants_look(asker, subject, held, out);
	if (err == LK_OK)
		return sessions_move(asker, subject, held);
	out->has_ended |= err == LK_E_SESSION_ENDED;
	return err == LK_E_SESSION_ENDED ? LK_OK : err;
}

/* Where they are now; somebody who is gone is nowhere. */
static enum lk_err
place_find(const struct asker *asker, const struct changed_who *who, const struct subject *subject,
	   struct held *held)
{
	enum lk_err err;

	if (!who->was_changed || held->session_count == 0)
		return LK_OK;
	err = claims_make(asker, subject, NULL, LK_STR(PLACE_SCOPE), &held->place);
	return err == LK_E_PERSON_NOT_FOUND ? LK_OK : err;
}

enum lk_err
changed_look(const struct asker *asker, const struct changed_who *who, struct changed *out)
{
	struct changed changed = {.has_ended = false};
	struct subject subject;
	struct held held = {.grants = NULL};
	enum lk_err err = held_find(asker, who->person_id, &held);

	if (err == LK_OK && (held.grant_count > 0 || held.session_count > 0)) {
		err = subject_now(asker, who->person_id, &subject);
		if (err == LK_OK)
			err = place_find(asker, who, &subject, &held);
		if (err == LK_OK)
			err = look(asker, &subject, &held, &changed);
	}
	if (err == LK_OK)
		*out = changed;
	return err;
}
