/* SPDX-License-Identifier: MIT */
/* Every route with what it takes and answers, as an OpenAPI 3.1 document: made from the tables. */
#ifndef LK_FLOW_OPENAPI_H
#define LK_FLOW_OPENAPI_H

#include "flow/flow.h"

#define OPENAPI_MAX_BYTES 126976u

void
openapi_write(const struct conf *conf, struct lk_buf *out);
/* Is there a row of api.def for it? For the test that none is forgotten. */
bool
openapi_has(const struct route *route);

#endif
