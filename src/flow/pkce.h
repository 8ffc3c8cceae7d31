/* SPDX-License-Identifier: MIT */
/* Whoever exchanges a code is whoever asked for it. S256 alone. Pure. Source: RFC 7636. */
#ifndef LK_FLOW_PKCE_H
#define LK_FLOW_PKCE_H

#include "base/str.h"

/*
 * What an authorization request sent; neither is fine. A method without a challenge is not, nor a
 * challenge without a method, for that would mean "plain".
 */
bool
pkce_asked_check(struct lk_str challenge, struct lk_str method);
/*
 * What a token request sent. A challenge without a verifier is refused, and a verifier without a
 * challenge too: whoever sends one asked with one, and somebody took it out on the way (RFC 9700
 * s4.8.2).
 */
bool
pkce_is_proven(struct lk_str challenge, struct lk_str verifier);

#endif
