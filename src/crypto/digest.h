/* SPDX-License-Identifier: MIT */
/*
 * Keyed fingerprints: what stands in the store, the audit and form keys instead of the thing
 * itself. Without the ring nobody can make or check one. No memory is taken, nothing waits: fit for
 * a loop.
 */
#ifndef LK_CRYPTO_DIGEST_H
#define LK_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/keyring.h"

/* What a digest is for: domains never meet. New ones at the end; a number keeps its meaning. */
enum crypto_purpose {
	CRYPTO_SESSION = 1,    /* session cookie → store key */
	CRYPTO_BROWSER,        /* browser cookie → store key */
	CRYPTO_FORM_KEY,       /* form key */
	CRYPTO_WRONG_PASSWORD, /* a wrong password, to count the same one once */
	CRYPTO_PERSON,         /* typed name of nobody → throttle key */
	CRYPTO_ADDRESS,        /* client address → throttle key */
	CRYPTO_DEVICE,         /* known-device cookie */
	CRYPTO_ANSWER,         /* an answer given in a journey */
	CRYPTO_SESSION_MAKE,   /* session token of a journey */
	CRYPTO_TOKEN,          /* access and refresh tokens, codes */
	CRYPTO_AUDIT,          /* the audit chain */
	CRYPTO_APPLICATION,    /* an application's secret: pieces client_id, secret */
	CRYPTO_STEP,           /* cookie of whoever showed a journey's proofs */
	CRYPTO_GRANT,          /* selector of a grant → store key */
	CRYPTO_REFRESH,        /* proof in a refresh token: pieces selector, revision */
	CRYPTO_USER_CODE,      /* code typed on another screen → store key */
	CRYPTO_CODE_GRANT,     /* authorization code → selector of its grant */
	CRYPTO_PAIRWISE,       /* a person as one application knows them; keyed, not of the ring */
	CRYPTO_SID,            /* a session as one application knows it */
	CRYPTO_CODE_MAKE,      /* authorization code of an authorization */
	CRYPTO_FORWARD,        /* way to sign in and back of a web server's application */
	CRYPTO_GUESS,          /* wrong secrets of an application → where they are counted */
	CRYPTO_USER_LINK,      /* link that carries a code of another screen: pieces code, end */
	CRYPTO_PURPOSE_COUNT
};

#define CRYPTO_DIGEST_BYTES 32u
struct crypto_digest {
	uint8_t bytes[CRYPTO_DIGEST_BYTES];
};

/*
 * BLAKE2b-256 over the pieces, keyed with the oldest key's sub-key for purpose. Each piece has its
 * length before it, so that ("ab","c") and ("a","bc") differ.
 *
 * Time: under 1 µs for short pieces.
 */
void crypto_digest_make(const struct crypto_ring *ring, enum crypto_purpose purpose,
    const struct lk_str *pieces, size_t count, struct crypto_digest *out);
/* The same over pieces and a secret, which stands last; secret NULL: over the pieces alone. */
struct crypto_pieces {
	const struct lk_str *piece;
	size_t count;
};
void crypto_digest_secret(const struct crypto_ring *ring, enum crypto_purpose purpose,
    struct crypto_pieces pieces, const struct lk_secret *secret, struct crypto_digest *out);
/*
 * What a digest made with one named key needs: for things that say which key they were made with.
 * Returns: LK_OK · LK_E_NOT_FOUND the ring does not hold key_id
 */
struct crypto_digest_key {
	enum crypto_purpose purpose;
	uint32_t key_id;
};
enum lk_err crypto_digest_under(const struct crypto_ring *ring, struct crypto_digest_key key,
    const struct lk_str *pieces, size_t count, struct crypto_digest *out) LK_MUST_CHECK;

/*
 * The same, keyed with a secret that is no key of the ring and outlives them all: CRYPTO_KEY_BYTES
 * long.
 */
void crypto_digest_keyed(const struct lk_secret *key, enum crypto_purpose purpose,
    const struct lk_str *pieces, size_t count, struct crypto_digest *out);

/* In constant time. */
bool crypto_digest_is_equal(const struct crypto_digest *a, const struct crypto_digest *b);
/* The same for two texts; another length is another text, whatever follows a byte 0. */
bool crypto_is_equal(struct lk_str a, struct lk_str b);

#endif
