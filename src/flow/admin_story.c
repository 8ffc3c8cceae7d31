/* SPDX-License-Identifier: MIT */
#include "flow/admin_story.h"

#include "flow/desk_story.h"

#define LAST_EVENTS 10u

static void
event_put(struct admin *admin, const struct audit_record *record)
{
	const struct audit_line *line = &record->line;
	struct lk_buf *out = admin->out;

	admin_put_number(out, "at_s", record->at_s);
	admin_put_c(out, "event", audit_event_name(line->event));
	admin_put_c(out, "result", line->result == LK_OK ? "OK" : lk_err_row(line->result)->name);
	admin_put(out, "ref", line->ref);
	admin_put(out, "username", line->username);
	admin_put(out, "actor", line->actor);
	admin_put(out, "door", line->door);
	admin_put(out, "address", line->address);
	admin_put(out, "detail", line->detail);
	admin_put(out, "text", desk_sentence(&admin->desk.asker, record));
}

static bool
event_visit(const struct audit_record *record, void *context)
{
	struct admin_list *list = context;

	if (!admin_list_wants(list))
		return true;
	event_put(list->admin, record);
	return admin_list_fits(list);
}

/* No log yet has no lines. */
static enum lk_err
events_put(struct admin_list *list, const struct audit_query *query)
{
	struct admin *admin = list->admin;
	enum lk_err err = desk_story(&admin->desk.asker, query, event_visit, list);

	admin_list_end(list);
	return err == LK_E_NOT_FOUND ? LK_OK : err;
}

enum lk_err
admin_reference_tell(struct admin *admin, struct lk_str reference)
{
	const struct audit_query query = {.ref = reference};
	struct admin_list list;
	enum lk_err err;

	admin_list_begin(&list, admin, "events");
	err = events_put(&list, &query);
	if (err != LK_OK || list.index > 0)
		return err;
	admin->refusal = TEXT_ctl_reference_none;
	return LK_E_NOT_FOUND;
}

/* --- history --------------------------------------------------------------------------------- */

enum lk_err
admin_user_history_run(struct admin *admin)
{
	struct lk_str name = admin_asked(admin, "user");
	struct admin_list list;
	struct desk_view view;
	enum lk_err err;

	page_set(&admin->values, PLACE_username, name);
	err = desk_look(&admin->desk, name, &view);
	if (err != LK_OK)
		return err;
	admin_list_begin(&list, admin, "events");
	return events_put(&list, &(struct audit_query){
				     .person_id = view.subject.person.id,
				     .since_s = admin_asked_number(admin, "since_s"),
				 });
}

/* --- the last ones --------------------------------------------------------------------------- */

struct counting {
	int64_t count, last_signin_at_s;
};

static bool
count_visit(const struct audit_record *record, void *context)
{
	struct counting *counting = context;

	counting->count++;
	if (record->line.event == AUDIT_SIGNIN_DONE)
		counting->last_signin_at_s = record->at_s;
	return true;
}

enum lk_err
admin_last_signin_say(struct admin *admin, const struct desk_view *view)
{
	const struct audit_query query = {.person_id = view->subject.person.id};
	struct counting counting = {0};
	enum lk_err err = desk_story(&admin->desk.asker, &query, count_visit, &counting);

	if (err != LK_OK && err != LK_E_NOT_FOUND)
		return LK_OK; /* all else was told */
	admin_put_number(admin->out, "last_signin_at_s", counting.last_signin_at_s);
	admin_set_time(admin, counting.last_signin_at_s);
	admin_say(admin,
		  counting.last_signin_at_s == 0 ? TEXT_ctl_never_signed_in : TEXT_ctl_last_signin);
	return LK_OK;
}

enum lk_err
admin_last_events_put(struct admin *admin, const struct desk_view *view)
{
	const struct audit_query query = {.person_id = view->subject.person.id};
	struct counting counting = {0};
	struct admin_list list;
	enum lk_err err = desk_story(&admin->desk.asker, &query, count_visit, &counting);

	if (err != LK_OK && err != LK_E_NOT_FOUND)
		return err;
	admin_list_begin(&list, admin, "events");
	list.from = counting.count > LAST_EVENTS ? counting.count - LAST_EVENTS : 0;
	return events_put(&list, &query);
}
