/* SPDX-License-Identifier: MIT */
/* The recovery codes, shown once: on the page, as a file, and then the way on. */
#include "flow/enrol.h"
#include "flow/enrol_kept.h"
#include "flow/handlers.h"
#include "flow/show.h"

#define FILE_MAX_BYTES 4096u

static enum lk_err
kept_read(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	  struct enrol_kept *out)
{
	const struct store_journey *journey = &stored->journey;
	enum lk_err err =
	    enrol_kept_open(fast->ring, journey->person_id, journey->sealed, req->arena, out);

	return err == LK_E_FORMAT ? LK_E_BROKEN : err;
}

static enum lk_err
codes_fill(struct show *show, const struct enrol_kept *kept)
{
	struct page_item *items =
	    lk_arena_alloc(show->req->arena, (kept->code_count + 1) * sizeof(*items));

	if (items == NULL)
		return LK_E_MEMORY;
	for (size_t i = 0; i < kept->code_count; i++)
		items[i].text[0] = kept->codes[i];
	show->values.items[0] = items;
	show->values.item_count[0] = kept->code_count;
	return show_form(show, JOB_ENROL);
}

enum lk_err
recovery_codes_page_answer(const struct fast *fast, const struct req *req,
			   const struct store_answer *stored, struct res *res)
{
	struct enrol_kept kept;
	struct show show;
	enum lk_err err;

	if (!enrol_is_at(stored, STATE_CODES))
		return enrol_lead(stored, req->arena, res);
	err = kept_read(fast, req, stored, &kept);
	if (err != LK_OK)
		return err;
	show_begin(&show, fast, req, stored, res);
	show_application(&show, stored->journey.application);
	err = codes_fill(&show, &kept);
	return err == LK_OK ? show_page(&show, PAGE_recovery_codes, 200) : err;
}

enum lk_err
recovery_codes_file_answer(const struct fast *fast, const struct req *req,
			   const struct store_answer *stored, struct res *res)
{
	struct enrol_kept kept;
	struct show show;
	enum lk_err err;

	if (!enrol_is_at(stored, STATE_CODES))
		return enrol_lead(stored, req->arena, res);
	err = kept_read(fast, req, stored, &kept);
	if (err != LK_OK)
		return err;
	show_begin(&show, fast, req, stored, res);
	page_set(&show.values, PLACE_account_name, stored->journey.username);
	lk_buf_clear(&res->body);
	lk_buf_add_str(&res->body, show_sentence(&show, page_text_find("recovery_codes_file")));
	lk_buf_add_c(&res->body, "\r\n\r\n");
	for (size_t i = 0; i < kept.code_count; i++)
		lk_buf_printf(&res->body, "%.*s\r\n", LK_STR_ARGS(kept.codes[i]));
	res->status = 200;
	res->content_type = "text/plain; charset=utf-8";
	res->disposition = LK_STR("attachment; filename=\"recovery-codes.txt\"");
	return lk_buf_is_ok(&res->body) ? LK_OK : LK_E_MEMORY;
}

/* --- saved ---------------------------------------------------------------------------------- */

/* A sign-in goes on: everything was shown that it asks for. */
static enum lk_err
let_in(const struct asker *asker, const struct store_answer *stored,
       const struct crypto_digest *answer, struct res *res)
{
	const struct store_journey *journey = &stored->journey;
	unsigned shown = journey->proofs | STORE_PROOF_TOTP;
	struct subject subject;
	struct arrival arrival = {
	    .job = JOB_ENROL,
	    .event = EVENT_CODES_SAVED,
	    .subject = &subject,
	    .stored = stored,
	    .answer = answer,
	    .shown = shown,
	    .has = shown,
	    .held = journey->held,
	    .application = journey->application,
	};
	enum lk_err err = steps_subject(asker, journey, &subject);

	if (err != LK_OK)
		return err;
	arrive_note_read(journey->note, &arrival.note);
	return arrive(asker, &arrival, res);
}

/* Somebody signed in stays so. */
static enum lk_err
end(const struct asker *asker, const struct store_answer *stored,
    const struct crypto_digest *answer, struct res *res)
{
	struct step_move move = {JOB_ENROL, EVENT_CODES_SAVED, stored, STEPS_DONE_LIFE_S};
	struct store_journey next = stored->journey;
	struct store_change change;
	struct store_result result;
	struct store_answer now;
	enum lk_err err;

	next.sealed = (struct lk_str){NULL, 0};
	next.answer = *answer;
	err = steps_move(asker, &move, &next, &change);
	if (err == LK_OK)
		err = store_commit(asker->flow->store, &change, 1, &result);
	if (err == LK_E_STORE_CONFLICT && steps_was_same(asker, JOB_ENROL, answer, &now))
		return arrive_again(asker, JOB_ENROL, &now.journey, res);
	return err == LK_OK ? arrive_again(asker, JOB_ENROL, &next, res) : err;
}

enum lk_err
recovery_codes_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		   struct res *res)
{
	struct crypto_digest answer;
	struct asker asker;
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	steps_answer(&asker, JOB_ENROL, NULL, &answer);
	if (steps_is_repeat(stored, &answer) && enrol_is_at(stored, STATE_DONE))
		return arrive_again(&asker, JOB_ENROL, &stored->journey, res);
	if (!enrol_is_at(stored, STATE_CODES))
		return LK_E_FORM_STALE;
	err = enrol_is_of_signin(&stored->journey) ? let_in(&asker, stored, &answer, res)
						   : end(&asker, stored, &answer, res);
	if (err == LK_OK)
		steps_count_done(&asker, JOB_ENROL, stored->journey.began_at_s);
	return err;
}
