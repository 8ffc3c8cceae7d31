/* SPDX-License-Identifier: MIT */
/* What somebody typed as a password: refused, or normalised once and for all; its forms and checks
 * stay within bounds. */
/* Folders: base conf policy */
/* Libraries: libsodium jansson */
/* Others: zxcvbn */
#include <stdlib.h>
#include <string.h>

#include "base/secret_bytes.h"
#include "base/utf8.h"
#include "policy/fold.h"
#include "policy/password.h"
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
check(struct lk_arena *arena, const struct lk_secret *password)
{
	static const struct policy policy = {.service_name = {"Staff sign-in", 13}};
	struct lk_str bytes = lk_secret_bytes(password), forms[POLICY_FORMS_MAX];
	struct policy_password rules = {.min_length_count = 12,
					.max_length_count = 256,
					.refuse_personal = true,
					.strength_bits = 30,
					.personal_word_count = 4};
	struct lk_str personal = lk_utf8_cut(bytes, 40);
	struct policy_password_try attempt = {&rules, password, {&personal, 1}};
	struct policy_failures failures = {.count = 0};
	enum lk_err err = policy_password_check(&policy, arena, &attempt, &failures);

	must(err != LK_E_MEMORY && failures.count <= POLICY_FAILURES_MAX);
	must((err == LK_OK || err == LK_E_PASSWORD_EMPTY) == (failures.count == 0));
	must(policy_forms(arena, bytes, forms) <= POLICY_FORMS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(65536, 1u << 24);
	struct lk_str typed = lk_str_n((const char *)bytes, len < 2048 ? len : 2048);
	const struct lk_secret *once = NULL, *twice = NULL;

	if (policy_password_normalise(arena, lk_secret_make(arena, typed), &once) == LK_OK) {
		must(lk_utf8_check(typed) && memchr(bytes, 0, typed.len) == NULL);
		must(policy_password_normalise(arena, once, &twice) == LK_OK);
		must(lk_secret_is_equal(once, twice));
		check(arena, once);
	}
	lk_arena_free(arena);
	return 0;
}
