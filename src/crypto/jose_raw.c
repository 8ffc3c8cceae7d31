/* SPDX-License-Identifier: MIT */
/* Signatures over bytes. Contexts are made for each: keys are shared by threads, contexts never. */
#include "crypto/jose_inside.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "base/secret_bytes.h"

#define HASH_BYTES	    32u
#define ES256_BYTES	    (2 * JOSE_P256_BYTES)
#define ES256_DER_MAX_BYTES 80 /* 72 at most, and room to see that it was more */

_Static_assert(crypto_sign_BYTES == ES256_BYTES, "both are 64");

size_t
jose_signature_bytes(const struct crypto_jwk *key)
{
	return key->kind == JOSE_RSA ? (size_t)EVP_PKEY_get_size(key->pkey) : ES256_BYTES;
}

static bool
set_rsa(EVP_PKEY_CTX *ctx, const struct crypto_jwk *key, enum crypto_alg alg)
{
	bool is_pss = alg == CRYPTO_PS256;

	if (EVP_PKEY_CTX_set_rsa_padding(ctx, is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) !=
		1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, key->sha256) != 1)
		return false;
	return !is_pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* Ready for one signature; NULL when the library says no. */
static EVP_PKEY_CTX *
context_new(const struct crypto_jwk *key, enum crypto_alg alg, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	if (ctx != NULL && init(ctx) == 1 && (key->kind != JOSE_RSA || set_rsa(ctx, key, alg)))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static bool
hash(const struct crypto_jwk *key, struct lk_str bytes, unsigned char out[HASH_BYTES])
{
	return EVP_Digest(bytes.ptr, bytes.len, out, NULL, key->sha256, NULL) == 1;
}

static bool
sign_hash(const struct crypto_jwk *key, enum crypto_alg alg, const unsigned char *digest,
	  unsigned char *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = context_new(key, alg, EVP_PKEY_sign_init);
	bool is_done = ctx != NULL && EVP_PKEY_sign(ctx, out, len, digest, HASH_BYTES) == 1;

	EVP_PKEY_CTX_free(ctx);
	return is_done;
}

/* RFC 7518 s3.4: r and s side by side, 32 bytes each. */
static bool
raw_of_der(const unsigned char *der, size_t len, unsigned char out[ES256_BYTES])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool is_done =
	    pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, JOSE_P256_BYTES) >= 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + JOSE_P256_BYTES, JOSE_P256_BYTES) >= 0;

	ECDSA_SIG_free(pair);
	return is_done;
}

/* Returns the length written, 0 when the library says no. */
static size_t
der_of_raw(const unsigned char raw[ES256_BYTES], unsigned char out[ES256_DER_MAX_BYTES])
{
	BIGNUM *r = BN_bin2bn(raw, JOSE_P256_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(raw + JOSE_P256_BYTES, JOSE_P256_BYTES, NULL);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	int len = 0;

	if (r == NULL || s == NULL || pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		len = i2d_ECDSA_SIG(pair, &out);
	}
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

static bool
sign_pkey(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
	  unsigned char *out)
{
	unsigned char digest[HASH_BYTES], der[ES256_DER_MAX_BYTES];
	size_t len = key->kind == JOSE_RSA ? jose_signature_bytes(key) : sizeof der;

	if (!hash(key, bytes, digest))
		return false;
	if (key->kind == JOSE_RSA)
		return sign_hash(key, alg, digest, out, &len) && len == jose_signature_bytes(key);
	return sign_hash(key, alg, digest, der, &len) && raw_of_der(der, len, out);
}

enum lk_err
jose_sign_bytes(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
		unsigned char *out)
{
	const unsigned char *message = (const unsigned char *)bytes.ptr;
	bool is_done;

	if (!key->is_private || !crypto_jwk_fits(key, alg))
		return LK_E_FORMAT;
	if (key->kind == JOSE_ED25519)
		is_done = crypto_sign_detached(
			      out, NULL, message, bytes.len,
			      (const unsigned char *)lk_secret_bytes(key->ed_secret).ptr) == 0;
	else
		is_done = sign_pkey(key, alg, bytes, out);
	ERR_clear_error();
	return is_done ? LK_OK : LK_E_BROKEN;
}

/* r and s of 0 or past the order are refused by the library: it is tested, not trusted. */
static bool
verify_pkey(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
	    const unsigned char *signature)
{
	unsigned char digest[HASH_BYTES], der[ES256_DER_MAX_BYTES];
	size_t len = jose_signature_bytes(key);
	EVP_PKEY_CTX *ctx;
	bool is_good;

	if (key->kind == JOSE_P256) {
		len = der_of_raw(signature, der);
		signature = der;
	}
	if (len == 0 || !hash(key, bytes, digest))
		return false;
	ctx = context_new(key, alg, EVP_PKEY_verify_init);
	is_good = ctx != NULL && EVP_PKEY_verify(ctx, signature, len, digest, sizeof digest) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_good;
}

bool
jose_verify_bytes(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
		  struct lk_str signature)
{
	const unsigned char *proof = (const unsigned char *)signature.ptr;
	bool is_good;

	if (!crypto_jwk_fits(key, alg) || signature.len != jose_signature_bytes(key))
		return false;
	if (key->kind == JOSE_ED25519)
		return crypto_sign_verify_detached(proof, (const unsigned char *)bytes.ptr,
						   bytes.len, key->ed_public) == 0;
	is_good = verify_pkey(key, alg, bytes, proof);
	ERR_clear_error();
	return is_good;
}
