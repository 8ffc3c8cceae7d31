/* SPDX-License-Identifier: MIT */
#include "flow/next.h"

#include "flow/authorize_pending.h"
#include "flow/device_grant.h"

struct lk_str
next_check(struct lk_str path)
{
	struct lk_str none = {NULL, 0};
	const struct route *route;

	if (authorize_pending_path_check(path) || device_path_check(path))
		return path;
	if (path.len == 0 || flow_route_find(METHOD_GET, path, &route) != LK_OK)
		return none;
	return route->guard == GUARD_SESSION || route->guard == GUARD_MAYBE ? lk_str_c(route->path)
									    : none;
}

struct lk_str
next_query(struct lk_arena *arena, struct lk_str application, struct lk_str next)
{
	bool has_both = application.len > 0 && next.len > 0;

	if (application.len == 0 && next.len == 0)
		return LK_STR("");
	return lk_arena_printf(arena, "?%s%.*s%s%s%.*s", application.len > 0 ? "application=" : "",
			       LK_STR_ARGS(application), has_both ? "&" : "",
			       next.len > 0 ? "next=" : "", LK_STR_ARGS(next));
}
