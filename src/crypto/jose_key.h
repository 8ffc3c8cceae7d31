/* SPDX-License-Identifier: MIT */
/*
 * Keys that sign and verify JSON web signatures: ours, which are made, sealed and published here,
 * and other people's public ones as they hand them out. One key, one algorithm. Knows nothing of
 * applications, of rotation, or of where keys are kept.
 */
#ifndef LK_CRYPTO_JOSE_KEY_H
#define LK_CRYPTO_JOSE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/keyring.h"

/* All there are: no "none", nothing with a shared secret. The numbers stand in sealed blobs. */
enum crypto_alg {
	CRYPTO_RS256 = 1, /* RSA 2048 to 4096 bits, PKCS #1 v1.5 */
	CRYPTO_PS256,	  /* the same, PSS with a salt of 32 bytes */
	CRYPTO_ES256,	  /* P-256 */
	CRYPTO_EDDSA,	  /* Ed25519 */
	CRYPTO_ALG_COUNT
};

/* "RS256"; "" for what is no row. */
const char *crypto_alg_name(enum crypto_alg alg);
/* Byte for byte, so that "none", "None" and "HS256" are nothing. False: *out is untouched. */
bool crypto_alg_find(struct lk_str name, enum crypto_alg *out);

/* Read-only once there: any thread may use it. Yours until crypto_jwk_free. */
struct crypto_jwk;

#define CRYPTO_RSA_MIN_BITS   2048u
#define CRYPTO_RSA_MAX_BITS   4096u
#define CRYPTO_KID_MAX_BYTES  128u
#define CRYPTO_JWKS_KEYS_MAX  16u
#define CRYPTO_JWKS_MAX_BYTES 65536u

/*
 * A new signing key. Its kid is its thumbprint, and never begins with a dash: people give it back
 * to latchkeyctl. (One in 64 would; another key is made then.)
 *
 *   rsa_bits  CRYPTO_RSA_MIN_BITS to CRYPTO_RSA_MAX_BITS, a multiple of 8; for other algorithms 0
 *
 * Time:    RSA 2048: 0.1 s, now and then a second: never in a loop. Others: under 0.1 ms.
 * Returns: LK_OK · LK_E_FORMAT no such algorithm or size · LK_E_MEMORY · LK_E_BROKEN
 * Source:  RFC 7518 s3.3, s3.4, s3.5; RFC 8037 s3.1; RFC 7638.
 */
enum lk_err crypto_jwk_make(
    enum crypto_alg alg, unsigned rsa_bits, struct crypto_jwk **out) LK_MUST_CHECK;
/* Wipes. NULL is fine. */
void crypto_jwk_free(struct crypto_jwk *key);

/* Borrowed from key; never empty. */
struct lk_str crypto_jwk_kid(const struct crypto_jwk *key);
/*
 * May key be used with alg? A key fits one; only an RSA key whose JWK names no algorithm fits
 * RS256 and PS256: whoever allows it says which.
 */
bool crypto_jwk_fits(const struct crypto_jwk *key, enum crypto_alg alg);

/*
 * The private key for the store, bound to "signing key <kid>". Ours only.
 *
 *   out_blob  in arena
 *
 * Returns: LK_OK · LK_E_FORMAT key is a public one · LK_E_MEMORY
 */
enum lk_err crypto_jwk_seal(const struct crypto_jwk *key, const struct crypto_ring *ring,
    struct lk_arena *arena, struct lk_str *out_blob) LK_MUST_CHECK;
/*
 * Open what was sealed as the key of that kid.
 *
 *   arena  holds the opened bytes until it is wiped
 *
 * Time:    0.2 ms.
 * Returns: LK_OK
 *          LK_E_FORMAT  not a seal, changed, another key's, of a master key the ring does not hold
 *          LK_E_MEMORY
 */
enum lk_err crypto_jwk_open(const struct crypto_ring *ring, struct lk_str kid, struct lk_str blob,
    struct lk_arena *arena, struct crypto_jwk **out) LK_MUST_CHECK;

/*
 * The public half as one JSON object: kty, its numbers, kid, use "sig" and alg. Nothing private
 * can get there: it is not asked for private parts.
 *
 * Source:  RFC 7517 s4; RFC 7518 s6; RFC 8037 s2.
 */
void crypto_jwk_write(const struct crypto_jwk *key, struct lk_buf *out);

/*
 * Somebody's public key. A key without kid gets its thumbprint for one. Members we do not know,
 * x5u and x5c with them, are passed over: nothing is fetched, no certificate is believed.
 *
 *   text  at most CRYPTO_JWKS_MAX_BYTES
 *   why   what is wrong with it, for its owner; may be NULL
 *
 * Time:    60 µs, 20 of them ES256's point.
 * Returns: LK_OK
 *          LK_E_NOT_FOUND  a key we have no use for: other kty, curve or alg, not for signatures
 *          LK_E_FORMAT     no JWK; private or shared parts in it; numbers padded, short, not on
 *                          their curve; an RSA modulus of too few or too many bits, an exponent
 *                          that is even, below 65537 or above 32 bits; alg and kty disagree;
 *                          kid empty or longer than CRYPTO_KID_MAX_BYTES
 *          LK_E_MEMORY
 * Source:  RFC 7517 s4; RFC 7518 s6; RFC 8037 s2; RFC 8725 s3.5.
 */
enum lk_err crypto_jwk_read(
    struct lk_str text, struct lk_why *why, struct crypto_jwk **out) LK_MUST_CHECK;

struct crypto_jwks {
	struct crypto_jwk *keys[CRYPTO_JWKS_KEYS_MAX];
	size_t count;
	size_t skipped_count; /* sound ones we have no use for */
};

/*
 * Somebody's set of public keys, at most CRYPTO_JWKS_KEYS_MAX in all. Keys we have no use for are
 * counted and left out; one that is wrong, or one kid on two, spoils the set.
 *
 *   out  yours: crypto_jwks_done; may hold no key at all
 *
 * Returns: LK_OK · LK_E_FORMAT · LK_E_MEMORY
 * Source:  RFC 7517 s5.
 */
enum lk_err crypto_jwks_read(
    struct lk_str text, struct lk_why *why, struct crypto_jwks *out) LK_MUST_CHECK;
/* Frees the keys. A zeroed set is fine. */
void crypto_jwks_done(struct crypto_jwks *set);

#endif
