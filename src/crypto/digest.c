/* SPDX-License-Identifier: MIT */
#include "crypto/digest.h"

#include <assert.h>
#include <sodium.h>

#include "base/secret_bytes.h"
#include "crypto/ring.h"

static void
begin(crypto_generichash_state *state, const struct ring_key *key, enum crypto_purpose purpose)
{
	assert(purpose >= CRYPTO_SESSION && purpose < CRYPTO_PURPOSE_COUNT);
	crypto_generichash_init(state, key->digest[purpose], sizeof key->digest[purpose],
				CRYPTO_DIGEST_BYTES);
}

static void
add(crypto_generichash_state *state, struct lk_str piece)
{
	uint8_t len[8];
	int i;

	for (i = 0; i < 8; i++)
		len[i] = (uint8_t)((uint64_t)piece.len >> (8 * i));
	crypto_generichash_update(state, len, sizeof len);
	if (piece.len > 0)
		crypto_generichash_update(state, (const uint8_t *)piece.ptr, piece.len);
}

static void
add_all(crypto_generichash_state *state, const struct lk_str *pieces, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		add(state, pieces[i]);
}

/* The state holds the sub-key and the text: wiped, whatever the compiler thinks of it. */
static void
end(crypto_generichash_state *state, struct crypto_digest *out)
{
	crypto_generichash_final(state, out->bytes, sizeof out->bytes);
	sodium_memzero(state, sizeof *state);
}

void
crypto_digest_make(const struct crypto_ring *ring, enum crypto_purpose purpose,
		   const struct lk_str *pieces, size_t count, struct crypto_digest *out)
{
	crypto_generichash_state state;

	begin(&state, &ring->keys[0], purpose);
	add_all(&state, pieces, count);
	end(&state, out);
}

void
crypto_digest_secret(const struct crypto_ring *ring, enum crypto_purpose purpose,
		     struct crypto_pieces pieces, const struct lk_secret *secret,
		     struct crypto_digest *out)
{
	crypto_generichash_state state;

	begin(&state, &ring->keys[0], purpose);
	add_all(&state, pieces.piece, pieces.count);
	if (secret != NULL)
		add(&state, lk_secret_bytes(secret));
	end(&state, out);
}

enum lk_err
crypto_digest_under(const struct crypto_ring *ring, struct crypto_digest_key key,
		    const struct lk_str *pieces, size_t count, struct crypto_digest *out)
{
	const struct ring_key *found = crypto_ring_key_find(ring, key.key_id);
	crypto_generichash_state state;

	if (found == NULL)
		return LK_E_NOT_FOUND;
	begin(&state, found, key.purpose);
	add_all(&state, pieces, count);
	end(&state, out);
	return LK_OK;
}

void
crypto_digest_keyed(const struct lk_secret *key, enum crypto_purpose purpose,
		    const struct lk_str *pieces, size_t count, struct crypto_digest *out)
{
	const char domain = (char)purpose;
	crypto_generichash_state state;

	assert(lk_secret_len(key) == CRYPTO_KEY_BYTES);
	crypto_generichash_init(&state, (const uint8_t *)lk_secret_bytes(key).ptr, CRYPTO_KEY_BYTES,
				CRYPTO_DIGEST_BYTES);
	add(&state, lk_str_n(&domain, 1));
	add_all(&state, pieces, count);
	end(&state, out);
}

bool
crypto_digest_is_equal(const struct crypto_digest *a, const struct crypto_digest *b)
{
	return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool
crypto_is_equal(struct lk_str a, struct lk_str b)
{
	return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}
