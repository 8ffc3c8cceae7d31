/* SPDX-License-Identifier: MIT */
/* What a line says, into JSON and back. Pure; for this folder, its tests and its fuzz harness. */
#ifndef LK_AUDIT_LINE_H
#define LK_AUDIT_LINE_H

#include "audit/chain.h"
#include "audit/read.h"
#include "base/json.h"

#define AUDIT_TIME_LEN 20u
/* Seconds of the epoch as a line has them, in UTC; later ones sort behind. Ends with a NUL. */
void audit_time_write(int64_t at_s, char out[AUDIT_TIME_LEN + 1]);
/*
 * The fragment of a line: time, event, result, the filled slots, each cut to its bound. Returns its
 * length; no NUL. *out_is_missing: a slot the event needs is empty; the fragment names it in
 * "missing".
 */
size_t audit_line_write(const struct audit_line *line, int64_t at_s,
    char out[AUDIT_FRAGMENT_MAX_BYTES], bool *out_is_missing);
/*
 * A whole line without its end. out borrows from line and from *out_document, which is yours
 * (lk_json_free).
 *
 * Returns: LK_OK · LK_E_FORMAT not a line of ours · LK_E_MEMORY
 */
enum lk_err audit_line_read(
    struct lk_str line, struct lk_json **out_document, struct audit_record *out) LK_MUST_CHECK;

#endif
