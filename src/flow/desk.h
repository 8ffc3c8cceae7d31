/* SPDX-License-Identifier: MIT */
/* Somebody of the service desk at work: who they are, and what each act leaves behind. */
#ifndef LK_FLOW_DESK_H
#define LK_FLOW_DESK_H

#include "flow/trail.h"

struct desk {
	struct asker asker;
	struct lk_str actor; /* "root (uid 0)" */
};

/* Counted, and in the audit before the answer leaves. Looking goes on without the audit's disk. */
void
desk_looked(const struct desk *desk, const struct subject *subject);
/*
 * An act and how it ended; subject is known, reason is not empty.
 *
 *   event  AUDIT_DESK_UNLOCKED or AUDIT_DESK_SIGNED_OUT; a refusal is written as DESK_REFUSED
 *
 * Returns: LK_OK · LK_E_AUDIT_DOWN
 */
struct desk_act {
	enum audit_event event;
	enum metric_act metric;
	enum lk_err result;
	struct lk_str reason;
};
enum lk_err
desk_acted(const struct desk *desk, const struct subject *subject,
	   const struct desk_act *act) LK_MUST_CHECK;

#endif
