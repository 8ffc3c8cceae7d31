/* SPDX-License-Identifier: MIT */
/*
 * The door for latchkeyctl on this machine: one JSON document in, one out. Who may come here is
 * decided before (src/local: peer credentials against admin_users); this decides what is done and
 * that it is audited.
 *
 *   asked     {"verb": "user.show", …}; a verb reads its own members and passes over others
 *   answered  {"ok": true, "ref": "7Q4M-2XPD", …} or {"ok": false, "ref": …,
 *             "error": "PERSON_NOT_FOUND", "number": 2008, "text": "…"}, a row of errors.def;
 *             text is one sentence in English for the operator
 *
 * Members that end in _at_s are seconds since 1970, 0: never. Members are added, never changed. A
 * list that does not fit into one frame ends with "next": ask again with it as "from".
 */
#ifndef LK_FLOW_ADMIN_DOOR_H
#define LK_FLOW_ADMIN_DOOR_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/flow.h"

/* What one answer may hold: the JSON field of wire.def. */
#define ADMIN_ANSWER_MAX_BYTES 16000u

struct admin_question {
	const struct lk_json *asked; /* borrowed; an object */
	uid_t peer_uid;		     /* what the kernel says */
	struct lk_str peer_user;     /* its name on this machine; its number when it has none */
	struct lk_str reference;     /* CRYPTO_REFERENCE_LEN characters, new for each frame */
};

/*
 * Answer one question.
 *
 *   flow      arena, clock, deadline and why are those of flow->call
 *   question  borrowed
 *   out_json  empty, of ADMIN_ANSWER_MAX_BYTES; one whole document when this returns: one that
 *             did not fit is replaced by an error (BROKEN)
 *
 * Time:    by flow->call's deadline.
 * Threads: a lane's.
 */
void
flow_admin_answer(struct flow *flow, const struct admin_question *question,
		  struct lk_buf *out_json);

#endif
