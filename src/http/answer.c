/* SPDX-License-Identifier: MIT */
/* From a whole request to a filled res: in the loop, or by way of the store or a lane. */
#include "exchange/origin.h"
#include "http/again.h"

#include <assert.h>

void
answer_refuse(struct visit *visit, enum lk_err err)
{
	visit->refused = err;
	metric_count_http_refused_total(visit->fast->metrics, err, METRIC_NONE);
	flow_refuse(visit->fast, &visit->req, err, &visit->res);
	visit->answered_mono_ms = worker_now(visit->peer->worker);
	visit->stage = VISIT_READY;
}

static void
resume(struct visit *visit)
{
	visit->stage = VISIT_READY;
	visit->peer->worker->has_resumed = true;
	MHD_resume_connection(visit->peer->connection);
}

static void
suspend(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;

	visit->stage = VISIT_WAITS;
	visit->next_to_suspend = worker->to_suspend;
	worker->to_suspend = visit;
}

/*
 * Not from inside its run: there the library still has the connection down as one to read from, and
 * on its return would read in vain, wait for it anew and let go of it again with the next request;
 * three system calls each time. Nothing happens to a connection in a run behind its handler.
 */
void
answers_suspend(struct worker *worker)
{
	while (worker->to_suspend != NULL) {
		struct visit *visit = worker->to_suspend;

		worker->to_suspend = visit->next_to_suspend;
		MHD_suspend_connection(visit->peer->connection);
	}
}

static void
hold_over(struct timer *timer)
{
	resume((struct visit *)((char *)timer - offsetof(struct visit, hold)));
}

void
answers_hurry(struct worker *worker)
{
	timers_hurry(&worker->timers, hold_over);
}

/* Nobody waits once the loop is to end. */
static bool
must_hold(const struct visit *visit)
{
	return visit->peer->worker->stage != WORKER_ENDS &&
	       visit->res.not_before_mono_ms > visit->answered_mono_ms;
}

static void
hold(struct visit *visit)
{
	visit->hold.fire = hold_over;
	timer_set(&visit->peer->worker->timers, &visit->hold, visit->res.not_before_mono_ms);
}

/* The connection is suspended; res is filled. */
static void
answered_later(struct visit *visit)
{
	visit->answered_mono_ms = visit->peer->worker->turn_mono_ms;
	if (must_hold(visit))
		hold(visit);
	else
		resume(visit);
}

/* Being let in at an application uses the session that lets in. */
static void
touch(const struct visit *visit, const struct store_answer *answer)
{
	struct store_ask ask = {0};

	if (visit->route->guard == GUARD_FORWARD && visit->res.status == 200 &&
	    flow_ask(visit->fast, visit->route, &visit->req, &ask))
		store_async_touch(visit->peer->worker->store, ask.session, &answer->session);
}

static void
fetched(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct visit *visit = context;
	struct flow_stored stored = {err, err == LK_OK ? answer : NULL};

	if (stored.answer != NULL)
		again_told(visit, stored.answer);
	flow_answer_loop(visit->fast, visit->route, &visit->req, &stored, &visit->res);
	if (stored.answer != NULL)
		touch(visit, stored.answer);
	answered_later(visit);
}

/* What the store told then and tells now decides; otherwise it is answered like any other. */
static void
fetched_again(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct visit *visit = context;
	enum lk_err body_err;

	if (err == LK_OK && again_is_still(visit, answer)) {
		server_body_wipe(visit);
		answered_later(visit);
		return;
	}
	again_drop(visit);
	body_err = server_body_read(visit);
	if (body_err != LK_OK) {
		answer_refuse(visit, body_err);
		answered_later(visit);
		return;
	}
	visit->ask.known = NULL;
	/* The same was told, but it is another second: what it was is to be read. */
	if (err == LK_OK && answer->is_as_known) {
		err = store_async_fetch(visit->peer->worker->store, &visit->call, &visit->ask,
					fetched, visit);
		if (err == LK_OK)
			return;
	}
	fetched(visit, err, answer);
}

/* res is filled, and nothing was waited for. */
static void
leave(struct visit *visit)
{
	visit->is_from_memory = true;
	visit->answered_mono_ms = worker_now(visit->peer->worker);
	visit->stage = VISIT_READY;
	if (!must_hold(visit))
		return;
	suspend(visit);
	hold(visit);
}

static void
answered_now(struct visit *visit, enum lk_err store_err, const struct store_answer *answer)
{
	struct flow_stored stored = {store_err, answer};

	flow_answer_loop(visit->fast, visit->route, &visit->req, &stored, &visit->res);
	leave(visit);
}

/* The store does not answer: whatever is known, that is what is told. */
static void
answered_instead(struct visit *visit, enum lk_err err)
{
	struct flow_stored stored = {err, NULL};
	struct lk_buf body = visit->res.body;

	lk_buf_clear(&body);
	visit->res = (struct res){.body = body};
	flow_answer_loop(visit->fast, visit->route, &visit->req, &stored, &visit->res);
}

static void
fetched_anyway(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct visit *visit = context;

	(void)answer;
	if (err != LK_OK)
		answered_instead(visit, err);
	answered_later(visit);
}

/*
 * What memory holds is told at once to whoever it is told to. Everybody else is answered as of a
 * token there is not, after a trip: how soon they hear tells them nothing about it.
 */
static void
known_begin(struct visit *visit, struct store_ask *ask, const struct store_answer *known)
{
	struct flow_stored stored = {LK_OK, known};
	enum lk_err err;

	flow_answer_loop(visit->fast, visit->route, &visit->req, &stored, &visit->res);
	if (visit->res.is_repeatable || !flow_ask(visit->fast, visit->route, &visit->req, ask)) {
		leave(visit);
		return;
	}
	err =
	    store_async_fetch(visit->peer->worker->store, &visit->call, ask, fetched_anyway, visit);
	if (err == LK_OK) {
		suspend(visit);
		return;
	}
	answered_instead(visit, err);
	leave(visit);
}

static void
loop_begin(struct visit *visit)
{
	struct store_async *store = visit->peer->worker->store;
	struct store_ask ask = {0};
	struct store_answer known;
	enum lk_err err = LK_OK;

	if (flow_ask_token(visit->fast, visit->route, &visit->req, &ask) &&
	    store_async_find(store, &visit->call, ask.token, &known)) {
		known_begin(visit, &ask, &known);
		return;
	}
	if (flow_ask(visit->fast, visit->route, &visit->req, &ask)) {
		visit->ask = ask;
		err = store_async_fetch(store, &visit->call, &ask, fetched, visit);
		if (err == LK_OK) {
			suspend(visit);
			return;
		}
	}
	answered_now(visit, err, NULL);
}

/* On a lane's thread: nothing of the worker's is touched here. */
static void
lane_run(struct flow *flow, struct lane_job *job)
{
	struct visit *visit = (struct visit *)((char *)job - offsetof(struct visit, job));

	flow_answer_lane(flow, visit->route, &visit->req, &visit->res);
}

/* On another thread: these, linked by next, wait to be taken, and are not ours any more. */
static void
finish(struct worker *worker, struct visit *newest, struct visit *oldest)
{
	bool must_wake;

	pthread_mutex_lock(&worker->lock);
	must_wake = worker->finished == NULL;
	oldest->next = worker->finished;
	worker->finished = newest;
	pthread_mutex_unlock(&worker->lock);
	if (must_wake)
		worker_wake(worker);
}

static void
lane_done(struct lane_job *job, bool is_run)
{
	struct visit *visit = (struct visit *)((char *)job - offsetof(struct visit, job));

	if (!is_run)
		visit->refused = LK_E_BUSY;
	finish(visit->peer->worker, visit, visit);
}

/* --- what needs no lane ----------------------------------------------------------------------- */

static void
prepared_answer(struct visit *visit, enum lk_err err)
{
	flow_answer_prepared(visit->fast, &visit->req, visit->prepared, err, &visit->res);
}

static struct visit *
visit_of(struct audit_note *note)
{
	return (struct visit *)((char *)note - offsetof(struct visit, note));
}

/* On the audit log's thread. */
static void
noted(struct audit_note *notes)
{
	struct visit *newest = NULL, *oldest = visit_of(notes);
	struct worker *worker = notes->owner;

	for (; notes != NULL; notes = notes->next) {
		struct visit *visit = visit_of(notes);

		visit->next = newest;
		newest = visit;
	}
	finish(worker, newest, oldest);
}

static void
note_late(struct timer *timer)
{
	struct visit *visit = (struct visit *)((char *)timer - offsetof(struct visit, hold));

	/* It may be on its way back this very moment. */
	if (!audit_note_leave(visit->fast->audit, &visit->note))
		return;
	prepared_answer(visit, LK_E_AUDIT_DOWN);
	answered_later(visit);
}

static enum lk_err
note_begin(struct visit *visit)
{
	enum lk_err err;

	visit->note.done = noted;
	visit->note.owner = visit->peer->worker;
	visit->noted_mono_ms = visit->peer->worker->turn_mono_ms;
	err = audit_note(visit->fast->audit, &visit->prepared->line, visit->arena, &visit->note);
	if (err != LK_OK)
		return err;
	visit->peer->worker->noted = visit->fast->audit;
	visit->hold.fire = note_late;
	timer_set(&visit->peer->worker->timers, &visit->hold, visit->req.deadline_mono_ms);
	return LK_OK;
}

static void
put(void *context, enum lk_err err, const struct store_answer *answer)
{
	struct visit *visit = context;

	(void)answer;
	if (err == LK_OK)
		err = note_begin(visit);
	if (err == LK_OK)
		return;
	prepared_answer(visit, err);
	answered_later(visit);
}

static void
note_finished(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;
	struct metrics *metrics = visit->fast->metrics;

	timer_clear(&worker->timers, &visit->hold);
	metric_time_audit_sync_duration_seconds(metrics, METRIC_NONE, METRIC_NONE,
						(worker->turn_mono_ms - visit->noted_mono_ms) *
						    1000);
	if (visit->note.result == LK_OK)
		metric_count_audit_lines_total(metrics, METRIC_NONE, METRIC_NONE);
	prepared_answer(visit, visit->note.result);
}

/* False: a lane must do it. */
static bool
prepared_begin(struct visit *visit)
{
	enum lk_err err;

	visit->prepared =
	    flow_prepare(visit->fast, visit->route, &visit->req, &visit->call, &visit->res);
	if (visit->prepared == NULL)
		return false;
	/* Nothing is changed that could not be told of. */
	err = audit_check(visit->fast->audit);
	if (err == LK_OK)
		err = store_async_put(visit->peer->worker->store, &visit->call,
				      &visit->prepared->change, put, visit);
	if (err == LK_OK) {
		suspend(visit);
		return true;
	}
	prepared_answer(visit, err);
	visit->answered_mono_ms = worker_now(visit->peer->worker);
	visit->stage = VISIT_READY;
	return true;
}

void
answer_finished(struct visit *visit)
{
	if (visit->prepared != NULL)
		note_finished(visit);
	else if (visit->refused != LK_OK)
		answer_refuse(visit, visit->refused);
	answered_later(visit);
}

/* --- a lane ---------------------------------------------------------------------------------- */

static struct lane_pool *
pool_of(const struct visit *visit)
{
	const struct http *http = visit->peer->worker->http;

	return visit->route->where == ROUTE_LANE || visit->route->where == ROUTE_LIGHT
		   ? http->lanes
		   : http->quick;
}

static void
lane_begin(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;
	enum lk_err err = LK_E_BUSY;

	if (visit->route->where == ROUTE_LIGHT)
		origin_address_key(visit->fast->ring, visit->req.address, &visit->req.address_key);
	visit->req.clients = NULL; /* this thread's */
	visit->job.run = lane_run;
	visit->job.done = lane_done;
	visit->job.fast = visit->fast;
	visit->job.call = visit->call;
	if (worker->stage < WORKER_QUIET)
		err = lane_submit(pool_of(visit), &visit->job);
	/* However soon it is done: it comes back to this thread, which is here. */
	if (err == LK_OK)
		suspend(visit);
	else
		answer_refuse(visit, err);
}

static void
preflight(struct visit *visit)
{
	enum lk_err err = flow_preflight(visit->fast, &visit->req, &visit->res);

	if (err != LK_OK) {
		answer_refuse(visit, err);
		return;
	}
	visit->answered_mono_ms = worker_now(visit->peer->worker);
	visit->stage = VISIT_READY;
}

/* --- any of them ----------------------------------------------------------------------------- */

static void
first_begin(struct visit *visit)
{
	enum lk_err err = server_body_read(visit);

	if (err != LK_OK)
		answer_refuse(visit, err);
	else if (visit->is_preflight)
		preflight(visit);
	else if (flow_route_where(visit->route, &visit->req) == ROUTE_LOOP)
		loop_begin(visit);
	else if (!prepared_begin(visit))
		lane_begin(visit);
}

static void
again_begin(struct visit *visit)
{
	if (store_async_fetch(visit->peer->worker->store, &visit->call, &visit->ask, fetched_again,
			      visit) == LK_OK) {
		suspend(visit);
		return;
	}
	again_drop(visit);
	first_begin(visit);
}

void
answer_begin(struct visit *visit)
{
	visit->call = (struct lk_call){visit->fast->clock, visit->arena, &visit->why,
				       visit->req.deadline_mono_ms};
	switch (again_find(visit)) {
	case AGAIN_GIVEN:
		server_body_wipe(visit);
		visit->answered_mono_ms = visit->peer->worker->turn_mono_ms;
		visit->stage = VISIT_READY;
		break;
	case AGAIN_ASKS:
		again_begin(visit);
		break;
	case AGAIN_NOT:
		first_begin(visit);
		break;
	}
}
