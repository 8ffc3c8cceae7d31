/* SPDX-License-Identifier: MIT */
#include "flow/desk_find.h"

#include "flow/gate.h"

#define SESSIONS_MAX 50

const char *
desk_state_name(enum desk_state state)
{
	static const char *const names[] = {
	    [DESK_CAN_SIGN_IN] = "can_sign_in",
	    [DESK_BLOCKED] = "blocked",
	    [DESK_LEFT] = "left",
	    [DESK_NOT_STARTED] = "not_started",
	    [DESK_LOCKED] = "locked",
	    [DESK_CODES_LOCKED] = "codes_locked",
	    [DESK_EXPIRED] = "expired",
	    [DESK_MUST_CHANGE] = "must_change",
	    [DESK_NO_AUTHENTICATOR] = "no_authenticator",
	};

	return names[state];
}

const char *
desk_scope_name(enum store_scope scope)
{
	static const char *const names[STORE_SCOPE_COUNT] = {
	    [STORE_SCOPE_STRANGER] = "strangers",
	    [STORE_SCOPE_DEVICE] = "devices",
	    [STORE_SCOPE_CODE] = "codes",
	    [STORE_SCOPE_CODE_DEVICE] = "device_codes",
	    [STORE_SCOPE_CODE_SECOND] = "second_codes",
	    [STORE_SCOPE_USER_CODE] = "screen_codes",
	};

	return names[scope];
}

/* --- the state ------------------------------------------------------------------------------- */

static void
state_set(struct desk_view *view, enum desk_state state, int64_t since_s, int64_t until_s)
{
	view->state = state;
	view->since_s = since_s;
	view->until_s = until_s;
}

/* What the entry itself says. False: nothing stands in the way there. */
static bool
entry_stands(struct desk_view *view)
{
	const struct dir_person *person = &view->subject.person;

	switch (person->state) {
	case DIR_BLOCKED:
		state_set(view, DESK_BLOCKED, 0, 0);
		return true;
	case DIR_LEFT:
		state_set(view, DESK_LEFT, 0, person->ends_at_s);
		return true;
	case DIR_NOT_STARTED:
		state_set(view, DESK_NOT_STARTED, 0, person->starts_at_s);
		return true;
	case DIR_LOCKED:
		state_set(view, DESK_LOCKED, person->locked_at_s, person->locked_until_s);
		return true;
	case DIR_OPEN:
	default:
		return false;
	}
}

static bool
scope_stands(struct desk_view *view, enum store_scope scope, enum desk_state state)
{
	const struct store_try_state *tries = &view->tries[scope];

	if (!tries->is_locked)
		return false;
	state_set(view, state, tries->locked_at_s, tries->locked_until_s);
	return true;
}

/* Locks of ours: passwords first; the lock on known devices is the harder one. */
static bool
lock_stands(struct desk_view *view)
{
	if (scope_stands(view, STORE_SCOPE_DEVICE, DESK_LOCKED))
		return true;
	if (scope_stands(view, STORE_SCOPE_STRANGER, DESK_LOCKED)) {
		view->is_locked_for_strangers_only = true;
		return true;
	}
	return scope_stands(view, STORE_SCOPE_CODE_SECOND, DESK_CODES_LOCKED) ||
	       scope_stands(view, STORE_SCOPE_CODE_DEVICE, DESK_CODES_LOCKED) ||
	       scope_stands(view, STORE_SCOPE_CODE, DESK_CODES_LOCKED);
}

static bool
second_step_is_missing(const struct asker *asker, const struct desk_view *view)
{
	struct policy_signin signin;
	struct policy_who who;

	subject_who(&view->subject, &who);
	policy_signin_ask(asker->flow->fast->policy, &who, &signin);
	return signin.without_second_step != POLICY_ALLOW &&
	       !policy_proofs_can_meet(&signin.proofs, gate_has(&view->factors));
}

void
desk_state_find(const struct asker *asker, struct desk_view *view)
{
	const struct dir_person *person = &view->subject.person;
	int64_t expires_at_s = person->password_expires_at_s;

	view->is_locked_for_strangers_only = false;
	if (entry_stands(view) || lock_stands(view))
		return;
	if (expires_at_s != 0 && expires_at_s <= asker->now_s)
		state_set(view, DESK_EXPIRED, 0, expires_at_s);
	else if (person->must_change)
		state_set(view, DESK_MUST_CHANGE, person->password_changed_at_s, 0);
	else if (second_step_is_missing(asker, view))
		state_set(view, DESK_NO_AUTHENTICATOR, 0, 0);
	else
		state_set(view, DESK_CAN_SIGN_IN, 0, 0);
}

/* --- the look -------------------------------------------------------------------------------- */

/* What the store knows is good to have; without it the entry still tells most. */
static void
store_look_at(const struct asker *asker, struct desk_view *view)
{
	struct store *store = asker->flow->store;
	struct lk_str id = view->subject.person.id;
	struct store_session_row *sessions = NULL;

	view->has_store =
	    store_try_get(store, id, view->tries) == LK_OK &&
	    store_sessions_find(store, id, SESSIONS_MAX, &sessions, &view->session_count) == LK_OK;
	view->sessions = sessions;
}

enum lk_err
desk_look(const struct desk *desk, struct lk_str name, struct desk_view *out)
{
	const struct asker *asker = &desk->asker;
	struct desk_view view = {0};
	enum lk_err err = subject_find(asker, name, &view.subject);

	if (err == LK_OK && !view.subject.is_known)
		err = LK_E_PERSON_NOT_FOUND;
	if (err == LK_OK)
		err = dir_factors_get(asker->flow->dir, &view.subject.person, &view.factors);
	if (err != LK_OK)
		return err;
	store_look_at(asker, &view);
	desk_state_find(asker, &view);
	desk_looked(desk, &view.subject);
	*out = view;
	return LK_OK;
}
