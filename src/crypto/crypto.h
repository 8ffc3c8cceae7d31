/* SPDX-License-Identifier: MIT */
/*
 * Keys, seals, tokens, digests, one-time and recovery codes. Knows bytes, nothing of people or pages. The only home of
 * liboath and libcrypto, and with base/secret of sodium. Everything here is safe to call from any thread.
 */
#ifndef LK_CRYPTO_CRYPTO_H
#define LK_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

/* Once in main, before any thread: sodium, liboath. */
enum lk_err crypto_init(void) LK_MUST_CHECK;

/* --- key ring: the node's master keys, and what is derived from them ------------------------------------------- */

/*
 * Read from a file of lines "ID BASE64URL(32 bytes)", ID a number 1–4294967295, '#' comments; the last key is the one new seals use,
 * all open old ones. Sub-keys for seals, digests, form keys and cookies are derived from each (BLAKE2b, keyed, by purpose).
 */
struct crypto_ring;

/* LK_E_FORMAT (why says line and fault; also when group or others may read the file) · LK_E_MEMORY. */
enum lk_err crypto_ring_load(const char *path, struct lk_why *why, struct crypto_ring **out) LK_MUST_CHECK;
/* A ring of one given key, for tests and tools. key is 32 bytes. */
enum lk_err crypto_ring_make(uint32_t id, const struct lk_secret *key, struct crypto_ring **out) LK_MUST_CHECK;
void crypto_ring_free(struct crypto_ring *ring);
/* A new line for the key file, with a fresh key; id one above the highest of ring (NULL: 1). */
enum lk_err crypto_ring_line_make(const struct crypto_ring *ring, struct lk_buf *out) LK_MUST_CHECK;

/* --- seal: for seeds and keys at rest --------------------------------------------------------------------------- */

/*
 * XChaCha20-Poly1305. Blob: version 1 byte, key id 4 bytes big-endian, nonce 24 bytes, ciphertext and tag. context (the person's id, a key's
 * name) is bound as additional data: a blob moved to another person does not open. Result in arena.
 */
enum lk_err crypto_seal(const struct crypto_ring *ring, struct lk_str context, struct lk_str plain,
    struct lk_arena *arena, struct lk_str *out_blob) LK_MUST_CHECK;
/* LK_E_FORMAT: not a seal, another context, or a key the ring does not hold. */
enum lk_err crypto_open(const struct crypto_ring *ring, struct lk_str context, struct lk_str blob,
    struct lk_arena *arena, struct lk_secret **out_plain) LK_MUST_CHECK;
/* Was it made with the newest key? False asks for a re-seal. */
bool crypto_seal_is_current(const struct crypto_ring *ring, struct lk_str blob);

/* --- random, tokens, digests ------------------------------------------------------------------------------------ */

void crypto_random(void *out, size_t len);
/* Without modulo bias, 0 ≤ result < below. */
uint32_t crypto_random_below(uint32_t below);

#define CRYPTO_TOKEN_BYTES 32u
/* prefix ("lk_ws_") and 256 random bits in base64url; in the arena. Nothing without memory. */
struct lk_str crypto_token_make(const char *prefix, struct lk_arena *arena) LK_MUST_CHECK;
/* Does text have this prefix and exactly 43 base64url characters behind it? */
bool crypto_token_check(const char *prefix, struct lk_str text);

/* What a digest is for: domains never meet. Rows of one line; new ones at the end. */
enum crypto_purpose {
	CRYPTO_SESSION = 1, /* session cookie → store key */
	CRYPTO_BROWSER,     /* browser cookie → store key */
	CRYPTO_FORM_KEY,    /* form key */
	CRYPTO_WRONG_PASSWORD,
	CRYPTO_PERSON,      /* typed name of nobody → throttle key */
	CRYPTO_ADDRESS,
	CRYPTO_DEVICE,      /* known-device cookie */
	CRYPTO_ANSWER,      /* an answer given in a journey */
	CRYPTO_SESSION_MAKE, /* session token of a journey */
	CRYPTO_TOKEN,       /* access and refresh tokens, codes */
	CRYPTO_AUDIT,       /* the audit chain */
	CRYPTO_PURPOSE_COUNT
};

#define CRYPTO_DIGEST_BYTES 32u
struct crypto_digest {
	uint8_t bytes[CRYPTO_DIGEST_BYTES];
};
/*
 * Keyed BLAKE2b-256 over the pieces, each with its length before it, so that ("ab","c") and ("a","bc") differ. key_id 0: the ring's newest key;
 * store keys use the oldest, so that they outlive a key change.
 */
void crypto_digest_make(const struct crypto_ring *ring, enum crypto_purpose purpose,
    const struct lk_str *pieces, size_t count, struct crypto_digest *out);
/* The same over pieces and one secret, which stands last. */
void crypto_digest_secret(const struct crypto_ring *ring, enum crypto_purpose purpose,
    const struct lk_str *pieces, size_t count, const struct lk_secret *secret, struct crypto_digest *out);
/* In constant time. */
bool crypto_digest_is_equal(const struct crypto_digest *a, const struct crypto_digest *b);

/* Unpadded, RFC 4648 s5. Decode refuses padding, blanks, other letters, non-zero spare bits. */
struct lk_str crypto_base64url_make(struct lk_str bytes, struct lk_arena *arena) LK_MUST_CHECK;
enum lk_err crypto_base64url_read(struct lk_str text, struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

/* --- TOTP, RFC 6238: SHA-1, 6 digits, 30 s ---------------------------------------------------------------------- */

#define CRYPTO_TOTP_SEED_BYTES 20u
#define CRYPTO_TOTP_STEP_S 30

/* 20 random bytes. */
enum lk_err crypto_totp_seed_make(struct lk_arena *arena, struct lk_secret **out) LK_MUST_CHECK;
/* 32 characters of base32, in the arena, to be shown once. */
enum lk_err crypto_totp_seed_show(const struct lk_secret *seed, struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;

/*
 * Is code right at now_s, one step earlier or one later? Exactly six digits are looked at.
 * Returns: LK_OK, *out_step is the absolute step that matched (spend it!)
 *          LK_E_CODE_CLOCK, *out_off_s is how far the phone is off: the code fits within 10 minutes but not within a step
 *          LK_E_CODE_WRONG
 * Always walks the whole window: same time for every answer. seed NULL: does the work on a seed of nobody, LK_E_CODE_WRONG.
 */
enum lk_err crypto_totp_check(const struct lk_secret *seed, const struct lk_secret *code, int64_t now_s,
    int64_t *out_step, int64_t *out_off_s) LK_MUST_CHECK;

/* --- recovery codes --------------------------------------------------------------------------------------------- */

#define CRYPTO_RECOVERY_COUNT 10u
/*
 * Ten codes "4K7T-9XQM" (32 letters and digits without look-alikes, 40 bits each) and their hashes: "1$SALT$HASH", argon2id 19 MiB t=2, one salt for the
 * set, so that one try costs one hash. Both arrays have CRYPTO_RECOVERY_COUNT places, contents in the arena.
 */
enum lk_err crypto_recovery_make(struct lk_arena *arena, struct lk_str *out_codes, struct lk_str *out_hashes) LK_MUST_CHECK;
/*
 * Which hash does code fit? code as normalised by crypto_recovery_normalise. count 0: same work on nothing.
 * Returns: LK_OK with *out_index · LK_E_RECOVERY_WRONG · LK_E_BUSY (too many slow hashes at once: bounded to the cores) · LK_E_MEMORY
 */
enum lk_err crypto_recovery_check(const struct lk_secret *code, const struct lk_str *hashes, size_t count, size_t *out_index) LK_MUST_CHECK;
/* Strips blanks and dashes, upper-cases, maps look-alikes (O→0, I L→1, U→V as the alphabet needs); nothing when it cannot be one. */
struct lk_secret *crypto_recovery_normalise(struct lk_arena *arena, const struct lk_secret *typed) LK_MUST_CHECK;

/* --- references -------------------------------------------------------------------------------------------------- */

#define CRYPTO_REFERENCE_LEN 9u
/* "7Q4M-2XPD": 8 random letters and digits without look-alikes, and a NUL. */
void crypto_reference_make(char out[CRYPTO_REFERENCE_LEN + 1]);
/* Strips blanks and dashes, upper-cases; false when it is not a reference. */
bool crypto_reference_normalise(struct lk_str typed, char out[CRYPTO_REFERENCE_LEN + 1]);

#endif
