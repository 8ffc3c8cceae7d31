/* SPDX-License-Identifier: MIT */
#include "crypto/jose_key.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/json.h"
#include "base/secret_bytes.h"
#include "crypto/base64url.h"
#include "crypto/jose_inside.h"
#include "crypto/seal.h"

/* Sealed: one byte for the algorithm, then DER, or the seed of Ed25519. */
#define PLAIN_MAX_BYTES 4096u
#define CONTEXT		"signing key "

static const struct alg_row {
	const char *name;
	enum jose_kind kind;
} algs[CRYPTO_ALG_COUNT] = {
    [0] = {"", 0},
    [CRYPTO_RS256] = {"RS256", JOSE_RSA},
    [CRYPTO_PS256] = {"PS256", JOSE_RSA},
    [CRYPTO_ES256] = {"ES256", JOSE_P256},
    [CRYPTO_EDDSA] = {"EdDSA", JOSE_ED25519},
};

static const struct alg_row *
row_of(enum crypto_alg alg)
{
	return alg < CRYPTO_ALG_COUNT ? &algs[alg] : &algs[0];
}

const char *
crypto_alg_name(enum crypto_alg alg)
{
	return row_of(alg)->name;
}

enum jose_kind
jose_alg_kind(enum crypto_alg alg)
{
	return row_of(alg)->kind;
}

bool
crypto_alg_find(struct lk_str name, enum crypto_alg *out)
{
	int i;

	for (i = CRYPTO_RS256; i < CRYPTO_ALG_COUNT; i++) {
		if (!lk_str_is(name, algs[i].name))
			continue;
		*out = (enum crypto_alg)i;
		return true;
	}
	return false;
}

struct crypto_jwk *
jose_key_new(enum jose_kind kind)
{
	struct crypto_jwk *key = calloc(1, sizeof *key);

	if (key == NULL)
		return NULL;
	key->kind = kind;
	key->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (key->sha256 != NULL)
		return key;
	crypto_jwk_free(key);
	return NULL;
}

void
crypto_jwk_free(struct crypto_jwk *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey); /* wipes private numbers */
	EVP_MD_free(key->sha256);
	lk_secret_free(key->ed_secret);
	free(key);
}

struct lk_str
crypto_jwk_kid(const struct crypto_jwk *key)
{
	return lk_str_n(key->kid, key->kid_len);
}

bool
crypto_jwk_fits(const struct crypto_jwk *key, enum crypto_alg alg)
{
	return key->alg == 0 ? jose_alg_kind(alg) == key->kind : alg == key->alg;
}

static EVP_PKEY *
generate(enum jose_kind kind, unsigned rsa_bits)
{
	if (kind == JOSE_RSA)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)rsa_bits);
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static enum lk_err
generate_ed25519(struct crypto_jwk *key)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_keypair(key->ed_public, secret);
	key->ed_secret = lk_secret_new(lk_str_n((const char *)secret, sizeof secret));
	sodium_memzero(secret, sizeof secret);
	return key->ed_secret == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
fill_new(struct crypto_jwk *key, unsigned rsa_bits)
{
	key->is_private = true;
	if (key->kind == JOSE_ED25519) {
		if (generate_ed25519(key) != LK_OK)
			return LK_E_MEMORY;
		return jose_key_name(key);
	}
	key->pkey = generate(key->kind, rsa_bits);
	return key->pkey == NULL ? LK_E_BROKEN : jose_key_name(key);
}

/* Gives key to *out, or frees it. */
static enum lk_err
hand_over(struct crypto_jwk *owned_key, enum lk_err err, struct crypto_jwk **out)
{
	ERR_clear_error();
	if (err == LK_OK)
		*out = owned_key;
	else
		crypto_jwk_free(owned_key);
	return err;
}

static enum lk_err
make_one(enum crypto_alg alg, unsigned rsa_bits, struct crypto_jwk **out)
{
	struct crypto_jwk *key = jose_key_new(jose_alg_kind(alg));

	if (key == NULL)
		return LK_E_MEMORY;
	key->alg = alg;
	return hand_over(key, fill_new(key, rsa_bits), out);
}

enum lk_err
crypto_jwk_make(enum crypto_alg alg, unsigned rsa_bits, struct crypto_jwk **out)
{
	enum jose_kind kind = jose_alg_kind(alg);
	struct crypto_jwk *key = NULL;
	enum lk_err err;

	if (kind == 0 || (kind != JOSE_RSA && rsa_bits != 0))
		return LK_E_FORMAT;
	if (kind == JOSE_RSA &&
	    (rsa_bits < CRYPTO_RSA_MIN_BITS || rsa_bits > CRYPTO_RSA_MAX_BITS || rsa_bits % 8 != 0))
		return LK_E_FORMAT;
	do {
		crypto_jwk_free(key);
		key = NULL;
		err = make_one(alg, rsa_bits, &key);
	} while (err == LK_OK && key->kid[0] == '-');
	if (err == LK_OK)
		*out = key;
	return err;
}

/* "signing key <kid>", for the seal. */
static struct lk_str
context_make(struct lk_str kid, char out[CRYPTO_CONTEXT_MAX_BYTES])
{
	memcpy(out, CONTEXT, sizeof CONTEXT - 1);
	memcpy(out + sizeof CONTEXT - 1, kid.ptr, kid.len);
	return lk_str_n(out, sizeof CONTEXT - 1 + kid.len);
}

/* Returns the bytes written into plain, 0 when they do not fit. */
static size_t
write_private(const struct crypto_jwk *key, unsigned char plain[PLAIN_MAX_BYTES])
{
	unsigned char *at = plain + 1;
	int len;

	plain[0] = (unsigned char)key->alg;
	if (key->kind == JOSE_ED25519) {
		memcpy(at, lk_secret_bytes(key->ed_secret).ptr, crypto_sign_SEEDBYTES);
		return 1 + crypto_sign_SEEDBYTES;
	}
	len = i2d_PrivateKey(key->pkey, NULL);
	if (len <= 0 || (size_t)len > PLAIN_MAX_BYTES - 1)
		return 0;
	len = i2d_PrivateKey(key->pkey, &at);
	return len <= 0 ? 0 : 1 + (size_t)len;
}

enum lk_err
crypto_jwk_seal(const struct crypto_jwk *key, const struct crypto_ring *ring,
		struct lk_arena *arena, struct lk_str *out_blob)
{
	unsigned char plain[PLAIN_MAX_BYTES];
	char context[CRYPTO_CONTEXT_MAX_BYTES];
	enum lk_err err;
	size_t len;

	if (!key->is_private)
		return LK_E_FORMAT;
	len = write_private(key, plain);
	err = len == 0 ? LK_E_MEMORY
		       : crypto_seal(ring, context_make(crypto_jwk_kid(key), context),
				     lk_str_n((const char *)plain, len), arena, out_blob);
	sodium_memzero(plain, sizeof plain);
	ERR_clear_error();
	return err;
}

static enum lk_err
read_ed25519(struct crypto_jwk *key, struct lk_str seed)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];

	if (seed.len != crypto_sign_SEEDBYTES)
		return LK_E_FORMAT;
	crypto_sign_seed_keypair(key->ed_public, secret, (const unsigned char *)seed.ptr);
	key->ed_secret = lk_secret_new(lk_str_n((const char *)secret, sizeof secret));
	sodium_memzero(secret, sizeof secret);
	return key->ed_secret == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
read_der(struct crypto_jwk *key, struct lk_str der)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	int type = key->kind == JOSE_RSA ? EVP_PKEY_RSA : EVP_PKEY_EC;

	key->pkey = d2i_PrivateKey(type, NULL, &at, (long)der.len);
	if (key->pkey == NULL || at != (const unsigned char *)der.ptr + der.len)
		return LK_E_FORMAT;
	return LK_OK;
}

/* plain is what we sealed: the seal says so, and kid is its thumbprint. */
static enum lk_err
fill_opened(struct crypto_jwk *key, struct lk_str kid, struct lk_str private)
{
	enum lk_err err;

	key->is_private = true;
	err = key->kind == JOSE_ED25519 ? read_ed25519(key, private) : read_der(key, private);
	if (err == LK_OK)
		err = jose_key_name(key);
	if (err == LK_OK && !lk_str_is_equal(crypto_jwk_kid(key), kid))
		return LK_E_FORMAT;
	return err;
}

enum lk_err
crypto_jwk_open(const struct crypto_ring *ring, struct lk_str kid, struct lk_str blob,
		struct lk_arena *arena, struct crypto_jwk **out)
{
	char context[CRYPTO_CONTEXT_MAX_BYTES];
	struct lk_secret *secret = NULL;
	struct crypto_jwk *key;
	struct lk_str plain;
	enum lk_err err;
	unsigned char alg;

	if (kid.len == 0 || kid.len > CRYPTO_KID_MAX_BYTES)
		return LK_E_FORMAT;
	err = crypto_open(ring, context_make(kid, context), blob, arena, &secret);
	if (err != LK_OK)
		return err;
	plain = lk_secret_bytes(secret);
	alg = plain.len == 0 ? 0 : (unsigned char)plain.ptr[0];
	if (jose_alg_kind((enum crypto_alg)alg) == 0)
		return LK_E_FORMAT;
	key = jose_key_new(jose_alg_kind((enum crypto_alg)alg));
	if (key == NULL)
		return LK_E_MEMORY;
	key->alg = (enum crypto_alg)alg;
	return hand_over(key, fill_opened(key, kid, lk_str_from(plain, 1)), out);
}

void
crypto_jwk_write(const struct crypto_jwk *key, struct lk_buf *out)
{
	lk_buf_add(out, key->members, key->members_len - 1); /* without its brace */
	lk_buf_add_c(out, ",\"kid\":");
	lk_json_quote(out, crypto_jwk_kid(key));
	lk_buf_add_c(out, ",\"use\":\"sig\"");
	if (key->alg != 0)
		lk_buf_printf(out, ",\"alg\":\"%s\"", crypto_alg_name(key->alg));
	lk_buf_add_byte(out, '}');
}
