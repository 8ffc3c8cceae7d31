/* SPDX-License-Identifier: MIT */
/* Public numbers: into a key, out of it, and the thumbprint made of them. */
#include "crypto/jose_inside.h"

#include <stdio.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <sodium.h>

#define VARIANT		   sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define EXPONENT_MIN	   65537u
#define EXPONENT_MAX_BYTES 4u
#define POINT_BYTES	   (1 + 2 * JOSE_P256_BYTES)
#define POINT_UNCOMPRESSED 0x04
#define NUMBER_TEXT_BYTES  (JOSE_NUMBER_MAX_BYTES / 3 * 4 + 5) /* base64url and a NUL */
#define THUMBPRINT_BYTES   32u
_Static_assert(2 * (JOSE_P256_BYTES / 3 * 4 + 5) + NUMBER_TEXT_BYTES / 2 < JOSE_MEMBERS_MAX_BYTES &&
		   NUMBER_TEXT_BYTES + 40 < JOSE_MEMBERS_MAX_BYTES,
	       "members fit");

/* Takes what it was given, pkey or not. */
static EVP_PKEY *
pkey_from(const char *type, OSSL_PARAM *owned_params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || owned_params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, owned_params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(owned_params);
	return pkey;
}

static bool
is_modulus(const unsigned char *n, size_t len)
{
	return len >= CRYPTO_RSA_MIN_BITS / 8 && len <= CRYPTO_RSA_MAX_BITS / 8 &&
	       (n[0] & 0x80) != 0 && (n[len - 1] & 1) != 0;
}

/* Small exponents have broken verifiers (Bleichenbacher 2006), large ones only cost time. */
static bool
is_exponent(const unsigned char *e, size_t len)
{
	uint64_t value = 0;
	size_t i;

	if (len == 0 || len > EXPONENT_MAX_BYTES || e[0] == 0)
		return false;
	for (i = 0; i < len; i++)
		value = value << 8 | e[i];
	return value >= EXPONENT_MIN && value % 2 == 1;
}

static enum lk_err
set_rsa(struct crypto_jwk *key, const struct jose_numbers *numbers)
{
	OSSL_PARAM_BLD *build;
	BIGNUM *n, *e;

	if (!is_modulus(numbers->a, numbers->a_len) || !is_exponent(numbers->b, numbers->b_len))
		return LK_E_FORMAT;
	build = OSSL_PARAM_BLD_new();
	n = BN_bin2bn(numbers->a, (int)numbers->a_len, NULL);
	e = BN_bin2bn(numbers->b, (int)numbers->b_len, NULL);
	if (build != NULL && n != NULL && e != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key->pkey = pkey_from("RSA", OSSL_PARAM_BLD_to_param(build));
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(build);
	return key->pkey == NULL ? LK_E_MEMORY : LK_OK;
}

/* The library refuses a point that is not on the curve. */
static enum lk_err
set_p256(struct crypto_jwk *key, const struct jose_numbers *numbers)
{
	unsigned char point[POINT_BYTES] = {POINT_UNCOMPRESSED};
	char group[] = "prime256v1";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
	    OSSL_PARAM_construct_end(),
	};

	if (numbers->a_len != JOSE_P256_BYTES || numbers->b_len != JOSE_P256_BYTES)
		return LK_E_FORMAT;
	memcpy(point + 1, numbers->a, JOSE_P256_BYTES);
	memcpy(point + 1 + JOSE_P256_BYTES, numbers->b, JOSE_P256_BYTES);
	key->pkey = pkey_from("EC", OSSL_PARAM_dup(params));
	return key->pkey == NULL ? LK_E_FORMAT : LK_OK;
}

/* In the large group and spelt in its one way: with a point of small order anything verifies. */
static enum lk_err
set_ed25519(struct crypto_jwk *key, const struct jose_numbers *numbers)
{
	if (numbers->a_len != JOSE_ED25519_BYTES || numbers->b_len != 0 ||
	    crypto_core_ed25519_is_valid_point(numbers->a) != 1)
		return LK_E_FORMAT;
	memcpy(key->ed_public, numbers->a, JOSE_ED25519_BYTES);
	return LK_OK;
}

enum lk_err
jose_key_set_public(struct crypto_jwk *key, const struct jose_numbers *numbers)
{
	if (key->kind == JOSE_RSA)
		return set_rsa(key, numbers);
	return key->kind == JOSE_P256 ? set_p256(key, numbers) : set_ed25519(key, numbers);
}

/* One number of pkey: width bytes, or as many as it takes when width is 0. Returns 0: there is
 * none, or it is too large. */
static size_t
get_number(const EVP_PKEY *pkey, const char *name, size_t width, unsigned char *out)
{
	BIGNUM *number = NULL;
	size_t len = 0;

	if (EVP_PKEY_get_bn_param(pkey, name, &number) == 1) {
		len = width > 0 ? width : (size_t)BN_num_bytes(number);
		if (len > JOSE_NUMBER_MAX_BYTES || BN_bn2binpad(number, out, (int)len) < 0)
			len = 0;
	}
	BN_free(number);
	return len;
}

static bool
text_of(const EVP_PKEY *pkey, const char *name, size_t width, char out[NUMBER_TEXT_BYTES])
{
	unsigned char bytes[JOSE_NUMBER_MAX_BYTES];
	size_t len = get_number(pkey, name, width, bytes);

	if (len == 0)
		return false;
	sodium_bin2base64(out, NUMBER_TEXT_BYTES, bytes, len, VARIANT);
	return true;
}

/* In the order of the alphabet, without blanks: RFC 7638 s3.3. */
static int
write_members(struct crypto_jwk *key)
{
	char a[NUMBER_TEXT_BYTES], b[NUMBER_TEXT_BYTES];

	if (key->kind == JOSE_ED25519) {
		sodium_bin2base64(a, sizeof a, key->ed_public, JOSE_ED25519_BYTES, VARIANT);
		return snprintf(key->members, sizeof key->members,
				"{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", a);
	}
	if (key->kind == JOSE_RSA) {
		if (!text_of(key->pkey, OSSL_PKEY_PARAM_RSA_E, 0, a) ||
		    !text_of(key->pkey, OSSL_PKEY_PARAM_RSA_N, 0, b))
			return -1;
		return snprintf(key->members, sizeof key->members,
				"{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", a, b);
	}
	if (!text_of(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, JOSE_P256_BYTES, a) ||
	    !text_of(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, JOSE_P256_BYTES, b))
		return -1;
	return snprintf(key->members, sizeof key->members,
			"{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", a, b);
}

enum lk_err
jose_key_name(struct crypto_jwk *key)
{
	unsigned char thumbprint[THUMBPRINT_BYTES];
	int len = write_members(key);

	if (len < 0 || (size_t)len >= sizeof key->members)
		return LK_E_BROKEN;
	key->members_len = (size_t)len;
	if (EVP_Digest(key->members, key->members_len, thumbprint, NULL, key->sha256, NULL) != 1)
		return LK_E_BROKEN;
	sodium_bin2base64(key->kid, sizeof key->kid, thumbprint, sizeof thumbprint, VARIANT);
	key->kid_len = strlen(key->kid);
	return LK_OK;
}
