/* SPDX-License-Identifier: MIT */
/* A name and a secret in an Authorization header. Pure, fuzzed. */
#ifndef LK_FLOW_CLIENT_BASIC_H
#define LK_FLOW_CLIENT_BASIC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * "Basic …", both halves percent-decoded behind their base64; in the arena. False: not in that
 * shape.
 *
 * Source: RFC 7617 s2; RFC 6749 s2.3.1, appendix B.
 */
bool
client_basic_read(struct lk_str header, struct lk_arena *arena, struct lk_str *out_id,
		  struct lk_str *out_secret);

#endif
