/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/jose_help.h"

#define ZEROS_32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static enum lk_err
reading(const char *text)
{
	struct crypto_jwk *key = NULL;
	struct lk_why why = {.len = 0};
	enum lk_err err = crypto_jwk_read(lk_str_c(text), &why, &key);

	assert_true((err == LK_OK) == (key != NULL));
	assert_true((err == LK_OK) == (why.len == 0)); /* a refusal says why */
	crypto_jwk_free(key);
	return err;
}

/* The same with an array of len bytes as RSA modulus, and e. */
static enum lk_err
reading_rsa(struct lk_arena *arena, size_t len, char first, char last, const char *e)
{
	char n[600];
	struct lk_str text;

	memset(n, 0x55, sizeof n);
	n[0] = first;
	n[len - 1] = last;
	text = crypto_base64url_make(lk_str_n(n, len), arena);
	text = lk_arena_printf(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", text.ptr, e);
	return reading(text.ptr);
}

static void
rfc_7638_s3_1_and_rfc_8037_a_3_thumbprints(void **state)
{
	struct crypto_jwk *rsa = help_jwk(
	    "{\"kty\":\"RSA\",\"n\":"
	    "\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS"
	    "oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YG"
	    "jQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
	    "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	    "\",\"e\":\"AQAB\",\"alg\":\"RS256\"}");
	struct crypto_jwk *ed = help_jwk(ED_JWK);

	(void)state;
	assert_true(lk_str_is(crypto_jwk_kid(rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
	assert_true(lk_str_is(crypto_jwk_kid(ed), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
	crypto_jwk_free(rsa);
	crypto_jwk_free(ed);
}

/* latchkeyctl prints it and takes it back as a word. One in 64 would without care. */
static void
no_key_of_ours_begins_with_a_dash(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		struct crypto_jwk *key = help_jwk_make(i % 2 == 0 ? CRYPTO_ES256 : CRYPTO_EDDSA);

		assert_int_not_equal(crypto_jwk_kid(key).ptr[0], '-');
		crypto_jwk_free(key);
	}
}

static void
what_is_published_reads_back_and_holds_nothing_private(void **state)
{
	int alg;

	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		struct crypto_jwk *key = help_jwk_make((enum crypto_alg)alg), *again;
		LK_AUTO_BUF text = {0};

		lk_buf_init(&text, 4096);
		crypto_jwk_write(key, &text);
		assert_true(lk_buf_is_ok(&text));
		assert_null(strstr(text.bytes, "\"d\""));
		assert_non_null(strstr(text.bytes, "\"use\":\"sig\",\"alg\":\""));
		again = help_jwk(text.bytes);
		assert_true(lk_str_is_equal(crypto_jwk_kid(key), crypto_jwk_kid(again)));
		assert_true(crypto_jwk_fits(again, (enum crypto_alg)alg));
		crypto_jwk_free(key);
		crypto_jwk_free(again);
	}
	(void)state;
}

/* One signature each of the key and of its opened seal, by each other's verifier. */
static void
assert_same(const struct crypto_jwk *a, const struct crypto_jwk *b, enum crypto_alg alg)
{
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];

	assert_int_equal(jose_sign_bytes(b, alg, LK_STR("text"), proof), LK_OK);
	assert_true(jose_verify_bytes(a, alg, LK_STR("text"),
				      lk_str_n((const char *)proof, jose_signature_bytes(a))));
	assert_int_equal(jose_signature_bytes(a), jose_signature_bytes(b));
	assert_true(lk_str_is_equal(crypto_jwk_kid(a), crypto_jwk_kid(b)));
}

static void
a_sealed_key_opens_and_signs(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	int alg;

	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		struct crypto_jwk *key = help_jwk_make((enum crypto_alg)alg), *again = NULL;
		struct lk_str blob = {NULL, 0};

		assert_int_equal(crypto_jwk_seal(key, ring, *state, &blob), LK_OK);
		assert_int_equal(crypto_jwk_open(ring, crypto_jwk_kid(key), blob, *state, &again),
				 LK_OK);
		assert_same(key, again, (enum crypto_alg)alg);
		crypto_jwk_free(key);
		crypto_jwk_free(again);
	}
	crypto_ring_free(ring);
}

static void
a_seal_of_another_kid_or_ring_does_not_open(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A), *other = help_ring("1 " KEY_B);
	struct crypto_jwk *a = help_jwk_make(CRYPTO_ES256), *b = help_jwk_make(CRYPTO_ES256);
	struct crypto_jwk *out = NULL;
	struct lk_str blob = {NULL, 0}, kid = crypto_jwk_kid(a);
	char copy[1024];

	assert_int_equal(crypto_jwk_seal(a, ring, *state, &blob), LK_OK);
	assert_int_equal(crypto_jwk_open(ring, crypto_jwk_kid(b), blob, *state, &out), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_open(other, kid, blob, *state, &out), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_open(ring, LK_STR(""), blob, *state, &out), LK_E_FORMAT);
	memcpy(copy, blob.ptr, blob.len);
	copy[blob.len / 2] ^= 1;
	assert_int_equal(crypto_jwk_open(ring, kid, lk_str_n(copy, blob.len), *state, &out),
			 LK_E_FORMAT);
	assert_null(out);
	crypto_jwk_free(a);
	crypto_jwk_free(b);
	crypto_ring_free(ring);
	crypto_ring_free(other);
}

/* What is under the seal of a kid, however it came there, is that key or nothing. */
static void
a_seal_that_holds_another_key_than_its_kid_does_not_open(void **state)
{
	static const char *const plains[] = {"",	 "\4",
					     "\4short",	 "\7unknown algorithm",
					     "\3no DER", "\4thirty-two bytes of another key!"};
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct crypto_jwk *out = NULL;
	struct lk_str blob;
	size_t i;

	for (i = 0; i < sizeof plains / sizeof plains[0]; i++) {
		assert_int_equal(
		    crypto_seal(ring, LK_STR("signing key k1"), lk_str_c(plains[i]), *state, &blob),
		    LK_OK);
		assert_int_equal(crypto_jwk_open(ring, LK_STR("k1"), blob, *state, &out),
				 LK_E_FORMAT);
	}
	assert_null(out);
	crypto_ring_free(ring);
}

static void
a_public_key_neither_seals_nor_signs(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct crypto_jwk *key = help_jwk(ED_JWK);
	struct lk_str out = {NULL, 0};

	assert_int_equal(crypto_jwk_seal(key, ring, *state, &out), LK_E_FORMAT);
	assert_int_equal(crypto_jws_sign(key, "JWT", LK_STR("{}"), *state, &out), LK_E_FORMAT);
	assert_null(out.ptr);
	crypto_jwk_free(key);
	crypto_ring_free(ring);
}

static void
weak_and_odd_keys_are_not_made(void **state)
{
	struct crypto_jwk *key = NULL;

	(void)state;
	assert_int_equal(crypto_jwk_make(CRYPTO_RS256, 1024, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(CRYPTO_RS256, 0, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(CRYPTO_PS256, 2049, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(CRYPTO_PS256, 8192, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(CRYPTO_ES256, 2048, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(0, 0, &key), LK_E_FORMAT);
	assert_int_equal(crypto_jwk_make(CRYPTO_ALG_COUNT, 0, &key), LK_E_FORMAT);
	assert_null(key);
}

static void
private_and_shared_parts_are_refused(void **state)
{
	static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	struct lk_str text;
	size_t i;

	for (i = 0; i < sizeof members / sizeof members[0]; i++) {
		text = lk_arena_printf(
		    *state, "{\"%s\":null,\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
		    members[i]);
		assert_int_equal(reading(text.ptr), LK_E_FORMAT);
		text = lk_arena_printf(*state, "{\"kty\":\"new\",\"%s\":\"\"}", members[i]);
		assert_int_equal(reading(text.ptr), LK_E_FORMAT);
	}
	assert_int_equal(reading("{\"kty\":\"oct\"}"), LK_E_FORMAT);
}

static void
rsa_short_modulus_is_refused(void **state)
{
	assert_int_equal(reading_rsa(*state, 256, '\x80', 1, "AQAB"), LK_OK);
	assert_int_equal(reading_rsa(*state, 512, '\xff', 1, "AQAB"), LK_OK);
	assert_int_equal(reading_rsa(*state, 128, '\x80', 1, "AQAB"), LK_E_FORMAT);
	assert_int_equal(reading_rsa(*state, 255, '\x80', 1, "AQAB"), LK_E_FORMAT);
	assert_int_equal(reading_rsa(*state, 256, 0x7f, 1, "AQAB"), LK_E_FORMAT); /* 2047 bits */
	assert_int_equal(reading_rsa(*state, 257, 0, 1, "AQAB"), LK_E_FORMAT);	  /* padded */
	assert_int_equal(reading_rsa(*state, 256, '\x80', 2, "AQAB"), LK_E_FORMAT);
	assert_int_equal(reading_rsa(*state, 513, '\x80', 1, "AQAB"), LK_E_FORMAT);
	assert_int_equal(reading("{\"kty\":\"RSA\",\"e\":\"AQAB\"}"), LK_E_FORMAT);
}

static void
rsa_small_exponent_is_refused(void **state)
{
	static const char *const bad[] = {"AQ",	    "Aw", "EQ",		"AP__",	 "AQAA",
					  "AAEAAQ", "",	  "AQABAAAAAQ", "AQAB=", "AQAC"};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(reading_rsa(*state, 256, '\x80', 1, bad[i]), LK_E_FORMAT);
	assert_int_equal(reading_rsa(*state, 256, '\x80', 1, "_____w"), LK_OK); /* 32 bits */
}

static void
points_off_the_curve_or_of_another_length_are_refused(void **state)
{
	(void)state;
#define EC(x, y) "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"}"
	assert_int_equal(reading(EC(EC_X, EC_Y)), LK_OK);
	assert_int_equal(reading(EC(EC_Y, EC_X)), LK_E_FORMAT);
	assert_int_equal(reading(EC(ZEROS_32, ZEROS_32)), LK_E_FORMAT);
	assert_int_equal(reading(EC("AA", "AA")), LK_E_FORMAT);
	assert_int_equal(reading(EC(EC_X "AA", EC_Y)), LK_E_FORMAT);
	assert_int_equal(reading("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}"),
			 LK_E_FORMAT);
	assert_int_equal(reading("{\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"),
			 LK_E_FORMAT);
}

static void
ed25519_points_of_small_order_are_refused(void **state)
{
	(void)state;
#define ED(x) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x "\"}"
	assert_int_equal(reading(ED(ZEROS_32)), LK_E_FORMAT);
	assert_int_equal(reading(ED("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), LK_E_FORMAT);
	/* p + 1: the neutral point, spelt differently */
	assert_int_equal(reading(ED("7v________________________________________38")), LK_E_FORMAT);
	assert_int_equal(reading(ED("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR")), LK_E_FORMAT);
}

static void
sound_keys_for_others_are_not_found(void **state)
{
	(void)state;
	assert_int_equal(reading("{\"kty\":\"AKP\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"kty\":\"OKP\",\"crv\":\"X25519\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"use\":\"enc\","
				 "\"kty\":\"RSA\"}"),
			 LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"alg\":\"RS512\",\"kty\":\"RSA\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"alg\":\"HS256\",\"kty\":\"RSA\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"alg\":\"none\",\"kty\":\"RSA\"}"), LK_E_NOT_FOUND);
	assert_int_equal(reading("{\"key_ops\":[\"encrypt\"],\"kty\":\"RSA\"}"), LK_E_NOT_FOUND);
}

static void
members_of_a_wrong_kind_are_refused(void **state)
{
	static const char *const bad[] = {
	    "{\"kty\":1}",
	    "{\"kty\":\"\"}",
	    "{}",
	    "[]",
	    "",
	    "null",
	    "{\"kty\":\"EC\",\"crv\":[]}",
	    "{\"kty\":\"RSA\",\"use\":1}",
	    "{\"kty\":\"RSA\",\"key_ops\":\"verify\"}",
	    "{\"kty\":\"RSA\",\"key_ops\":[]}",
	    "{\"kty\":\"RSA\",\"alg\":{}}",
	    ED_JWK "x",
	    "{\"alg\":\"RS256\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y
	    "\"}",
	    "{\"kid\":\"\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}",
	    "{\"kid\":7,\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}",
	    "{\"kty\":\"OKP\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(reading(bad[i]), LK_E_FORMAT);
}

static void
a_kid_of_its_own_is_kept_and_bounded(void **state)
{
	char kid[CRYPTO_KID_MAX_BYTES + 2];
	struct crypto_jwk *key;
	struct lk_str text;

	memset(kid, 'k', sizeof kid);
	kid[CRYPTO_KID_MAX_BYTES + 1] = '\0';
#define WITH_KID "{\"kid\":\"%s\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"
	text = lk_arena_printf(*state, WITH_KID, kid);
	assert_int_equal(reading(text.ptr), LK_E_FORMAT);
	text = lk_arena_printf(*state, WITH_KID, kid + 1);
	key = help_jwk(text.ptr);
	assert_true(lk_str_is(crypto_jwk_kid(key), kid + 1));
	crypto_jwk_free(key);
}

static void
an_rsa_key_without_alg_fits_both_and_nothing_else(void **state)
{
	struct crypto_jwk *rsa = help_jwk(RSA_JWK), *ec = help_jwk(EC_JWK);

	(void)state;
	assert_true(crypto_jwk_fits(rsa, CRYPTO_RS256) && crypto_jwk_fits(rsa, CRYPTO_PS256));
	assert_false(crypto_jwk_fits(rsa, CRYPTO_ES256) || crypto_jwk_fits(rsa, CRYPTO_EDDSA));
	assert_false(crypto_jwk_fits(rsa, 0) || crypto_jwk_fits(rsa, CRYPTO_ALG_COUNT));
	assert_true(crypto_jwk_fits(ec, CRYPTO_ES256) && !crypto_jwk_fits(ec, CRYPTO_RS256));
	crypto_jwk_free(rsa);
	crypto_jwk_free(ec);
}

static enum lk_err
reading_set(const char *text, size_t count, size_t skipped)
{
	struct crypto_jwks set = {.count = 0};
	enum lk_err err = crypto_jwks_read(lk_str_c(text), NULL, &set);

	assert_int_equal(set.count, count);
	assert_int_equal(set.skipped_count, skipped);
	crypto_jwks_done(&set);
	return err;
}

static void
a_set_keeps_what_is_for_us(void **state)
{
	(void)state;
	assert_int_equal(reading_set("{\"keys\":[]}", 0, 0), LK_OK);
	assert_int_equal(reading_set("{\"keys\":[" RSA_JWK ",{\"kty\":\"AKP\"}," EC_JWK "," ED_JWK
				     ",{\"kty\":\"RSA\",\"use\":\"enc\"}],\"x\":1}",
				     3, 2),
			 LK_OK);
}

static void
one_wrong_key_spoils_the_set(void **state)
{
	(void)state;
	assert_int_equal(
	    reading_set("{\"keys\":[" ED_JWK ",{\"kty\":\"oct\",\"k\":\"AA\"}]}", 0, 0),
	    LK_E_FORMAT);
	assert_int_equal(reading_set("{\"keys\":[" ED_JWK ",\"x\"]}", 0, 0), LK_E_FORMAT);
	assert_int_equal(reading_set("{\"keys\":{}}", 0, 0), LK_E_FORMAT);
	assert_int_equal(reading_set("{}", 0, 0), LK_E_FORMAT);
	assert_int_equal(reading_set("[" ED_JWK "]", 0, 0), LK_E_FORMAT);
	assert_int_equal(reading_set("{\"keys\":[" ED_JWK "]} {}", 0, 0), LK_E_FORMAT);
}

static void
one_kid_on_two_keys_spoils_the_set(void **state)
{
	(void)state;
	assert_int_equal(reading_set("{\"keys\":[" ED_JWK "," ED_JWK "]}", 0, 0), LK_E_FORMAT);
	assert_int_equal(
	    reading_set("{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
			"\",\"y\":\"" EC_Y "\"},"
			"{\"kid\":\"a\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}]}",
			0, 0),
	    LK_E_FORMAT);
}

static void
a_set_has_bounds(void **state)
{
	static char large[CRYPTO_JWKS_MAX_BYTES + 64];
	struct lk_str text = LK_STR("{\"kty\":\"a\"}");
	size_t i;

	for (i = 1; i < CRYPTO_JWKS_KEYS_MAX; i++)
		text = lk_arena_printf(*state, "%s,{\"kty\":\"a\"}", text.ptr);
	assert_int_equal(reading_set(lk_arena_printf(*state, "{\"keys\":[%s]}", text.ptr).ptr, 0,
				     CRYPTO_JWKS_KEYS_MAX),
			 LK_OK);
	text = lk_arena_printf(*state, "{\"keys\":[%s,{\"kty\":\"a\"}]}", text.ptr);
	assert_int_equal(reading_set(text.ptr, 0, 0), LK_E_FORMAT);
	memset(large, ' ', sizeof large - 1);
	memcpy(large + sizeof large - 16, "{\"keys\":[]}", 11);
	assert_int_equal(reading_set(large, 0, 0), LK_E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc_7638_s3_1_and_rfc_8037_a_3_thumbprints),
	    cmocka_unit_test(no_key_of_ours_begins_with_a_dash),
	    cmocka_unit_test(what_is_published_reads_back_and_holds_nothing_private),
	    cmocka_unit_test(a_sealed_key_opens_and_signs),
	    cmocka_unit_test(a_seal_of_another_kid_or_ring_does_not_open),
	    cmocka_unit_test(a_seal_that_holds_another_key_than_its_kid_does_not_open),
	    cmocka_unit_test(a_public_key_neither_seals_nor_signs),
	    cmocka_unit_test(weak_and_odd_keys_are_not_made),
	    cmocka_unit_test(private_and_shared_parts_are_refused),
	    cmocka_unit_test(rsa_short_modulus_is_refused),
	    cmocka_unit_test(rsa_small_exponent_is_refused),
	    cmocka_unit_test(points_off_the_curve_or_of_another_length_are_refused),
	    cmocka_unit_test(ed25519_points_of_small_order_are_refused),
	    cmocka_unit_test(sound_keys_for_others_are_not_found),
	    cmocka_unit_test(members_of_a_wrong_kind_are_refused),
	    cmocka_unit_test(a_kid_of_its_own_is_kept_and_bounded),
	    cmocka_unit_test(an_rsa_key_without_alg_fits_both_and_nothing_else),
	    cmocka_unit_test(a_set_keeps_what_is_for_us),
	    cmocka_unit_test(one_wrong_key_spoils_the_set),
	    cmocka_unit_test(one_kid_on_two_keys_spoils_the_set),
	    cmocka_unit_test(a_set_has_bounds),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
