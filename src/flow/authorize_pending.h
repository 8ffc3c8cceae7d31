/* SPDX-License-Identifier: MIT */
/*
 * An authorization that waits until its person has signed in or answered: what the application
 * asked for, kept on the server for one browser, under a name nobody can guess. What stands in an
 * address is that name alone; whatever else a later request says, this one stays as it was.
 */
#ifndef LK_FLOW_AUTHORIZE_PENDING_H
#define LK_FLOW_AUTHORIZE_PENDING_H

#include "flow/authorize_ask.h"
#include "flow/steps.h"

#define AUTHORIZE_PENDING_PATH "/authorize/"

struct authorize_pending {
	struct lk_str id;
	struct store_journey journey;
};

/* Is path one of an authorization that waits? */
bool
authorize_pending_path_check(struct lk_str path);

/*
 * Keep what this request asks for.
 *
 *   browser  whose it is; nothing: of whichever browser comes with its name first (a POST from
 *            another site brings no cookies)
 *
 * Returns: LK_OK · LK_E_OAUTH_REQUEST it is too long to be kept · LK_E_SIGNIN_TOO_FAST too many
 *          wait that came from this address in this minute · LK_E_STORE_DOWN · LK_E_MEMORY
 */
enum lk_err
authorize_pending_put(const struct asker *asker, const struct req *req, struct lk_str browser,
		      struct authorize_pending *out) LK_MUST_CHECK;
/*
 * Whatever waits under the name in this path, for this browser.
 *
 * Returns: LK_OK · LK_E_FORM_STALE nothing does, or it is another browser's · LK_E_STORE_DOWN
 */
enum lk_err
authorize_pending_get(const struct asker *asker, struct lk_str path,
		      struct authorize_pending *out) LK_MUST_CHECK;
/*
 * The change that ends it: from now on, for a minute, it only repeats its answer. journey's nonce
 * and result are set by the caller. Returns: LK_OK · LK_E_MEMORY
 */
enum lk_err
authorize_pending_done(const struct asker *asker, struct authorize_pending *pending,
		       struct store_change *out) LK_MUST_CHECK;
/* Did this person sign in after it began, anew and not before? */
bool
authorize_pending_is_fresh(const struct asker *asker, const struct authorize_pending *pending,
			   const struct store_session *session);

#endif
