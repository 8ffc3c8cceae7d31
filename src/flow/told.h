/* SPDX-License-Identifier: MIT */
/* How and when a person showed who they are, in the words programs know. Pure. */
#ifndef LK_FLOW_TOLD_H
#define LK_FLOW_TOLD_H

#include "store/record_grant.h"

/*
 * Members acr, amr and, has_time, auth_time of an object half written.
 *
 * Source: OpenID Connect Core s2; RFC 8176.
 */
void
told_proofs(struct lk_buf *out, const struct store_grant *grant, bool has_time);

#endif
