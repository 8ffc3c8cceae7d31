/* SPDX-License-Identifier: MIT */
/* Sign out: the session ends on the server, the cookie goes. */
#include "flow/handlers.h"
#include "flow/session.h"
#include "flow/show.h"
#include "flow/trail.h"

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

enum lk_err
signout_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	struct subject subject = {.is_known = true};
	struct trail trail = {.event = AUDIT_SIGNED_OUT};
	struct asker asker;
	enum lk_err err;

	asker_of_req(flow, req, &asker);
	subject.person.id = stored->session.person_id;
	subject.person.username = stored->session.username;
	err = session_end(&asker, req, &stored->session);
	if (err != LK_OK)
		return err;
	trail.session = session_label(&asker, req->cookie[COOKIE_SESSION]);
	err = trail_write(&asker, &subject, &trail);
	if (err != LK_OK)
		return err;
	res->cookie[COOKIE_SESSION] = (struct res_cookie){.is_set = true};
	return show_way(res, req->arena, "/signed-out");
}
