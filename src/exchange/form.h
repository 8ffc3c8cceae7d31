/* SPDX-License-Identifier: MIT */
/*
 * What a form sent (application/x-www-form-urlencoded), read strictly: exactly the fields of the
 * route's row, each once at most, each within its limit; everything UTF-8, no byte 0. Pure, fuzzed.
 */
#ifndef LK_EXCHANGE_FORM_H
#define LK_EXCHANGE_FORM_H

#include "exchange/req.h"

/*
 * Decode body into req->field and req->secret (rows of fields.def, normalised as they say); those
 * not sent are nothing. Untouched unless LK_OK. What was decoded of a secret outside its lk_secret
 * is wiped. A button's own "signin=…", name of a row's field or not, is refused like any unknown
 * field; a limit holds for what was decoded, before it is normalised.
 *
 *   fields  F_ bits of the route
 *   body    borrowed; may be empty
 *
 * Returns: LK_OK · LK_E_FORMAT unknown field, twice, too long, bad encoding · LK_E_MEMORY
 * Source:  URL Standard s5.1; RFC 6749 appendix B.
 */
enum lk_err
form_read(struct req *req, uint32_t fields, struct lk_str body) LK_MUST_CHECK;
/* Does a Content-Type header say that this is a form? Parameters (charset) are allowed. */
bool
form_type_check(struct lk_str content_type);
/*
 * One parameter of a query string, decoded into the arena. False: not there, twice, or malformed.
 */
bool
form_query_find(struct lk_arena *arena, struct lk_str query, const char *name, struct lk_str *out);
/*
 * Percent-decode ('+' is a blank). Nothing when malformed, not UTF-8, with a byte 0, or without
 * memory.
 */
struct lk_str
form_decode(struct lk_arena *arena, struct lk_str text) LK_MUST_CHECK;

#endif
