/* SPDX-License-Identifier: MIT */
/* The claims parameter: single things an application wants to be told. Pure. */
#ifndef LK_FLOW_AUTHORIZE_CLAIMS_H
#define LK_FLOW_AUTHORIZE_CLAIMS_H

#include "flow/authorize_ask.h"

/*
 * Fill id_claims, user_claims, told, sub and needs_two_step. What nobody here has is passed over,
 * and so is what the application may not have.
 *
 * Returns: LK_OK · LK_E_FORMAT · LK_E_MEMORY
 *          LK_E_OAUTH_DENIED  it takes no acr that we have
 * Source:  OpenID Connect Core s5.5.
 */
enum lk_err
authorize_claims_read(const struct authorize_params *params,
		      struct authorize_ask *inout) LK_MUST_CHECK;
#endif
