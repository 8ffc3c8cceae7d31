/* SPDX-License-Identifier: MIT */
/*
 * The node's master keys, and what is derived from them. The newest seals and signs the audit; the
 * oldest makes the digests that stand in the store, so that sessions outlive a key change; every
 * one opens what it sealed. Taking the oldest out of the file ends all sessions and hides the audit
 * lines it signed from audit_verify.
 */
#ifndef LK_CRYPTO_KEYRING_H
#define LK_CRYPTO_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

/* Of one master key. */
#define CRYPTO_KEY_BYTES           32u
#define CRYPTO_RING_KEYS_MAX       64u
#define CRYPTO_RING_FILE_MAX_BYTES 16384u

/*
 * Read-only once made. Lives in guarded memory; the master keys themselves are forgotten once the
 * sub-keys (BLAKE2b, keyed with the master key, one for each purpose) are derived.
 */
struct crypto_ring;

/*
 * Read a key file: lines "ID BASE64URL(32 bytes)", oldest first. ID is 1 to 4294967295, each once;
 * '#' begins a comment line. A file that group or others may touch, or that belongs to neither root
 * nor us, is refused.
 *
 *   path  borrowed
 *   why   line and fault, never a key; may be NULL
 *
 * Returns: LK_OK · LK_E_NOT_FOUND no such file · LK_E_FORMAT · LK_E_MEMORY
 */
enum lk_err crypto_ring_load(
    const char *path, struct lk_why *why, struct crypto_ring **out) LK_MUST_CHECK;
/* The same from the file's text. Returns: LK_OK · LK_E_FORMAT · LK_E_MEMORY */
enum lk_err crypto_ring_read(
    struct lk_str text, struct lk_why *why, struct crypto_ring **out) LK_MUST_CHECK;
/*
 * A ring of one given key, for tests and tools. key is 32 bytes.
 *
 * Returns: LK_OK · LK_E_FORMAT id is 0 or key has another length · LK_E_MEMORY
 */
enum lk_err crypto_ring_make(
    uint32_t id, const struct lk_secret *key, struct crypto_ring **out) LK_MUST_CHECK;
/* Wipes. NULL is fine. */
void crypto_ring_free(struct crypto_ring *ring);

/*
 * A new line for the key file, with a fresh key and an end of line; id one above the highest of
 * ring (NULL: 1). Keep out short-lived: it holds the key in the clear.
 *
 * Returns: LK_OK · LK_E_FORMAT no id is left · LK_E_MEMORY
 */
enum lk_err crypto_ring_line_make(const struct crypto_ring *ring, struct lk_buf *out) LK_MUST_CHECK;

/* The key that new seals and audit lines use; never 0. */
uint32_t crypto_ring_newest_id(const struct crypto_ring *ring);
/* False: the system would not keep the keys out of swap (RLIMIT_MEMLOCK): warn at start. */
bool crypto_ring_is_locked(const struct crypto_ring *ring);

#endif
