/* SPDX-License-Identifier: MIT */
/* Where to go after signing in: a page of ours for people signed in, nothing else. Pure. */
#ifndef LK_FLOW_NEXT_H
#define LK_FLOW_NEXT_H

#include "base/arena.h"
#include "base/str.h"

/* Where a job began, and where it goes on when it is done. Nothing: nowhere in particular. */
struct onward {
	struct lk_str application; /* client id */
	struct lk_str next;	   /* as next_check gave it */
};

/*
 * path when it is exactly one of our GET pages behind a session, or an authorization that waits
 * (authorize_pending.h); else nothing.
 */
struct lk_str
next_check(struct lk_str path);
/* "?application=…&next=…" of those that are there; both were checked. Nothing without memory. */
struct lk_str
next_query(struct lk_arena *arena, struct lk_str application, struct lk_str next) LK_MUST_CHECK;

#endif
