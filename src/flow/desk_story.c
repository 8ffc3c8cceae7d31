/* SPDX-License-Identifier: MIT */
#include "flow/desk_story.h"

#include "page/page.h"

#define SENTENCE_MAX_BYTES 2048u

struct lk_str
desk_sentence(const struct asker *asker, const struct audit_record *record)
{
	const struct audit_line *line = &record->line;
	struct lk_str out = {NULL, 0};
	struct page_values values;
	LK_AUTO_BUF buf;

	lk_buf_init(&buf, SENTENCE_MAX_BYTES);
	page_values_init(&values);
	page_set(&values, PLACE_username, line->username);
	page_set(&values, PLACE_actor, line->actor);
	page_set(&values, PLACE_reason, line->reason);
	page_sentence(&buf, page_text_find(audit_event_text_key(line->event)), asker->lang,
		      &values);
	if (lk_buf_is_ok(&buf))
		out = lk_arena_dup(asker->arena, lk_buf_str(&buf));
	return out;
}

struct story {
	const struct lk_call *call;
	audit_visit *visit;
	void *context;
};

static bool
visit_in_time(const struct audit_record *record, void *context)
{
	const struct story *story = context;

	return lk_call_left_ms(story->call) > 0 && story->visit(record, story->context);
}

enum lk_err
desk_story(const struct asker *asker, const struct audit_query *query, audit_visit *visit,
	   void *context)
{
	struct story story = {asker->flow->call, visit, context};

	return audit_read(asker->flow->fast->conf->audit_file, query, visit_in_time, &story);
}
