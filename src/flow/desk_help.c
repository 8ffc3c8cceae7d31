/* SPDX-License-Identifier: MIT */
#include "flow/desk_help.h"

#include "page/page.h"

static bool
reason_is_good(struct lk_str reason)
{
	if (lk_str_trim(reason).len == 0 || reason.len > DESK_REASON_MAX_BYTES)
		return false;
	for (size_t i = 0; i < reason.len; i++)
		if ((unsigned char)reason.ptr[i] < 0x20 || reason.ptr[i] == 0x7f)
			return false;
	return true;
}

enum lk_err
desk_help_check(const struct desk *desk, const struct desk_help *help)
{
	if (help->is_dry)
		return LK_OK;
	if (!reason_is_good(help->reason))
		return LK_E_FORMAT;
	return audit_check(desk->asker.flow->fast->audit);
}

/* --- unlock ---------------------------------------------------------------------------------- */

/* Whose account is closed for another reason than wrong tries needs somebody else. */
static enum lk_err
may_be_unlocked(const struct desk_view *view)
{
	switch (view->subject.person.state) {
	case DIR_BLOCKED:
		return LK_E_ACCOUNT_BLOCKED;
	case DIR_LEFT:
		return LK_E_ACCOUNT_LEFT;
	case DIR_NOT_STARTED:
		return LK_E_ACCOUNT_NOT_STARTED;
	case DIR_OPEN:
	case DIR_LOCKED:
	default:
		return LK_OK;
	}
}

/* Any lock at all; the state shows only the first. */
static bool
is_locked(const struct desk_view *view)
{
	if (view->subject.person.state == DIR_LOCKED)
		return true;
	for (int i = STORE_SCOPE_STRANGER; i < STORE_SCOPE_COUNT; i++)
		if (view->tries[i].is_locked)
			return true;
	return false;
}

static enum lk_err
unlock_in_store(const struct asker *asker, const struct desk_view *view)
{
	const struct store_change change = {
	    .kind = STORE_UNLOCK,
	    .person_id = view->subject.person.id,
	};
	struct store_result result;

	return store_commit(asker->flow->store, &change, 1, &result);
}

/* Both locks; the directory's first, since it may refuse. */
static enum lk_err
unlock_everywhere(const struct asker *asker, const struct desk_view *view, struct desk_done *done)
{
	enum lk_err err = may_be_unlocked(view);

	if (err == LK_OK && !view->has_store)
		err = LK_E_STORE_DOWN;
	if (err == LK_OK)
		err = dir_lock_clear(asker->flow->dir, &view->subject.person);
	if (err != LK_OK)
		return err;
	done->is_done = true;
	done->is_partly = unlock_in_store(asker, view) != LK_OK;
	return LK_OK;
}

static void
receipt(const struct desk *desk, const struct desk_view *view, enum mail_id mail,
	struct lk_str reason)
{
	struct page_values values;

	page_values_init(&values);
	page_set(&values, PLACE_actor, desk->actor);
	page_set(&values, PLACE_reason, reason);
	trail_mail(&desk->asker, &view->subject, mail, &values);
}

enum lk_err
desk_unlock(const struct desk *desk, const struct desk_view *view, const struct desk_help *help,
	    struct desk_done *out)
{
	struct desk_act act = {AUDIT_DESK_UNLOCKED, METRIC_ACT_unlock, LK_OK, help->reason};
	struct desk_done done = {0};
	enum lk_err err;

	if (help->is_dry || (!is_locked(view) && may_be_unlocked(view) == LK_OK)) {
		*out = done;
		return help->is_dry ? may_be_unlocked(view) : LK_OK;
	}
	act.result = unlock_everywhere(&desk->asker, view, &done);
	err = desk_acted(desk, &view->subject, &act);
	if (act.result != LK_OK || err != LK_OK)
		return act.result != LK_OK ? act.result : err;
	receipt(desk, view, MAIL_desk_unlocked, help->reason);
	*out = done;
	return LK_OK;
}

/* --- sign out -------------------------------------------------------------------------------- */

enum lk_err
desk_signout(const struct desk *desk, const struct desk_view *view, const struct desk_help *help,
	     struct desk_done *out)
{
	const struct store_change changes[] = {
	    {.kind = STORE_SESSIONS_END_ALL, .person_id = view->subject.person.id},
	    {.kind = STORE_TRUST_END_ALL, .person_id = view->subject.person.id},
	};
	struct desk_act act = {AUDIT_DESK_SIGNED_OUT, METRIC_ACT_signout, LK_OK, help->reason};
	struct store_result result = {0};
	enum lk_err err;

	if (help->is_dry) {
		*out = (struct desk_done){.ended_count = (uint32_t)view->session_count};
		return LK_OK;
	}
	act.result = store_commit(desk->asker.flow->store, changes, 2, &result);
	err = desk_acted(desk, &view->subject, &act);
	if (act.result != LK_OK || err != LK_OK)
		return act.result != LK_OK ? act.result : err;
	receipt(desk, view, MAIL_desk_signed_out, help->reason);
	*out = (struct desk_done){.is_done = true, .ended_count = result.ended_count};
	return LK_OK;
}
