/* SPDX-License-Identifier: MIT */
/* Attacks on signed tokens that worked elsewhere, by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "support/jws_help.h"

static void
alg_none(void **state)
{
	static const char *const names[] = {"none", "None", "NONE", "nOnE", "", "none "};
	struct lk_str head, payload = LK_STR("{\"sub\":\"admin\"}");
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		head = lk_arena_printf(*state, "{\"alg\":\"%s\"}", names[i]);
		assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
					     help_token(*state, head, payload, LK_STR(""))),
				 LK_E_FORMAT);
		assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
					     help_token(*state, head, payload, LK_STR("x"))),
				 LK_E_FORMAT);
		assert_int_equal(help_verify_head(*state, CRYPTO_ES256, head.ptr), LK_E_FORMAT);
	}
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{}"), LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":null}"), LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":[\"ES256\"]}"),
			 LK_E_FORMAT);
}

/* The public key as the secret of an HMAC: whoever lets the header choose accepts it. */
static void
rs_hs_confusion(void **state)
{
	struct lk_str text = LK_STR("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0"), token;
	crypto_auth_hmacsha256_state mac;
	unsigned char proof[32];
	LK_AUTO_BUF jwk = {0};

	lk_buf_init(&jwk, 4096);
	crypto_jwk_write(help_keys[CRYPTO_RS256], &jwk);
	crypto_auth_hmacsha256_init(&mac, (const unsigned char *)jwk.bytes, jwk.len);
	crypto_auth_hmacsha256_update(&mac, (const unsigned char *)text.ptr, text.len);
	crypto_auth_hmacsha256_final(&mac, proof);
	token = lk_arena_printf(
	    *state, "%s.%s", text.ptr,
	    crypto_base64url_make(lk_str_n((const char *)proof, sizeof proof), *state).ptr);
	assert_int_equal(help_verify(*state, CRYPTO_RS256, help_keys[CRYPTO_RS256], token),
			 LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_RS256, "{\"alg\":\"HS256\"}"),
			 LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_RS256, "{\"alg\":\"RS512\"}"),
			 LK_E_FORMAT);
}

static void
another_algorithm_of_the_same_key(void **state)
{
	struct crypto_jwk *rsa = help_keys[CRYPTO_RS256];
	LK_AUTO_BUF jwk = {0};
	struct lk_str token = help_forge(*state, rsa, CRYPTO_RS256, "{\"alg\":\"PS256\"}");

	assert_int_equal(help_verify(*state, CRYPTO_RS256, rsa, token), LK_E_NOT_FOUND);
	/* Our own key is of one algorithm, whatever the caller allows. */
	assert_int_equal(help_verify(*state, CRYPTO_PS256, rsa, token), LK_E_NOT_FOUND);
	assert_int_equal(help_verify(*state, CRYPTO_PS256, help_keys[CRYPTO_ES256], token),
			 LK_E_NOT_FOUND);
	/* Signed as RS256, called PS256, by a key that may do both. */
	lk_buf_init(&jwk, 4096);
	crypto_jwk_write(help_keys[CRYPTO_RS256], &jwk);
	memcpy(strstr(jwk.bytes, ",\"alg\""), "}", 2);
	rsa = help_jwk(jwk.bytes);
	assert_int_equal(help_verify(*state, CRYPTO_PS256, rsa, token), LK_E_FORMAT);
	token = help_forge(*state, help_keys[CRYPTO_RS256], CRYPTO_RS256, "{\"alg\":\"RS256\"}");
	assert_int_equal(help_verify(*state, CRYPTO_RS256, rsa, token), LK_OK);
	crypto_jwk_free(rsa);
}

static void
another_algorithm_of_bare_bytes(void **state)
{
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];
	struct lk_str text = LK_STR("text"), signature = {(const char *)proof, 64};
	struct crypto_jwk *key = help_keys[CRYPTO_EDDSA];

	assert_int_equal(jose_sign_bytes(key, CRYPTO_ES256, text, proof), LK_E_FORMAT);
	assert_int_equal(jose_sign_bytes(key, CRYPTO_EDDSA, text, proof), LK_OK);
	assert_true(jose_verify_bytes(key, CRYPTO_EDDSA, text, signature));
	assert_false(jose_verify_bytes(key, CRYPTO_ES256, text, signature));
	(void)state;
}

static void
kid_path_traversal(void **state)
{
	static const char *const kids[] = {"../../../../dev/null",
					   "/etc/hostname",
					   "https://evil.example/jwks",
					   "' or '1'='1",
					   "x|id",
					   "*",
					   "%00"};
	struct lk_str head;
	size_t i;

	for (i = 0; i < sizeof kids / sizeof kids[0]; i++) {
		head = lk_arena_printf(*state, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", kids[i]);
		assert_int_equal(help_verify_head(*state, CRYPTO_ES256, head.ptr), LK_E_NOT_FOUND);
	}
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\",\"kid\":\"\"}"),
			 LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\",\"kid\":0}"),
			 LK_E_FORMAT);
	assert_int_equal(
	    help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\",\"kid\":\"\\u0000\"}"),
	    LK_E_FORMAT);
}

/* CVE-2018-0114: the token brings the key it is to be verified with. */
static void
embedded_jwk(void **state)
{
	struct crypto_jwk *evil = help_jwk_make(CRYPTO_ES256);
	LK_AUTO_BUF jwk = {0};
	struct lk_str head;

	lk_buf_init(&jwk, 4096);
	crypto_jwk_write(evil, &jwk);
	head = lk_arena_printf(*state, "{\"alg\":\"ES256\",\"jwk\":%s}", jwk.bytes);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
				     help_forge(*state, evil, CRYPTO_ES256, head.ptr)),
			 LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, head.ptr), LK_E_FORMAT);
	crypto_jwk_free(evil);
}

static void
key_by_address_or_certificate(void **state)
{
	static const char *const members[] = {"\"jku\":\"https://evil.example/\"",
					      "\"x5u\":\"https://evil.example/\"",
					      "\"x5c\":[\"MIIB\"]", "\"jwk\":null"};
	size_t i;

	for (i = 0; i < sizeof members / sizeof members[0]; i++)
		assert_int_equal(
		    help_verify_head(
			*state, CRYPTO_ES256,
			lk_arena_printf(*state, "{\"alg\":\"ES256\",%s}", members[i]).ptr),
		    LK_E_FORMAT);
}

static void
crit_and_b64(void **state)
{
	static const char *const members[] = {"\"crit\":[\"b64\"],\"b64\":false", "\"crit\":[]",
					      "\"crit\":[\"exp\"],\"exp\":1", "\"b64\":false",
					      "\"b64\":true"};
	size_t i;

	for (i = 0; i < sizeof members / sizeof members[0]; i++)
		assert_int_equal(
		    help_verify_head(
			*state, CRYPTO_ES256,
			lk_arena_printf(*state, "{\"alg\":\"ES256\",%s}", members[i]).ptr),
		    LK_E_FORMAT);
}

static enum lk_err
with_proof(struct lk_arena *arena, enum crypto_alg alg, const char *proof, size_t len)
{
	struct lk_str head = lk_arena_printf(arena, "{\"alg\":\"%s\"}", crypto_alg_name(alg));

	return help_verify(arena, alg, help_keys[alg],
			   help_token(arena, head, LK_STR("{}"), lk_str_n(proof, len)));
}

/* CVE-2022-21449: zeros, and the order of the group, which are zero again. */
static void
psychic_signature(void **state)
{
	static const unsigned char order[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,	  0,
						0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
						0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
	char proof[64] = {0};

	assert_int_equal(with_proof(*state, CRYPTO_ES256, proof, 64), LK_E_FORMAT);
	assert_int_equal(with_proof(*state, CRYPTO_EDDSA, proof, 64), LK_E_FORMAT);
	memcpy(proof, order, 32);
	assert_int_equal(with_proof(*state, CRYPTO_ES256, proof, 64), LK_E_FORMAT);
	memcpy(proof + 32, order, 32);
	assert_int_equal(with_proof(*state, CRYPTO_ES256, proof, 64), LK_E_FORMAT);
	memset(proof, 0, 32);
	assert_int_equal(with_proof(*state, CRYPTO_ES256, proof, 64), LK_E_FORMAT);
	memset(proof, 0xff, 64);
	assert_int_equal(with_proof(*state, CRYPTO_ES256, proof, 64), LK_E_FORMAT);
}

/* The same r and s as another library would hand them out. */
static void
es256_der_instead_of_raw(void **state)
{
	struct lk_str text = LK_STR("eyJhbGciOiJFUzI1NiJ9.e30"), token;
	unsigned char raw[JOSE_SIGNATURE_MAX_BYTES], der[72] = {0x30, 70, 2, 33, 0};

	assert_int_equal(jose_sign_bytes(help_keys[CRYPTO_ES256], CRYPTO_ES256, text, raw), LK_OK);
	memcpy(der + 5, raw, 32);
	memcpy(der + 37, "\2\41", 3);
	memcpy(der + 40, raw + 32, 32);
	token = lk_arena_printf(
	    *state, "%s.%s", text.ptr,
	    crypto_base64url_make(lk_str_n((const char *)der, sizeof der), *state).ptr);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256], token),
			 LK_E_FORMAT);
	token = lk_arena_printf(*state, "%s.%s", text.ptr,
				crypto_base64url_make(lk_str_n((const char *)raw, 64), *state).ptr);
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256], token), LK_OK);
}

/* s + the order of the group is the same signature to a careless verifier (RFC 8032 s8.4). */
static void
eddsa_s_past_the_order(void **state)
{
	static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,	    0x63,
						0x12, 0x58, 0xd6, 0x9c, 0xf7,	    0xa2,
						0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];
	struct lk_str text = LK_STR("text"), signature = {(const char *)proof, 64};

	assert_int_equal(jose_sign_bytes(help_keys[CRYPTO_EDDSA], CRYPTO_EDDSA, text, proof),
			 LK_OK);
	assert_true(jose_verify_bytes(help_keys[CRYPTO_EDDSA], CRYPTO_EDDSA, text, signature));
	sodium_add(proof + 32, order, sizeof order);
	assert_false(jose_verify_bytes(help_keys[CRYPTO_EDDSA], CRYPTO_EDDSA, text, signature));
	(void)state;
}

/* RFC 7518 s3.5: the salt is as long as the hash. */
static void
pss_with_another_salt(void **state)
{
	struct crypto_jwk *key = help_keys[CRYPTO_PS256];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	unsigned char hash[32], proof[JOSE_SIGNATURE_MAX_BYTES];
	size_t len = sizeof proof;

	assert_int_equal(EVP_Digest("text", 4, hash, NULL, key->sha256, NULL), 1);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, key->sha256), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 0), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, proof, &len, hash, sizeof hash), 1);
	EVP_PKEY_CTX_free(ctx);
	assert_false(jose_verify_bytes(key, CRYPTO_PS256, LK_STR("text"),
				       lk_str_n((const char *)proof, len)));
	(void)state;
}

static void
trailing_bytes_and_whitespace(void **state)
{
	static const char *const forms[] = {"%s ",   " %s", "%s\n", "%sA",     "%sAAAA",
					    "%s=",   "%s.", ".%s",  "%s.AAAA", "\xef\xbb\xbf%s",
					    "\"%s\""};
	struct lk_str token = help_good(*state);
	char text[2048];
	size_t i;
	int len;

	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256], token), LK_OK);
	for (i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *at = strstr(forms[i], "%s");

		len = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - forms[i]), forms[i],
			       token.ptr, at + 2);
		assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
					     lk_str_n(text, (size_t)len)),
				 LK_E_FORMAT);
	}
	memcpy(text, token.ptr, token.len + 1); /* with the byte 0 behind it */
	assert_int_equal(help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256],
				     lk_str_n(text, token.len + 1)),
			 LK_E_FORMAT);
}

/* A second spelling of the last letter decodes to the same bytes elsewhere. */
static void
any_letter_changed(void **state)
{
	static const char letters[] = "AQgwBRhxz059-_.";
	struct lk_str token = help_good(*state);
	char *text = lk_arena_alloc(*state, token.len);
	size_t i, j;

	for (i = 0; i < token.len; i++) {
		struct lk_arena *arena = lk_arena_new(4096, 1u << 16);

		memcpy(text, token.ptr, token.len);
		for (j = 0; j < sizeof letters - 1; j++) {
			text[i] = letters[j];
			if (text[i] != token.ptr[i])
				assert_int_not_equal(help_verify(arena, CRYPTO_ES256,
								 help_keys[CRYPTO_ES256],
								 lk_str_n(text, token.len)),
						     LK_OK);
		}
		lk_arena_free(arena);
	}
}

static void
two_signatures(void **state)
{
	struct lk_str token = help_good(*state);
	struct lk_str rest = lk_str_from(token, lk_str_find(token, '.') + 1);
	struct lk_str proof = lk_str_from(rest, lk_str_find(rest, '.') + 1);
	struct lk_str many[] = {lk_arena_printf(*state, "%s.%.*s", token.ptr, LK_STR_ARGS(proof)),
				lk_arena_printf(*state, "%s.%s", token.ptr, token.ptr),
				lk_arena_printf(*state, "%s,%s", token.ptr, token.ptr),
				lk_arena_printf(*state,
						"{\"payload\":\"e30\",\"signature\":\"%.*s\"}",
						LK_STR_ARGS(proof)),
				LK_STR(""),
				LK_STR("."),
				LK_STR(".."),
				LK_STR("a"),
				LK_STR("a.b"),
				LK_STR("a..b"),
				LK_STR("a.b."),
				LK_STR("....")};
	size_t i;

	for (i = 0; i < sizeof many / sizeof many[0]; i++)
		assert_int_equal(
		    help_verify(*state, CRYPTO_ES256, help_keys[CRYPTO_ES256], many[i]),
		    LK_E_FORMAT);
}

static void
a_name_twice_in_the_header(void **state)
{
	assert_int_equal(
	    help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\",\"alg\":\"ES256\"}"),
	    LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\"}{}"),
			 LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "[\"ES256\"]"), LK_E_FORMAT);
	assert_int_equal(help_verify_head(*state, CRYPTO_ES256, "{\"alg\":\"ES256\"}"), LK_OK);
}

/* RFC 8725 s3.11: a token for one thing is not one for another. */
static void
another_typ(void **state)
{
	static const struct {
		const char *typ;
		bool is_good;
	} rows[] = {{"\"at+jwt\"", true},
		    {"\"AT+JWT\"", true},
		    {"\"application/at+jwt\"", true},
		    {"\"Application/At+Jwt\"", true},
		    {"\"JWT\"", false},
		    {"\"logout+jwt\"", false},
		    {"\"at+jwt \"", false},
		    {"\"application/application/at+jwt\"", false},
		    {"\"application/\"", false},
		    {"\"\"", false},
		    {"null", false},
		    {"[\"at+jwt\"]", false}};
	struct crypto_jws_allow allow = {CRYPTO_EDDSA, help_keys[CRYPTO_EDDSA]};
	struct crypto_jws_rule rule = {&allow, 1, "at+jwt", false};
	struct crypto_jws jws;
	struct lk_str token;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		token = lk_arena_printf(*state, "{\"alg\":\"EdDSA\",\"typ\":%s}", rows[i].typ);
		token = help_forge(*state, allow.key, CRYPTO_EDDSA, token.ptr);
		assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws),
				 rows[i].is_good ? LK_OK : LK_E_FORMAT);
	}
	token = help_forge(*state, allow.key, CRYPTO_EDDSA, "{\"alg\":\"EdDSA\"}");
	assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_E_FORMAT);
	rule.typ_may_lack = true;
	assert_int_equal(crypto_jws_verify(&rule, token, *state, NULL, &jws), LK_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(alg_none, help_wipe),
	    cmocka_unit_test_teardown(rs_hs_confusion, help_wipe),
	    cmocka_unit_test_teardown(another_algorithm_of_the_same_key, help_wipe),
	    cmocka_unit_test_teardown(another_algorithm_of_bare_bytes, help_wipe),
	    cmocka_unit_test_teardown(kid_path_traversal, help_wipe),
	    cmocka_unit_test_teardown(embedded_jwk, help_wipe),
	    cmocka_unit_test_teardown(key_by_address_or_certificate, help_wipe),
	    cmocka_unit_test_teardown(crit_and_b64, help_wipe),
	    cmocka_unit_test_teardown(psychic_signature, help_wipe),
	    cmocka_unit_test_teardown(es256_der_instead_of_raw, help_wipe),
	    cmocka_unit_test_teardown(eddsa_s_past_the_order, help_wipe),
	    cmocka_unit_test_teardown(pss_with_another_salt, help_wipe),
	    cmocka_unit_test_teardown(trailing_bytes_and_whitespace, help_wipe),
	    cmocka_unit_test_teardown(any_letter_changed, help_wipe),
	    cmocka_unit_test_teardown(two_signatures, help_wipe),
	    cmocka_unit_test_teardown(a_name_twice_in_the_header, help_wipe),
	    cmocka_unit_test_teardown(another_typ, help_wipe),
	};

	return cmocka_run_group_tests(tests, help_jws_begin, help_jws_end);
}
