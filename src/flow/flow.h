/* SPDX-License-Identifier: MIT */
/*
 * What a flow may touch, and the doors into the flows. A LOOP route gets struct fast and what one
 * fetch brought; it cannot wait, since nothing it gets can. A LANE route gets struct flow and reads
 * top to bottom.
 */
#ifndef LK_FLOW_FLOW_H
#define LK_FLOW_FLOW_H

#include "audit/audit.h"
#include "base/call.h"
#include "base/log.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "directory/dir.h"
#include "exchange/req.h"
#include "exchange/res.h"
#include "metric/metric.h"
#include "page/page.h"
#include "policy/policy.h"
#include "store/store.h"

/* The same from one reload to the next. Shared by all threads, const but for what locks itself. */
struct fast {
	const struct conf *conf;
	const struct policy *policy;
	const struct crypto_ring *ring;
	const struct lk_clock *clock;
	const struct lk_log *log;
	struct audit *audit;
	struct metrics *metrics;
	struct store_shared *store_shared;
	struct dir_servers *dir_servers;
	struct signing *signing; /* keys of tokens; locks itself. NULL: none */
	struct help *help; /* what pages say of the service desk */
	struct fetched *fetched; /* keys at applications' addresses; NULL: none are read */
	struct discovery *discovery; /* what programs configure themselves by */
	bool is_https; /* base_url is https: cookies are Secure and carry __Host- */
};

/* What a refusal's words may name; filled by whoever refuses. */
struct flow_detail {
	int64_t from_s, until_s; /* of a lock, an end, a beginning; 0: not known */
	uint32_t count; /* wrong passwords of a lock, minutes of a clock; 0: not told */
};

/* One lane's own, for the length of one request; a QUICK row has no dir. */
struct flow {
	const struct fast *fast;
	struct lk_call *call;
	struct store *store;
	struct dir *dir;
	struct flow_detail detail;
	int64_t began_mono_ms;
	int64_t not_before_mono_ms; /* PAM's answer leaves no earlier; 0: at once. Pages: res */
};

enum route_where { ROUTE_LOOP = 1, ROUTE_LANE, ROUTE_QUICK };
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

struct route {
	enum route_where where;
	enum method method;
	const char *path;
	enum route_guard guard;
	uint8_t job;
	uint32_t fields;
	size_t body_max_bytes;
	int deadline_ms;
	flow_lane_run *run;	  /* LANE, QUICK */
	flow_loop_answer *answer; /* LOOP */
	const char *name;	  /* handler, for metrics and the list of routes */
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
/* All rows, in the order of routes.def. */
extern const struct route flow_routes[];
extern const size_t flow_route_count;

/*
 * The row for a method and path. HEAD counts as GET.
 * Returns: LK_OK · LK_E_PAGE_NONE no such path · LK_E_METHOD_NONE not with this method
 */
enum lk_err
flow_route_find(enum method method, struct lk_str path, const struct route **out) LK_MUST_CHECK;

/*
 * The two halves of every request, in this order. Ask: pure; which records does this request need?
 * False: none at all. The digests it points to live in the request's arena. Answer: check who is
 * asking (guard), run the row's handler, turn any error into its page. All fill res whatever
 * happens.
 *   LOOP: flow_ask → store_async_fetch → flow_answer_loop
 *   LANE: flow_answer_lane (does its own blocking fetch)
 * store_err is what the fetch returned; stored is NULL when nothing was asked or it failed.
 */
bool
flow_ask(const struct fast *fast, const struct route *route, const struct req *req,
	 struct store_ask *out);
struct flow_stored {
	enum lk_err err;
	const struct store_answer *answer;
};
void
flow_answer_loop(const struct fast *fast, const struct route *route, const struct req *req,
		 const struct flow_stored *stored, struct res *res);
void
flow_answer_lane(struct flow *flow, const struct route *route, const struct req *req,
		 struct res *res);
/* May this path be asked for under the name of another host, an application's? */
bool
flow_host_check(const struct fast *fast, struct lk_str path, struct lk_str host);
/*
 * Nothing is done: may a page of another origin ask here, with its own Authorization header? Only
 * for a program's route. Returns: LK_OK · LK_E_METHOD_NONE it may not
 */
enum lk_err
flow_preflight(const struct fast *fast, const struct req *req, struct res *res) LK_MUST_CHECK;
/* A refusal before any flow ran (bad framing, no such page, busy): its page in res. */
void
flow_refuse(const struct fast *fast, const struct req *req, enum lk_err err, struct res *res);

#endif
