/* SPDX-License-Identifier: MIT */
#include "flow/cors.h"

#include "policy/application.h"

#define PREFLIGHT_S "600"

static bool
has_origin(const struct policy_application *application, struct lk_str origin)
{
	size_t i;

	for (i = 0; i < application->redirect_uris.count; i++) {
		struct lk_str uri = lk_str_c(application->redirect_uris.items[i]);

		if (lk_str_is_equal(res_origin(uri), origin))
			return true;
	}
	return false;
}

static bool
is_registered(const struct policy *policy, struct lk_str origin)
{
	const struct policy_application *application;
	size_t i;

	for (i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		if (application->kind == POLICY_SPA && has_origin(application, origin))
			return true;
	}
	return false;
}

void
cors_allow(const struct fast *fast, const struct req *req, struct res *res)
{
	struct lk_str origin = req->header[HEADER_origin];

	if (origin.len > 0 && res->cors_origin.len == 0 && is_registered(fast->policy, origin))
		res->cors_origin = origin;
}

enum lk_err
flow_preflight(const struct fast *fast, const struct req *req, struct res *res)
{
	cors_allow(fast, req, res);
	if (res->cors_origin.len == 0)
		return LK_E_METHOD_NONE;
	res->status = 204;
	res_header_add(res, "Access-Control-Allow-Methods", LK_STR("GET, POST"));
	res_header_add(res, "Access-Control-Allow-Headers", LK_STR("Authorization, Content-Type"));
	res_header_add(res, "Access-Control-Max-Age", LK_STR(PREFLIGHT_S));
	return LK_OK;
}
