/* SPDX-License-Identifier: MIT */
/* Rows of routes.def: which addresses there are, and what each wants. */
#ifndef LK_FLOW_ROUTE_H
#define LK_FLOW_ROUTE_H

#include "base/err.h"
#include "exchange/req.h"
#include "exchange/res.h"

struct fast;
struct flow;
struct flow_prepared;
struct store_answer;

enum route_where { ROUTE_LOOP = 1, ROUTE_LANE, ROUTE_QUICK, ROUTE_BOTH, ROUTE_LIGHT };
enum route_guard {
	GUARD_OPEN = 1,
	GUARD_BROWSER,
	GUARD_SESSION,
	GUARD_MAYBE,
	GUARD_API,
	GUARD_TOKEN,
	GUARD_AUTHORIZE,
	GUARD_FORWARD,
};

typedef enum lk_err
flow_lane_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	      struct res *res);
typedef enum lk_err
flow_loop_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		 struct res *res);
/* Pure. False: a lane must do it, refusals too; out and res are then of no use. */
typedef bool
flow_light_prepare(const struct fast *fast, const struct req *req, struct flow_prepared *out,
		   struct res *res);

struct route {
	enum route_where where;
	enum method method;
	const char *path;
	size_t path_len;
	enum route_guard guard;
	uint8_t job;
	uint32_t fields;
	size_t body_max_bytes;
	int deadline_ms;
	flow_lane_run *run;	     /* LANE, QUICK, BOTH, LIGHT */
	flow_loop_answer *answer;    /* LOOP, BOTH */
	flow_light_prepare *prepare; /* LIGHT */
	const char *name;	     /* handler, for metrics and the list of routes */
	const char *source;
};
/* Is it asked by programs, so that even a refusal is JSON? */
static inline bool
flow_route_is_program(const struct route *route)
{
	return route->guard == GUARD_API || route->guard == GUARD_TOKEN;
}
/* Does it take parameters (params.def) and headers (headers.def), not fields? */
static inline bool
flow_route_has_params(const struct route *route)
{
	return flow_route_is_program(route) || route->guard == GUARD_AUTHORIZE ||
	       route->guard == GUARD_FORWARD;
}
/* Where this request is answered: never BOTH. */
static inline enum route_where
flow_route_where(const struct route *route, const struct req *req)
{
	if (route->where != ROUTE_BOTH)
		return route->where;
	return req->param[PARAM_client_assertion].len > 0 ? ROUTE_QUICK : ROUTE_LOOP;
}
/* All rows, in the order of routes.def. */
extern const struct route flow_routes[];
extern const size_t flow_route_count;

/*
 * The row for a method and path. HEAD counts as GET.
 * Returns: LK_OK · LK_E_PAGE_NONE no such path · LK_E_METHOD_NONE not with this method
 */
enum lk_err
flow_route_find(enum method method, struct lk_str path, const struct route **out) LK_MUST_CHECK;

#endif
