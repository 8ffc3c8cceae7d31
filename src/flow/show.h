/* SPDX-License-Identifier: MIT */
/* From what a flow decided to what people see: the frame of every page, errors on it, ways on. */
#ifndef LK_FLOW_SHOW_H
#define LK_FLOW_SHOW_H

#include "flow/next.h"
#include "flow/steps.h"

/* What pages are made from; stored may be NULL. */
struct show {
	const struct fast *fast;
	const struct req *req;
	const struct store_answer *stored;
	struct res *res;
	struct page_values values;
};

/* Fill the frame: names, help, languages, menu when signed in, reference. */
void
show_begin(struct show *show, const struct fast *fast, const struct req *req,
	   const struct store_answer *stored, struct res *res);
/* The page, with this status. Always LK_OK or LK_E_MEMORY. */
enum lk_err
show_page(struct show *show, enum page_id page, int status) LK_MUST_CHECK;
/*
 * The form again, with what is wrong at its field; leaves no earlier than every other refusal. An
 * err that is not told at a field comes back as it is and nothing is shown.
 */
enum lk_err
show_again(struct show *show, enum page_id page, enum lk_err err) LK_MUST_CHECK;
/* 303 to a path of ours. */
enum lk_err
show_way(struct res *res, struct lk_arena *arena, const char *path) LK_MUST_CHECK;
/* The page of a refusal, with its status; detail may be NULL. */
void
show_refusal(struct show *show, enum lk_err err, const struct flow_detail *detail);

/*
 * Set {form_key} for the journey of job where it stands, or for the session (JOB_NONE); makes the
 * browser's cookie when there is none.
 */
enum lk_err
show_form(struct show *show, enum job job) LK_MUST_CHECK;

/* The application a journey began at, where there is one: for captions, forms and ways on. */
void
show_application(struct show *show, struct lk_str client_id);
/* The same, and where it goes on when it is done: for links to other pages on its way. */
void
show_onward(struct show *show, const struct onward *onward);
/* The one the address or form names, and where it goes on; the language links keep both. */
void
show_application_asked(struct show *show);
void
show_onward_asked(const struct show *show, struct onward *out);

/* This answer leaves no earlier than every other refusal (signin.policy even_out). */
void
show_even(const struct fast *fast, const struct req *req, struct res *res);

/* For places, in the request's arena: "10:11am today", "Monday 1 December", "30 minutes", "12". */
struct lk_str
show_time(const struct show *show, int64_t at_s);
struct lk_str
show_date(const struct show *show, int64_t at_s);
struct lk_str
show_duration(const struct show *show, int64_t duration_s);
struct lk_str
show_number(const struct show *show, int64_t number);
/* One sentence in the person's language, with the places that are set. */
struct lk_str
show_sentence(const struct show *show, enum text_id text);

#endif
