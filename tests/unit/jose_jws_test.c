/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/jws_help.h"

/* RFC 7515 A.2.1, A.3.1; RFC 8037 A.4. */
#define A2_TEXT                                                                                    \
	"eyJhbGciOiJSUzI1NiJ9."                                                                    \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0" \
	"cnVlfQ"
#define A2_PROOF                                                                                   \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W" \
	"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS" \
	"jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv" \
	"Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define A3_TEXT                                                                                    \
	"eyJhbGciOiJFUzI1NiJ9."                                                                    \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0" \
	"cnVlfQ"
#define A3_PROOF                                                                                   \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define A4_TEXT "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define A4_PROOF                                                                                   \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

/* Made with Python's PyJWT 2.6 and cryptography 38: another writer of PSS. */
#define PYTHON_N                                                                                   \
	"ykP0046ceIX6nw85_yreEkfWdBmTVQpF7qx_W21itFp8CJfMnc5aSlm9FQ93dAIQ6FczC_jpBBcrfM6e"         \
	"YzyqOYnzd2miexlmTto-zVK6F8deTdy4irdImXqibmikOLAORIhhb8GNZ-deaQ-qKibdIOQtEXVYnnjP"         \
	"4BkkbURqy6X0mir4NSIlbyLRdliHM0DdDcxm32kBMdUAiXCVL1prJX1sHPqtfKyMkFFz_c_XxCjHRExA"         \
	"qvkwCECLQpK8x6pZo4XD_pUPUr5fxiCl8aQuW3umPz8jOvRRgsND_cXD_iapvN67kMHg0Y8nHnNQZCgq"         \
	"75gWZXsFB2vObIY4aHF6Iw"

#define PYTHON_PS256                                                                               \
	"eyJhbGciOiJQUzI1NiIsImtpZCI6InB5IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3B5dGhv"         \
	"bi5leGFtcGxlIiwic3ViIjoiYWRhIn0.xMKdtsjadkEFQOSVGeEjkAYF7ujkbukKNTHM8PgB5x9XZy1e"         \
	"ML2gPE6gxkXlQp4g9Kl6ESQ2pQF3kwXW6YNtdRns1n-4Y-KqWLBpm1D03iFzghgB3kSZtVvpeXdSdbnE"         \
	"YzMtV9ppp5SJMSbjhsL30uZS0bnMgAzBJ1MXIfxtJUS91DhZonLZWerxFmnL9thiQoz7tEAEzKoevnlX"         \
	"u1A0dOo5CWBEpMBV1dQk3W3BAkONDkJj663VSbYJ-yRiQ54zraeJ7qBIT_uGbt031hRk9Em_TrY2oBUx"         \
	"APj98cBBlHundgQW7lXXSbseZIvJHTNNH2sBDHtNSwzgD9V6CvrJqg"

static void
rfc_examples_verify(void **state)
{
	struct crypto_jwk *rsa = help_jwk(RSA_JWK), *ec = help_jwk(EC_JWK), *ed = help_jwk(ED_JWK);
	struct lk_arena *a = *state;

	assert_int_equal(help_verify(a, CRYPTO_RS256, rsa, LK_STR(A2_TEXT "." A2_PROOF)), LK_OK);
	assert_int_equal(help_verify(a, CRYPTO_ES256, ec, LK_STR(A3_TEXT "." A3_PROOF)), LK_OK);
	assert_int_equal(help_verify(a, CRYPTO_EDDSA, ed, LK_STR(A4_TEXT "." A4_PROOF)), LK_OK);
	assert_int_equal(help_verify(a, CRYPTO_RS256, rsa, LK_STR(A3_TEXT "." A2_PROOF)),
			 LK_E_NOT_FOUND);
	assert_int_equal(help_verify(a, CRYPTO_EDDSA, ed, LK_STR(A4_TEXT "." A3_PROOF)),
			 LK_E_FORMAT);
	crypto_jwk_free(rsa);
	crypto_jwk_free(ec);
	crypto_jwk_free(ed);
}

static void
rfc_8037_a_4_is_signed_byte_for_byte(void **state)
{
	struct crypto_jwk *key = help_rfc8037_key(*state);
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];
	struct lk_str text;

	assert_int_equal(jose_sign_bytes(key, CRYPTO_EDDSA, LK_STR(A4_TEXT), proof), LK_OK);
	text = crypto_base64url_make(lk_str_n((const char *)proof, 64), *state);
	assert_true(lk_str_is(text, A4_PROOF));
	crypto_jwk_free(key);
}

static void
pss_of_another_writer_verifies(void **state)
{
	struct crypto_jwk *key =
	    help_jwk("{\"kty\":\"RSA\",\"kid\":\"py\",\"e\":\"AQAB\",\"n\":\"" PYTHON_N "\"}");

	assert_int_equal(help_verify(*state, CRYPTO_PS256, key, LK_STR(PYTHON_PS256)), LK_OK);
	assert_int_equal(help_verify(*state, CRYPTO_RS256, key, LK_STR(PYTHON_PS256)),
			 LK_E_NOT_FOUND);
	crypto_jwk_free(key);
}

static void
what_is_signed_verifies_with_its_key_typ_and_algorithm(void **state)
{
	int alg;

	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		struct crypto_jws_allow allow[CRYPTO_ALG_COUNT] = {{0, help_keys[alg]}};
		struct crypto_jws_rule rule = {allow, CRYPTO_ALG_COUNT, "at+jwt", false};
		struct crypto_jws jws = {.key = NULL};
		struct lk_str token = {NULL, 0};
		int i;

		for (i = CRYPTO_RS256; i < CRYPTO_ALG_COUNT; i++)
			allow[i] = (struct crypto_jws_allow){(enum crypto_alg)i, help_keys[i]};
		assert_int_equal(
		    crypto_jws_sign(help_keys[alg], "at+jwt", LK_STR("{\"a\":1}"), *state, &token),
		    LK_OK);
		assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_OK);
		assert_true(lk_str_is(jws.payload, "{\"a\":1}"));
		assert_ptr_equal(jws.key, help_keys[alg]);
		assert_int_equal(jws.alg, alg);
	}
}

static void
without_kid_one_key_only_may_be_meant(void **state)
{
	struct crypto_jwk *other = help_jwk_make(CRYPTO_ES256);
	struct crypto_jws_allow allow[] = {{CRYPTO_ES256, other},
					   {CRYPTO_EDDSA, help_keys[CRYPTO_EDDSA]},
					   {CRYPTO_ES256, help_keys[CRYPTO_ES256]}};
	struct crypto_jws_rule rule = {allow, 3, "JWT", true};
	struct lk_str token =
	    help_forge(*state, help_keys[CRYPTO_ES256], CRYPTO_ES256, "{\"alg\":\"ES256\"}");
	struct crypto_jws jws;

	assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_E_NOT_FOUND);
	rule.allow = allow + 1;
	rule.allow_count = 2;
	assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_OK);
	assert_ptr_equal(jws.key, help_keys[CRYPTO_ES256]);
	rule.allow_count = 0;
	assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_E_NOT_FOUND);
	crypto_jwk_free(other);
}

/* Well signed, of any length. */
static struct lk_str
forge_payload(struct lk_arena *arena, struct lk_str payload)
{
	struct lk_str text = lk_arena_printf(arena, "eyJhbGciOiJFUzI1NiJ9.%s",
					     crypto_base64url_make(payload, arena).ptr);
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];

	assert_int_equal(jose_sign_bytes(help_keys[CRYPTO_ES256], CRYPTO_ES256, text, proof),
			 LK_OK);
	return lk_arena_printf(arena, "%s.%s", text.ptr,
			       crypto_base64url_make(lk_str_n((const char *)proof, 64), arena).ptr);
}

static void
sizes_are_bounded(void **state)
{
	static char large[CRYPTO_JWS_MAX_BYTES + 1];
	struct lk_arena *small = lk_arena_new(16, 16);
	struct lk_str out = {NULL, 0}, token = help_good(*state);
	struct lk_str head;

	memset(large, 'A', sizeof large);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
				     forge_payload(*state, lk_str_n(large, 13000))),
			 LK_E_FORMAT);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
				     forge_payload(*state, lk_str_n(large, 12000))),
			 LK_OK);
	head = lk_arena_printf(*state, "{\"alg\":\"ES256\",\"x\":\"%.2000s\"}", large);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, head.ptr), LK_E_FORMAT);
	head = lk_arena_printf(*state, "{\"alg\":\"ES256\",\"x\":\"%.1000s\"}", large);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, head.ptr), LK_OK);
	assert_int_equal(crypto_jws_sign(help_keys[CRYPTO_ES256], "JWT", LK_STR(""), *state, &out),
			 LK_E_FORMAT);
	assert_int_equal(crypto_jws_sign(help_keys[CRYPTO_ES256], "JWT",
					 lk_str_n(large, CRYPTO_JWS_MAX_BYTES), *state, &out),
			 LK_E_FORMAT);
	assert_int_equal(
	    crypto_jws_sign(help_keys[CRYPTO_ES256], "JWT", lk_str_n(large, 12000), *state, &out),
	    LK_OK);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256], out), LK_OK);
	assert_int_equal(help_verify(small, CRYPTO_ES256, help_keys[CRYPTO_ES256], token),
			 LK_E_MEMORY);
	assert_int_equal(crypto_jws_sign(help_keys[CRYPTO_ES256], "JWT", LK_STR("{}"), small, &out),
			 LK_E_MEMORY);
	lk_arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(rfc_examples_verify, help_wipe),
	    cmocka_unit_test_teardown(rfc_8037_a_4_is_signed_byte_for_byte, help_wipe),
	    cmocka_unit_test_teardown(pss_of_another_writer_verifies, help_wipe),
	    cmocka_unit_test_teardown(what_is_signed_verifies_with_its_key_typ_and_algorithm,
				      help_wipe),
	    cmocka_unit_test_teardown(without_kid_one_key_only_may_be_meant, help_wipe),
	    cmocka_unit_test_teardown(sizes_are_bounded, help_wipe),
	};

	return cmocka_run_group_tests(tests, help_jws_begin, help_jws_end);
}
