/* SPDX-License-Identifier: MIT */
/* One function a row of routes.def. */
#ifndef LK_FLOW_HANDLERS_H
#define LK_FLOW_HANDLERS_H

#include "flow/flow.h"

#define HANDLER_LOOP(handler)                                                                      \
	enum lk_err handler##_answer(const struct fast *fast, const struct req *req,               \
				     const struct store_answer *stored, struct res *res)           \
	    LK_MUST_CHECK;
#define HANDLER_LANE(handler)                                                                      \
	enum lk_err handler##_run(struct flow *flow, const struct req *req,                        \
				  const struct store_answer *stored, struct res *res)              \
	    LK_MUST_CHECK;
#define HANDLER_QUICK(handler) HANDLER_LANE(handler)
#define HANDLER_BOTH(handler)  HANDLER_LOOP(handler) HANDLER_LANE(handler)
#define HANDLER_LIGHT(handler)                                                                     \
	HANDLER_LANE(handler)                                                                      \
	bool handler##_prepare(const struct fast *fast, const struct req *req,                     \
			       struct flow_prepared *out, struct res *res) LK_MUST_CHECK;
#define LK_ROUTE(where, method, path, guard, job, fields, body, deadline, handler, source)         \
	HANDLER_##where(handler)
#include "tables/routes.def"

#endif
