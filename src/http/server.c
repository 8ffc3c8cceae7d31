/* SPDX-License-Identifier: MIT */
/* A request is read: its head checked, its body gathered, each piece wiped where it lay. */
#include "http/visit.h"

#include <string.h>

#include "exchange/form.h"
#include "exchange/params.h"
#include "http/read.h"

/*
 * The library makes a list of what stands behind '?', 56 bytes an argument out of the connection's
 * memory; where some 240 of them did not fit it closed with no answer. Nobody reads that list, so
 * it is told of none: it reads them after this, up to a byte 0. What they were we have by then.
 */
static void
arguments_hide(const char *target)
{
	char *mark = strchr((char *)(uintptr_t)target, '?');

	if (mark != NULL)
		mark[1] = '\0';
}

void *
server_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct peer *peer = peer_of(connection);
	struct visit *visit;

	(void)context;
	/* The library may ask before it has a request line. */
	if (peer == NULL || target == NULL || peer->visit != NULL)
		return NULL;
	visit = visit_new(peer);
	if (visit == NULL)
		return NULL;
	visit->target = lk_arena_dup(visit->arena, lk_str_c(target));
	visit->target_end = target + visit->target.len;
	arguments_hide(target);
	peer_expect(peer, peer->worker->http->head_timeout_ms);
	return NULL;
}

/* The library hands out what it read; nobody reads it there again. */
static void
wipe(const char *bytes, size_t len)
{
	explicit_bzero((char *)(uintptr_t)bytes, len);
}

/* Room for what is announced, or for the most a row takes when that is not known. */
static enum lk_err
body_expect(struct visit *visit)
{
	size_t most = visit->route->body_max_bytes;

	if (visit->facts.body_bytes > most)
		return LK_E_REQUEST_TOO_LARGE;
	visit->body_room = visit->facts.is_chunked ? most : (size_t)visit->facts.body_bytes;
	if (visit->body_room > 0) {
		visit->body = lk_arena_alloc(visit->arena, visit->body_room);
		if (visit->body == NULL)
			return LK_E_MEMORY;
	}
	return LK_OK;
}

/* What is too much is read to its end, up to a bound, so that the answer can be told. */
static enum MHD_Result
body_take(struct visit *visit, const char *bytes, size_t *len)
{
	size_t count = *len;

	*len = 0;
	if (visit->body_len + count > visit->body_room)
		visit->is_body_too_large = true;
	else
		memcpy(visit->body + visit->body_len, bytes, count);
	wipe(bytes, count);
	visit->body_len += count;
	return visit->body_len > FRAMING_BODY_MAX_BYTES ? MHD_NO : MHD_YES;
}

void
server_body_wipe(struct visit *visit)
{
	if (visit->body != NULL)
		explicit_bzero(visit->body, visit->body_len);
}

static enum lk_err
form_take(struct visit *visit)
{
	enum lk_err err;

	if (!form_type_check(visit->content_type))
		return LK_E_REQUEST_BAD;
	err = form_read(&visit->req, visit->route->fields, lk_str_n(visit->body, visit->body_len));
	server_body_wipe(visit);
	visit->req.is_form_bad = err == LK_E_FORMAT;
	return err == LK_E_FORMAT ? LK_OK : err;
}

/* A POST may come without a body, and then without a type. */
static enum lk_err
params_take(struct visit *visit)
{
	struct lk_str body = lk_str_n(visit->body, visit->body_len);
	enum lk_err err;

	if (body.len > 0 && !form_type_check(visit->content_type)) {
		visit->req.is_param_bad = true;
		body.len = 0;
	}
	err = params_read(&visit->req, visit->req.query, body);
	server_body_wipe(visit);
	return err;
}

enum lk_err
server_body_read(struct visit *visit)
{
	if (visit->is_body_too_large)
		return LK_E_REQUEST_TOO_LARGE;
	if (flow_route_has_params(visit->route))
		return params_take(visit);
	return visit->req.method == METHOD_POST ? form_take(visit) : LK_OK;
}

/* No reason to end the connection, when there is no body that would have to be read first. */
static bool
can_wait(const struct visit *visit, enum lk_err err)
{
	return (err == LK_E_PAGE_NONE || err == LK_E_METHOD_NONE) && !visit->facts.is_chunked &&
	       visit->facts.body_bytes == 0;
}

static enum MHD_Result
head_take(struct visit *visit, const struct read_line *line)
{
	enum lk_err err = read_head(visit, line);

	if (err == LK_OK)
		err = body_expect(visit);
	visit->stage = VISIT_READS;
	if (err == LK_OK || can_wait(visit, err)) {
		visit->refused = err;
		peer_expect(visit->peer, visit->peer->worker->http->body_timeout_ms);
		return MHD_YES;
	}
	answer_refuse(visit, err);
	return send_answer(visit);
}

static enum MHD_Result
request_end(struct visit *visit)
{
	peer_rest(visit->peer);
	if (visit->refused != LK_OK)
		answer_refuse(visit, visit->refused);
	else
		answer_begin(visit);
	return visit->stage == VISIT_READY ? send_answer(visit) : MHD_YES;
}

enum MHD_Result
server_request(void *context, struct MHD_Connection *connection, const char *url,
	       const char *method, const char *version, const char *upload, size_t *upload_len,
	       void **slot)
{
	struct peer *peer = peer_of(connection);
	struct visit *visit = peer == NULL ? NULL : peer->visit;

	(void)context;
	(void)url;
	(void)slot;
	if (visit == NULL || (peer->worker->store == NULL && visit->stage < VISIT_READY))
		return MHD_NO;
	switch (visit->stage) {
	case VISIT_TARGET:
		return head_take(visit, &(struct read_line){method, version});
	case VISIT_READS:
		return *upload_len > 0 ? body_take(visit, upload, upload_len) : request_end(visit);
	case VISIT_READY:
		return send_answer(visit);
	case VISIT_WAITS:
	case VISIT_SENDS:
		return MHD_YES;
	}
	return MHD_NO;
}

void
server_completed(void *context, struct MHD_Connection *connection, void **slot,
		 enum MHD_RequestTerminationCode code)
{
	struct peer *peer = peer_of(connection);

	(void)context;
	(void)slot;
	(void)code;
	if (peer == NULL || peer->visit == NULL)
		return;
	visit_end(peer->visit);
	/* Idle connections are the library's to close; what begins and never ends is not. */
	peer_expect(peer,
		    peer->worker->http->idle_timeout_ms + peer->worker->http->head_timeout_ms);
}
