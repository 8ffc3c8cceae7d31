/* SPDX-License-Identifier: MIT */
/*
 * Telling parts of what claims_make wrote down: one JSON object, read by a scan that takes no
 * memory, since loops do it for each request. Pure, fuzzed.
 */
#ifndef LK_FLOW_CLAIMS_TELL_H
#define LK_FLOW_CLAIMS_TELL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* An object never grows longer: what is last in claims.def is left out, whole. */
#define CLAIMS_MAX_BYTES 4096u

/*
 * Add the members of json that are in names to an object half written: "name":value, with a comma
 * before each but behind a '{' or where buf is empty. For loops: takes no memory. Pure, fuzzed.
 * Returns: LK_OK · LK_E_FORMAT json is none claims_make made; nothing was added
 */
enum lk_err
claims_write(struct lk_buf *buf, struct lk_str json, struct lk_str names) LK_MUST_CHECK;
/* The value of one, as JSON; false: not there. Pure. */
bool
claims_find(struct lk_str json, const char *name, struct lk_str *out_value);
/* json again, with no other members than those in names; in the arena. As claims_write. */
enum lk_err
claims_narrow(struct lk_arena *arena, struct lk_str json, struct lk_str names,
	      struct lk_str *out_json) LK_MUST_CHECK;

#endif
