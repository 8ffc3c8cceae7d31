/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/crypto_help.h"

#define NOW 1800000000
#define US  "https://sso.example"
#define ALL                                                                                        \
	"{\"iss\":\"client\",\"sub\":\"client\",\"aud\":\"" US                                     \
	"\",\"jti\":\"j1\",\"nonce\":\"n\","                                                       \
	"\"exp\":1800000060,\"nbf\":1800000000,\"iat\":1800000000,\"other\":{\"x\":[1.5]}}"

static const struct lk_str us[] = {{US "/token", sizeof US "/token" - 1}, {US, sizeof US - 1}};

static struct crypto_claims
claims_of(struct lk_arena *arena, const char *text)
{
	struct crypto_claims claims = {.aud_count = 0};

	assert_int_equal(crypto_claims_read(lk_str_c(text), arena, NULL, &claims), LK_OK);
	return claims;
}

static struct crypto_claims_rule
rule(void)
{
	return (struct crypto_claims_rule){
	    .iss = LK_STR("client"),
	    .aud = us,
	    .aud_count = 2,
	    .now_s = NOW,
	    .skew_s = 10,
	};
}

static enum lk_err
check(struct lk_arena *arena, const char *text, struct crypto_claims_rule by)
{
	struct crypto_claims claims = claims_of(arena, text);
	struct lk_why why = {.len = 0};
	enum lk_err err = crypto_claims_check(&claims, &by, &why);

	assert_true((err == LK_OK) == (why.len == 0)); /* a refusal says why */
	return err;
}

/* iss and aud as they are wanted, and the rest. */
#define WITH(rest) "{\"iss\":\"client\",\"aud\":\"" US "\"," rest "}"

static void
every_claim_is_read(void **state)
{
	struct crypto_claims claims = claims_of(*state, ALL);

	assert_true(lk_str_is(claims.iss, "client"));
	assert_true(lk_str_is(claims.sub, "client"));
	assert_true(lk_str_is(claims.jti, "j1"));
	assert_true(lk_str_is(claims.nonce, "n"));
	assert_int_equal(claims.aud_count, 1);
	assert_false(claims.is_aud_array);
	assert_true(lk_str_is(claims.aud[0], US));
	assert_int_equal(claims.exp_at_s, NOW + 60);
	assert_int_equal(claims.nbf_at_s, NOW);
	assert_int_equal(claims.iat_at_s, NOW);
}

static void
what_is_not_there_is_nothing(void **state)
{
	struct crypto_claims claims = claims_of(*state, "{}");

	assert_null(claims.iss.ptr);
	assert_null(claims.nonce.ptr);
	assert_int_equal(claims.aud_count, 0);
	assert_int_equal(claims.exp_at_s, 0);
}

static void
claims_out_of_bounds_are_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "null",
	    "\"x\"",
	    "{} ,",
	    "{\"iss\":\"\"}",
	    "{\"iss\":null}",
	    "{\"sub\":7}",
	    "{\"jti\":[\"x\"]}",
	    "{\"nonce\":\"\\u0000\"}",
	    "{\"aud\":[]}",
	    "{\"aud\":[1]}",
	    "{\"aud\":{}}",
	    "{\"aud\":\"\"}",
	    "{\"aud\":[\"\"]}",
	    "{\"aud\":[[\"x\"]]}",
	    "{\"aud\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}",
	    "{\"exp\":0}",
	    "{\"exp\":-1}",
	    "{\"exp\":\"1800000000\"}",
	    "{\"exp\":1.8e9}",
	    "{\"exp\":253402300800}",
	    "{\"exp\":9223372036854775807}",
	    "{\"exp\":99999999999999999999}",
	    "{\"nbf\":true}",
	    "{\"iat\":null}"};
	struct crypto_claims claims = {.aud_count = 0};
	struct lk_why why;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		lk_why_clear(&why);
		assert_int_equal(crypto_claims_read(lk_str_c(bad[i]), *state, &why, &claims),
				 LK_E_FORMAT);
		assert_true(why.len > 0);
	}
	assert_int_equal(claims.aud_count, 0); /* untouched */
}

static void
a_claim_twice_is_refused(void **state)
{
	struct crypto_claims claims;

	assert_int_equal(
	    crypto_claims_read(LK_STR("{\"sub\":\"a\",\"sub\":\"b\"}"), *state, NULL, &claims),
	    LK_E_FORMAT);
	assert_int_equal(crypto_claims_read(LK_STR("{\"sub\":\"a\",\"s\\u0075b\":\"b\"}"), *state,
					    NULL, &claims),
			 LK_E_FORMAT);
}

static void
lengths_are_bounded(void **state)
{
	static char large[CRYPTO_CLAIMS_MAX_BYTES + 1];
	struct lk_arena *small = lk_arena_new(16, 16);
	struct crypto_claims claims;
	struct lk_str text;

	memset(large, 'a', sizeof large - 1);
	text = lk_arena_printf(*state, "{\"sub\":\"%.512s\"}", large);
	assert_int_equal(crypto_claims_read(text, *state, NULL, &claims), LK_OK);
	assert_int_equal(crypto_claims_read(text, small, NULL, &claims), LK_E_MEMORY);
	text = lk_arena_printf(*state, "{\"sub\":\"%.513s\"}", large);
	assert_int_equal(crypto_claims_read(text, *state, NULL, &claims), LK_E_FORMAT);
	text = lk_arena_printf(*state, "{\"x\":\"%s\"}", large);
	assert_int_equal(crypto_claims_read(text, *state, NULL, &claims), LK_E_FORMAT);
	lk_arena_free(small);
}

static void
another_issuer_is_refused(void **state)
{
	struct crypto_claims_rule by = rule();

	assert_int_equal(check(*state, ALL, by), LK_OK);
	by.iss = LK_STR("client2");
	assert_int_equal(check(*state, ALL, by), LK_E_FORMAT);
	by.iss = lk_str_n(NULL, 0); /* nobody is nobody's issuer */
	assert_int_equal(check(*state, "{\"aud\":\"" US "\",\"exp\":1800000060}", by), LK_E_FORMAT);
}

static void
aud_must_hold_one_of_ours(void **state)
{
	struct crypto_claims_rule by = rule();

#define AUD(aud) "{\"iss\":\"client\",\"exp\":1800000060,\"aud\":" aud "}"
	assert_int_equal(check(*state, AUD("\"" US "\""), by), LK_OK);
	assert_int_equal(check(*state, AUD("[\"x\",\"" US "/token\"]"), by), LK_OK);
	assert_int_equal(check(*state, AUD("\"" US "/\""), by), LK_E_FORMAT);
	assert_int_equal(check(*state, AUD("\"https://sso.exampl\""), by), LK_E_FORMAT);
	assert_int_equal(check(*state, AUD("[\"x\",\"y\"]"), by), LK_E_FORMAT);
	assert_int_equal(check(*state, "{\"iss\":\"client\",\"exp\":1800000060}", by), LK_E_FORMAT);
	by.aud_count = 0; /* the caller looks at it */
	assert_int_equal(check(*state, AUD("[\"x\"]"), by), LK_OK);
}

/* FAPI 2.0: the issuer alone, as a text. */
static void
aud_as_a_list_is_refused_where_one_text_is_wanted(void **state)
{
	struct crypto_claims_rule by = rule();

	by.is_aud_single = true;
	assert_int_equal(check(*state, AUD("\"" US "\""), by), LK_OK);
	assert_int_equal(check(*state, AUD("[\"" US "\"]"), by), LK_E_FORMAT);
	by.aud_count = 0;
	assert_int_equal(check(*state, AUD("[\"x\"]"), by), LK_E_FORMAT);
}

static void
exp_is_needed_and_ends_to_the_second(void **state)
{
	struct crypto_claims_rule by = rule();

	assert_int_equal(check(*state, WITH("\"iat\":1800000000"), by), LK_E_FORMAT);
	assert_int_equal(check(*state, WITH("\"exp\":1799999991"), by), LK_OK);
	assert_int_equal(check(*state, WITH("\"exp\":1799999990"), by), LK_E_FORMAT);
	by.may_be_past = true;
	assert_int_equal(check(*state, WITH("\"exp\":1"), by), LK_OK);
	assert_int_equal(check(*state, WITH("\"iat\":1800000000"), by), LK_E_FORMAT);
}

static void
exp_too_far_ahead_is_refused(void **state)
{
	struct crypto_claims_rule by = rule();

	assert_int_equal(check(*state, WITH("\"exp\":253402300799"), by), LK_OK);
	by.life_max_s = 300;
	assert_int_equal(check(*state, WITH("\"exp\":1800000310"), by), LK_OK);
	assert_int_equal(check(*state, WITH("\"exp\":1800000311"), by), LK_E_FORMAT);
}

static void
nbf_and_iat_ahead_of_us_are_refused(void **state)
{
	struct crypto_claims_rule by = rule();

#define TIMES(name, at) WITH("\"exp\":1800000060,\"" name "\":" at)
	assert_int_equal(check(*state, TIMES("nbf", "1800000010"), by), LK_OK);
	assert_int_equal(check(*state, TIMES("nbf", "1800000011"), by), LK_E_FORMAT);
	assert_int_equal(check(*state, TIMES("iat", "1800000010"), by), LK_OK);
	assert_int_equal(check(*state, TIMES("iat", "1800000011"), by), LK_E_FORMAT);
	assert_int_equal(check(*state, TIMES("iat", "1"), by), LK_OK);
}

static void
what_is_needed_must_be_there(void **state)
{
	static const char *const names[] = {"sub", "jti", "nonce", "iat", "nbf"};
	static const unsigned needs[] = {CRYPTO_NEED_SUB, CRYPTO_NEED_JTI, CRYPTO_NEED_NONCE,
					 CRYPTO_NEED_IAT, CRYPTO_NEED_NBF};
	struct crypto_claims_rule by = rule();
	struct lk_str text;
	size_t i;

	for (i = 0; i < sizeof needs / sizeof needs[0]; i++) {
		by.need = needs[i];
		assert_int_equal(check(*state, WITH("\"exp\":1800000060"), by), LK_E_FORMAT);
		text = lk_arena_printf(*state, WITH("\"exp\":1800000060,\"%s\":%s"), names[i],
				       i < 3 ? "\"x\"" : "1800000000");
		assert_int_equal(check(*state, text.ptr, by), LK_OK);
	}
	by.need = CRYPTO_NEED_SUB | CRYPTO_NEED_JTI | CRYPTO_NEED_NONCE | CRYPTO_NEED_IAT |
		  CRYPTO_NEED_NBF;
	assert_int_equal(check(*state, ALL, by), LK_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_claim_is_read),
	    cmocka_unit_test(what_is_not_there_is_nothing),
	    cmocka_unit_test(claims_out_of_bounds_are_refused),
	    cmocka_unit_test(a_claim_twice_is_refused),
	    cmocka_unit_test(lengths_are_bounded),
	    cmocka_unit_test(another_issuer_is_refused),
	    cmocka_unit_test(aud_must_hold_one_of_ours),
	    cmocka_unit_test(aud_as_a_list_is_refused_where_one_text_is_wanted),
	    cmocka_unit_test(exp_is_needed_and_ends_to_the_second),
	    cmocka_unit_test(exp_too_far_ahead_is_refused),
	    cmocka_unit_test(nbf_and_iat_ahead_of_us_are_refused),
	    cmocka_unit_test(what_is_needed_must_be_there),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
