/* SPDX-License-Identifier: MIT */
/*
 * Which pages of others may read what programs are answered: those of registered applications that
 * run in the browser, by the origins of their redirect_uris. Never with cookies, never pages of
 * ours. Pure.
 */
#ifndef LK_FLOW_CORS_H
#define LK_FLOW_CORS_H

#include "flow/flow.h"

/* Let the page that asks read res, when it may. Source: Fetch Standard s3.3.3. */
void
cors_allow(const struct fast *fast, const struct req *req, struct res *res);

#endif
