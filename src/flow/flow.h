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
#include "flow/route.h"
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
	struct signing *signing;     /* keys of tokens; locks itself. NULL: none */
	struct pairwise *pairwise;   /* names of people; locks itself. NULL: none are made */
	struct help *help;	     /* what pages say of the service desk */
	struct fetched *fetched;     /* keys at applications' addresses; NULL: none are read */
	struct guesses *guesses;     /* wrong secrets of applications; NULL: not counted */
	struct discovery *discovery; /* what programs configure themselves by */
	bool is_https;		     /* base_url is https: cookies are Secure and carry __Host- */
	uint64_t number;	     /* set by live.h: each that held has its own */
};

/* What a refusal's words may name; filled by whoever refuses. */
struct flow_detail {
	int64_t from_s, until_s; /* of a lock, an end, a beginning; 0: not known */
	uint32_t count;		 /* wrong passwords of a lock, minutes of a clock; 0: not told */
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

/*
 * The case of a LIGHT row that needs no lane: its answer in res, and what must stand before that
 * may leave, in this order. Lives in the request's arena.
 */
struct flow_prepared {
	const struct route *route;
	const struct lk_call *call;
	struct crypto_digest key;
	struct store_token token;
	struct store_change change; /* STORE_TOKEN_PUT of the two above */
	struct audit_line line;
	enum metric_grant grant; /* what was given, once it was */
};

/*
 * The two halves of every request, in this order. Ask: pure; which records does this request need?
 * False: none at all. The digests it points to live in the request's arena. Answer: check who is
 * asking (guard), run the row's handler, turn any error into its page. All fill res whatever
 * happens.
 *   LOOP: flow_ask_token → store_async_find, and where that knows nothing
 *         flow_ask → store_async_fetch; → flow_answer_loop
 *   LANE: flow_answer_lane (does its own blocking fetch)
 *   LIGHT: flow_prepare, and where it prepared nothing as LANE
 *         audit_check → store_async_put → audit_note → flow_answer_prepared, the first that fails
 *         being its err
 * store_err is what the fetch returned; stored is NULL when nothing was asked or it failed.
 */
bool
flow_ask(const struct fast *fast, const struct route *route, const struct req *req,
	 struct store_ask *out);
/*
 * The first step of it, where a token alone is asked for: its key, whether it is well-formed or
 * not. False: none is. out is empty before the first of the two.
 */
bool
flow_ask_token(const struct fast *fast, const struct route *route, const struct req *req,
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
/* NULL: a lane must do it. */
const struct flow_prepared *
flow_prepare(const struct fast *fast, const struct route *route, const struct req *req,
	     const struct lk_call *call, struct res *res);
/* LK_OK: it stands. Otherwise what was to be given is wiped. */
void
flow_answer_prepared(const struct fast *fast, const struct req *req,
		     const struct flow_prepared *prepared, enum lk_err err, struct res *res);
/*
 * What the answer of a loop's handler follows from, besides its request and what the store told. As
 * long as all of it is the same, an answer that says so (res.is_repeatable) is still right.
 */
struct flow_state {
	uint64_t configuration, keys, guesses;
	int64_t wall_s;
};
void
flow_state(const struct fast *fast, struct flow_state *out);
static inline bool
flow_state_is_same(const struct flow_state *a, const struct flow_state *b)
{
	return a->wall_s == b->wall_s && a->configuration == b->configuration &&
	       a->keys == b->keys && a->guesses == b->guesses;
}
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
