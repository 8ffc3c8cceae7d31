/* SPDX-License-Identifier: MIT */
#include "store/store_keys.h"

#include <string.h>

#define KEY_DIGEST_BYTES 16u

static const char *const prefixes[STORE_KEY_COUNT] = {
#define LK_KEY(name, prefix, life, content, personal) prefix,
#include "tables/keys.def"
};

struct lk_str
store_key_str(const struct store_key *key)
{
	return lk_str_n(key->bytes, key->len);
}

/* Everything but the ids has its place in the 64 bytes beside them. */
static void
add(struct store_key *key, const void *bytes, size_t len)
{
	memcpy(key->bytes + key->len, bytes, len);
	key->len += len;
}

void
store_key_plain(struct store_key *out, enum store_key_kind kind)
{
	out->len = 0;
	add(out, prefixes[kind], strlen(prefixes[kind]));
}

void
store_key_digest(struct store_key *out, enum store_key_kind kind,
		 const struct crypto_digest *digest)
{
	store_key_plain(out, kind);
	add(out, digest->bytes, KEY_DIGEST_BYTES);
}

bool
store_key_digest_read(enum store_key_kind kind, struct lk_str key, struct crypto_digest *out)
{
	struct crypto_digest digest = {{0}};
	struct store_key want;

	if (key.len < KEY_DIGEST_BYTES)
		return false;
	memcpy(digest.bytes, key.ptr + key.len - KEY_DIGEST_BYTES, KEY_DIGEST_BYTES);
	store_key_digest(&want, kind, &digest);
	if (!lk_str_is_equal(key, store_key_str(&want)))
		return false;
	*out = digest;
	return true;
}

static bool
add_person(struct store_key *key, struct lk_str person_id)
{
	if (person_id.len == 0 || person_id.len > STORE_ID_MAX_BYTES)
		return false;
	add(key, person_id.ptr, person_id.len);
	return true;
}

bool
store_key_person(struct store_key *out, enum store_key_kind kind, struct lk_str person_id)
{
	store_key_plain(out, kind);
	return add_person(out, person_id);
}

bool
store_key_scope(struct store_key *out, enum store_key_kind kind, uint8_t scope,
		struct lk_str person_id)
{
	store_key_plain(out, kind);
	add(out, &scope, 1);
	return add_person(out, person_id);
}

bool
store_key_mark(struct store_key *out, uint8_t mark, uint64_t value, struct lk_str person_id)
{
	store_key_plain(out, STORE_KEY_MARK);
	add(out, &mark, 1);
	for (int shift = 56; shift >= 0; shift -= 8)
		add(out, &(uint8_t){(uint8_t)(value >> shift)}, 1);
	return add_person(out, person_id);
}

bool
store_key_trust(struct store_key *out, const struct crypto_digest *device, struct lk_str person_id)
{
	store_key_digest(out, STORE_KEY_TRUST, device);
	return add_person(out, person_id);
}

bool
store_key_given(struct store_key *out, struct lk_str person_id, struct lk_str client_id)
{
	if (client_id.len == 0 || client_id.len > STORE_CLIENT_ID_MAX_BYTES ||
	    !store_key_person(out, STORE_KEY_GIVEN, person_id))
		return false;
	add(out, " ", 1);
	add(out, client_id.ptr, client_id.len);
	return true;
}

void
store_key_beat(struct store_key *out, const uint8_t id[STORE_BEAT_ID_BYTES], uint32_t number)
{
	store_key_plain(out, STORE_KEY_BEAT);
	add(out, id, STORE_BEAT_ID_BYTES);
	for (int shift = 24; shift >= 0; shift -= 8)
		add(out, &(uint8_t){(uint8_t)(number >> shift)}, 1);
}
