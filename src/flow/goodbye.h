/* SPDX-License-Identifier: MIT */
/*
 * Applications are told that a session ended: a logout token for each application and session, into
 * the spool, from where latchkey-mailer takes it to the address they registered. What is to be told
 * stands in the store, put there by whatever ended the session (store_goodbye.h).
 */
#ifndef LK_FLOW_GOODBYE_H
#define LK_FLOW_GOODBYE_H

#include "flow/flow.h"

/*
 * Tell those that are due. One that cannot be told now (no key, no room) comes again by itself.
 *
 *   flow  needs no directory
 *
 * Time:    1 store trip when there are none; a signature, two syncs and a trip for each.
 * Returns: LK_OK · LK_E_STORE_DOWN · LK_E_MEMORY
 */
enum lk_err
goodbyes_tell(struct flow *flow) LK_MUST_CHECK;

/* The claims of a logout token; jti makes it one of its kind, sid is session_told. Pure. */
struct goodbye_claims {
	struct lk_str issuer, client_id, sid, sub, jti;
	int64_t now_s;
};
void
goodbye_claims_write(struct lk_buf *out, const struct goodbye_claims *claims);

#endif
