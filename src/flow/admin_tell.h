/* SPDX-License-Identifier: MIT */
/* An answer of the admin door on its way: members of one JSON object, and sentences. */
#ifndef LK_FLOW_ADMIN_TELL_H
#define LK_FLOW_ADMIN_TELL_H

#include "base/json.h"
#include "flow/admin_door.h"
#include "flow/desk.h"
#include "page/page.h"

/* One question being answered. */
struct admin {
	struct desk desk;
	const struct lk_json *asked;
	struct lk_buf *out; /* begun with {"ok":true,"ref":… ; members follow, each with a comma */
	struct lk_buf text;	   /* elements of "text", joined */
	struct page_values values; /* for sentences */
	enum text_id refusal;	   /* what an error is told with; TEXT_NONE: its row's text */
};
/* LK_OK: the answer is in out and text; else it is forgotten and the error told. */
typedef enum lk_err
admin_run(struct admin *admin);

/* A text member of the question; nothing when it is not there. */
struct lk_str
admin_asked(const struct admin *admin, const char *name);
int64_t
admin_asked_number(const struct admin *admin, const char *name);
bool
admin_asked_flag(const struct admin *admin, const char *name);

void
admin_put(struct lk_buf *out, const char *name, struct lk_str value);
void
admin_put_c(struct lk_buf *out, const char *name, const char *value);
void
admin_put_number(struct lk_buf *out, const char *name, int64_t value);
void
admin_put_flag(struct lk_buf *out, const char *name, bool value);

/* A sentence of "text" with the values set so far. */
void
admin_say(struct admin *admin, enum text_id text);
void
admin_say_str(struct admin *admin, struct lk_str text);
/* Places of times and numbers, in words. */
void
admin_set_time(struct admin *admin, int64_t at_s);
void
admin_set_until(struct admin *admin, int64_t until_s); /* time and duration */
void
admin_set_date(struct admin *admin, int64_t at_s);
void
admin_set_count(struct admin *admin, int64_t count);

/*
 * A list that may be longer than one answer: begin, then for each element from "from" on, write it
 * and ask whether it fitted; end says where to go on.
 */
struct admin_list {
	struct admin *admin;
	int64_t index, from, next; /* next 0: all of it */
	size_t mark;
};
void
admin_list_begin(struct admin_list *list, struct admin *admin, const char *name);
/* False: this element is not wanted, or there is no room any more. */
bool
admin_list_wants(struct admin_list *list);
/* Behind an element; false: it is taken back, the list ends here. */
bool
admin_list_fits(struct admin_list *list);
void
admin_list_end(struct admin_list *list);

/* Verbs. */
admin_run admin_status_run, admin_doctor_run, admin_routes_run, admin_config_show_run;
admin_run admin_user_find_run, admin_user_show_run, admin_user_unlock_run, admin_user_signout_run;
admin_run admin_user_history_run, admin_explain_run;
admin_run admin_key_list_run, admin_key_rotate_run, admin_key_retire_run;

#endif
