/* SPDX-License-Identifier: MIT */
/* claims.policy: what is taken comes from attributes by name, and none of them holds passwords. */
/* Folders: base conf crypto policy */
/* Libraries: libsodium liboath jansson */
/* Others: zxcvbn */
#include <stdlib.h>
#include <string.h>

#include "policy/policy_inside.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
claim_check(const struct policy_claim *claim)
{
	must(claim->name[0] != '\0' && claim->scope[0] != '\0' && claim->attribute[0] != '\0');
	must(strpbrk(claim->attribute, " ;*()\\,\"\n") == NULL);
	must(!lk_str_is_equal_nocase(lk_str_c(claim->attribute), LK_STR("userPassword")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct policy policy = {.arena = lk_arena_new(65536, 1u << 24)};
	struct conf_faults faults = {.count = 0};
	const struct policy_claim *claims;
	size_t count, i;
	LK_AUTO_BUF out;

	lk_buf_init(&out, 1u << 20);
	must(policy_claims_text_read(&policy, "fuzz", lk_str_n((const char *)bytes, len), &faults));
	claims = policy_claims(&policy, &count);
	for (i = 0; conf_faults_count(&faults) == 0 && i < count; i++)
		claim_check(&claims[i]);
	must(policy_scopes(&policy)->count >= 2);
	conf_faults_write(&faults, &out);
	must(lk_buf_is_ok(&out));
	conf_faults_done(&faults);
	lk_arena_free(policy.arena);
	return 0;
}
