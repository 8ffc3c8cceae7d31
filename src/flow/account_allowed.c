/* SPDX-License-Identifier: MIT */
/*
 * What people allowed applications to know of them: listed on their account page, and taken back
 * there, with what the application holds.
 */
#include "flow/account_allowed.h"

#include "flow/consent.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/trail.h"
#include "policy/application.h"

/* --- the list ------------------------------------------------------------------------------- */

/* Of one that asks nobody any more, or is not there any more, there is nothing to take back. */
static const struct policy_application *
application_of(const struct fast *fast, const struct dir_factors *factors,
	       const struct consent *consent)
{
	const struct policy_application *application =
	    policy_application_find(fast->policy, consent->client_id);
	struct consent first;

	if (application == NULL || application->consent != POLICY_CONSENT_ASK ||
	    !consent_find(factors, consent->client_id, &first) ||
	    first.text.ptr != consent->text.ptr)
		return NULL;
	return application;
}

static void
item_fill(struct show *show, const struct policy_application *application,
	  const struct consent *consent, struct page_item *out)
{
	out->text[0] = lk_str_c(show->req->lang == LANG_CY ? application->name_cy
							   : application->name_en);
	page_set(&show->values, PLACE_application_name, out->text[0]);
	page_set(&show->values, PLACE_time, show_date(show, consent->at_s));
	out->text[1] = show_sentence(show, TEXT_account_allowed_since);
	out->text[2] = lk_str_c(application->client_id);
	out->text[3] = show_sentence(show, TEXT_account_take_back_what);
}

enum lk_err
account_allowed_fill(struct show *show, const struct dir_factors *factors)
{
	struct page_item *items =
	    lk_arena_alloc(show->req->arena, (factors->allowed_count + 1) * sizeof *items);
	size_t count = 0;

	if (items == NULL)
		return LK_E_MEMORY;
	for (size_t i = 0; i < factors->allowed_count; i++) {
		const struct policy_application *application;
		struct consent consent;

		if (!consent_read(factors->allowed[i], &consent))
			continue;
		application = application_of(show->fast, factors, &consent);
		if (application != NULL)
			item_fill(show, application, &consent, &items[count++]);
	}
	show->values.items[1] = items;
	show->values.item_count[1] = count;
	return LK_OK;
}

/* --- taken back ----------------------------------------------------------------------------- */

static enum lk_err
audit(const struct asker *asker, const struct subject *subject, struct lk_str client_id)
{
	struct trail trail = {
	    .event = AUDIT_CONSENT_ENDED,
	    .actor = client_id,
	    .session = session_label(asker, asker->session),
	};

	return trail_write(asker, subject, &trail);
}

enum lk_err
account_take_back_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		      struct res *res)
{
	struct subject subject = {.is_known = true,
				  .person = {.id = stored->session.person_id,
					     .username = stored->session.username}};
	struct lk_str client_id = req->field[FIELD_client_id];
	struct asker asker;
	enum lk_err err = audit_check(flow->fast->audit);

	asker_of_req(flow, req, &asker);
	if (policy_application_find(flow->fast->policy, client_id) == NULL)
		return LK_E_FORM_STALE;
	if (err == LK_OK)
		err = consent_end(&asker, &subject, client_id);
	if (err == LK_OK)
		err = audit(&asker, &subject, client_id);
	return err == LK_OK ? show_way(res, req->arena, "/account") : err;
}
