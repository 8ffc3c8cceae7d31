/* SPDX-License-Identifier: MIT */
#include "crypto/seal.h"

#include <string.h>
#include <sodium.h>

#include "base/secret_bytes.h"
#include "crypto/ring.h"

#define SEAL_VERSION 1
#define HEAD_BYTES   5u /* version and key id */
#define NONCE_BYTES  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES    crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(HEAD_BYTES + NONCE_BYTES + TAG_BYTES == CRYPTO_SEAL_EXTRA_BYTES, "see seal.h");

/* The additional data: head of the blob, then the context, which is all the rest of it. */
struct bound {
	unsigned char bytes[HEAD_BYTES + CRYPTO_CONTEXT_MAX_BYTES];
	size_t len;
};

static void
bound_fill(struct bound *bound, uint32_t key_id, struct lk_str context)
{
	bound->bytes[0] = SEAL_VERSION;
	bound->bytes[1] = (unsigned char)(key_id >> 24);
	bound->bytes[2] = (unsigned char)(key_id >> 16);
	bound->bytes[3] = (unsigned char)(key_id >> 8);
	bound->bytes[4] = (unsigned char)key_id;
	if (context.len > 0)
		memcpy(bound->bytes + HEAD_BYTES, context.ptr, context.len);
	bound->len = HEAD_BYTES + context.len;
}

enum lk_err
crypto_seal(const struct crypto_ring *ring, struct lk_str context, struct lk_str plain,
	    struct lk_arena *arena, struct lk_str *out_blob)
{
	const struct ring_key *key = crypto_ring_newest(ring);
	struct bound bound;
	unsigned char *blob, *nonce;

	if (context.len > CRYPTO_CONTEXT_MAX_BYTES || plain.len > CRYPTO_SEAL_MAX_BYTES)
		return LK_E_FORMAT;
	blob = lk_arena_alloc(arena, plain.len + CRYPTO_SEAL_EXTRA_BYTES);
	if (blob == NULL)
		return LK_E_MEMORY;
	bound_fill(&bound, key->id, context);
	memcpy(blob, bound.bytes, HEAD_BYTES);
	nonce = blob + HEAD_BYTES;
	randombytes_buf(nonce, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL,
						   (const unsigned char *)plain.ptr, plain.len,
						   bound.bytes, bound.len, NULL, nonce, key->seal);
	*out_blob = lk_str_n((const char *)blob, plain.len + CRYPTO_SEAL_EXTRA_BYTES);
	return LK_OK;
}

enum lk_err
crypto_seal_secret(const struct crypto_ring *ring, struct lk_str context,
		   const struct lk_secret *plain, struct lk_arena *arena, struct lk_str *out_blob)
{
	return crypto_seal(ring, context, lk_secret_bytes(plain), arena, out_blob);
}

/* False when it is too short, too long or of another version. */
static bool
read_key_id(struct lk_str blob, uint32_t *out_id)
{
	const unsigned char *b = (const unsigned char *)blob.ptr;

	if (blob.len < CRYPTO_SEAL_EXTRA_BYTES ||
	    blob.len > CRYPTO_SEAL_EXTRA_BYTES + CRYPTO_SEAL_MAX_BYTES || b[0] != SEAL_VERSION)
		return false;
	*out_id = (uint32_t)b[1] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 8 | b[4];
	return true;
}

enum lk_err
crypto_open(const struct crypto_ring *ring, struct lk_str context, struct lk_str blob,
	    struct lk_arena *arena, struct lk_secret **out_plain)
{
	const struct ring_key *key;
	struct lk_secret *secret = NULL;
	struct bound bound;
	unsigned char *plain;
	const unsigned char *nonce;
	size_t len;
	uint32_t id;

	if (context.len > CRYPTO_CONTEXT_MAX_BYTES || !read_key_id(blob, &id))
		return LK_E_FORMAT;
	key = crypto_ring_key_find(ring, id);
	if (key == NULL)
		return LK_E_FORMAT;
	len = blob.len - CRYPTO_SEAL_EXTRA_BYTES;
	plain = lk_arena_alloc(arena, len + 1);
	if (plain == NULL)
		return LK_E_MEMORY;
	bound_fill(&bound, id, context);
	nonce = (const unsigned char *)blob.ptr + HEAD_BYTES;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_BYTES,
						       len + TAG_BYTES, bound.bytes, bound.len,
						       nonce, key->seal) != 0)
		return LK_E_FORMAT;
	secret = lk_secret_make(arena, lk_str_n((const char *)plain, len));
	sodium_memzero(plain, len);
	if (secret == NULL)
		return LK_E_MEMORY;
	*out_plain = secret;
	return LK_OK;
}

bool
crypto_seal_is_current(const struct crypto_ring *ring, struct lk_str blob)
{
	uint32_t id;

	return read_key_id(blob, &id) && id == crypto_ring_newest(ring)->id;
}

uint32_t
crypto_seal_key_id(struct lk_str blob)
{
	uint32_t id;

	return read_key_id(blob, &id) ? id : 0;
}
