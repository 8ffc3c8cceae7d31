/* SPDX-License-Identifier: MIT */
#include "flow/device.h"

#include <string.h>

#define NAME_LEN  43u
#define DAY_LEN	  4u
#define TAG_LEN	  16u
#define PIECE_LEN (DAY_LEN + TAG_LEN)
#define DAY_S	  86400
#define TAG_BYTES 12u

/* Days since 1970 in four hex digits: good until 2149. */
static bool
day_read(struct lk_str text, int64_t *out)
{
	int64_t day = 0;

	for (size_t i = 0; i < DAY_LEN; i++) {
		const char *digits = "0123456789abcdef";
		const char *found = memchr(digits, text.ptr[i], 16);

		if (found == NULL)
			return false;
		day = day * 16 + (found - digits);
	}
	*out = day;
	return true;
}

/* One person's piece of today, or of another day, for a device's name. */
static struct lk_str
piece_make(const struct device_who *who, struct lk_str name, int64_t day, struct lk_arena *arena)
{
	struct lk_str day_text = lk_arena_printf(arena, "%04x", (unsigned)(day & 0xffff));
	struct lk_str pieces[] = {name, who->person_id, day_text};
	struct crypto_digest digest;
	struct lk_str tag;

	crypto_digest_make(who->ring, CRYPTO_DEVICE, pieces, 3, &digest);
	tag = crypto_base64url_make(lk_str_n((const char *)digest.bytes, TAG_BYTES), arena);
	return lk_arena_printf(arena, "%.*s%.*s", LK_STR_ARGS(day_text), LK_STR_ARGS(tag));
}

static bool
piece_is_of(const struct device_who *who, struct lk_str name, struct lk_str piece, int max_days)
{
	int64_t day, today = who->now_s / DAY_S;
	struct lk_str pieces[3] = {name, who->person_id, lk_str_n(piece.ptr, DAY_LEN)};
	struct crypto_digest digest;
	uint8_t tag[TAG_BYTES];

	if (piece.len != PIECE_LEN || !day_read(piece, &day))
		return false;
	if (day > today || today - day >= max_days)
		return false;
	crypto_digest_make(who->ring, CRYPTO_DEVICE, pieces, 3, &digest);
	if (crypto_base64url_into(lk_str_from(piece, DAY_LEN), tag, sizeof(tag)) != sizeof(tag))
		return false;
	return crypto_is_equal(lk_str_n((const char *)tag, sizeof(tag)),
			       lk_str_n((const char *)digest.bytes, sizeof(tag)));
}

/* The device's name off the front; false when it is not ours. */
static bool
name_read(struct lk_str *cookie, struct lk_str *out)
{
	uint8_t bytes[CRYPTO_TOKEN_BYTES];

	return cookie->len <= DEVICE_MAX_BYTES && lk_str_split(cookie, '.', out) &&
	       out->len == NAME_LEN && crypto_base64url_into(*out, bytes, sizeof(bytes)) != 0;
}

bool
device_is_known(const struct device_who *who, struct lk_str cookie, int max_days)
{
	struct lk_str name, piece;

	if (!name_read(&cookie, &name))
		return false;
	while (lk_str_split(&cookie, '.', &piece))
		if (piece_is_of(who, name, piece, max_days))
			return true;
	return false;
}

struct lk_str
device_need(struct lk_str cookie, struct lk_arena *arena)
{
	struct lk_str name, rest = cookie;

	return name_read(&rest, &name) ? cookie : crypto_token_make("", arena);
}

struct lk_str
device_add(const struct device_who *who, struct lk_str cookie, struct lk_arena *arena)
{
	struct lk_str name, piece, out;
	unsigned people = 1;

	cookie = device_need(cookie, arena);
	if (!name_read(&cookie, &name))
		return (struct lk_str){NULL, 0};
	piece = piece_make(who, name, who->now_s / DAY_S, arena);
	out = lk_arena_printf(arena, "%.*s.%.*s", LK_STR_ARGS(name), LK_STR_ARGS(piece));
	while (people < DEVICE_PEOPLE_MAX && lk_str_split(&cookie, '.', &piece)) {
		if (piece.len != PIECE_LEN || piece_is_of(who, name, piece, INT16_MAX))
			continue;
		out = lk_arena_printf(arena, "%.*s.%.*s", LK_STR_ARGS(out), LK_STR_ARGS(piece));
		people++;
	}
	return out;
}

bool
device_key(const struct crypto_ring *ring, struct lk_str cookie, struct crypto_digest *out)
{
	struct lk_str name;

	if (!name_read(&cookie, &name))
		return false;
	crypto_digest_make(ring, CRYPTO_DEVICE, &name, 1, out);
	return true;
}
