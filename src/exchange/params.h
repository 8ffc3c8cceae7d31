/* SPDX-License-Identifier: MIT */
/*
 * What a program sent, or a browser that comes from one: the rows of params.def, from the query and
 * from a form's body alike. Lenient where the standards are (unknown and empty ones are passed
 * over), strict where two readers could read two things. Pure, fuzzed.
 */
#ifndef LK_EXCHANGE_PARAMS_H
#define LK_EXCHANGE_PARAMS_H

#include "exchange/req.h"

/*
 * Fill req->param. One that stands twice (the first value stays), in query and body together, empty
 * or not; one that is too long, or no UTF-8, or holds a byte 0 (it stays not sent): is_param_bad
 * and param_bad say so, and the rest is read all the same.
 *
 *   query  borrowed; without '?'; may be nothing
 *   body   borrowed; application/x-www-form-urlencoded; may be nothing
 *
 * Returns: LK_OK · LK_E_MEMORY
 * Source:  RFC 6749 s3.1, s3.2, appendix B; RFC 8707 s2; URL Standard s5.1.
 */
enum lk_err
params_read(struct req *req, struct lk_str query, struct lk_str body) LK_MUST_CHECK;

#endif
