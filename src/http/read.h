/* SPDX-License-Identifier: MIT */
/* Inside src/http only: a request's head becomes a struct req. */
#ifndef LK_HTTP_READ_H
#define LK_HTTP_READ_H

#include "http/visit.h"

struct read_line {
	const char *method, *version; /* as the library gives them */
};

/*
 * Check the head and fill the visit's facts, route and req. The language and the address are filled
 * whatever comes out, so that a refusal can be told in the right words.
 *
 * Returns: LK_OK · what framing_check and framing_target_read say · LK_E_REQUEST_HOST a host that
 * is not ours · LK_E_PAGE_NONE · LK_E_METHOD_NONE · LK_E_MEMORY
 */
enum lk_err
read_head(struct visit *visit, const struct read_line *line) LK_MUST_CHECK;

#endif
