/* SPDX-License-Identifier: MIT */
/*
 * Seeds and keys at rest, unreadable and unmovable. XChaCha20-Poly1305; a blob is: version 1 byte
 * (1), key id 4 bytes big-endian, nonce 24 bytes, ciphertext, tag 16 bytes. Version, key id and
 * context are bound as additional data: a blob moved to another person or told to be of another key
 * does not open.
 */
#ifndef LK_CRYPTO_SEAL_H
#define LK_CRYPTO_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/keyring.h"

/* A blob is this much longer than what is in it. */
#define CRYPTO_SEAL_EXTRA_BYTES  45u
#define CRYPTO_SEAL_MAX_BYTES    65536u
#define CRYPTO_CONTEXT_MAX_BYTES 256u

/*
 * Seal plain with the newest key.
 *
 *   context   borrowed; whose or what it is (the person's id, a key's name), at most
 *             CRYPTO_CONTEXT_MAX_BYTES
 *   plain     borrowed; at most CRYPTO_SEAL_MAX_BYTES
 *   out_blob  in arena
 *
 * Time:    1 µs.
 * Returns: LK_OK · LK_E_FORMAT context or plain is too long · LK_E_MEMORY
 */
enum lk_err crypto_seal(const struct crypto_ring *ring, struct lk_str context, struct lk_str plain,
    struct lk_arena *arena, struct lk_str *out_blob) LK_MUST_CHECK;
/* The same for a secret. */
enum lk_err crypto_seal_secret(const struct crypto_ring *ring, struct lk_str context,
    const struct lk_secret *plain, struct lk_arena *arena, struct lk_str *out_blob) LK_MUST_CHECK;
/*
 * Open a blob with whichever key of the ring sealed it. out_plain in arena.
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  not a seal, changed, of another context, or of a key the ring does not hold
 *          LK_E_MEMORY
 */
enum lk_err crypto_open(const struct crypto_ring *ring, struct lk_str context, struct lk_str blob,
    struct lk_arena *arena, struct lk_secret **out_plain) LK_MUST_CHECK;
/* Does blob say it was made with the newest key? False asks for a re-seal. */
bool crypto_seal_is_current(const struct crypto_ring *ring, struct lk_str blob);

/* The key that blob says it was made with; 0: no seal. */
uint32_t crypto_seal_key_id(struct lk_str blob);

#endif
