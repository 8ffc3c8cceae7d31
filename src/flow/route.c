/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "flow/flow.h"
#include "flow/handlers.h"
#include "flow/steps.h"

#define RUN_LOOP(handler)  .answer = handler##_answer
#define RUN_LANE(handler)  .run = handler##_run
#define RUN_QUICK(handler) RUN_LANE(handler)
#define RUN_BOTH(handler)  RUN_LOOP(handler), RUN_LANE(handler)
#define RUN_LIGHT(handler) RUN_LANE(handler), .prepare = handler##_prepare

const struct route flow_routes[] = {
#define LK_ROUTE(where_, method_, path_, guard_, job_, fields_, body, deadline, handler, source_)  \
	{.where = ROUTE_##where_,                                                                  \
	 .method = METHOD_##method_,                                                               \
	 .path = path_,                                                                            \
	 .path_len = sizeof(path_) - 1,                                                            \
	 .guard = GUARD_##guard_,                                                                  \
	 .job = JOB_##job_,                                                                        \
	 .fields = fields_,                                                                        \
	 .body_max_bytes = body,                                                                   \
	 .deadline_ms = deadline,                                                                  \
	 .name = #handler,                                                                         \
	 .source = source_,                                                                        \
	 RUN_##where_(handler)},
#include "tables/routes.def"
};
const size_t flow_route_count = sizeof(flow_routes) / sizeof(flow_routes[0]);

/* A path that ends in '/' takes all below it, but for the root. */
static bool
is_folder(const struct route *row)
{
	return row->path_len > 1 && row->path[row->path_len - 1] == '/';
}

static bool
is_at(const struct route *row, struct lk_str path)
{
	return path.len == row->path_len && memcmp(path.ptr, row->path, path.len) == 0 &&
	       !is_folder(row);
}

static bool
is_below(const struct route *row, struct lk_str path)
{
	return path.len > row->path_len && is_folder(row) &&
	       memcmp(path.ptr, row->path, row->path_len) == 0;
}

static inline enum lk_err
find(bool (*is_it)(const struct route *row, struct lk_str path), enum method method,
     struct lk_str path, const struct route **out)
{
	bool is_path = false;

	for (size_t i = 0; i < flow_route_count; i++) {
		if (!is_it(&flow_routes[i], path))
			continue;
		is_path = true;
		if (flow_routes[i].method == method) {
			*out = &flow_routes[i];
			return LK_OK;
		}
	}
	return is_path ? LK_E_METHOD_NONE : LK_E_PAGE_NONE;
}

enum lk_err
flow_route_find(enum method method, struct lk_str path, const struct route **out)
{
	enum lk_err err = find(is_at, method, path, out);

	return err == LK_E_PAGE_NONE ? find(is_below, method, path, out) : err;
}
