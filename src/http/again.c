/* SPDX-License-Identifier: MIT */
#include "http/again.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 1024u /* a power of two */

struct row {
	struct again_question question;
	struct again_answer *answer; /* NULL: asked for once so far */
	bool is_told; /* the answer follows from what the store told, not from its state */
	struct crypto_digest token, grant; /* that it was asked for */
};

struct again_memory {
	struct crypto_fingerprint_key key;
	struct row rows[ROWS];
};

struct again_memory *
again_new(void)
{
	struct again_memory *again = calloc(1, sizeof *again);

	if (again != NULL)
		crypto_fingerprint_key_make(&again->key);
	return again;
}

static void
let_go(struct again_answer **answer)
{
	struct again_answer *held = *answer;

	*answer = NULL;
	if (held == NULL || --held->holder_count > 0)
		return;
	MHD_destroy_response(held->response);
	free(held);
}

void
again_drop(struct visit *visit)
{
	let_go(&visit->again);
}

void
again_free(struct again_memory *again)
{
	if (again == NULL)
		return;
	for (size_t i = 0; i < ROWS; i++)
		let_go(&again->rows[i].answer);
	free(again);
}

/* --- the question --------------------------------------------------------------------------- */

/* All of it that a handler sees. */
static bool
print_make(const struct visit *visit, struct crypto_fingerprint *out)
{
	const struct req *req = &visit->req;
	struct lk_str pieces[5 + 2 * HEADER_COUNT] = {
	    lk_str_n((const char *)&visit->route, sizeof visit->route), visit->target, req->address,
	    visit->content_type, lk_str_n(visit->body, visit->body_len)};
	int sent[HEADER_COUNT];
	size_t count = 5;

	for (int i = HEADER_NONE + 1; i < HEADER_COUNT; i++) {
		if (req->header[i].ptr == NULL)
			continue;
		sent[i] = i;
		pieces[count++] = lk_str_n((const char *)&sent[i], sizeof sent[i]);
		pieces[count++] = req->header[i];
	}
	return crypto_fingerprint_list(&visit->peer->worker->again->key, pieces, count, out);
}

static bool
may_ask(const struct visit *visit)
{
	const struct route *route = visit->route;

	return (flow_route_is_program(route) || route->guard == GUARD_OPEN) &&
	       !visit->is_preflight && !visit->is_body_too_large &&
	       (route->where == ROUTE_LOOP || route->where == ROUTE_BOTH) &&
	       visit->peer->worker->stage == WORKER_SERVES;
}

/* False: it has no answer that could be given again. */
static bool
ask(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;
	struct again_question *question = &visit->question;

	if (!may_ask(visit) || !print_make(visit, &question->print))
		return false;
	question->store =
	    visit->route->guard == GUARD_TOKEN ? store_async_state(worker->store) : UINT64_MAX;
	flow_state(visit->fast, &question->flow);
	return true;
}

/* --- its answer ----------------------------------------------------------------------------- */

static struct row *
row_of(const struct visit *visit)
{
	return &visit->peer->worker->again->rows[visit->question.print.half[0] & (ROWS - 1)];
}

/* An answer that would be given now to this question. */
static bool
has_answer(const struct row *row, const struct again_question *question)
{
	return row->answer != NULL &&
	       crypto_fingerprint_is_equal(&row->question.print, &question->print) &&
	       flow_state_is_same(&row->question.flow, &question->flow) &&
	       row->is_told == (question->store == 0) &&
	       (row->is_told || row->question.store == question->store);
}

/* Whoever asks once would only drive out who asks often. */
static bool
is_to_keep(struct row *row, const struct again_question *question)
{
	bool is_second = crypto_fingerprint_is_equal(&row->question.print, &question->print);

	if (has_answer(row, question))
		return false;
	let_go(&row->answer);
	row->question = *question;
	return is_second;
}

static void
hold(struct visit *visit, struct again_answer *answer)
{
	answer->holder_count++;
	visit->again = answer;
}

static void
give(struct visit *visit)
{
	visit->res.status = MHD_HTTP_OK;
	visit->res.content_type = visit->again->content_type;
}

/* The row may be another's when the store has answered. */
static bool
ask_again(struct visit *visit, const struct row *row)
{
	struct crypto_digest *copy = lk_arena_alloc(visit->arena, 2 * sizeof *copy);

	if (copy == NULL)
		return false;
	copy[0] = row->token;
	copy[1] = row->grant;
	visit->ask = (struct store_ask){
	    .token = &copy[0], .grant = &copy[1], .known = &row->answer->known};
	hold(visit, row->answer);
	return true;
}

enum again
again_find(struct visit *visit)
{
	const struct row *row;

	visit->has_question = ask(visit);
	if (!visit->has_question)
		return AGAIN_NOT;
	row = row_of(visit);
	if (!has_answer(row, &visit->question))
		return AGAIN_NOT;
	if (row->is_told)
		return ask_again(visit, row) ? AGAIN_ASKS : AGAIN_NOT;
	if (visit->route->guard == GUARD_TOKEN)
		metric_count_token_cache_hits_total(visit->fast->metrics, METRIC_NONE, METRIC_NONE);
	hold(visit, row->answer);
	give(visit);
	return AGAIN_GIVEN;
}

/* --- what the store told -------------------------------------------------------------------- */

bool
again_is_still(struct visit *visit, const struct store_answer *answer)
{
	/* Some time has passed. */
	flow_state(visit->fast, &visit->question.flow);
	if (!answer->is_as_known || !flow_state_is_same(&visit->again->flow, &visit->question.flow))
		return false;
	give(visit);
	return true;
}

void
again_told(struct visit *visit, const struct store_answer *answer)
{
	if (!visit->has_question || visit->question.store != 0 || visit->ask.token == NULL ||
	    visit->ask.grant == NULL || !is_to_keep(row_of(visit), &visit->question))
		return;
	visit->told = (struct store_known){answer->epoch,
					   lk_arena_dup(visit->arena, answer->raw_token),
					   lk_arena_dup(visit->arena, answer->raw_grant)};
	visit->is_told = visit->told.token.ptr != NULL && visit->told.grant.ptr != NULL;
}

static struct lk_str
copy(char *room, struct lk_str text)
{
	memcpy(room, text.ptr, text.len);
	return lk_str_n(room, text.len);
}

static struct again_answer *
answer_new(const struct visit *visit, struct MHD_Response *response)
{
	size_t told_len = visit->is_told ? visit->told.token.len + visit->told.grant.len : 0;
	struct again_answer *answer = malloc(sizeof *answer + told_len);
	char *room = (char *)(answer + 1);

	if (answer == NULL)
		return NULL;
	*answer = (struct again_answer){.response = response,
					.content_type = visit->res.content_type,
					.flow = visit->question.flow,
					.holder_count = 1};
	if (!visit->is_told)
		return answer;
	answer->known.epoch = visit->told.epoch;
	answer->known.token = copy(room, visit->told.token);
	answer->known.grant = copy(room + visit->told.token.len, visit->told.grant);
	return answer;
}

bool
again_keep(struct visit *visit, struct MHD_Response *response)
{
	struct row *row = row_of(visit);

	if (!is_to_keep(row, &visit->question))
		return false;
	row->answer = answer_new(visit, response);
	if (row->answer == NULL)
		return false;
	row->is_told = visit->is_told;
	if (!row->is_told)
		return true;
	row->token = *visit->ask.token;
	row->grant = *visit->ask.grant;
	return true;
}
