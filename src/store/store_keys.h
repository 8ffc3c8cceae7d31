/* SPDX-License-Identifier: MIT */
/* Inside src/store only: the names of keys, from tables/keys.def. Pure. */
#ifndef LK_STORE_STORE_KEYS_H
#define LK_STORE_STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

enum store_key_kind {
#define LK_KEY(name, prefix, life, content, personal) STORE_KEY_##name,
#include "tables/keys.def"
	STORE_KEY_COUNT
};

/* Longest id of a person in a key. */
#define STORE_ID_MAX_BYTES 128u
/* And of an application, which is registered with less. */
#define STORE_CLIENT_ID_MAX_BYTES 128u

struct store_key {
	char bytes[STORE_ID_MAX_BYTES + STORE_CLIENT_ID_MAX_BYTES + 64];
	size_t len;
};

struct lk_str
store_key_str(const struct store_key *key);
/* The key that has no more than its prefix: EPOCH. */
void
store_key_plain(struct store_key *out, enum store_key_kind kind);
/* Prefix and the first 16 bytes of the digest. */
void
store_key_digest(struct store_key *out, enum store_key_kind kind,
		 const struct crypto_digest *digest);
/* The digest in such a key, the rest of it zeros; false: it is no key of this kind. */
bool
store_key_digest_read(enum store_key_kind kind, struct lk_str key,
		      struct crypto_digest *out) LK_MUST_CHECK;
/* The others end with a person's id; false when it is empty or too long. */
bool
store_key_person(struct store_key *out, enum store_key_kind kind,
		 struct lk_str person_id) LK_MUST_CHECK;
bool
store_key_scope(struct store_key *out, enum store_key_kind kind, uint8_t scope,
		struct lk_str person_id) LK_MUST_CHECK;
bool
store_key_mark(struct store_key *out, uint8_t mark, uint64_t value,
	       struct lk_str person_id) LK_MUST_CHECK;
bool
store_key_trust(struct store_key *out, const struct crypto_digest *device,
		struct lk_str person_id) LK_MUST_CHECK;
/* Of a person, for one application. */
bool
store_key_given(struct store_key *out, struct lk_str person_id,
		struct lk_str client_id) LK_MUST_CHECK;
/* One worker's sign of life. */
#define STORE_BEAT_ID_BYTES 8u
void
store_key_beat(struct store_key *out, const uint8_t id[STORE_BEAT_ID_BYTES], uint32_t number);

#endif
