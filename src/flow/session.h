/* SPDX-License-Identifier: MIT */
/* Being signed in: made only with a pass of the gate, new at every sign-in, ended on the server. */
#ifndef LK_FLOW_SESSION_H
#define LK_FLOW_SESSION_H

#include "flow/gate.h"
#include "flow/steps.h"

/* What a session is made from. */
struct session_wish {
	const struct gate_answer *pass;
	unsigned has; /* proofs the person could show */
	bool is_in_grace;
	struct lk_str notice; /* text key for the services page, or nothing */
	int64_t notice_at_s;
};
/*
 * Prepare a session: the change that puts it, and in done the nonce its cookie is made from, so
 * that the same answer given twice gets the same cookie. Goes into the commit that ends the
 * journey.
 *
 * Returns: LK_OK · LK_E_BROKEN the pass does not let this person in · LK_E_MEMORY
 */
enum lk_err
session_prepare(const struct asker *asker, const struct subject *subject,
		const struct session_wish *wish, struct store_journey *done,
		struct store_change *out) LK_MUST_CHECK;
/* After that commit: the cookies of a journey that is done. */
enum lk_err
session_give(const struct asker *asker, const struct store_journey *done,
	     struct res *res) LK_MUST_CHECK;
/* First 8 hex digits of the digest of a session's cookie: its name in audit and store. */
struct lk_str
session_label(const struct asker *asker, struct lk_str cookie);
/* The same of a journey that is done. */
struct lk_str
session_name(const struct asker *asker, const struct store_journey *done);

/*
 * May this person, whose entry was just read, stay signed in? Who left or was blocked since is
 * signed out everywhere.
 *
 * Returns: LK_OK · LK_E_SESSION_ENDED all of them are · LK_E_STORE_DOWN · LK_E_AUDIT_DOWN
 */
enum lk_err
session_stay_check(const struct asker *asker, const struct subject *subject) LK_MUST_CHECK;
/* All of a person's end, whoever they may be by now; never LK_OK. */
enum lk_err
session_end_all(const struct asker *asker, const struct subject *subject) LK_MUST_CHECK;
/*
 * Hide a session that opens one kind of application only (STORE_PROOF_LIMITED) from every page that
 * is not on the way to an application, at one, or out: whoever signed in for less is not signed in
 * here.
 */
void
session_reach_check(const struct route *route, struct store_answer *stored);
/* What the directory says of them now: name, services they see, what applications are told. */
void
session_describe(const struct asker *asker, const struct subject *subject,
		 struct store_session *session);
/*
 * The session of this sid, if it has not ended.
 * Returns: LK_OK · LK_E_NOT_FOUND · LK_E_STORE_DOWN
 */
enum lk_err
session_find(const struct asker *asker, struct lk_str person_id, struct lk_str sid,
	     struct store_session_row *out) LK_MUST_CHECK;
/*
 * What an application calls a session: another name at each, so that those with pairwise subjects
 * cannot find out by comparing who is who; the same at one, in all it is told, at every node, for
 * as long as the session lasts. 22 characters, of nothing nothing. {NULL, 0} without memory.
 *
 * Source: OpenID Connect Front-Channel Logout 1.0 s3: a sid is opaque, and its issuer's alone.
 */
struct lk_str
session_told(const struct crypto_ring *ring, struct lk_str client_id, struct lk_str sid,
	     struct lk_arena *arena) LK_MUST_CHECK;
/* What a session's cookie is kept under. */
void
session_key(const struct crypto_ring *ring, struct lk_str cookie, struct crypto_digest *out);

#endif
