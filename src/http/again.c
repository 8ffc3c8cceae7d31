/* SPDX-License-Identifier: MIT */
#include "http/again.h"

#include <stdlib.h>
#include <string.h>

#define ROWS		   1024u /* a power of two */
#define QUESTION_MAX_BYTES 2048u /* a longer one is answered each time */

struct row {
	struct again_question question;
	struct MHD_Response *response; /* NULL: asked for once so far */
	const char *content_type;
};

struct again {
	struct crypto_fingerprint_key key;
	struct row rows[ROWS];
};

struct again *
again_new(void)
{
	struct again *again = calloc(1, sizeof *again);

	if (again != NULL)
		crypto_fingerprint_key_make(&again->key);
	return again;
}

static void
forget(struct row *row)
{
	if (row->response != NULL)
		MHD_destroy_response(row->response);
	row->response = NULL;
}

void
again_free(struct again *again)
{
	if (again == NULL)
		return;
	for (size_t i = 0; i < ROWS; i++)
		forget(&again->rows[i]);
	free(again);
}

/* --- the question --------------------------------------------------------------------------- */

struct written {
	char bytes[QUESTION_MAX_BYTES];
	size_t len;
	bool is_whole;
};

/* Each with its length before it, so that no two lists of pieces read the same. */
static void
piece_add(struct written *out, struct lk_str piece)
{
	uint32_t len = (uint32_t)piece.len;

	out->is_whole = out->is_whole && piece.len + sizeof len <= sizeof out->bytes - out->len;
	if (!out->is_whole)
		return;
	memcpy(out->bytes + out->len, &len, sizeof len);
	if (len > 0)
		memcpy(out->bytes + out->len + sizeof len, piece.ptr, len);
	out->len += sizeof len + len;
}

static void
question_write(const struct visit *visit, struct written *out)
{
	const struct req *req = &visit->req;

	out->len = 0;
	out->is_whole = true;
	piece_add(out, lk_str_n((const char *)&visit->route, sizeof visit->route));
	piece_add(out, visit->target);
	piece_add(out, req->address);
	piece_add(out, visit->content_type);
	for (int i = HEADER_NONE + 1; i < HEADER_COUNT; i++) {
		if (req->header[i].ptr == NULL)
			continue;
		piece_add(out, lk_str_n((const char *)&i, sizeof i));
		piece_add(out, req->header[i]);
	}
	piece_add(out, lk_str_n(visit->body, visit->body_len));
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

/* False: it is answered by itself. */
static bool
ask(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;
	struct again_question *question = &visit->question;
	struct written written;

	if (!may_ask(visit))
		return false;
	question->store =
	    visit->route->guard == GUARD_TOKEN ? store_async_state(worker->store) : UINT64_MAX;
	if (question->store == 0)
		return false;
	question_write(visit, &written);
	if (written.is_whole) {
		crypto_fingerprint_make(&worker->again->key, lk_str_n(written.bytes, written.len),
					&question->print);
		flow_state(visit->fast, &question->flow);
	}
	explicit_bzero(written.bytes, written.len);
	return written.is_whole;
}

/* --- its answer ----------------------------------------------------------------------------- */

static struct row *
row_of(const struct visit *visit)
{
	return &visit->peer->worker->again->rows[visit->question.print.half[0] & (ROWS - 1)];
}

static bool
is_same_state(const struct again_question *a, const struct again_question *b)
{
	return a->store == b->store && a->flow.wall_s == b->flow.wall_s &&
	       a->flow.configuration == b->flow.configuration && a->flow.keys == b->flow.keys &&
	       a->flow.guesses == b->flow.guesses;
}

bool
again_find(struct visit *visit)
{
	const struct row *row;

	visit->has_question = ask(visit);
	if (!visit->has_question)
		return false;
	row = row_of(visit);
	if (row->response == NULL || !is_same_state(&row->question, &visit->question) ||
	    !crypto_fingerprint_is_equal(&row->question.print, &visit->question.print))
		return false;
	if (visit->route->guard == GUARD_TOKEN)
		metric_count_token_cache_hits_total(visit->fast->metrics, METRIC_NONE, METRIC_NONE);
	visit->again = row->response;
	visit->res.status = MHD_HTTP_OK;
	visit->res.content_type = row->content_type;
	return true;
}

/* Whoever asks once would only drive out who asks often. */
static bool
is_second(struct row *row, const struct again_question *question)
{
	bool is_known = crypto_fingerprint_is_equal(&row->question.print, &question->print);

	forget(row);
	row->question = *question;
	return is_known;
}

bool
again_keep(struct visit *visit, struct MHD_Response *response)
{
	struct row *row = row_of(visit);

	if (!is_second(row, &visit->question))
		return false;
	row->response = response;
	row->content_type = visit->res.content_type;
	return true;
}
