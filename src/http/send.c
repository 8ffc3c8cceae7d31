/* SPDX-License-Identifier: MIT */
/* Every header of every answer is written here. */
#include <stdio.h>

#include "exchange/cookie.h"
#include "http/again.h"
#include "http/encoding.h"
#include "page/page.h"

#define HSTS	    "max-age=31536000"
#define ASSET_CACHE "public, max-age=31536000, immutable"
#define CSP_BEGIN                                                                                  \
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action "    \
	"'self'"
#define CSP_END "; base-uri 'none'; frame-ancestors 'none'"
#define CSP	CSP_BEGIN CSP_END

/* Values are ours or were checked; what the library will not take spoils the answer. */
static bool
add(struct MHD_Response *response, const char *name, const char *value)
{
	return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool
add_str(struct visit *visit, struct MHD_Response *response, const char *name, struct lk_str value)
{
	const char *text = lk_arena_c(visit->arena, value);

	return text != NULL && add(response, name, text);
}

static bool
is_source_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == ' ' || c == ':' || c == '/' || c == '.' || c == '-' || c == '_' || c == '[' ||
	       c == ']';
}

static bool
is_any_port(struct lk_str list, size_t at)
{
	return list.ptr[at] == '*' && at > 0 && list.ptr[at - 1] == ':';
}

/* Without one that could end the list it stands in and begin another. */
static struct lk_str
source_list(struct lk_str list)
{
	size_t i;

	for (i = 0; i < list.len; i++) {
		if (!is_source_byte(list.ptr[i]) && !is_any_port(list, i))
			return lk_str_n(NULL, 0);
	}
	return list;
}

/*
 * Browsers hold the way from a form to its end against form-action, redirects and all: without the
 * application's origin the last one would be blocked and the button look dead.
 */
static bool
csp_add(struct visit *visit, struct MHD_Response *response)
{
	struct lk_str forms = source_list(visit->res.form_action);
	struct lk_str frames = source_list(visit->res.frame_src);
	struct lk_str text;

	if (forms.len == 0 && frames.len == 0)
		return add(response, "Content-Security-Policy", CSP);
	text = lk_arena_printf(visit->arena, CSP_BEGIN "%s%.*s%s%.*s" CSP_END,
			       forms.len > 0 ? " " : "", LK_STR_ARGS(forms),
			       frames.len > 0 ? "; frame-src " : "", LK_STR_ARGS(frames));
	return text.ptr != NULL && add(response, "Content-Security-Policy", text.ptr);
}

static bool
security_add(struct visit *visit, struct MHD_Response *response)
{
	bool is_added = csp_add(visit, response);

	is_added = add(response, "Referrer-Policy", "no-referrer") && is_added;
	is_added = add(response, "X-Content-Type-Options", "nosniff") && is_added;
	is_added = add(response, "Cross-Origin-Opener-Policy", "same-origin") && is_added;
	if (visit->fast->is_https)
		is_added = add(response, "Strict-Transport-Security", HSTS) && is_added;
	return is_added;
}

static bool
cookies_add(struct visit *visit, struct MHD_Response *response)
{
	LK_AUTO_BUF line = {0};
	bool is_added = true;
	int i;

	lk_buf_init(&line, 4096);
	for (i = 0; i < COOKIE_COUNT; i++) {
		const struct res_cookie *cookie = &visit->res.cookie[i];

		if (!cookie->is_set)
			continue;
		lk_buf_clear(&line);
		cookie_write(&line, (enum cookie)i, cookie, visit->fast->is_https);
		is_added = is_added && lk_buf_is_ok(&line) &&
			   add_str(visit, response, "Set-Cookie", lk_buf_str(&line));
	}
	return is_added;
}

/* RFC 9110 s15.5.6: which methods this path takes. */
static const char *
allowed(const struct req *req)
{
	const struct route *route;
	bool gets = flow_route_find(METHOD_GET, req->path, &route) == LK_OK;
	bool posts = flow_route_find(METHOD_POST, req->path, &route) == LK_OK;

	if (gets && !posts)
		return "GET, HEAD";
	return posts && !gets ? "POST" : "GET, HEAD, POST";
}

static bool
headers_add(struct visit *visit, struct MHD_Response *response)
{
	const struct res *res = &visit->res;
	bool is_added = true;
	size_t i;

	for (i = 0; i < res->header_count; i++)
		is_added =
		    is_added && add_str(visit, response, res->header[i].name, res->header[i].value);
	return is_added;
}

static bool
rest_add(struct visit *visit, struct MHD_Response *response)
{
	const struct res *res = &visit->res;
	bool is_added = true;
	char digits[16];

	if (res->location.len > 0)
		is_added = add_str(visit, response, "Location", res->location);
	if (res->disposition.len > 0)
		is_added =
		    is_added && add_str(visit, response, "Content-Disposition", res->disposition);
	if (res->retry_after_s > 0) {
		snprintf(digits, sizeof digits, "%d", res->retry_after_s);
		is_added = is_added && add(response, "Retry-After", digits);
	}
	if (res->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		is_added = is_added && add(response, "Allow", allowed(&visit->req));
	return is_added;
}

static bool
must_close(const struct visit *visit)
{
	return visit->res.wants_close || visit->refused == LK_E_REQUEST_BAD ||
	       visit->refused == LK_E_REQUEST_TOO_LARGE ||
	       visit->peer->worker->stage != WORKER_SERVES;
}

static bool
asset_add(struct MHD_Response *response, const struct page_asset *asset, bool is_gzipped)
{
	return add(response, "Content-Type", asset->content_type) &&
	       add(response, "Cache-Control", ASSET_CACHE) &&
	       add(response, "Vary", "Accept-Encoding") &&
	       (!is_gzipped || add(response, "Content-Encoding", "gzip"));
}

static bool
caching_add(const struct visit *visit, struct MHD_Response *response)
{
	const char *caching = visit->res.cache_control;

	return add(response, "Cache-Control", caching == NULL ? "no-store" : caching);
}

static bool
is_for_programs(const struct visit *visit)
{
	return visit->req.is_program ||
	       lk_str_starts(lk_str_c(visit->res.content_type), "application/");
}

/* What programs read is the same in every language; cookies have no say in it. */
static bool
program_add(struct visit *visit, struct MHD_Response *response)
{
	struct lk_str origin = visit->res.cors_origin;
	const char *type = visit->res.content_type;
	bool is_added = caching_add(visit, response);

	if (type != NULL)
		is_added = is_added && add(response, "Content-Type", type);
	if (origin.len == 0)
		return is_added;
	is_added = is_added && add_str(visit, response, "Access-Control-Allow-Origin", origin);
	return is_added && (lk_str_is(origin, "*") || add(response, "Vary", "Origin"));
}

static bool
page_add(const struct visit *visit, struct MHD_Response *response)
{
	const char *type = visit->res.content_type;

	if (!caching_add(visit, response) || !add(response, "Vary", "Cookie, Accept-Language"))
		return false;
	if (type == NULL)
		return true;
	return add(response, "Content-Type", type) &&
	       add(response, "Content-Language", visit->req.lang == LANG_CY ? "cy" : "en");
}

/*
 * The body is borrowed: it goes with the visit, which goes when the library is done with it; unless
 * the response may be sent again.
 */
static struct MHD_Response *
response_make(const struct visit *visit, bool is_gzipped)
{
	static char nothing[1];
	const struct page_asset *asset = visit->res.asset;
	struct lk_str body = lk_buf_str(&visit->res.body);

	if (asset != NULL)
		body = is_gzipped ? asset->gzipped : asset->plain;
	return MHD_create_response_from_buffer(
	    body.len, body.ptr == NULL ? nothing : (char *)(uintptr_t)body.ptr,
	    visit->res.is_repeatable ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);
}

static bool
kind_add(struct visit *visit, struct MHD_Response *response, bool is_gzipped)
{
	if (visit->res.asset != NULL)
		return asset_add(response, visit->res.asset, is_gzipped);
	return is_for_programs(visit) ? program_add(visit, response) : page_add(visit, response);
}

static bool
has_cookie(const struct res *res)
{
	bool has = false;

	for (int i = 0; i < COOKIE_COUNT; i++)
		has = has || res->cookie[i].is_set;
	return has;
}

/* Answers to programs differ in their body alone, and often not in its length. */
static bool
has_plain_head(const struct visit *visit)
{
	const struct res *res = &visit->res;

	return res->asset == NULL && is_for_programs(visit) && !res->is_repeatable &&
	       res->content_type != NULL && res->header_count == 0 && res->retry_after_s == 0 &&
	       res->location.len == 0 && res->disposition.len == 0 && res->cors_origin.len == 0 &&
	       res->form_action.len == 0 && res->frame_src.len == 0 && !has_cookie(res) &&
	       res->status != MHD_HTTP_METHOD_NOT_ALLOWED && !must_close(visit);
}

static bool
fits(const struct visit_sheet *sheet, const struct visit_sheet *wanted)
{
	return sheet->response != NULL && sheet->body.ptr == wanted->body.ptr &&
	       sheet->body.len == wanted->body.len && sheet->is_https == wanted->is_https &&
	       sheet->content_type == wanted->content_type &&
	       sheet->cache_control == wanted->cache_control;
}

static struct MHD_Response *
response_fill(struct visit *visit)
{
	const struct page_asset *asset = visit->res.asset;
	bool is_gzipped =
	    asset != NULL && asset->gzipped.len > 0 && encoding_takes_gzip(visit->accept_encoding);
	struct MHD_Response *response;
	bool is_added;

	response = response_make(visit, is_gzipped);
	if (response == NULL)
		return NULL;
	is_added = kind_add(visit, response, is_gzipped) && security_add(visit, response) &&
		   cookies_add(visit, response) && headers_add(visit, response) &&
		   rest_add(visit, response);
	if (must_close(visit))
		is_added = is_added && add(response, "Connection", "close");
	if (is_added)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

/*
 * The one this visit sent last, with what stands where its body was; the library is done with it.
 * Writing a head anew costs it as much as all the rest of its work for an answer.
 */
static struct MHD_Response *
sheet_fill(struct visit *visit)
{
	struct visit_sheet *sheet = &visit->sheet, wanted = {
	    .body = lk_buf_str(&visit->res.body),
	    .content_type = visit->res.content_type,
	    .cache_control = visit->res.cache_control,
	    .is_https = visit->fast->is_https,
	};

	if (fits(sheet, &wanted))
		return sheet->response;
	if (sheet->response != NULL)
		MHD_destroy_response(sheet->response);
	*sheet = wanted;
	sheet->response = response_fill(visit);
	return sheet->response;
}

static bool
may_repeat(const struct visit *visit)
{
	return visit->res.is_repeatable && visit->has_question &&
	       (visit->is_from_memory || visit->is_told) &&
	       visit->res.status == MHD_HTTP_OK && !must_close(visit);
}

/* *out_is_kept: it is not to be destroyed. */
static struct MHD_Response *
response_get(struct visit *visit, bool *out_is_kept)
{
	struct MHD_Response *response;

	*out_is_kept = true;
	if (visit->again != NULL)
		return visit->again->response;
	if (has_plain_head(visit))
		return sheet_fill(visit);
	response = response_fill(visit);
	*out_is_kept = response != NULL && may_repeat(visit) && again_keep(visit, response);
	return response;
}

/* What a loop answers programs as they asked comes by the ten thousand, and is counted. */
static enum lk_log_level
level_of(const struct visit *visit)
{
	bool is_of_loop = visit->route != NULL &&
			  (flow_route_where(visit->route, &visit->req) == ROUTE_LOOP ||
			   visit->prepared != NULL);
	bool is_usual = is_of_loop && visit->res.status < 300 && is_for_programs(visit);

	return is_usual ? LK_LOG_DEBUG : LK_LOG_INFO;
}

static void
log_told(const struct visit *visit, int64_t duration_ms)
{
	struct lk_log_head head = {level_of(visit), "request", lk_str_c(visit->req.reference)};
	const char *key =
	    visit->refused != LK_OK ? lk_err_row(visit->refused)->name : visit->route->name;
	char status[LK_U64_DIGITS], duration[LK_U64_DIGITS];
	struct lk_str pieces[] = {
	    LK_STR("client="),
	    visit->req.address,
	    LK_STR(" key="),
	    lk_str_c(key),
	    LK_STR(" result="),
	    lk_str_of_u64((uint64_t)visit->res.status, status),
	    LK_STR(" duration_ms="),
	    lk_str_of_u64((uint64_t)duration_ms, duration),
	    lk_str_c(visit->why.len > 0 ? " why=" : ""),
	    lk_str_c(visit->why.text),
	};

	lk_log_gather(&visit->peer->worker->log_lines, visit->fast->log, &head, pieces,
		      sizeof pieces / sizeof *pieces);
}

static void
told(const struct visit *visit)
{
	const struct fast *fast = visit->fast;
	int64_t duration_ms = visit->answered_mono_ms - visit->req.began_mono_ms;
	enum metric_route label = METRIC_ROUTE_none;

	if (visit->route != NULL)
		label = (enum metric_route)(visit->route - flow_routes + 1);
	metric_count_http_requests_total(fast->metrics, label, metric_status(visit->res.status));
	metric_time_http_request_duration_seconds(fast->metrics, label, METRIC_NONE,
						  duration_ms * 1000);
	if (level_of(visit) >= fast->log->least)
		log_told(visit, duration_ms);
}

/* A flow that filled nothing, or more than fits, is a fault of ours. */
static void
mend(struct visit *visit)
{
	if (visit->res.status != 0 && lk_buf_is_ok(&visit->res.body) && !visit->res.is_spoilt)
		return;
	lk_buf_done(&visit->res.body);
	visit->res = (struct res){.status = 0};
	lk_buf_init(&visit->res.body, RES_BODY_MAX_BYTES);
	answer_refuse(visit, LK_E_BROKEN);
}

enum MHD_Result
send_answer(struct visit *visit)
{
	struct peer *peer = visit->peer;
	struct MHD_Response *response;
	enum MHD_Result result;
	bool is_kept;

	mend(visit);
	response = response_get(visit, &is_kept);
	if (response == NULL)
		return MHD_NO;
	told(visit);
	visit->stage = VISIT_SENDS;
	peer_expect(peer, peer->worker->http->idle_timeout_ms);
	result = MHD_queue_response(peer->connection, (unsigned)visit->res.status, response);
	if (!is_kept)
		MHD_destroy_response(response);
	again_drop(visit);
	return result;
}
