/* SPDX-License-Identifier: MIT */
/* What is read is in bounds; what holds has its issuer, its audience and its time. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define NOW_S 1800000000

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
check_bounds(const struct crypto_claims *claims)
{
	size_t i;

	must(claims->aud_count <= CRYPTO_AUD_MAX_COUNT);
	must(claims->is_aud_array || claims->aud_count <= 1);
	for (i = 0; i < claims->aud_count; i++)
		must(claims->aud[i].len > 0 && claims->aud[i].len <= CRYPTO_CLAIM_MAX_BYTES);
	must(claims->iss.len <= CRYPTO_CLAIM_MAX_BYTES &&
	     claims->sub.len <= CRYPTO_CLAIM_MAX_BYTES);
	must(claims->exp_at_s >= 0 && claims->nbf_at_s >= 0 && claims->iat_at_s >= 0);
}

static void
check_rule(const struct crypto_claims *claims)
{
	const struct lk_str aud = LK_STR("us");
	const struct crypto_claims_rule rule = {
	    .iss = LK_STR("them"),
	    .aud = &aud,
	    .aud_count = 1,
	    .is_aud_single = true,
	    .need = CRYPTO_NEED_SUB | CRYPTO_NEED_JTI,
	    .now_s = NOW_S,
	    .skew_s = 60,
	    .life_max_s = 3600,
	};

	if (crypto_claims_check(claims, &rule, NULL) != LK_OK)
		return;
	must(lk_str_is(claims->iss, "them") && lk_str_is(claims->aud[0], "us"));
	must(claims->sub.len > 0 && claims->jti.len > 0 && !claims->is_aud_array);
	must(claims->exp_at_s > NOW_S - 60 && claims->exp_at_s <= NOW_S + 3660);
	must(claims->nbf_at_s <= NOW_S + 60 && claims->iat_at_s <= NOW_S + 60);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 17);
	struct crypto_claims claims;
	struct lk_why why = {.len = 0};

	if (arena == NULL)
		return 0;
	if (crypto_claims_read(lk_str_n((const char *)bytes, len), arena, &why, &claims) == LK_OK) {
		check_bounds(&claims);
		check_rule(&claims);
	}
	lk_arena_free(arena);
	return 0;
}
