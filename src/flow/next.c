/* SPDX-License-Identifier: MIT */
#include "flow/next.h"

#include "flow/flow.h"

struct lk_str
next_check(struct lk_str path)
{
	struct lk_str none = {NULL, 0};
	const struct route *route;

	if (path.len == 0 || flow_route_find(METHOD_GET, path, &route) != LK_OK)
		return none;
	return route->guard == GUARD_SESSION || route->guard == GUARD_MAYBE ? lk_str_c(route->path)
									    : none;
}
