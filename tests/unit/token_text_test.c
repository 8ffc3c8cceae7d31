/* SPDX-License-Identifier: MIT */
/* What programs are handed: tokens as text, proofs of possession, lists of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/pkce.h"
#include "flow/scope.h"
#include "flow/token_text.h"
#include "support/crypto_help.h"

#define RING "1 " KEY_A "\n"
/* RFC 7636 appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void
an_access_token_names_its_grant(void **state)
{
	struct token_selector selector, read;
	struct lk_str token;

	token_selector_make(&selector);
	token = token_make(TOKEN_ACCESS_PREFIX, &selector, *state);
	assert_int_equal(token.len, 49);
	assert_true(token_access_read(token, *state, &read));
	assert_memory_equal(&selector, &read, sizeof read);
	assert_false(lk_str_is_equal(token, token_make(TOKEN_ACCESS_PREFIX, &selector, *state)));
	assert_false(token_access_read(LK_STR("lk_at_"), *state, &read));
	assert_false(token_access_read(lk_str_n(token.ptr, 48), *state, &read));
	assert_false(
	    token_access_read(token_make(TOKEN_CODE_PREFIX, &selector, *state), *state, &read));
}

static void
a_signed_one_names_it_by_its_jti(void **state)
{
	struct token_selector selector, read;
	struct lk_str jti, payload, token;

	token_selector_make(&selector);
	jti = token_jti_make(&selector, *state);
	payload = lk_arena_printf(*state, "{\"sub\":\"x\",\"jti\":\"%.*s\"}", LK_STR_ARGS(jti));
	payload = crypto_base64url_make(payload, *state);
	token = lk_arena_printf(*state, "e30.%.*s.c2ln", LK_STR_ARGS(payload));
	assert_true(token_access_read(token, *state, &read));
	assert_memory_equal(&selector, &read, sizeof read);
	assert_false(token_access_read(LK_STR("e30.e30.c2ln"), *state, &read));
	assert_false(token_access_read(LK_STR("e30..c2ln"), *state, &read));
	assert_false(token_access_read(LK_STR("..."), *state, &read));
	assert_false(token_access_read(LK_STR(""), *state, &read));
}

static void
a_refresh_token_is_ours_to_the_last_letter(void **state)
{
	struct crypto_ring *ring = help_ring(RING), *other = help_ring("1 " KEY_B "\n");
	struct token_refresh made = {.revision = 0x01020304}, read;
	struct lk_str token;
	char copy[80];

	token_selector_make(&made.selector);
	token = token_refresh_make(ring, &made, *state);
	assert_int_equal(token.len, 54);
	assert_true(token_refresh_read(ring, token, &read));
	assert_memory_equal(&made.selector, &read.selector, sizeof made.selector);
	assert_int_equal(read.revision, 0x01020304);
	assert_false(token_refresh_read(other, token, &read));
	for (size_t i = 0; i < token.len; i++) {
		memcpy(copy, token.ptr, token.len);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		assert_false(token_refresh_read(ring, lk_str_n(copy, token.len), &read));
	}
	assert_false(token_refresh_read(ring, lk_str_n(token.ptr, token.len - 1), &read));
	assert_false(token_refresh_read(ring, LK_STR("lk_rt_"), &read));
	crypto_ring_free(ring);
	crypto_ring_free(other);
}

static void
a_code_leads_to_its_grant_and_to_no_other(void **state)
{
	struct crypto_ring *ring = help_ring(RING);
	struct crypto_digest digest = {{1}};
	struct token_selector one, again, two;
	struct lk_str code = token_code_make(&digest, *state);

	assert_true(crypto_token_check(TOKEN_CODE_PREFIX, code));
	assert_true(token_code_grant(ring, code, &one));
	assert_true(token_code_grant(ring, token_code_make(&digest, *state), &again));
	assert_memory_equal(&one, &again, sizeof one);
	digest.bytes[31] = 1;
	assert_true(token_code_grant(ring, token_code_make(&digest, *state), &two));
	assert_memory_not_equal(&one, &two, sizeof one);
	assert_false(token_code_grant(ring, LK_STR("lk_ac_short"), &two));
	crypto_ring_free(ring);
}

static void
a_user_code_is_read_as_people_type_it(void **state)
{
	struct crypto_ring *ring = help_ring(RING);
	struct crypto_digest one, two;
	char made[TOKEN_USER_CODE_LETTERS], read[TOKEN_USER_CODE_LETTERS];

	token_user_code_make(made);
	assert_true(token_user_code_read(token_user_code_show(made, *state), read));
	assert_memory_equal(made, read, sizeof made);
	assert_true(token_user_code_read(LK_STR(" wdjb mjht "), read));
	assert_memory_equal(read, "WDJBMJHT", sizeof read);
	assert_false(token_user_code_read(LK_STR("WDJB-MJH"), read));
	assert_false(token_user_code_read(LK_STR("WDJB-MJHTX"), read));
	assert_false(token_user_code_read(LK_STR("WDJB-MJHA"), read));
	assert_false(token_user_code_read(LK_STR("WDJB\0MJHT"), read));
	token_user_code_key(ring, made, &one);
	token_user_code_key(ring, "WDJBMJHT", &two);
	assert_false(crypto_digest_is_equal(&one, &two));
	crypto_ring_free(ring);
}

/* It says until when, and neither that nor its code can be another. */
static void
a_link_is_ours_or_nobodys(void **state)
{
	struct crypto_ring *ring = help_ring(RING), *other = help_ring("1 " KEY_B "\n");
	struct lk_str link = token_user_link_make(ring, "WDJBMJHT", 1795800000, *state);
	int64_t until_s = 0;
	char forged[TOKEN_LINK_LETTERS];

	assert_int_equal(link.len, TOKEN_LINK_LETTERS);
	assert_true(token_user_link_read(ring, "WDJBMJHT", link, &until_s));
	assert_int_equal(until_s, 1795800000);
	assert_false(token_user_link_read(ring, "WDJBMJHB", link, &until_s));
	assert_false(token_user_link_read(other, "WDJBMJHT", link, &until_s));
	for (size_t i = 0; i < link.len; i++) {
		memcpy(forged, link.ptr, link.len);
		forged[i] = forged[i] == 'A' ? 'B' : 'A';
		assert_false(token_user_link_read(ring, "WDJBMJHT", lk_str_n(forged, link.len),
						  &until_s));
		assert_false(token_user_link_read(ring, "WDJBMJHT", lk_str_n(link.ptr, i),
						  &until_s));
	}
	crypto_ring_free(ring);
	crypto_ring_free(other);
}

static void
a_key_is_read_as_it_was_written(void **state)
{
	struct crypto_digest key, again;
	struct lk_str text;

	memset(key.bytes, 0xa5, sizeof key.bytes);
	text = token_key_write(&key, *state);
	assert_true(token_key_read(text, &again));
	assert_true(crypto_digest_is_equal(&key, &again));
	assert_false(token_key_read(lk_str_n(text.ptr, text.len - 1), &again));
	assert_false(token_key_read(LK_STR(""), &again));
}

/* RFC 9700 s4.8.2: taking the challenge out on the way must not help; nor the verifier. */
static void
pkce_downgrade_is_refused_both_ways(void **state)
{
	(void)state;
	assert_true(pkce_is_proven(LK_STR(CHALLENGE), LK_STR(VERIFIER)));
	assert_true(pkce_is_proven(LK_STR(""), LK_STR("")));
	assert_false(pkce_is_proven(LK_STR(CHALLENGE), LK_STR("")));
	assert_false(pkce_is_proven(LK_STR(""), LK_STR(VERIFIER)));
	assert_false(pkce_is_proven(LK_STR(CHALLENGE), LK_STR(CHALLENGE)));
	assert_false(pkce_is_proven(LK_STR(VERIFIER), LK_STR(VERIFIER)));
	assert_false(pkce_is_proven(LK_STR(CHALLENGE), LK_STR("short")));
	assert_true(pkce_asked_check(LK_STR(""), LK_STR("")));
	assert_true(pkce_asked_check(LK_STR(CHALLENGE), LK_STR("S256")));
	assert_false(pkce_asked_check(LK_STR(CHALLENGE), LK_STR("")));
	assert_false(pkce_asked_check(LK_STR(CHALLENGE), LK_STR("plain")));
	assert_false(pkce_asked_check(LK_STR(""), LK_STR("S256")));
	assert_false(pkce_asked_check(LK_STR("short"), LK_STR("S256")));
}

static void
lists_are_sets_of_words(void **state)
{
	struct lk_str list = LK_STR("openid  email profile");

	assert_true(scope_has_c(list, "email"));
	assert_false(scope_has_c(list, "mail"));
	assert_false(scope_has_c(list, ""));
	assert_false(scope_has_c(LK_STR(""), "openid"));
	assert_true(scope_is_within(LK_STR(""), list));
	assert_true(scope_is_within(LK_STR("profile openid"), list));
	assert_false(scope_is_within(LK_STR("openid phone"), list));
	assert_true(lk_str_is(scope_shared(LK_STR("phone email email openid"), list, *state),
			      "email openid"));
	assert_true(lk_str_is(scope_with(LK_STR("a b"), LK_STR("b"), *state), "a b"));
	assert_true(lk_str_is(scope_with(LK_STR(""), LK_STR("b"), *state), "b"));
	assert_true(lk_str_is(scope_with(LK_STR("a"), LK_STR("b"), *state), "a b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_access_token_names_its_grant),
	    cmocka_unit_test(a_signed_one_names_it_by_its_jti),
	    cmocka_unit_test(a_refresh_token_is_ours_to_the_last_letter),
	    cmocka_unit_test(a_code_leads_to_its_grant_and_to_no_other),
	    cmocka_unit_test(a_user_code_is_read_as_people_type_it),
	    cmocka_unit_test(a_link_is_ours_or_nobodys),
	    cmocka_unit_test(a_key_is_read_as_it_was_written),
	    cmocka_unit_test(pkce_downgrade_is_refused_both_ways),
	    cmocka_unit_test(lists_are_sets_of_words),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
