/* SPDX-License-Identifier: MIT */
/* Where a reset stands, as a page: which proof is missing decides at MORE. */
#ifndef LK_FLOW_RESET_WAY_H
#define LK_FLOW_RESET_WAY_H

#include "flow/steps.h"

enum lk_err
reset_way(const struct store_journey *journey, struct lk_arena *arena,
	  struct res *res) LK_MUST_CHECK;

#endif
