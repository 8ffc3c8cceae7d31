/* SPDX-License-Identifier: MIT */
/* What a signature key looks like inside, and its bare mathematics: for this folder and its tests.
 */
#ifndef LK_CRYPTO_JOSE_INSIDE_H
#define LK_CRYPTO_JOSE_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "base/secret.h"
#include "crypto/jose_key.h"

enum jose_kind { JOSE_RSA = 1, JOSE_P256, JOSE_ED25519, JOSE_KIND_COUNT };

#define JOSE_NUMBER_MAX_BYTES	 (CRYPTO_RSA_MAX_BITS / 8)
#define JOSE_SIGNATURE_MAX_BYTES JOSE_NUMBER_MAX_BYTES
#define JOSE_P256_BYTES		 32u
#define JOSE_ED25519_BYTES	 32u
/* {"e":"…","kty":"RSA","n":"…"} of the largest key. */
#define JOSE_MEMBERS_MAX_BYTES 768u

struct crypto_jwk {
	enum crypto_alg alg; /* 0: its JWK did not say */
	enum jose_kind kind;
	bool is_private;
	EVP_MD *sha256;
	EVP_PKEY *pkey;		     /* NULL for Ed25519 */
	struct lk_secret *ed_secret; /* libsodium's 64 bytes; NULL for others and for public keys */
	unsigned char ed_public[JOSE_ED25519_BYTES];
	size_t kid_len;
	size_t members_len;
	char kid[CRYPTO_KID_MAX_BYTES + 1];
	/* The members its thumbprint is made of, as one object (RFC 7638 s3.2). */
	char members[JOSE_MEMBERS_MAX_BYTES];
};

/* The two numbers of a public key as bytes, big-endian: n and e, x and y, or x alone. */
struct jose_numbers {
	unsigned char a[JOSE_NUMBER_MAX_BYTES];
	size_t a_len;
	unsigned char b[JOSE_P256_BYTES];
	size_t b_len;
};

/* An empty key with its digest at hand; NULL without memory. */
struct crypto_jwk *jose_key_new(enum jose_kind kind) LK_MUST_CHECK;
/*
 * Take public numbers into key: pkey or ed_public is made of them.
 * Returns: LK_OK · LK_E_FORMAT a number is out of bounds or the point is none · LK_E_MEMORY
 */
enum lk_err jose_key_set_public(
    struct crypto_jwk *key, const struct jose_numbers *numbers) LK_MUST_CHECK;
/* Write members of the key that is there, and give it its thumbprint for a kid. */
enum lk_err jose_key_name(struct crypto_jwk *key) LK_MUST_CHECK;
/* Which kind alg wants. */
enum jose_kind jose_alg_kind(enum crypto_alg alg);

/* Length of a signature by key. */
size_t jose_signature_bytes(const struct crypto_jwk *key);
/*
 * The signature of bytes as JWS has it: ES256 as r and s of 32 bytes each. key fits alg.
 *
 *   out  room for JOSE_SIGNATURE_MAX_BYTES; jose_signature_bytes(key) are written
 *
 * Returns: LK_OK · LK_E_FORMAT key is a public one · LK_E_BROKEN the library says no
 * Source:  RFC 7518 s3.3 to s3.5; RFC 8037 s3.1.
 */
enum lk_err jose_sign_bytes(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
    unsigned char *out) LK_MUST_CHECK;
/* Is it? False for anything odd, another length first. */
bool jose_verify_bytes(const struct crypto_jwk *key, enum crypto_alg alg, struct lk_str bytes,
    struct lk_str signature) LK_MUST_CHECK;

#endif
