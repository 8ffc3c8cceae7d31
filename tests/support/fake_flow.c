/* SPDX-License-Identifier: MIT */
/*
 * Stands where the flows, the store and the directory stand: a handful of routes that do what a
 * test of http wants to see.
 *
 *   GET  /loop     at once, in the loop              GET  /stored   after one turn of the store
 *   GET  /even     leaves 300 ms after it was asked  GET  /big      a body of 120,000 bytes
 *   GET  /empty    fills nothing                     GET  /seen     what of the request was seen
 *   POST /form     on a lane: the field back         GET  /lane     on a lane, at once
 *   GET  /slow     on a lane, 400 ms                 GET  /assets/  an asset
 *   GET, POST /program   what a program sent         GET  /framed   a page with sources of others
 *   GET  /spoilt   a header that cannot be   GET  /light    in the store and the audit log first
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/flow.h"
#include "flow/health.h"
#include "store/store_async.h"

#define TEXT	"text/plain; charset=utf-8"
#define SLOW_MS 400
#define EVEN_MS 300

/* --- routes ---------------------------------------------------------------------------------- */

static void
say(struct res *res, struct lk_str text)
{
	res->status = 200;
	res->content_type = TEXT;
	lk_buf_add_str(&res->body, text);
}

static enum lk_err
loop_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	(void)fast;
	(void)req;
	say(res, stored == NULL ? LK_STR("loop\n") : LK_STR("stored\n"));
	return LK_OK;
}

static enum lk_err
even_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, LK_STR("even\n"));
	res->not_before_mono_ms = req->began_mono_ms + EVEN_MS;
	return LK_OK;
}

static enum lk_err
big_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	   struct res *res)
{
	int i;

	(void)fast;
	(void)req;
	(void)stored;
	say(res, LK_STR(""));
	for (i = 0; i < 12000; i++)
		lk_buf_add_c(&res->body, "0123456789");
	return LK_OK;
}

static enum lk_err
empty_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	     struct res *res)
{
	(void)fast;
	(void)req;
	(void)stored;
	(void)res;
	return LK_OK;
}

static enum lk_err
seen_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, LK_STR(""));
	lk_buf_printf(&res->body, "path=%.*s\nquery=%.*s\naddress=%.*s\nlang=%d\nagent=%zu\n",
		      LK_STR_ARGS(req->path), LK_STR_ARGS(req->query), LK_STR_ARGS(req->address),
		      req->lang, req->agent.len);
	lk_buf_printf(&res->body, "same_origin=%d\nlanguage=%.*s\n", req->is_same_origin,
		      LK_STR_ARGS(req->cookie[COOKIE_LANGUAGE]));
	res->cookie[COOKIE_LANGUAGE] = (struct res_cookie){.is_set = true, .value = LK_STR("cy")};
	return LK_OK;
}

static const struct page_asset asset = {
    "/assets/a.css", "text/css", {"plain", 5}, {"\x1f\x8bzipped", 8}};

static enum lk_err
asset_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	     struct res *res)
{
	(void)fast;
	(void)stored;
	if (!lk_str_is(req->path, asset.path))
		return LK_E_PAGE_NONE;
	res->status = 200;
	res->asset = &asset;
	return LK_OK;
}

static enum lk_err
form_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	 struct res *res)
{
	(void)flow;
	(void)stored;
	if (req->is_form_bad)
		return LK_E_REQUEST_BAD;
	say(res, LK_STR("username="));
	lk_buf_add_str(&res->body, req->field[FIELD_username]);
	return LK_OK;
}

static enum lk_err
lane_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	 struct res *res)
{
	(void)flow;
	(void)req;
	(void)stored;
	say(res, LK_STR("lane\n"));
	return LK_OK;
}

static enum lk_err
slow_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	 struct res *res)
{
	nanosleep(&(struct timespec){0, SLOW_MS * 1000000L}, NULL);
	return lane_run(flow, req, stored, res);
}

static enum lk_err
program_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	       struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, LK_STR(""));
	lk_buf_printf(&res->body, "state=%.*s\ntoken=%.*s\nresource=%.*s\n",
		      LK_STR_ARGS(req->param[PARAM_state]), LK_STR_ARGS(req->param[PARAM_token]),
		      LK_STR_ARGS(req->param[PARAM_resource]));
	lk_buf_printf(&res->body, "bad=%d\nauthorization=%.*s\nurl=%.*s\n", req->is_param_bad,
		      LK_STR_ARGS(req->header[HEADER_authorization]),
		      LK_STR_ARGS(req->header[HEADER_x_original_url]));
	res_header_add(res, "X-Latchkey-Sub", LK_STR("somebody"));
	res->cors_origin = LK_STR("https://app.example");
	res->cache_control = "private, max-age=5";
	return LK_OK;
}

/* /plain?jwt… is of another type, /plain?kept… may be kept. */
static enum lk_err
plain_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	     struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, req->query);
	res->content_type =
	    lk_str_starts(req->query, "jwt") ? "application/jwt" : "application/json";
	if (lk_str_starts(req->query, "kept"))
		res->cache_control = "private, max-age=5";
	return LK_OK;
}

static enum lk_err
framed_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	      struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, LK_STR("framed\n"));
	res->form_action = LK_STR("https://app.example:8443");
	res->frame_src = LK_STR("https://a.example http://[::1]:9");
	if (lk_str_is(req->query, "evil"))
		res->frame_src = LK_STR("https://a.example; script-src *");
	else if (lk_str_is(req->query, "ports"))
		res->frame_src = LK_STR("http://127.0.0.1:*");
	else if (lk_str_is(req->query, "any"))
		res->frame_src = LK_STR("*");
	return LK_OK;
}

static enum lk_err
spoilt_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	      struct res *res)
{
	(void)fast;
	(void)req;
	(void)stored;
	say(res, LK_STR("spoilt\n"));
	res_header_add(res, "X-Latchkey-Name", LK_STR("a\r\nSet-Cookie: b=c"));
	return LK_OK;
}

/* What is published, as it is now: it changes with the query. */
static enum lk_err
published_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
		 struct res *res)
{
	(void)fast;
	(void)stored;
	say(res, LK_STR("published "));
	lk_buf_add_str(&res->body, req->query);
	res->content_type = "application/json";
	res->cache_control = "public, max-age=300";
	res->cors_origin = LK_STR("*");
	res->is_repeatable = true;
	return LK_OK;
}

/* /light?lane is not light. */
static bool
light_prepare(const struct fast *fast, const struct req *req, struct flow_prepared *out,
	      struct res *res)
{
	(void)fast;
	if (lk_str_is(req->query, "lane"))
		return false;
	out->line = (struct audit_line){
	    .event = AUDIT_TOKEN_ISSUED, .ref = lk_str_c(req->reference), .actor = LK_STR("light")};
	say(res, LK_STR("light "));
	lk_buf_add_c(&res->body, req->reference);
	res->content_type = "application/json";
	return true;
}

#define PROGRAM(method, path, body, answer)                                                        \
	{                                                                                          \
		ROUTE_LOOP, method, path, sizeof(path) - 1, GUARD_API, 0, 0, body, 4000, NULL,     \
		    answer, NULL, &(path)[1], "test"                                               \
	}
#define LOOP(path, answer)                                                                         \
	{                                                                                          \
		ROUTE_LOOP, METHOD_GET, path, sizeof(path) - 1, GUARD_OPEN, 0, 0, 0, 4000, NULL,   \
		    answer, NULL, &(path)[1], "test"                                               \
	}
#define LANE(method, path, fields, body, run)                                                      \
	{                                                                                          \
		ROUTE_LANE, method, path, sizeof(path) - 1, GUARD_OPEN, 0, fields, body, 5000,     \
		    run, NULL, NULL, &(path)[1], "test"                                            \
	}
/* Its time is short, so that a test need not wait long for its end. */
#define LIGHT(path, run, prepare)                                                                  \
	{                                                                                          \
		ROUTE_LIGHT, METHOD_GET, path, sizeof(path) - 1, GUARD_OPEN, 0, 0, 0, 900, run,    \
		    NULL, prepare, &(path)[1], "test"                                              \
	}
const struct route flow_routes[] = {
    LOOP("/loop", loop_answer),
    LOOP("/stored", loop_answer),
    LOOP("/even", even_answer),
    LOOP("/big", big_answer),
    LOOP("/empty", empty_answer),
    LOOP("/seen", seen_answer),
    LOOP("/assets/", asset_answer),
    LANE(METHOD_POST, "/form", F_username | F_password, 8192, form_run),
    LANE(METHOD_GET, "/lane", 0, 0, lane_run),
    LANE(METHOD_GET, "/slow", 0, 0, slow_run),
    PROGRAM(METHOD_GET, "/program", 0, program_answer),
    PROGRAM(METHOD_POST, "/program", 8192, program_answer),
    PROGRAM(METHOD_GET, "/plain", 0, plain_answer),
    LOOP("/framed", framed_answer),
    LOOP("/spoilt", spoilt_answer),
    LOOP("/published", published_answer),
    LIGHT("/light", lane_run, light_prepare),
};
const size_t flow_route_count = sizeof(flow_routes) / sizeof(*flow_routes);

static bool
is_path(const struct route *route, struct lk_str path)
{
	return lk_str_is(path, route->path) ||
	       (lk_str_ends(lk_str_c(route->path), "/") && lk_str_starts(path, route->path));
}

enum lk_err
flow_route_find(enum method method, struct lk_str path, const struct route **out)
{
	enum lk_err err = LK_E_PAGE_NONE;
	size_t i;

	for (i = 0; i < flow_route_count; i++) {
		if (!is_path(&flow_routes[i], path))
			continue;
		err = LK_E_METHOD_NONE;
		if (flow_routes[i].method == method) {
			*out = &flow_routes[i];
			return LK_OK;
		}
	}
	return err;
}

bool
flow_ask(const struct fast *fast, const struct route *route, const struct req *req,
	 struct store_ask *out)
{
	(void)fast;
	(void)out;
	(void)req;
	return strcmp(route->path, "/stored") == 0;
}

bool
flow_ask_token(const struct fast *fast, const struct route *route, const struct req *req,
	       struct store_ask *out)
{
	(void)fast;
	(void)route;
	(void)req;
	(void)out;
	return false;
}

bool
flow_host_check(const struct fast *fast, struct lk_str path, struct lk_str host)
{
	(void)fast;
	return lk_str_is(path, "/program") && lk_str_is(host, "app.example");
}

enum lk_err
flow_preflight(const struct fast *fast, const struct req *req, struct res *res)
{
	(void)fast;
	if (!lk_str_is(req->header[HEADER_origin], "https://app.example"))
		return LK_E_METHOD_NONE;
	res->status = 204;
	res->cors_origin = req->header[HEADER_origin];
	return LK_OK;
}

void
flow_refuse(const struct fast *fast, const struct req *req, enum lk_err err, struct res *res)
{
	(void)fast;
	res->status = lk_err_row(err)->http_status;
	res->content_type = TEXT;
	res->retry_after_s = res->status == 503 ? 5 : 0;
	lk_buf_printf(&res->body, "%s %s\n", lk_err_row(err)->name, req->reference);
}

void
flow_state(const struct fast *fast, struct flow_state *out)
{
	*out = (struct flow_state){.configuration = fast->number};
}

void
flow_answer_loop(const struct fast *fast, const struct route *route, const struct req *req,
		 const struct flow_stored *stored, struct res *res)
{
	enum lk_err err = stored->err;

	if (err == LK_OK)
		err = route->answer(fast, req, stored->answer, res);
	if (err != LK_OK)
		flow_refuse(fast, req, err, res);
}

void
flow_answer_lane(struct flow *flow, const struct route *route, const struct req *req,
		 struct res *res)
{
	enum lk_err err = route->run(flow, req, NULL, res);

	if (err != LK_OK)
		flow_refuse(flow->fast, req, err, res);
}

const struct flow_prepared *
flow_prepare(const struct fast *fast, const struct route *route, const struct req *req,
	     const struct lk_call *call, struct res *res)
{
	struct flow_prepared *prepared;

	if (route->prepare == NULL)
		return NULL;
	prepared = lk_arena_alloc(call->arena, sizeof *prepared);
	return prepared != NULL && route->prepare(fast, req, prepared, res) ? prepared : NULL;
}

void
flow_answer_prepared(const struct fast *fast, const struct req *req,
		     const struct flow_prepared *prepared, enum lk_err err, struct res *res)
{
	(void)prepared;
	if (err == LK_OK)
		return;
	lk_buf_clear(&res->body);
	flow_refuse(fast, req, err, res);
}

/* --- a store that answers one turn later, and a directory that does nothing ------------------- */

struct waiting {
	store_async_done *done;
	void *context;
	struct waiting *next;
};
struct store_async {
	struct waiting *first;
};

struct store_async *
store_async_new(struct store_shared *shared, const struct store_async_loop *loop)
{
	(void)shared;
	(void)loop;
	return calloc(1, sizeof(struct store_async));
}

static void
answer_all(struct store_async *async, enum lk_err err)
{
	static const struct store_answer nothing;

	while (async->first != NULL) {
		struct waiting *waiting = async->first;

		async->first = waiting->next;
		waiting->done(waiting->context, err, &nothing);
		free(waiting);
	}
}

void
store_async_free(struct store_async *async)
{
	answer_all(async, LK_E_STORE_DOWN);
	free(async);
}

static enum lk_err
wait_in_line(struct store_async *async, store_async_done *done, void *context)
{
	struct waiting *waiting = malloc(sizeof *waiting);

	if (waiting == NULL)
		return LK_E_MEMORY;
	*waiting = (struct waiting){done, context, async->first};
	async->first = waiting;
	return LK_OK;
}

enum lk_err
store_async_fetch(struct store_async *async, const struct lk_call *call,
		  const struct store_ask *ask, store_async_done *done, void *context)
{
	(void)call;
	(void)ask;
	return wait_in_line(async, done, context);
}

enum lk_err
store_async_put(struct store_async *async, const struct lk_call *call,
		const struct store_change *change, store_async_done *done, void *context)
{
	(void)call;
	(void)change;
	return wait_in_line(async, done, context);
}

bool
store_async_find(struct store_async *async, const struct lk_call *call,
		 const struct crypto_digest *token, struct store_answer *out)
{
	(void)async;
	(void)call;
	(void)token;
	(void)out;
	return false;
}

uint64_t
store_async_state(struct store_async *async)
{
	(void)async;
	return 1;
}

void
store_async_touch(struct store_async *async, const struct crypto_digest *key,
		  const struct store_session *session)
{
	(void)async;
	(void)key;
	(void)session;
}

void
store_async_ready(struct store_async *async, int fd, uint32_t events)
{
	(void)async;
	(void)fd;
	(void)events;
}

int
store_async_tick(struct store_async *async)
{
	answer_all(async, LK_OK);
	return 1000;
}

struct store *
store_new(struct store_shared *shared)
{
	(void)shared;
	return malloc(1);
}

void
store_free(struct store *store)
{
	free(store);
}

void
store_begin(struct store *store, const struct lk_call *call)
{
	(void)store;
	(void)call;
}

struct dir *
dir_new(struct dir_servers *servers)
{
	(void)servers;
	return malloc(1);
}

void
dir_free(struct dir *dir)
{
	free(dir);
}

void
dir_begin(struct dir *dir, const struct lk_call *call)
{
	(void)dir;
	(void)call;
}

void
health_look(const struct fast *fast, struct health *out)
{
	(void)fast;
	*out = (struct health){.is_ready = true};
}

void
health_write(const struct fast *fast, struct lk_buf *out)
{
	(void)fast;
	lk_buf_add_c(out, "store: answers\n");
}
