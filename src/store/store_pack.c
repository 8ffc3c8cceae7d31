/* SPDX-License-Identifier: MIT */
#include "store/store_pack.h"

#include "store/record.h"

void
store_pack_number(struct lk_buf *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		lk_buf_add_byte(out, (char)(uint8_t)(value >> (8 * bytes)));
}

void
store_pack_text(struct lk_buf *out, struct lk_str text)
{
	size_t len = text.len > STORE_RECORD_MAX_BYTES ? STORE_RECORD_MAX_BYTES : text.len;

	store_pack_number(out, len, 2);
	if (len > 0)
		lk_buf_add(out, text.ptr, len);
}

struct lk_str
store_unpack_bytes(struct store_unpack *from, size_t len)
{
	struct lk_str bytes = lk_str_n(from->rest.ptr, len);

	if (from->has_failed || len > from->rest.len) {
		from->has_failed = true;
		return lk_str_n(NULL, 0);
	}
	from->rest = lk_str_from(from->rest, len);
	return bytes;
}

uint64_t
store_unpack_number(struct store_unpack *from, unsigned bytes)
{
	struct lk_str piece = store_unpack_bytes(from, bytes);
	const char *at = piece.ptr, *end = at + piece.len;
	uint64_t value = 0;

	while (at != end)
		value = value << 8 | (uint8_t)*at++;
	return value;
}

struct lk_str
store_unpack_text(struct store_unpack *from)
{
	return store_unpack_bytes(from, store_unpack_number(from, 2));
}

bool
store_unpack_is_whole(const struct store_unpack *from)
{
	return !from->has_failed && from->rest.len == 0;
}
