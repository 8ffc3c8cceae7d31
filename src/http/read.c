/* SPDX-License-Identifier: MIT */
#include "http/read.h"

#include "exchange/cookie.h"
#include "exchange/origin.h"

#define AGENT_MAX_BYTES 256u

/* One more than may be, so that one too many is seen. */
struct gathered {
	struct framing_header headers[FRAMING_HEADERS_MAX + 1];
	size_t count;
};

static enum MHD_Result
header_gather(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
	      const char *value, size_t value_len)
{
	struct gathered *all = context;

	(void)kind;
	if (all->count > FRAMING_HEADERS_MAX)
		return MHD_NO;
	all->headers[all->count++] =
	    (struct framing_header){lk_str_n(name, name_len), lk_str_n(value, value_len)};
	return MHD_YES;
}

static void
who_read(struct visit *visit)
{
	const struct fast *fast = visit->fast;
	const struct lk_str *header = visit->facts.header;
	struct req *req = &visit->req;
	struct lk_str agent = header[HEADER_user_agent];
	struct origin_headers origin = {header[HEADER_host], header[HEADER_origin],
					header[HEADER_sec_fetch_site],
					header[HEADER_x_forwarded_for]};

	req->address =
	    lk_arena_dup(visit->arena, origin_address(fast->conf, lk_str_c(visit->peer->address),
						      origin.forwarded_for));
	cookie_read(header[HEADER_cookie], fast->is_https, req->cookie);
	req->lang = origin_language(req->cookie[COOKIE_LANGUAGE], header[HEADER_accept_language]);
	if (agent.len > AGENT_MAX_BYTES)
		agent.len = AGENT_MAX_BYTES;
	req->agent = lk_arena_dup(visit->arena, agent);
	req->is_same_origin = origin_is_same(fast->conf, &origin);
	visit->content_type = header[HEADER_content_type];
	visit->accept_encoding = header[HEADER_accept_encoding];
}

/* Cookies and the like are borrowed from the library's memory, which is used again for the body. */
static enum lk_err
borrowed_keep(struct visit *visit)
{
	struct lk_str *borrowed[] = {&visit->content_type,
				     &visit->accept_encoding,
				     &visit->req.cookie[COOKIE_SESSION],
				     &visit->req.cookie[COOKIE_BROWSER],
				     &visit->req.cookie[COOKIE_DEVICE],
				     &visit->req.cookie[COOKIE_STEP],
				     &visit->req.cookie[COOKIE_LANGUAGE],
				     &visit->req.cookie[COOKIE_FORWARD],
				     &visit->req.cookie[COOKIE_FORWARD_WAY]};
	size_t i;

	for (i = 0; i < sizeof borrowed / sizeof *borrowed; i++) {
		if (borrowed[i]->ptr == NULL)
			continue;
		*borrowed[i] = lk_arena_dup(visit->arena, *borrowed[i]);
		if (borrowed[i]->ptr == NULL)
			return LK_E_MEMORY;
	}
	return visit->req.address.ptr == NULL || visit->req.agent.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

/* A byte 0 in the target cuts the text the library gives; the version tells where it truly ended.
 */
static bool
is_target_whole(const struct visit *visit, const struct read_line *line)
{
	return line->version == visit->target_end + 1;
}

/* How long a value a flow may look at; 0: none. */
static const size_t header_max_bytes[HEADER_COUNT] = {
#define LK_HEADER(name, wire, twice, max_bytes) [HEADER_##name] = max_bytes,
#include "tables/headers.def"
};

static enum lk_err
headers_keep(struct visit *visit)
{
	struct lk_str value;
	int i;

	for (i = HEADER_NONE + 1; i < HEADER_COUNT; i++) {
		value = visit->facts.header[i];
		if (value.ptr == NULL || header_max_bytes[i] == 0)
			continue;
		if (value.len > header_max_bytes[i])
			value.len = 0;
		visit->req.header[i] = lk_arena_dup(visit->arena, value);
		if (visit->req.header[i].ptr == NULL)
			return LK_E_MEMORY;
	}
	return LK_OK;
}

/* Whatever method it was asked by. */
static enum lk_err
any_find(struct lk_str path, const struct route **out)
{
	enum lk_err err = flow_route_find(METHOD_POST, path, out);

	return err == LK_E_METHOD_NONE ? flow_route_find(METHOD_GET, path, out) : err;
}

/* Only where pages of other origins may ask at all. */
static enum lk_err
preflight_find(struct visit *visit)
{
	const struct route *route;
	enum lk_err err = any_find(visit->req.path, &route);

	if (err != LK_OK)
		return err;
	if (!flow_route_is_program(route))
		return LK_E_METHOD_NONE;
	visit->route = route;
	return LK_OK;
}

/* Where programs ask, the wrong method too was a program's. */
static void
other_method(struct req *req)
{
	const struct route *route;

	req->is_program = any_find(req->path, &route) == LK_OK && flow_route_is_program(route);
}

static enum lk_err
route_find(struct visit *visit)
{
	struct req *req = &visit->req;
	enum lk_err err = visit->is_preflight
			      ? preflight_find(visit)
			      : flow_route_find(req->method, req->path, &visit->route);

	if (err != LK_OK)
		return err;
	req->deadline_mono_ms = req->began_mono_ms + visit->route->deadline_ms;
	req->is_program = flow_route_is_program(visit->route);
	/* Only what may be refused for its address needs it: nothing in the loop is. A LIGHT row
	 * gets it on its way to a lane. */
	if (visit->route->where == ROUTE_LANE || visit->route->where == ROUTE_QUICK)
		origin_address_key(visit->fast->ring, req->address, &req->address_key);
	return LK_OK;
}

static enum lk_err
head_judge(struct visit *visit, const struct read_line *line, enum lk_err framing_err)
{
	struct req *req = &visit->req;
	enum lk_err err;

	if (!is_target_whole(visit, line))
		return LK_E_REQUEST_BAD;
	err = framing_target_read(visit->arena, visit->target, &req->path, &req->query);
	if (err == LK_OK)
		err = framing_err;
	if (err != LK_OK)
		return err;
	if (!origin_host_check(visit->fast->conf, visit->facts.host) &&
	    !flow_host_check(visit->fast, req->path, visit->facts.host))
		return LK_E_REQUEST_HOST;
	visit->is_preflight = visit->facts.method == FRAMING_OPTIONS;
	req->method = visit->facts.method == FRAMING_POST ? METHOD_POST : METHOD_GET;
	return route_find(visit);
}

enum lk_err
read_head(struct visit *visit, const struct read_line *line)
{
	struct gathered all;
	struct framing_head head = {lk_str_c(line->method), visit->target, lk_str_c(line->version),
				    all.headers, 0};
	enum lk_err err;

	visit->req.method = METHOD_OTHER;
	visit->req.deadline_mono_ms = visit->req.began_mono_ms;
	all.count = 0;
	MHD_get_connection_values_n(visit->peer->connection, MHD_HEADER_KIND, header_gather, &all);
	head.count = all.count;
	err = framing_check(&head, &visit->facts);
	who_read(visit);
	err = head_judge(visit, line, err);
	if (err == LK_E_METHOD_NONE)
		other_method(&visit->req);
	if (err == LK_OK && flow_route_has_params(visit->route))
		err = headers_keep(visit);
	return err == LK_OK ? borrowed_keep(visit) : err;
}
