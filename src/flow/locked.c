/* SPDX-License-Identifier: MIT */
#include "flow/locked.h"

#include "flow/handlers.h"
#include "flow/show.h"

/* "UNTIL COUNT NEXT", in the note of a journey that stands at LOCKED, and of its unlock. */
static struct lk_str
note_write(const struct asker *asker, struct lk_str next)
{
	const struct flow_detail *detail = &asker->flow->detail;

	return lk_arena_printf(asker->arena, "%lld %u %.*s", (long long)detail->until_s,
			       detail->count, LK_STR_ARGS(next));
}

static void
note_read(struct lk_str note, struct flow_detail *out, struct lk_str *out_next)
{
	struct lk_str until, counted;
	uint64_t until_s = 0, count = 0;

	*out = (struct flow_detail){0};
	*out_next = lk_str_n(NULL, 0);
	if (!lk_str_split(&note, ' ', &until) || !lk_str_to_u64(until, &until_s) ||
	    !lk_str_split(&note, ' ', &counted) || !lk_str_to_u64(counted, &count))
		return;
	out->until_s = (int64_t)until_s;
	out->count = (uint32_t)count;
	*out_next = next_check(note);
}

void
locked_onward(const struct store_journey *journey, struct onward *out)
{
	struct flow_detail detail;

	out->application = journey->application;
	note_read(journey->note, &detail, &out->next);
}

static struct store_journey *
journey_make(const struct asker *asker, const struct subject *subject, const struct onward *onward)
{
	struct store_journey *journey = lk_arena_alloc(asker->arena, sizeof(*journey));

	if (journey == NULL)
		return NULL;
	*journey = (struct store_journey){
	    .username = subject->typed,
	    .application = onward->application,
	    .reference = asker->reference,
	    .note = note_write(asker, onward->next),
	    .at_s = asker->now_s,
	};
	return journey;
}

/* Who asked for an unlock, so that the next page need not. */
static enum lk_err
unlock_begin(const struct asker *asker, const struct store_journey *locked,
	     const struct step_move *signin, struct store_change *out)
{
	struct store_answer nothing = {.epoch = signin->stored->epoch};
	struct store_journey *journey = lk_arena_alloc(asker->arena, sizeof(*journey));
	struct step_move move = {JOB_UNLOCK, EVENT_BEGUN, &nothing, signin->life_s};
	enum lk_err err;

	if (journey == NULL)
		return LK_E_MEMORY;
	*journey = *locked;
	err = steps_move(asker, &move, journey, out);
	out->kind = STORE_JOURNEY_PUT;
	return err;
}

enum lk_err
locked_lead(const struct asker *asker, const struct subject *subject,
	    const struct store_answer *stored, const struct onward *onward, struct res *res)
{
	struct policy_reset reset;
	struct policy_who nobody = {0};
	struct store_journey *journey = journey_make(asker, subject, onward);
	struct store_change changes[2];
	struct store_result result;
	struct step_move move = {JOB_SIGNIN, EVENT_LOCKED_OUT, stored, 0};
	enum lk_err err;

	policy_reset_ask(asker->flow->fast->policy, &nobody, &reset);
	move.life_s = reset.journey_s;
	if (journey == NULL)
		return LK_E_MEMORY;
	err = steps_move(asker, &move, journey, &changes[0]);
	if (err == LK_OK)
		err = unlock_begin(asker, journey, &move, &changes[1]);
	changes[0].kind = STORE_JOURNEY_PUT;
	if (err == LK_OK)
		err = store_commit(asker->flow->store, changes, 2, &result);
	if (err == LK_OK)
		err = show_way(res, asker->arena, "/locked");
	return err;
}

enum lk_err
locked_page_answer(const struct fast *fast, const struct req *req,
		   const struct store_answer *stored, struct res *res)
{
	struct flow_detail detail;
	struct onward onward = {.application = stored->journey.application};
	struct show show;

	if (!stored->has_journey || stored->journey.state != STATE_LOCKED)
		return show_way(res, req->arena, "/signin");
	show_begin(&show, fast, req, NULL, res);
	note_read(stored->journey.note, &detail, &onward.next);
	page_set(&show.values, PLACE_reference, stored->journey.reference);
	show_onward(&show, &onward);
	if (detail.until_s != 0 && detail.until_s <= lk_clock_wall_s(fast->clock))
		return show_way(res, req->arena, "/signin");
	show_refusal(&show, LK_E_ACCOUNT_LOCKED, &detail);
	res->not_before_mono_ms = 0;
	return LK_OK;
}
