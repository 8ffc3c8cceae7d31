/* SPDX-License-Identifier: MIT */
#include "crypto/fingerprint.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct crypto_fingerprint) == crypto_shorthash_siphashx24_BYTES, "SipHash");
_Static_assert(sizeof(struct crypto_fingerprint_key) == crypto_shorthash_siphashx24_KEYBYTES,
	       "SipHash");

void
crypto_fingerprint_key_make(struct crypto_fingerprint_key *out)
{
	randombytes_buf(out->bytes, sizeof out->bytes);
}

void
crypto_fingerprint_make(const struct crypto_fingerprint_key *key, struct lk_str bytes,
			struct crypto_fingerprint *out)
{
	(void)crypto_shorthash_siphashx24((unsigned char *)out->half,
					  (const unsigned char *)bytes.ptr, bytes.len, key->bytes);
}

struct written {
	char bytes[CRYPTO_FINGERPRINT_LIST_MAX_BYTES];
	size_t len;
};

/* With its length before it. */
static bool
piece_add(struct written *out, struct lk_str piece)
{
	uint32_t len = (uint32_t)piece.len;

	if (sizeof out->bytes - out->len < sizeof len ||
	    sizeof out->bytes - out->len - sizeof len < piece.len)
		return false;
	memcpy(out->bytes + out->len, &len, sizeof len);
	if (len > 0)
		memcpy(out->bytes + out->len + sizeof len, piece.ptr, len);
	out->len += sizeof len + len;
	return true;
}

bool
crypto_fingerprint_list(const struct crypto_fingerprint_key *key, const struct lk_str *pieces,
			size_t count, struct crypto_fingerprint *out)
{
	struct written written;
	bool is_whole = true;

	written.len = 0;
	for (size_t i = 0; i < count && is_whole; i++)
		is_whole = piece_add(&written, pieces[i]);
	if (is_whole)
		crypto_fingerprint_make(key, lk_str_n(written.bytes, written.len), out);
	explicit_bzero(written.bytes, written.len);
	return is_whole;
}

bool
crypto_fingerprint_is_equal(const struct crypto_fingerprint *a, const struct crypto_fingerprint *b)
{
	return ((a->half[0] ^ b->half[0]) | (a->half[1] ^ b->half[1])) == 0;
}
