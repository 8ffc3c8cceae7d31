/* SPDX-License-Identifier: MIT */
/* Where to go after signing in: a page of ours for people signed in, nothing else. Pure. */
#ifndef LK_FLOW_NEXT_H
#define LK_FLOW_NEXT_H

#include "base/str.h"

/* path when it is exactly one of our GET pages behind a session; else nothing. */
struct lk_str
next_check(struct lk_str path);

#endif
