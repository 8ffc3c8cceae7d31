/* SPDX-License-Identifier: MIT */
#include "flow/told.h"

#include "flow/payload.h"

#define CODES	     (STORE_PROOF_TOTP | STORE_PROOF_RECOVERY)
#define SECOND_STEPS (CODES | STORE_PROOF_DEVICE)

static void
amr_add(struct lk_buf *out, uint32_t proofs)
{
	bool has_password = (proofs & STORE_PROOF_PASSWORD) != 0;
	bool has_code = (proofs & CODES) != 0;
	bool has_both = has_password && (proofs & SECOND_STEPS) != 0;

	lk_buf_add_c(out, ",\"amr\":[");
	if (has_password)
		lk_buf_add_c(out, "\"pwd\"");
	if (has_code)
		lk_buf_add_c(out, has_password ? ",\"otp\"" : "\"otp\"");
	if (has_both)
		lk_buf_add_c(out, ",\"mfa\"");
	lk_buf_add_byte(out, ']');
}

void
told_proofs(struct lk_buf *out, const struct store_grant *grant, bool has_time)
{
	if (has_time)
		payload_number(out, "auth_time", grant->auth_at_s);
	payload_text(out, "acr", grant->acr);
	amr_add(out, grant->proofs);
}
