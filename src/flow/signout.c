/* SPDX-License-Identifier: MIT */
/* Sign out: the session ends on the server, the cookie goes. */
#include "flow/signout.h"

#include "exchange/address.h"
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"
#include "store/store_goodbye.h"

#define FRAMES_MAX	  20u
#define FRAME_SRC_BYTES	  2048u
#define REFRESH_MAX_BYTES 4096u
/* Long enough for frames to load, short enough not to be waited for. */
#define STAY_S 2

/* The journey that led in goes too, or pressing "Sign in" once more would lead back into it. */
static enum lk_err
session_end(const struct asker *asker, const struct req *req, const struct store_session *session)
{
	const struct crypto_ring *ring = asker->flow->fast->ring;
	struct crypto_digest key, journey;
	struct store_change changes[] = {
	    {.kind = STORE_SESSION_END, .key = &key, .person_id = session->person_id},
	    {.kind = STORE_JOURNEY_END, .key = &journey},
	};
	struct store_result result;

	session_key(ring, req->cookie[COOKIE_SESSION], &key);
	steps_key(ring, asker->browser, JOB_SIGNIN, &journey);
	return store_commit(asker->flow->store, changes, 2, &result);
}

static enum lk_err
session_end_told(struct flow *flow, const struct req *req, const struct store_session *session)
{
	struct subject subject = {.is_known = true};
	struct trail trail = {.event = AUDIT_SIGNED_OUT};
	struct asker asker;
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	subject.person.id = session->person_id;
	subject.person.username = session->username;
	err = session_end(&asker, req, session);
	if (err != LK_OK)
		return err;
	trail.session = session_label(&asker, req->cookie[COOKIE_SESSION]);
	return trail_write(&asker, &subject, &trail);
}

/* --- applications that hear of it by the browser --------------------------------------------- */

struct frames {
	struct page_item item[FRAMES_MAX];
	size_t count;
	struct lk_buf sources; /* their origins, for the page's policy */
};

/* Source: OpenID Connect Front-Channel Logout 1.0 s2. */
static void
frame_add(const struct fast *fast, struct lk_arena *arena, const struct store_goodbye *visit,
	  struct frames *frames)
{
	const struct policy_application *application =
	    policy_application_find(fast->policy, visit->client_id);
	struct lk_str sid = session_told(fast->ring, visit->client_id, visit->sid, arena);
	LK_AUTO_BUF address;

	lk_buf_init(&address, REFRESH_MAX_BYTES);
	if (sid.len == 0 || application == NULL ||
	    application->frontchannel_logout_uri[0] == '\0' || frames->count == FRAMES_MAX)
		return;
	lk_buf_add_c(&address, application->frontchannel_logout_uri);
	address_param_add(&address, "iss", lk_str_c(fast->conf->base_url));
	address_param_add(&address, "sid", sid);
	if (!lk_buf_is_ok(&address))
		return;
	frames->item[frames->count++].text[0] = lk_arena_dup(arena, lk_buf_str(&address));
	lk_buf_printf(&frames->sources, "%s%.*s", frames->count == 1 ? "" : " ",
		      LK_STR_ARGS(res_origin(lk_str_c(application->frontchannel_logout_uri))));
}

/* Asked before the session ends: then nobody knows any more. Who cannot be named is not told. */
static void
frames_find(struct flow *flow, const struct req *req, const struct store_session *session,
	    struct frames *frames)
{
	struct store_goodbye *visits;
	size_t count = 0;

	if (session->sid.len == 0 || store_visits_find(flow->store, session->person_id,
						       session->sid, &visits, &count) != LK_OK)
		return;
	for (size_t i = 0; i < count; i++)
		frame_add(flow->fast, req->arena, &visits[i], frames);
}

/* --- where to -------------------------------------------------------------------------------- */

enum lk_err
signout_pass(const struct req *req, const struct signout_way *way, struct res *res)
{
	if (way->to.len == 0)
		return show_way(res, req->arena, "/signed-out");
	res->status = 303;
	res->location = way->to;
	return LK_OK;
}

/* The page with the frames; a browser goes on by itself. */
static enum lk_err
frames_show(struct flow *flow, const struct req *req, const struct signout_way *way,
	    struct frames *frames, struct res *res)
{
	struct show show;

	show_begin(&show, flow->fast, req, NULL, res);
	if (way->to.len > 0) {
		res_header_add(res, "Refresh",
			       lk_arena_printf(req->arena, "%d; url=%.*s", STAY_S,
					       LK_STR_ARGS(way->to)));
		page_set(&show.values, PLACE_continue_url, way->to);
		show_application(&show, lk_str_c(way->application->client_id));
	}
	show.values.items[0] = frames->item;
	show.values.item_count[0] = frames->count;
	res->frame_src = lk_arena_dup(req->arena, lk_buf_str(&frames->sources));
	return show_page(&show, PAGE_signed_out, 200);
}

enum lk_err
signout_do(struct flow *flow, const struct req *req, const struct store_answer *stored,
	   const struct signout_way *way, struct res *res)
{
	struct frames *frames = lk_arena_alloc(req->arena, sizeof(*frames));
	enum lk_err err;

	if (frames == NULL)
		return LK_E_MEMORY;
	*frames = (struct frames){.count = 0};
	lk_buf_init(&frames->sources, FRAME_SRC_BYTES);
	frames_find(flow, req, &stored->session, frames);
	err = session_end_told(flow, req, &stored->session);
	if (err == LK_OK) {
		err = frames->count > 0 && lk_buf_is_ok(&frames->sources)
			  ? frames_show(flow, req, way, frames, res)
			  : signout_pass(req, way, res);
		res->cookie[COOKIE_SESSION] = (struct res_cookie){.is_set = true};
	}
	lk_buf_done(&frames->sources);
	return err;
}

enum lk_err
signout_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	const struct signout_way way = {NULL, {NULL, 0}};

	return signout_do(flow, req, stored, &way, res);
}
