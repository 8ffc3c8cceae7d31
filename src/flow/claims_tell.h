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
/*
 * The same, member by member, for who decides otherwise. begin is the length of buf before it all:
 * claims_end takes everything back, and returns LK_E_FORMAT, where json was none claims_make made.
 */
struct claims_reading {
	struct lk_str rest;
	bool is_whole; /* once there is no next: it was an object to its end */
};
struct claims_member {
	struct lk_str name, value; /* borrowed from json: value as it stands, name without quotes */
};
bool
claims_begin(struct lk_str json, struct claims_reading *out) LK_MUST_CHECK;
bool
claims_next(struct claims_reading *reading, struct claims_member *out);
void
claims_member_write(struct lk_buf *buf, const struct claims_member *member);
enum lk_err
claims_end(struct lk_buf *buf, const struct claims_reading *reading, size_t begin) LK_MUST_CHECK;
/* The value of one, as JSON; false: not there. Pure. */
bool
claims_find(struct lk_str json, const char *name, struct lk_str *out_value);
/* json again, with no other members than those in names; in the arena. As claims_write. */
enum lk_err
claims_narrow(struct lk_arena *arena, struct lk_str json, struct lk_str names,
	      struct lk_str *out_json) LK_MUST_CHECK;

#endif
