/* SPDX-License-Identifier: MIT */
/* Your account: what there is to prove it's you, where you are signed in, and signing out there. */
#include <string.h>

#include "flow/account_allowed.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"

#define DAY_S	     86400
#define SESSIONS_MAX 50u
#define JUST_NOW_S   120

struct account {
	struct subject subject;
	struct dir_factors factors;
	struct store_session_row *sessions;
	size_t session_count;
};

static enum lk_err
account_read(const struct asker *asker, struct lk_str person_id, struct account *out)
{
	enum lk_err err = subject_get(asker, person_id, &out->subject);

	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_E_SESSION_ENDED;
	if (err == LK_OK)
		err = session_stay_check(asker, &out->subject);
	if (err == LK_OK)
		err = dir_factors_get(asker->flow->dir, &out->subject.person, &out->factors);
	if (err == LK_OK)
		err = store_sessions_find(asker->flow->store, person_id, SESSIONS_MAX,
					  &out->sessions, &out->session_count);
	return err;
}

/* --- the page ------------------------------------------------------------------------------- */

static void
just_done_fill(struct show *show, const struct account *account)
{
	int64_t ago_s = lk_clock_wall_s(show->fast->clock) -
			account->subject.person.password_changed_at_s;

	if (ago_s < JUST_NOW_S)
		page_set(&show->values, PLACE_notice,
			 show_sentence(show, TEXT_notice_password_changed));
}

/* The one thing that wants doing; nothing: all is in order. */
static void
verdict_fill(struct show *show, const struct account *account)
{
	int64_t now_s = lk_clock_wall_s(show->fast->clock);
	int64_t expires_at_s = account->subject.person.password_expires_at_s;
	struct policy_signin signin;
	struct policy_who who;
	const char *key = NULL;

	subject_who(&account->subject, &who);
	policy_signin_ask(show->fast->policy, &who, &signin);
	if (account->factors.totp_sealed.len == 0)
		key = "account_authenticator_none";
	else if (expires_at_s > 0 && expires_at_s - now_s <= (int64_t)signin.warn_days * DAY_S)
		key = "notice_password_ends";
	if (key == NULL)
		return;
	page_set(&show->values, PLACE_date, show_date(show, expires_at_s));
	page_set(&show->values, PLACE_words, show_sentence(show, page_text_find(key)));
}

static void
proofs_fill(struct show *show, const struct account *account)
{
	int64_t changed_at_s = account->subject.person.password_changed_at_s;

	if (changed_at_s > 0)
		page_set(&show->values, PLACE_date, show_date(show, changed_at_s));
	if (account->factors.totp_sealed.len == 0)
		return;
	page_set(&show->values, PLACE_authenticator, account->factors.totp_name);
	page_set(&show->values, PLACE_count,
		 show_number(show, (int64_t)account->factors.recovery_count));
}

static enum lk_err
sessions_fill(struct show *show, const struct asker *asker, const struct account *account)
{
	struct lk_str this_one = session_label(asker, show->req->cookie[COOKIE_SESSION]);
	struct page_item *items =
	    lk_arena_alloc(show->req->arena, (account->session_count + 1) * sizeof(*items));

	if (items == NULL)
		return LK_E_MEMORY;
	for (size_t i = 0; i < account->session_count; i++) {
		const struct store_session_row *row = &account->sessions[i];

		items[i].text[0] = row->session.device;
		page_set(&show->values, PLACE_time, show_time(show, row->session.auth_at_s));
		items[i].text[1] = show_sentence(show, TEXT_account_since);
		if (lk_str_is(this_one, row->name))
			items[i].text[2] = LK_STR("yes");
	}
	show->values.items[0] = items;
	show->values.item_count[0] = account->session_count;
	return LK_OK;
}

enum lk_err
account_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	struct account account;
	struct asker asker;
	struct show show;
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	err = account_read(&asker, stored->session.person_id, &account);
	if (err != LK_OK)
		return err;
	show_begin(&show, flow->fast, req, stored, res);
	just_done_fill(&show, &account);
	verdict_fill(&show, &account);
	proofs_fill(&show, &account);
	err = sessions_fill(&show, &asker, &account);
	if (err == LK_OK)
		err = account_allowed_fill(&show, &account.factors);
	if (err == LK_OK)
		err = show_form(&show, JOB_NONE);
	return err == LK_OK ? show_page(&show, PAGE_account, 200) : err;
}

/* --- everywhere else ------------------------------------------------------------------------ */

enum lk_err
account_signout_others_run(struct flow *flow, const struct req *req,
			   const struct store_answer *stored, struct res *res)
{
	struct lk_str person_id = stored->session.person_id;
	struct subject subject = {
	    .is_known = true, .person = {.id = person_id, .username = stored->session.username}};
	struct crypto_digest this_one;
	struct store_change changes[] = {
	    {.kind = STORE_SESSIONS_END_ALL, .person_id = person_id, .key = &this_one},
	    {.kind = STORE_TRUST_END_ALL, .person_id = person_id},
	};
	struct store_result result;
	struct asker asker;
	enum lk_err err = audit_check(flow->fast->audit);

	asker_of_req(flow, req, &asker);
	session_key(flow->fast->ring, req->cookie[COOKIE_SESSION], &this_one);
	if (err == LK_OK)
		err = store_commit(flow->store, changes, 2, &result);
	if (err == LK_OK)
		err = trail_event(&asker, &subject, AUDIT_SESSIONS_ENDED, LK_OK);
	return err == LK_OK ? show_way(res, req->arena, "/account") : err;
}
