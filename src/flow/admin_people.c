/* SPDX-License-Identifier: MIT */
/* The desk's acts as latchkeyctl asks for them. */
#include "flow/admin_story.h"
#include "flow/admin_tell.h"
#include "flow/desk_help.h"

#define FIND_MAX 50

/* --- show ------------------------------------------------------------------------------------ */

static enum text_id
state_text(const struct desk_view *view)
{
	switch (view->state) {
	case DESK_BLOCKED:
		return TEXT_ctl_state_blocked;
	case DESK_LEFT:
		return TEXT_ctl_state_left;
	case DESK_NOT_STARTED:
		return TEXT_ctl_state_not_started;
	case DESK_LOCKED:
		return view->until_s == 0 ? TEXT_ctl_state_locked_for_good : TEXT_ctl_state_locked;
	case DESK_CODES_LOCKED:
		return TEXT_ctl_state_codes_locked;
	case DESK_EXPIRED:
		return TEXT_ctl_state_expired;
	case DESK_MUST_CHANGE:
		return TEXT_ctl_state_must_change;
	case DESK_NO_AUTHENTICATOR:
		return TEXT_ctl_state_no_authenticator;
	case DESK_CAN_SIGN_IN:
	default:
		return TEXT_ctl_state_can_sign_in;
	}
}

static void
state_say(struct admin *admin, const struct desk_view *view)
{
	page_set(&admin->values, PLACE_username, view->subject.person.username);
	admin_set_until(admin, view->until_s);
	admin_set_date(admin, view->until_s);
	admin_say(admin, state_text(view));
	if (view->is_locked_for_strangers_only)
		admin_say(admin, TEXT_ctl_locked_strangers);
	if (view->since_s == 0)
		return;
	admin_set_time(admin, view->since_s);
	admin_say(admin, TEXT_ctl_since);
}

static void
password_say(struct admin *admin, const struct dir_person *person)
{
	if (person->wrong_count > 0) {
		admin_set_count(admin, person->wrong_count);
		admin_say(admin, TEXT_ctl_wrong_tries);
	}
	if (person->last_wrong_at_s > 0) {
		admin_set_time(admin, person->last_wrong_at_s);
		admin_say(admin, TEXT_ctl_last_wrong);
	}
	if (person->password_changed_at_s > 0) {
		admin_set_date(admin, person->password_changed_at_s);
		admin_say(admin, TEXT_ctl_password_changed);
	}
	if (person->password_expires_at_s > admin->desk.asker.now_s) {
		admin_set_date(admin, person->password_expires_at_s);
		admin_say(admin, TEXT_ctl_password_ends);
	}
}

static void
factors_say(struct admin *admin, const struct dir_factors *factors)
{
	if (factors->totp_sealed.len > 0) {
		page_set(&admin->values, PLACE_authenticator, factors->totp_name);
		admin_set_date(admin, factors->totp_added_at_s);
		admin_say(admin, TEXT_ctl_authenticator);
	}
	admin_set_count(admin, (int64_t)factors->recovery_count);
	admin_say(admin, TEXT_ctl_recovery_left);
}

static void
view_say(struct admin *admin, const struct desk_view *view)
{
	state_say(admin, view);
	password_say(admin, &view->subject.person);
	factors_say(admin, &view->factors);
	if (!view->has_store) {
		admin_say(admin, TEXT_ctl_store_silent);
		return;
	}
	admin_set_count(admin, (int64_t)view->session_count);
	admin_say(admin, TEXT_ctl_sessions);
}

static void
person_put(struct lk_buf *out, const struct dir_person *person)
{
	admin_put(out, "id", person->id);
	admin_put(out, "username", person->username);
	admin_put(out, "name", person->display_name);
	admin_put(out, "mail", person->mail);
	admin_put(out, "department", person->department);
}

static void
locks_put(struct admin *admin, const struct desk_view *view)
{
	struct lk_buf *out = admin->out;
	bool is_first = true;

	if (!view->has_store)
		return;
	lk_buf_add_c(out, ",\"locks\":[");
	for (int i = STORE_SCOPE_STRANGER; i < STORE_SCOPE_COUNT; i++) {
		const struct store_try_state *tries = &view->tries[i];

		lk_buf_add_c(out, is_first ? "{" : ",{");
		is_first = false;
		admin_put_c(out, "scope", desk_scope_name((enum store_scope)i));
		admin_put_flag(out, "is_locked", tries->is_locked);
		admin_put_number(out, "locked_at_s", tries->locked_at_s);
		admin_put_number(out, "locked_until_s", tries->locked_until_s);
		admin_put_number(out, "wrong_count", tries->wrong_count);
		lk_buf_add_byte(out, '}');
	}
	lk_buf_add_byte(out, ']');
}

static void
sessions_put(struct admin *admin, const struct desk_view *view)
{
	struct lk_buf *out = admin->out;

	if (!view->has_store)
		return;
	lk_buf_add_c(out, ",\"sessions\":[");
	for (size_t i = 0; i < view->session_count; i++) {
		const struct store_session *session = &view->sessions[i].session;

		lk_buf_add_c(out, i == 0 ? "{" : ",{");
		admin_put_c(out, "name", view->sessions[i].name);
		admin_put(out, "device", session->device);
		admin_put_number(out, "auth_at_s", session->auth_at_s);
		admin_put_number(out, "seen_at_s", session->seen_at_s);
		admin_put_number(out, "ends_at_s", session->ends_at_s);
		lk_buf_add_byte(out, '}');
	}
	lk_buf_add_byte(out, ']');
}

static void
view_put(struct admin *admin, const struct desk_view *view)
{
	const struct dir_person *person = &view->subject.person;
	struct lk_buf *out = admin->out;

	person_put(out, person);
	admin_put_c(out, "state", desk_state_name(view->state));
	admin_put_number(out, "since_at_s", view->since_s);
	admin_put_number(out, "until_at_s", view->until_s);
	admin_put_flag(out, "is_locked_in_directory", person->state == DIR_LOCKED);
	admin_put_flag(out, "must_change", person->must_change);
	admin_put_number(out, "password_changed_at_s", person->password_changed_at_s);
	admin_put_number(out, "password_expires_at_s", person->password_expires_at_s);
	admin_put_number(out, "last_wrong_at_s", person->last_wrong_at_s);
	admin_put_number(out, "wrong_count", person->wrong_count);
	admin_put_flag(out, "has_authenticator", view->factors.totp_sealed.len > 0);
	admin_put_number(out, "authenticator_added_at_s", view->factors.totp_added_at_s);
	admin_put_number(out, "recovery_count", (int64_t)view->factors.recovery_count);
	admin_put_flag(out, "is_partly", !view->has_store);
	locks_put(admin, view);
	sessions_put(admin, view);
}

static enum lk_err
look(struct admin *admin, const char *member, struct desk_view *out)
{
	struct lk_str name = admin_asked(admin, member);

	page_set(&admin->values, PLACE_username, name);
	return desk_look(&admin->desk, name, out);
}

enum lk_err
admin_user_show_run(struct admin *admin)
{
	struct desk_view view;
	enum lk_err err = look(admin, "user", &view);

	if (err != LK_OK)
		return err;
	view_put(admin, &view);
	view_say(admin, &view);
	return admin_last_signin_say(admin, &view);
}

/* --- find ------------------------------------------------------------------------------------ */

static const char *
entry_state_name(enum dir_state state)
{
	static const char *const names[] = {
	    [DIR_OPEN] = "open",       [DIR_LOCKED] = "locked",
	    [DIR_BLOCKED] = "blocked", [DIR_NOT_STARTED] = "not_started",
	    [DIR_LEFT] = "left",
	};

	return names[state];
}

enum lk_err
admin_user_find_run(struct admin *admin)
{
	struct flow *flow = admin->desk.asker.flow;
	struct lk_str text = admin_asked(admin, "text");
	struct dir_person *people = NULL;
	struct admin_list list;
	size_t count = 0;
	enum lk_err err = dir_people_find(flow->dir, text, FIND_MAX, &people, &count);

	page_set(&admin->values, PLACE_username, text);
	if (err == LK_OK && count == 0)
		err = LK_E_PERSON_NOT_FOUND;
	if (err != LK_OK)
		return err;
	desk_looked(&admin->desk, NULL);
	admin_list_begin(&list, admin, "people");
	for (size_t i = 0; i < count; i++) {
		if (!admin_list_wants(&list))
			continue;
		person_put(admin->out, &people[i]);
		admin_put_c(admin->out, "state", entry_state_name(people[i].state));
		(void)admin_list_fits(&list);
	}
	admin_list_end(&list);
	return LK_OK;
}

/* --- help ------------------------------------------------------------------------------------ */

/* Why the desk cannot help here is the person's state, in the desk's words. */
static void
refusal_set(struct admin *admin, const struct desk_view *view, enum lk_err err)
{
	admin_set_date(admin, view->until_s);
	if (err == LK_E_FORMAT)
		admin->refusal = TEXT_ctl_reason_missing;
	else if (err == LK_E_ACCOUNT_BLOCKED || err == LK_E_ACCOUNT_LEFT ||
		 err == LK_E_ACCOUNT_NOT_STARTED)
		admin->refusal = state_text(view);
}

typedef enum lk_err
desk_do(const struct desk *desk, const struct desk_view *view, const struct desk_help *help,
	struct desk_done *out);

static enum lk_err
act(struct admin *admin, desk_do *run, struct desk_view *view, struct desk_done *done)
{
	const struct desk_help help = {admin_asked(admin, "reason"),
				       admin_asked_flag(admin, "dry_run")};
	enum lk_err err = desk_help_check(&admin->desk, &help);

	if (err == LK_OK)
		err = look(admin, "user", view);
	else
		*view = (struct desk_view){0};
	if (err == LK_OK)
		err = run(&admin->desk, view, &help, done);
	if (err != LK_OK) {
		refusal_set(admin, view, err);
		return err;
	}
	page_set(&admin->values, PLACE_username, view->subject.person.username);
	person_put(admin->out, &view->subject.person);
	admin_put_flag(admin->out, "is_done", done->is_done);
	return LK_OK;
}

enum lk_err
admin_user_unlock_run(struct admin *admin)
{
	bool is_dry = admin_asked_flag(admin, "dry_run");
	struct desk_view view;
	struct desk_done done;
	enum lk_err err = act(admin, desk_unlock, &view, &done);

	if (err != LK_OK)
		return err;
	admin_put_flag(admin->out, "is_partly", done.is_partly);
	if (is_dry)
		state_say(admin, &view);
	if (is_dry)
		admin_say(admin, TEXT_ctl_dry_run);
	else if (done.is_partly)
		admin_say(admin, TEXT_ctl_unlocked_partly);
	else
		admin_say(admin, done.is_done ? TEXT_ctl_unlocked : TEXT_ctl_not_locked);
	return LK_OK;
}

enum lk_err
admin_user_signout_run(struct admin *admin)
{
	struct desk_view view;
	struct desk_done done;
	enum lk_err err = act(admin, desk_signout, &view, &done);

	if (err != LK_OK)
		return err;
	admin_put_number(admin->out, "ended_count", done.ended_count);
	admin_set_count(admin, done.ended_count);
	if (done.is_done) {
		admin_say(admin, TEXT_ctl_signed_out);
		return LK_OK;
	}
	admin_say(admin, TEXT_ctl_sessions);
	admin_say(admin, TEXT_ctl_dry_run);
	return LK_OK;
}

enum lk_err
admin_explain_run(struct admin *admin)
{
	char reference[CRYPTO_REFERENCE_LEN + 1];
	struct lk_str what = admin_asked(admin, "what");
	struct desk_view view;
	enum lk_err err = look(admin, "what", &view);

	if (err == LK_E_PERSON_NOT_FOUND && crypto_reference_normalise(what, reference))
		return admin_reference_tell(admin, lk_str_n(reference, CRYPTO_REFERENCE_LEN));
	if (err != LK_OK)
		return err;
	view_put(admin, &view);
	view_say(admin, &view);
	return admin_last_events_put(admin, &view);
}
