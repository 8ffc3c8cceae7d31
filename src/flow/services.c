/* SPDX-License-Identifier: MIT */
/* Where people land: the services they may use, and what they should know first. */
#include "flow/handlers.h"
#include "flow/show.h"
#include "policy/application.h"

#define CARDS_MAX 60u

static struct page_item
card_of(const struct show *show, const struct policy_application *application)
{
	bool is_welsh = show->req->lang == LANG_CY;

	return (struct page_item){
	    .text = {
		lk_str_c(application->start_url),
		lk_str_c(is_welsh ? application->name_cy : application->name_en),
		lk_str_c(is_welsh ? application->description_cy : application->description_en),
	    }};
}

/* Who may see what was settled at sign-in; what an application looks like is as of now. */
static size_t
cards_fill(const struct show *show, struct page_item cards[CARDS_MAX])
{
	struct lk_str client_id, rest = show->stored->session.applications;
	const struct policy_application *application;
	size_t count = 0;

	while (count < CARDS_MAX && lk_str_split(&rest, ' ', &client_id)) {
		application = policy_application_find(show->fast->policy, client_id);
		if (application != NULL && policy_application_is_listed(application))
			cards[count++] = card_of(show, application);
	}
	return count;
}

static void
notice_fill(struct show *show)
{
	const struct store_session *session = &show->stored->session;
	const char *key = lk_arena_c(show->req->arena, session->notice);

	if (key == NULL || session->notice.len == 0)
		return;
	page_set(&show->values, PLACE_count, show_number(show, session->notice_at_s));
	page_set(&show->values, PLACE_date, show_date(show, session->notice_at_s));
	page_set(&show->values, PLACE_notice, show_sentence(show, page_text_find(key)));
}

enum lk_err
services_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		struct res *res)
{
	struct page_item cards[CARDS_MAX];
	struct show show;

	show_begin(&show, fast, req, stored, res);
	notice_fill(&show);
	show.values.items[0] = cards;
	show.values.item_count[0] = cards_fill(&show, cards);
	return show_page(&show, PAGE_services, 200);
}
