/* SPDX-License-Identifier: MIT */
#include "http/ready.h"

static struct ready *
place_of(struct worker *worker, const struct route *route)
{
	for (size_t i = 0; i < READY_MAX; i++) {
		struct ready *ready = &worker->ready[i];

		if (ready->route == route || ready->route == NULL)
			return ready;
	}
	return NULL;
}

static bool
is_same(const struct ready *ready, const struct res *res)
{
	return ready->content_type == res->content_type &&
	       ready->cache_control == res->cache_control &&
	       ready->cors_origin.ptr == res->cors_origin.ptr &&
	       ready->cors_origin.len == res->cors_origin.len &&
	       lk_str_is_equal(lk_buf_str(&ready->body), lk_buf_str(&res->body));
}

struct MHD_Response *
ready_find(const struct visit *visit)
{
	const struct ready *ready = place_of(visit->peer->worker, visit->route);

	return ready != NULL && ready->response != NULL && is_same(ready, &visit->res)
		   ? ready->response
		   : NULL;
}

static void
forget(struct ready *ready)
{
	if (ready->response != NULL)
		MHD_destroy_response(ready->response);
	lk_buf_done(&ready->body);
	*ready = (struct ready){.route = NULL};
}

bool
ready_keep(struct visit *visit, struct MHD_Response *response)
{
	struct ready *ready = place_of(visit->peer->worker, visit->route);
	const struct res *res = &visit->res;

	if (ready == NULL)
		return false;
	forget(ready);
	lk_buf_init(&ready->body, RES_BODY_MAX_BYTES);
	lk_buf_add_str(&ready->body, lk_buf_str(&res->body));
	if (!lk_buf_is_ok(&ready->body))
		return false;
	ready->route = visit->route;
	ready->response = response;
	ready->content_type = res->content_type;
	ready->cache_control = res->cache_control;
	ready->cors_origin = res->cors_origin;
	return true;
}

void
ready_free(struct worker *worker)
{
	for (size_t i = 0; i < READY_MAX; i++)
		forget(&worker->ready[i]);
}
