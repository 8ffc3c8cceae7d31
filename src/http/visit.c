/* SPDX-License-Identifier: MIT */
#include "http/again.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Most requests need no more than the first block; none may take more than the second. */
#define ARENA_FIRST_BYTES 16384u
#define ARENA_MAX_BYTES	  1048576u
/*
 * Making one and letting it go are system calls, for its memory stays off the disk. All workers'
 * together keep 16 MiB of what may.
 */
#define IDLE_MAX 1024u
/* A longer body's memory is given back, not kept for the next. */
#define BODY_KEPT_BYTES 16384u

static struct visit *
visit_make(void)
{
	struct visit *visit = calloc(1, sizeof *visit);

	if (visit == NULL)
		return NULL;
	visit->arena = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	if (visit->arena == NULL) {
		free(visit);
		return NULL;
	}
	lk_buf_init(&visit->res.body, RES_BODY_MAX_BYTES);
	return visit;
}

static void
visit_free(struct visit *visit)
{
	if (visit->sheet.response != NULL)
		MHD_destroy_response(visit->sheet.response);
	lk_arena_free(visit->arena);
	lk_buf_done(&visit->res.body);
	free(visit);
}

static struct visit *
idle_take(struct worker *worker)
{
	struct visit *visit = worker->idle;

	if (visit == NULL)
		return visit_make();
	worker->idle = visit->next;
	worker->idle_count--;
	return visit;
}

struct visit *
visit_new(struct peer *peer)
{
	struct worker *worker = peer->worker;
	struct visit *visit = idle_take(worker);
	struct lk_arena *arena;
	struct lk_buf body;

	if (visit == NULL)
		return NULL;
	arena = visit->arena;
	body = visit->res.body;
	memset(visit, 0, offsetof(struct visit, sheet));
	lk_why_clear(&visit->why);
	visit->arena = arena;
	visit->res.body = body;
	visit->peer = peer;
	visit->stage = VISIT_TARGET;
	visit->fast = live_hold(worker->http->live);
	visit->req.arena = arena;
	visit->req.clients = worker->clients;
	visit->req.began_mono_ms = worker->turn_mono_ms;
	crypto_reference_take(&worker->references, visit->req.reference);
	peer->visit = visit;
	worker->visit_count++;
	return visit;
}

static void
body_wipe(struct lk_buf *body)
{
	if (body->len > BODY_KEPT_BYTES)
		lk_buf_done(body);
	else
		lk_buf_clear(body);
}

void
visit_end(struct visit *visit)
{
	struct worker *worker = visit->peer->worker;

	/* Somebody comes back to whoever waits. */
	assert(visit->stage != VISIT_WAITS);
	timer_clear(&worker->timers, &visit->hold);
	again_drop(visit);
	visit->peer->visit = NULL;
	worker->visit_count--;
	live_drop(worker->http->live, visit->fast);
	body_wipe(&visit->res.body);
	lk_arena_reset(visit->arena);
	if (worker->idle_count >= IDLE_MAX / (size_t)worker->http->worker_count) {
		visit_free(visit);
		return;
	}
	visit->next = worker->idle;
	worker->idle = visit;
	worker->idle_count++;
}

void
visits_free(struct worker *worker)
{
	while (worker->idle != NULL) {
		struct visit *visit = worker->idle;

		worker->idle = visit->next;
		visit_free(visit);
	}
	worker->idle_count = 0;
}
