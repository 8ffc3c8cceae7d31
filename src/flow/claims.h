/* SPDX-License-Identifier: MIT */
/*
 * What applications may be told of a person (tables/claims.def): read from the directory once, kept
 * as one JSON object, told in parts. A claim nothing is known for is not in it; never null, never
 * an empty text. Values are text as the directory has it; one that is no text (not UTF-8, byte 0)
 * or too long is left out, and why says so.
 */
#ifndef LK_FLOW_CLAIMS_H
#define LK_FLOW_CLAIMS_H

#include "flow/asker.h"
#include "flow/claims_tell.h"

/*
 * Everything this person has for these scopes (blank separated; unknown ones give nothing), as one
 * JSON object, "{}" at the least.
 *
 *   application  nothing beyond its own scopes is told; NULL: for a session, of all applications
 *
 * Time:    1 directory round trip; none when no scope asks for an attribute.
 * Returns: LK_OK · LK_E_PERSON_NOT_FOUND they are gone or moved · LK_E_DIRECTORY_DOWN · LK_E_MEMORY
 */
enum lk_err
claims_make(const struct asker *asker, const struct subject *subject,
	    const struct policy_application *application, struct lk_str scope,
	    struct lk_str *out_json) LK_MUST_CHECK;

/*
 * Names of the claims of these scopes, and of also those there are (the claims parameter), blank
 * separated, each once. Pure. Returns: LK_OK · LK_E_MEMORY
 */
enum lk_err
claims_names(const struct policy *policy, struct lk_arena *arena, struct lk_str scope,
	     struct lk_str also, struct lk_str *out_names) LK_MUST_CHECK;
/*
 * Add what these scopes, and also, name of json's members to an object half written, as
 * claims_write. For loops: takes no memory. Pure.
 */
struct claims_wanted {
	struct lk_str scope, also; /* blank separated */
};
enum lk_err
claims_tell(const struct policy *policy, struct lk_str json, const struct claims_wanted *wanted,
	    struct lk_buf *buf) LK_MUST_CHECK;

#endif
